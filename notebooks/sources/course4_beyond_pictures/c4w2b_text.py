# %% [markdown] minutes=90 slide="slide"
# # Text
#
# Pictures are made of numbers that can change a little. Words cannot. There is no word a little to the right of "cat", so
# no gradient passes a drawn word. SeqGAN found a way around that. In this lesson you build it, measure it, and find out
# what a single number, the temperature, does in its place.
#
# **You will be able to**
#
# - sample from a language model, with a temperature;
# - give each token a reward by roll-outs, and learn from it by policy gradient with a baseline;
# - measure quality *and* diversity, and say why quality alone misleads;
# - tell a tempered, a collapsed and an overfitted generator apart by their numbers;
# - measure the noise and the bias of a gradient.
#
# **Before you start:** *Your first GAN*. An LSTM is used as a box: a token goes in, and logits and a new state come out.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 3.
#
# **Papers:** Yu, Zhang, Wang and Yu, *SeqGAN* (2017); Caccia et al., *Language GANs Falling Short* (2020).

# %% [markdown] picture="plane" caption="Each point is a generator; left and down is better. The curve is one language model at several temperatures."
# **What you are about to make:** a map, the *plane*, on which every generator of text has a place.

# %%
import copy
import itertools

import torch

from course_utils import budget
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import grammar
from course_utils.lessons.c4w2b import figures, gradients, patients, rivals
from course_utils.lessons.c4w2b.view import Sentences
from course_utils.metrics.self_bleu import self_bleu
from course_utils.metrics.text import TextScores, distinct, new
from course_utils.models.text import TextDiscriminator, TextGenerator, oracle
from course_utils.runtime import seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## Watch one train
#
# First see the whole thing once, with the course's own parts. You write the important ones below. A small grammar of 62 words
# writes 3,000 sentences. A language model reads them three times, and learns which word comes next. Two copies of it go on from
# there:
#
# - one **plays** for 40 rounds. A discriminator learns to tell its sentences from the grammar's. Each word gets a reward: how
#   real the finished sentence looks to the discriminator;
# - the other one **reads on**, ten times more. Nobody plays against it.
#
# The grammar can say of any row of words whether it is a sentence. The share that are sentences is the column
# *right*. While the copy plays, you see six of its sentences. Six are too few to see it learn, so the line below them
# counts 200. All of this takes about 20 seconds.
#
# **Predict, then run.** Of 1,000 sentences of the model, how many are right after three readings? And which copy
# writes more right ones in the end, the one that plays or the one that reads?

# %% slide="subslide"
from time import process_time

from course_utils.models.text import sample as given_sample
from course_utils.steps.seqgan import SeqGAN, maximum_likelihood
from course_utils.training import GAN, fit

stories = grammar.draw(budget.pick(smoke=200, cpu=3000, gpu=3000), seed=1)  # (3000, 13)
other_stories = grammar.draw(budget.pick(smoke=50, cpu=500, gpu=500), seed=2)
seed_everything(0)
given = TextGenerator(grammar.VOCABULARY, grammar.LENGTH)
maximum_likelihood(given, stories, budget.pick(smoke=1, cpu=3, gpu=3), other_stories)
reader = copy.deepcopy(given)
pair = GAN.with_adam(
    copy.deepcopy(given), TextDiscriminator(grammar.VOCABULARY), (2e-3, 3e-3), betas=(0.5, 0.99), ema=0.98
)

clock = [process_time()]  # seconds of the processor
fit(pair, (stories,), SeqGAN(rollouts=1, d_steps=2, head_start=budget.pick(smoke=2, cpu=100, gpu=100)),
    steps=budget.pick(smoke=2, cpu=40, gpu=40), batch_size=budget.pick(smoke=16, cpu=128, gpu=128), log_every=5,
    callbacks=(Sentences(grammar.decode, grammar.log_prob, count=200),))
clock.append(process_time())
maximum_likelihood(reader, stories, budget.pick(smoke=1, cpu=10, gpu=10), other_stories)
clock.append(process_time())

first = {}
copies = {
    "three readings": (given, 0.0),
    "the copy that plays": (pair.shown, clock[1] - clock[0]),
    "the copy that reads on": (reader, clock[2] - clock[1]),
}
print(f"\n{'':26s}{'right':>8s}{'different':>11s}{'seconds more':>14s}")
for name, (writer, lasted) in copies.items():
    tokens = given_sample(writer, budget.pick(smoke=100, cpu=1000, gpu=1000))
    first[name] = grammar.log_prob(tokens).isfinite().double().mean().item()
    print(f"{name:26s}{first[name]:8.1%}{distinct(tokens):11.1%}{lasted:14.0f}")
print("\nThe copy that reads on, not selected:", *grammar.decode(tokens[:4]), sep="\n  ")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **The game works.** No gradient passes a word, and yet 27 % of the sentences are right after it, and 19 % were before. (The
# standard error of a share of 1,000 is at most a point and a half.)
#
# **Plain reading works better.** It reached 94 %, in about a quarter of the time.
#
# </details>
#
# Is that all there is to say about GANs for text? The start was poor on purpose, and one seed played. Above all, we counted only
# what is *right*. Below, the start is good, three seeds play, and a second number asks what is missing.

# %% [markdown] slide="slide"
# ## A truth that can be asked
#
# How good is a sentence? For English, nobody has the exact probability. So Yu et al. make the truth themselves: an LSTM
# with random weights, never trained. It writes the data, and it says exactly how likely any sequence is. They call it the
# **oracle**. Ours has 50 tokens, and its sequences have 10.
#
# Such a model writes one token after the other. It has read $x_1 \dots x_{t-1}$, and gives logits for $x_t$. The
# probability of a sequence is the product $\prod_t p(x_t \mid x_{<t})$.
#
# ### Sampling, with a temperature
#
# Divide the logits by a temperature $T$ before the softmax. At $T = 1$ the model is unchanged. Below 1, likely tokens
# become likelier. As $T$ goes to 0, only the likeliest is left.
#
# These are all the parts of a generator that your functions need:
#
# | call | gives |
# | --- | --- |
# | `generator.length` | L, the number of tokens of a sequence |
# | `generator.start(n)` | a token (n,) that stands for "begin", and the state of a model that has read nothing |
# | `generator.step(token, state)` | the logits (n, V) of the next token, and the state after `token` (n,) was read |
# | `generator.log_prob(tokens, temperature)` | for tokens (n, L), the log-probability of each, given those before it: (n, L) |

# %% exercise="c4w2b.sample" difficulty=2 minutes=12

# %% [markdown] hints="c4w2b.sample"
# `generator.start(n)` gives the first token and the first state. What has to change from one turn of the loop to the next?
#
# ---
#
# `generator.step(token, state)` returns logits *and* the new state. Both the drawn token and the new state go into the next
# step.
#
# ---
#
# `torch.multinomial(probabilities, 1)` draws one column for each row, (n, 1). You need (n,).

# %% slide="subslide"
truth = oracle(vocabulary=50, length=10, seed=0)
seed_everything(100)
train_set = sample(truth, budget.pick(smoke=300, cpu=5000, gpu=5000))  # (5000, 10)
validation = sample(truth, budget.pick(smoke=200, cpu=1000, gpu=1000))  # for stopping in time
held_out = sample(truth, budget.pick(smoke=200, cpu=2000, gpu=3000))  # for measuring
count = budget.pick(smoke=200, cpu=4000, gpu=4000)  # sequences that are written to be measured
with torch.no_grad():
    entropy = -truth.log_prob(held_out).mean().item()
print(f"the oracle's own entropy: {entropy:.3f} nats a token; of tokens drawn evenly: {torch.tensor(50.0).log():.3f}")
print("three of its sequences:", *train_set[:3].tolist(), sep="\n")

# %% [markdown] slide="slide"
# ## Two numbers
#
# NLL is the negative log-likelihood: minus the mean log-probability. The smaller it is, the likelier the sequences.
#
# - **NLL_oracle**: the generator writes, the truth judges. Small: what is written is likely. This is *quality*.
# - **NLL_test**: the truth writes, the generator judges. Large: something that the truth writes is missing, or the model is
#   sure of wrong things. We read it as *diversity*.
#
# Both are means over tokens, in nats, the unit of the natural logarithm. SeqGAN's paper reports the first. A language model is
# trained on the second.

# %% exercise="c4w2b.text_scores" difficulty=2 minutes=8

# %% [markdown] hints="c4w2b.text_scores"
# Two models, two sets of sequences. Each model judges what the other wrote.
#
# ---
#
# `log_prob(tokens, temperature)` gives (N, L), a number a token. The mean over all of them has the unit you need.
#
# ---
#
# The temperature belongs to the generator. Which of the two lines gets it? `fakes` were already written at it.

# %% [markdown] slide="slide"
# ## Maximum likelihood first
#
# The plain way to train a language model is to make each real token likely, given those before it. The loss is NLL on
# the training set. Training keeps the weights that suit validation sequences best. SeqGAN starts from such a model,
# too.
#
# Why would anybody want more? This model learns after *real* tokens only. When it writes, it reads its own tokens,
# mistakes included. This gap is called **exposure bias** (Ranzato et al., 2016). A game judges what the model writes
# by itself.

# %% slide="subslide"
seeds = budget.pick(smoke=(0,), cpu=(0, 1, 2), gpu=(0, 1, 2))
models, untrained = {}, {}
for seed in seeds:
    seed_everything(seed)
    models[seed] = TextGenerator(vocabulary=50, length=10)
    untrained[seed] = copy.deepcopy(models[seed])
    epochs = budget.pick(smoke=1, cpu=12, gpu=12)
    losses = maximum_likelihood(models[seed], train_set, epochs, validation)
    print(f"seed {seed}:", " ".join(f"{loss:.2f}" for loss in losses))
print("(NLL of validation sequences after each reading)")


def place(generator, temperature=1.0):
    """Both numbers of a generator at a temperature, and the share of different sequences."""
    fakes = sample(generator, count, temperature)
    return text_scores(fakes, held_out, generator, truth, temperature), distinct(fakes)


# %% [markdown]
# **Predict, then run.** Cool the model from $T = 1$ to $0.5$. What happens to NLL_oracle? Can it get *below* the oracle's
# own entropy? What happens to NLL_test?

# %% slide="subslide"
temperatures = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
heading = f"{'':34s}{'NLL_oracle':>11s}{'NLL_test':>10s}{'different':>11s}"
print(heading)
table = {}


def show(name, seed, generator, temperature=1.0):
    """Measure a generator, keep it and print its row."""
    scores, share = place(generator, temperature)
    table[name, seed] = (*scores, share)
    print(f"{f'{name}, seed {seed}':34s}{scores.nll_oracle:11.3f}{scores.nll_test:10.3f}{share:11.1%}")


for seed in seeds:
    show("untrained", seed, untrained[seed])
    for temperature in temperatures:
        show(f"likelihood, T = {temperature:g}", seed, models[seed], temperature)

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# NLL_oracle falls with every step of the temperature. At 0.6 it is 1.9, *below* the oracle's own entropy of 2.17: by this
# number, the model writes better than the truth. It does not. It writes only what is likely. NLL_test rises from 2.6 to 3.0, and
# the share of different sequences falls from nearly all to 88 %. Any number that looks at quality alone can be bought like this,
# with one division.
#
# </details>

# %% [markdown] slide="slide" diagram="text_game" caption="The gradient is cut where a token is drawn. A reward takes its place."
# ## The game, and where it breaks
#
# A discriminator reads whole sequences: convolutions over windows of two, three and four tokens. The generator would like
# its gradient. But a token is drawn, and a draw is a whole number. A small change of a logit changes nothing, or
# everything.
#
# REINFORCE (Williams, 1992) needs no gradient through the draw. With a reward $R$ for what was written,
#
# $$\nabla\, \mathbb{E}[R] = \mathbb{E}\left[R\; \nabla \log p(x)\right]$$
#
# The reason fits on one line. $\mathbb{E}[R]$ is the sum of $R(x)\, p(x)$ over all sequences, and $\nabla p = p\,
# \nabla \log p$. The gradient is a mean again, and a mean can be estimated from samples.
#
# So: write, ask for the reward, and make what was written likelier in proportion to it.

# %% [markdown] slide="slide" diagram="roll_outs" caption="Three words are written. What are they worth? Complete them, and ask."
# ### Which token was the good one?
#
# The discriminator judges whole sequences. A good beginning may have a bad end, and both would get the same reward.
# SeqGAN asks for each prefix: *what becomes of it?* It completes the prefix, once or several times, and takes the
# mean. Our run uses one completion.

# %% exercise="c4w2b.roll_out" difficulty=4 minutes=25

# %% [markdown] hints="c4w2b.roll_out"
# Write it for one prefix first. Which state does the generator have after `tokens[:, :t + 1]`? Which logits?
#
# ---
#
# Go along the sequence once: each turn reads one more token with `step`, and keeps the state. From there an inner loop
# writes the rest.
#
# ---
#
# All roll-outs of a prefix fit in one batch. `x.repeat(rollouts, 1)` puts `rollouts` copies of the batch one after
# the other. The parts of a state are (1, B, hidden), so there the batch is the second dimension.
#
# ---
#
# The scores of that batch get their two dimensions back with `.view(rollouts, count)`. The last token has no
# roll-outs.

# %% [markdown] slide="slide"
# ### The step
#
# All rewards are between 0 and 1, so REINFORCE would make *everything* that was written likelier, the good more than
# the bad. That is right on average, but noisy. Subtract what is usual: the mean reward of the *other* sequences at
# the same place. This mean does not depend on the token, so the mean of the gradient stays as it was.
#
# Write the step from its docstring. It is the heart of the lesson.

# %% exercise="c4w2b.policy_gradient_step" difficulty=3 minutes=15

# %% [markdown] hints="c4w2b.policy_gradient_step"
# Three parts: the advantage (no gradient), the loss, and the three lines that every step has.
#
# ---
#
# The sum of the other rewards is the sum of all minus the sequence's own. There are B - 1 others.
#
# ---
#
# `generator.log_prob(tokens)` is (B, L), like the advantage. Optimisers go downhill. Which sign does the loss have?

# %% [markdown] slide="slide"
# ## SeqGAN
#
# The game plays with your three functions. Each seed starts from its maximum-likelihood model, which has read enough this
# time. The discriminator gets a head start. Then each round has two steps of the discriminator and one of the generator.
#
# **Predict, then run.** How far will SeqGAN move left on the map (quality)? Cooling the model to 0.9 moved it by 0.3.
# And for the same move to the left, which costs more in NLL_test: the game or the temperature?
#
# The table below the dashboard shows six sequences and how likely the truth finds them. A tile of the dashboard is one
# sequence, each token a bar of its own colour.

# %% slide="subslide"
from course_utils.processor_time import StopAfter
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

settings = dict(
    steps=budget.pick(smoke=4, cpu=150, gpu=2000),
    batch_size=budget.pick(smoke=16, cpu=512, gpu=512),
    rollouts=1,
    d_steps=2,
    head_start=budget.pick(smoke=4, cpu=200, gpu=1000),
    rates=(5e-4, 3e-3),  # of generator and discriminator
)


def play(generator, data, seed, watched=(), run=None, kind=SeqGAN, **changed):
    """A game, SeqGAN or a ``kind`` of it, from a copy of ``generator``; the averaged generator is the one that counts."""
    chosen = settings | changed
    seed_everything(seed)
    discriminator = TextDiscriminator(generator.vocabulary)
    gan = GAN.with_adam(copy.deepcopy(generator), discriminator, chosen["rates"], betas=(0.5, 0.99), ema=0.98)
    game = kind(
        chosen["rollouts"], chosen["d_steps"], chosen["head_start"], sample, roll_out, policy_gradient_step
    )
    watched = (StopAfter(float("inf")), *watched)
    history = fit(
        gan, (data,), game, steps=chosen["steps"], batch_size=chosen["batch_size"], log_every=20, callbacks=watched, run=run
    )
    return gan, history


def as_text(tokens):
    return [" ".join(map(str, row)) for row in tokens.tolist()]


def truth_says(tokens):
    return truth.log_prob(tokens).sum(dim=1)


run = Run("c4w2b", seed=0, **settings)
games = {0: play(models[0], train_set, 0, (TrainingDashboard(), Sentences(as_text, truth_says)), run)}

# %% slide="subslide"
for seed in seeds[1:]:
    games[seed] = play(models[seed], train_set, seed)
print(f"seconds: { {seed: round(history.seconds[-1]) for seed, (_, history) in games.items()} }")
print(heading)
for seed in seeds:
    show("SeqGAN", seed, games[seed][0].shown)
    for name in ("likelihood, T = 1", "likelihood, T = 0.9"):
        row = table[name, seed]
        print(f"{f'{name}, seed {seed}':34s}{row[0]:11.3f}{row[1]:10.3f}{row[2]:11.1%}")

# %% [markdown] slide="slide"
# ## The plane
#
# One number for each generator misleads. Two numbers are a place, and places can be compared fairly: *at the same
# quality, which generator is more diverse?* For the language model the temperature draws a whole curve. A generator
# is better than the curve when it lies left of it and below it.

# %% figure="plane" caption="Quality and diversity, in nats a token. The curve is maximum likelihood, seed 0; a point is a seed. Arrows lead from the start of a SeqGAN to its end." alt="Two panels, NLL_oracle across and NLL_test upwards. Left, the curve of the language model rises to the left as it is cooled, and crosses the oracle's entropy near T = 0.7. Right, an arrow a seed leads from the model at T = 1 to SeqGAN, left and up; all three end above the curve." slide="subslide"
curve = {t: table[f"likelihood, T = {t:g}", 0][:2] for t in temperatures}
points = {
    "SeqGAN": [table["SeqGAN", seed][:2] for seed in seeds],
    "maximum likelihood, T = 1, all seeds": [table["likelihood, T = 1", seed][:2] for seed in seeds],
}
moved = [(table["likelihood, T = 1", seed][:2], table["SeqGAN", seed][:2]) for seed in seeds]
sample_figure = figures.plane(curve, points, entropy, "Quality and diversity of generated sequences", moved)
sample_figure


# %% slide="subslide"
def beside_the_curve(seed, name="SeqGAN"):
    """Its NLL_test minus that of the language model that it started from, cooled to the same NLL_oracle."""
    quality, diversity, _ = table[name, seed]
    line = [table[f"likelihood, T = {t:g}", seed][:2] for t in temperatures]
    for (x0, y0), (x1, y1) in itertools.pairwise(line):
        if x1 <= quality <= x0:
            return diversity - (y0 + (y1 - y0) * (x0 - quality) / (x0 - x1))
    return diversity - line[0][1]  # no better in quality than T = 1: compared with that


gaps = {seed: beside_the_curve(seed) for seed in seeds}
print("NLL_test of SeqGAN minus that of the cooled model of equal quality, by seed:")
print("                                         ", {s: round(g, 3) for s, g in gaps.items()})
moves = {seed: table["SeqGAN", seed][0] - table["likelihood, T = 1", seed][0] for seed in seeds}
cooled = {seed: table["likelihood, T = 0.9", seed][0] - table["likelihood, T = 1", seed][0] for seed in seeds}
print("NLL_oracle, SeqGAN minus its start:      ", {s: round(m, 3) for s, m in moves.items()})
print("NLL_oracle, T = 0.9 minus T = 1:         ", {s: round(m, 3) for s, m in cooled.items()})

# %% [markdown] slide="subslide"
# <details><summary>What the plane says</summary>
#
# SeqGAN improved NLL_oracle with all three seeds, by 0.03 of 3.1, as its paper promises. By the quality-only number it
# is a small success. But NLL_test got worse with all three seeds, too: the generator writes less of what the truth
# writes.
#
# Now the fair question. Cool the same language model until it has SeqGAN's NLL_oracle. It then has the *better*
# NLL_test, with each seed. The differences are small, 0.004, and all have the same sign. NLL_test is what maximum
# likelihood minimises, so every step away from it costs there. A temperature of 0.9 moves NLL_oracle about ten times as
# far as SeqGAN did, and it costs no training at all.
#
# This is a short training on a small task, with one training set for all seeds. The game's settings were chosen after
# several tries on this task; the first gained nothing. We did not test a much longer game. In the log beside the code
# of SeqGAN's authors the gain is larger: with 5,000 tokens and sequences of 20, NLL_oracle falls from 9.07 to 8.68.
# That log does not contain NLL_test. Caccia et al. (2020) measured both for the GANs of the literature, and found
# what we found.
#
# </details>

# %% [markdown] slide="subslide"
# ### Read your curves
#
# A dotted line is where a curve would be if the discriminator could not tell real sequences from written ones. The
# closer the two mean probabilities come to their dotted lines, the less a reward can say. The generator's loss is the
# one of *Your first GAN*, drawn for comparison: your step minimises another, and neither of them measures quality.

# %% figure="curves" caption="Losses and mean probabilities of SeqGAN, seed 0." alt="Two panels over 150 steps. The losses are nearly flat, the discriminator's a little below log 4, the generator's above log 2, between 0.7 and 0.9. The mean probability of real stays near 0.54 for real sequences and near 0.46 for generated ones." slide="subslide"
figures.curves(games[0][1], "SeqGAN on the oracle's sequences")

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Four generators. One is good, one was cooled ("tempered" in the exercise), one has collapsed, one has overfitted, and none is
# untrained. All you get is numbers: both axes, NLL of the sequences that *it* was trained on, and the share of different
# sequences.

# %% slide="subslide"
seed_everything(0)
studied = patients.admitted(
    untrained[0],
    models[0],
    games[0][0].discriminator,
    train_set,
    few=budget.pick(smoke=50, cpu=500, gpu=500),
    epochs=budget.pick(smoke=2, cpu=60, gpu=60),
    steps=budget.pick(smoke=3, cpu=400, gpu=400),
)
seen = {}
print(f"{'':14s}{'NLL_oracle':>11s}{'NLL_test':>10s}{'NLL, own training set':>23s}{'different':>11s}")
for name, (generator, temperature, own) in studied.items():
    scores, share = place(generator, temperature)
    with torch.no_grad():
        known = -generator.log_prob(own, temperature).mean().item()
    seen[name] = (*scores, known, share)
    print(f"{name:14s}{scores.nll_oracle:11.3f}{scores.nll_test:10.3f}{known:23.3f}{share:11.1%}")
print(f"{'the oracle':14s}{entropy:11.3f}{entropy:10.3f}{'':23s}{distinct(held_out):11.1%}")

# %% exercise="c4w2b.diagnose" difficulty=2 minutes=8

# %% [markdown] hints="c4w2b.diagnose"
# Look at the last column first. Which row is far from the others?
#
# ---
#
# Of the other three: which of them finds its own training set much likelier than held-out sequences?
#
# ---
#
# Two are left. One of them has an NLL_oracle below the oracle's entropy.

# %% [markdown] slide="slide"
# ## Sentences
#
# Back to the words of *Watch one train*. The grammar has 62 of them, and a sentence has at most twelve. Subject and
# verb agree, also across "that follow the cat". The grammar knows for any row of words whether it is a sentence, and
# exactly how likely it is: the *inside algorithm* adds up all ways to build it. A row that is not a sentence has
# probability 0, and its logarithm is `-inf`.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
for sentence in ("the dogs that follow the cat sleep", "the dogs that follow the cat sleeps", "a king laughs today"):
    tokens = grammar.encode([sentence])
    print(f"{grammar.log_prob(tokens).item():8.2f}  {sentence}")
print(f"entropy of a sentence: {grammar.entropy():.3f} nats")

# %% [markdown]
# There are two rivals: a model of **pairs** of neighbouring words (a table of counts), and real sentences with their
# words **shuffled**. *New* sentences are right, different, and not in the training set. **Self-BLEU** (Zhu et al.,
# 2018) needs no grammar: it takes each sentence and asks how many of its words, pairs of words and threes of words
# some other sentence has, too. The larger this number, the more a set repeats itself. *NLL right* asks the grammar
# about the right sentences alone; *NLL_test* asks the model about held-out ones. Both are in nats a sentence.
#
# **Predict, then run.** Which mistakes does a model of pairs make more often than an LSTM?

# %% slide="subslide"
sentences = grammar.draw(budget.pick(smoke=200, cpu=3000, gpu=3000), seed=1)  # (3000, 13)
validation_sentences, held_sentences = grammar.draw(500, seed=2), grammar.draw(1000, seed=3)
number = budget.pick(smoke=200, cpu=1000, gpu=1000)
wanted = dict(
    steps=budget.pick(smoke=3, cpu=60, gpu=1000),
    batch_size=budget.pick(smoke=16, cpu=256, gpu=512),
    head_start=budget.pick(smoke=4, cpu=100, gpu=1000),
)
two_seeds = seeds[:2]
writers, word_games = {}, {}
for seed in two_seeds:
    seed_everything(seed)
    writers[seed] = TextGenerator(grammar.VOCABULARY, grammar.LENGTH)
    maximum_likelihood(writers[seed], sentences, budget.pick(smoke=1, cpu=15, gpu=15), validation_sentences)
    watched = (Sentences(grammar.decode, grammar.log_prob),) if seed == 0 else ()
    word_games[seed], _ = play(writers[seed], sentences, seed, watched, **wanted)

# %% slide="subslide"
rows = {}
floor = -grammar.log_prob(held_sentences).mean().item()


def measure(name, tokens, nll_test=None):
    """Print how many are right and new, how much they repeat one another, and both NLL; keep the row."""
    log_p = grammar.log_prob(tokens)
    right = log_p.isfinite()
    nll = -log_p[right].mean().item() if right.any() else float("nan")
    fresh = right & new(tokens, sentences)
    share_new = len(tokens[fresh].unique(dim=0)) / len(tokens)
    repeated = self_bleu([text for text in grammar.decode(tokens) if text])
    rows[name] = (right.double().mean().item(), distinct(tokens), share_new, repeated, nll)
    last = "        -" if nll_test is None else f"{nll_test:9.2f}"
    print(f"{name:27s}" + "{:6.1%}{:10.1%}{:6.1%}{:10.3f}{:10.2f}".format(*rows[name]) + last)


def judged(generator, temperature=1.0):
    """NLL of held-out sentences under a generator, in nats a sentence."""
    with torch.no_grad():
        return -generator.log_prob(held_sentences, temperature).sum(dim=1).mean().item()


seed_everything(0)
print(f"{'':27s}{'right':>6s}{'different':>10s}{'new':>6s}{'self-BLEU':>10s}{'NLL right':>10s}{'NLL_test':>9s}")
measure("held-out sentences", held_sentences, floor)
measure("other real sentences", grammar.draw(len(held_sentences), seed=4))
measure("shuffled words", rivals.shuffled(held_sentences, grammar.END))
pairs = rivals.Bigram(sentences, grammar.VOCABULARY)
measure("pairs of words", pairs.sample(number), judged(pairs))
for temperature in (1.0, 0.8, 0.6):
    for seed in two_seeds:
        written = sample(writers[seed], number, temperature)
        measure(f"likelihood, T = {temperature:g}, seed {seed}", written, judged(writers[seed], temperature))
for seed in two_seeds:
    written = sample(word_games[seed].shown, number)
    measure(f"SeqGAN, seed {seed}", written, judged(word_games[seed].shown))
print(f"NLL_test of the grammar itself, the floor: {floor:.2f} nats a sentence")
print(f"(the mean over all its sentences: {grammar.entropy():.2f})")
print("\npairs of words:", *grammar.decode(pairs.sample(4)), sep="\n  ")
print("SeqGAN:", *grammar.decode(sample(word_games[0].shown, 4)), sep="\n  ")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **Pairs of words** get 27 % of their sentences right. Look at the four: the first stops too early, the second mixes
# singular and plural ("this old children see"). A language model can make both mistakes, too. We did not count them
# one by one, but all its mistakes together spoil less than one sentence in ten. **Shuffled** words are hardly ever a
# sentence. The few that are right have a small NLL, as short sentences do.
#
# **Maximum likelihood** at T = 1 is right in 90 % and 93 % of its sentences, and most of those are not in the training set. Its
# NLL_test is 0.2 above the first row's, which is what the grammar itself gets on these sentences: the floor.
#
# **SeqGAN** had 60 rounds, with half the batch and half the head start of the game on the oracle's sequences. Compare
# it with the model of its seed at T = 1, from which it began. With both seeds somewhat less than one point more are
# right. With 1,000 sentences and a share of 92 % the standard error is about a point, so this ranks nothing. The first
# game of this lesson had a poor start, and more to gain. *NLL right* would say whether the game leans towards what is
# frequent. With one seed it is 0.3 above that of its start, and with the other as large. The NLL of two sentences
# often differ by 5, so with 1,000 of them this is within chance.
#
# **A lower temperature** gives more right sentences, and it costs diversity: NLL_test rises, and so does self-BLEU. *NLL
# right* rises, too: the choice of each word is cooled, not that of the sentence.
#
# **Self-BLEU** is not a distance. Shuffled words repeat one another least, and nobody wants them: a smaller number is
# not better. Ask how far a row is from real sentences, and how far the two rows of real sentences are from each
# other.
#
# </details>

# %% [markdown] slide="slide"
# ## Another way: Gumbel softmax
#
# REINFORCE never asks the discriminator for its gradient. **Straight-through** does. Forwards, a token is drawn.
# Backwards, we pretend that it was the smooth *Gumbel softmax* (Jang et al.; Maddison et al., 2017). At temperature 1
# that gradient is less noisy. But it is the gradient of something else: it is biased.
#
# Take a language model and the trained discriminator of its seed, and hold both still. The reference is the mean of
# many REINFORCE gradients, which has no bias. Its two halves are compared, to see how well it is known. Three numbers
# are printed:
#
# | column | is |
# | --- | --- |
# | noise | the variance of one gradient, all weights together, in squared lengths of the reference |
# | cosine | of the angle between the mean of the gradients and the reference; 1 is the same direction |
# | length | of that mean, in lengths of the reference |
#
# The number behind "straight-through" is its temperature.
#
# **Predict, then run.** Order by noise: REINFORCE without a baseline, with one, with roll-outs, straight-through.

# %% figure="noise" caption="How noisy is one gradient of 64 sequences? A point is a seed; the axis is logarithmic." alt="Five rows of two points. REINFORCE without a baseline lies furthest to the right, at hundreds; with a baseline at 18 and 40; roll-outs at 12 and 24; straight-through at temperature 1 furthest to the left, at 1 and 2; at 0.3 at 36 and 77." slide="subslide"
from course_utils.steps.straight_through import straight_through_loss


def ways_to_a_gradient(still, judge):
    """Functions that leave a gradient of 64 sequences in the generator ``still``, which does not learn from it."""
    holds_still = torch.optim.SGD(still.parameters(), lr=0.0)

    def whole_sequence(baseline):
        tokens = sample(still, 64)
        rewards = torch.sigmoid(judge(tokens)).expand(tokens.shape)
        policy_gradient_step(still, holds_still, tokens, rewards, baseline)

    def with_roll_outs():
        tokens = sample(still, 64)
        policy_gradient_step(still, holds_still, tokens, roll_out(still, judge, tokens, 4))

    return {
        "REINFORCE, no baseline": lambda: whole_sequence(False),
        "REINFORCE, baseline": lambda: whole_sequence(True),
        "roll-outs, baseline": with_roll_outs,
        "straight-through, 1": lambda: straight_through_loss(still, judge, 64, 1.0).backward(),
        "straight-through, 0.3": lambda: straight_through_loss(still, judge, 64, 0.3).backward(),
    }


times, many = budget.pick(smoke=3, cpu=100, gpu=300), budget.pick(smoke=6, cpu=800, gpu=4000)
found = {}
print(f"{'':34s}{'noise':>10s}{'cosine':>9s}{'length':>9s}")
for seed in two_seeds:
    seed_everything(seed)
    still = copy.deepcopy(models[seed])
    ways = ways_to_a_gradient(still, copy.deepcopy(games[seed][0].discriminator).eval().requires_grad_(False))
    long = gradients.repeat(ways["REINFORCE, baseline"], still, many)
    halves = gradients.compare(long[::2], long[1::2].mean(dim=0))
    for name, backward in ways.items():
        found[name, seed] = gradients.compare(gradients.repeat(backward, still, times), long.mean(dim=0))
        print(f"{f'{name}, seed {seed}':34s}" + "{:10.2f}{:9.3f}{:9.2f}".format(*found[name, seed]))
    print(f"{f'halves of the reference, seed {seed}':44s}{halves.cosine:9.3f}{halves.length:9.2f}")
figures.noises({name: [found[name, seed].noise for seed in two_seeds] for name in ways}, "Noise of one gradient")

# %% [markdown] slide="subslide"
# <details><summary>What the numbers say</summary>
#
# **The baseline** takes away most of the noise of REINFORCE. Roll-outs take away some more. Divide the two noises: a
# batch that is larger by this factor would do the same. Roll-outs cost more than that. Both are right on average.
# Their cosines are below 1 because of the noise that is left in the mean of so few gradients.
#
# **Straight-through at 1** has by far the least noise: 1.2 and 2.5, where REINFORCE with a baseline has 18 and 40. An
# unbiased estimate with so little noise should agree with the reference *better* than the two halves do, which are
# noisier means. The halves have a cosine of 0.95 and 0.91, and straight-through has 0.85 and 0.71. What is missing is
# bias. **At 0.3** the noise is some thirty times as large as at 1. In the mean of a hundred such gradients so much of
# it is left that a low cosine alone is no sign of a bias.
#
# The reference is itself a mean of noisy gradients, so no cosine reaches 1.
#
# </details>

# %% [markdown] slide="slide"
# ## What became of GANs for text
#
# Caccia et al. (2020) drew this plane for the GANs of their time, on the oracle and on real sentences. In their words,
# maximum likelihood with a temperature gave the better trade-off "over the whole quality-diversity space". Exposure bias mattered
# less to them than how hard such a game is to train. Semeniuta et al. (2018) compared GANs with a language model, found none convincingly better, and found them sensitive to the seed.
#
# Translation and dialogue had adversarial games, too: Wu et al., *Adversarial Neural Machine Translation*, and Li et al.,
# *Adversarial Learning for Neural Dialogue Generation*, both 2017. The systems that people use today are language models,
# trained by maximum likelihood first. What stayed is the other half of this lesson: a reward for what a model writes, and
# policy gradient. Ouyang et al. (2022) tune language models that way. Their reward model is trained on people's
# preferences, and does not play against the writer.

# %% [markdown] slide="slide"
# ### The outcome

# %%
run.finish(*games[0], sample_figure, plane={f"{name}, {seed}": row for (name, seed), row in table.items()}, seed=0)
quick = budget.pick(smoke=True, cpu=False, gpu=False)


def mean(name, what):
    return sum(table[name, seed][what] for seed in seeds) / len(seeds)


of_three = "mean of three seeds"
outcome("the oracle's own entropy, nats a token", entropy, above=2.0, below=2.4)
outcome(f"NLL_oracle of untrained generators, {of_three}", mean("untrained", 0), above=5.0)
outcome(f"NLL_oracle of maximum likelihood, {of_three}", mean("likelihood, T = 1", 0), below=7 if quick else 3.4)
outcome(f"NLL_test of maximum likelihood, {of_three}", mean("likelihood, T = 1", 1), below=4.5 if quick else 2.75)
outcome(f"NLL_oracle of SeqGAN, {of_three}", mean("SeqGAN", 0), below=7 if quick else 3.4)
outcome(f"NLL_test of SeqGAN, {of_three}", mean("SeqGAN", 1), below=7 if quick else 3.2)
cool = mean("likelihood, T = 0.6", 0)
outcome(f"NLL_oracle of maximum likelihood at temperature 0.6, {of_three}", cool, below=7 if quick else 2.15)
gain = sum(moves.values()) / len(seeds)
outcome(f"NLL_oracle of SeqGAN minus that of its start, {of_three}", gain, below=1 if quick else 0)
gap = sum(gaps.values()) / len(seeds)
outcome(f"NLL_test, SeqGAN minus the cooled model of equal quality, {of_three}", gap, above=-1 if quick else -0.005)


def of_two(name, what=0):
    """Mean over two seeds of a number of sentences."""
    return sum(rows[f"{name}, seed {seed}"][what] for seed in two_seeds) / len(two_seeds)


def noise(name):
    return sum(found[name, seed].noise for seed in two_seeds) / len(two_seeds)


gained = first["the copy that plays"] - first["three readings"]
outcome("right sentences, the first game minus its start", gained, above=-1 if quick else 0)
ahead = first["the copy that reads on"] - first["the copy that plays"]
outcome("right sentences, reading on minus the first game", ahead, above=-1 if quick else 0.3)
outcome("right sentences, maximum likelihood", of_two("likelihood, T = 1"), above=0 if quick else 0.6)
outcome("right sentences, SeqGAN", of_two("SeqGAN"), above=0 if quick else 0.6)
outcome("right sentences, pairs of words", rows["pairs of words"][0], below=0.7)
outcome("right sentences, shuffled words", rows["shuffled words"][0], below=0.1)
saved = noise("REINFORCE, baseline") / noise("REINFORCE, no baseline")
outcome("noise with a baseline / without", saved, below=10 if quick else 0.3)
quieter = noise("straight-through, 1") / noise("REINFORCE, baseline")
outcome("noise of straight-through at 1 / REINFORCE with a baseline", quieter, below=10 if quick else 0.5)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c4w2b")

# %% [markdown] slide="slide"
# ## Recap
#
# - No gradient passes a drawn token. REINFORCE weighs the gradient of its log-probability with a reward.
# - Roll-outs say what a prefix is worth. A baseline of the *other* sequences takes noise away and adds no bias.
# - Quality alone can be bought with a temperature. Put every generator of text into the plane, beside the curve of a cooled
#   language model.
# - Straight-through gradients have little noise at temperature 1, and a bias that you can measure.
#
# ## Go further
#
# 1. Start SeqGAN from a model of three epochs. Where on the plane does it end?
# 2. **Harder:** train the generator with `straight_through_loss` instead of policy gradient, and put it into the
#    plane.
#
# <details><summary>An answer to the harder task</summary>
#
# The game stays; only the generator's step changes.
#
# ```python
# class Direct(SeqGAN):
#     def generator_step(self, gan, real):
#         gan.discriminator.eval()
#         loss = straight_through_loss(gan.generator, gan.discriminator, len(real))
#         gan.discriminator.train()
#         gan.opt_g.zero_grad()
#         loss.backward()
#         gan.opt_g.step()
#         return loss.detach()
#
# for seed in two_seeds:
#     gan, history = play(models[seed], train_set, seed, kind=Direct)
#     show("straight-through", seed, gan.shown)
#     gap = beside_the_curve(seed, "straight-through")
#     print(f"NLL_test minus that of the cooled model: {gap:.3f}; {history.seconds[-1]:.0f} seconds")
# ```
#
# | seed | NLL_oracle: start, end | NLL_test: start, end | minus the cooled model |
# | --- | --- | --- | --- |
# | 0 | 3.090, 3.136 | 2.617, 2.632 | 0.015 |
# | 1 | 3.127, 3.156 | 2.624, 2.637 | 0.014 |
#
# It ends to the right of its start *and* above it: worse in both numbers. SeqGAN, with the same kind of discriminator and
# as many rounds, got better in one, and lies 0.004 above the curve. The rate is SeqGAN's. With a fifth of it NLL_oracle
# ends at 3.103 and 3.135 and NLL_test at 2.620 and 2.626: less far, and no better in either. A run takes about 35
# seconds where SeqGAN takes 60, as there are no roll-outs. That does not help here, nor does the little noise. The bias
# that you measured may be the reason; we did not test it.
#
# </details>
#
# ## References
#
# - Williams, *Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning*, 1992.
# - Kim, *Convolutional Neural Networks for Sentence Classification*, 2014.
# - Ranzato, Chopra, Auli and Zaremba, *Sequence Level Training with Recurrent Neural Networks*, 2016.
# - Yu, Zhang, Wang and Yu, *SeqGAN: Sequence Generative Adversarial Nets with Policy Gradient*, 2017.
# - Jang, Gu and Poole, *Categorical Reparameterization with Gumbel-Softmax*, 2017.
# - Maddison, Mnih and Teh, *The Concrete Distribution*, 2017.
# - Wu et al., *Adversarial Neural Machine Translation*, 2017.
# - Li et al., *Adversarial Learning for Neural Dialogue Generation*, 2017.
# - Zhu et al., *Texygen: A Benchmarking Platform for Text Generation Models*, 2018.
# - Semeniuta, Severyn and Gelly, *On Accurate Evaluation of GANs for Language Generation*, 2018.
# - Caccia et al., *Language GANs Falling Short*, 2020.
# - Ouyang et al., *Training language models to follow instructions with human feedback*, 2022.
