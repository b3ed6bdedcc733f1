# %% [markdown] minutes=85 slide="slide"
# # Inpainting
#
# A scratch runs across a photograph, or somebody is to be removed from it. The pixels are gone, and something has to
# stand there. Many things could. An inpainter that always gives its best guess is wrong in a way that no single
# picture shows.
#
# **You will be able to**
#
# - tell a network where a hole is, and compose its fill with what is known;
# - test that no hidden pixel leaks;
# - write a loss that asks for a right *mean* fill, and lets fills differ;
# - put a second critic beside the first, one that looks only around the hole, and measure what it does;
# - measure whether fills are as frequent as they should be;
# - recognise four faults of an inpainter from its numbers.
#
# **Before you start:** *Pix2Pix*. R1, a penalty on the critic's gradient at real images, is given as a function.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Pathak et al., *Context Encoders: Feature Learning by Inpainting* (2016); Iizuka, Simo-Serra and Ishikawa,
# *Globally and Locally Consistent Image Completion* (2017).

# %% [markdown] picture="fills" caption="Ten people, the hole over their eyes, and seven rows of fills. The three rows called product are fills by one network."
# **What you are about to make:** many fills of one hole, and a count of what they show.

# %%
import torch
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.lessons.c3w2d import arms, figures, sick
from course_utils.metrics.inpainting import leak, nearest_fill, seam_ratio
from course_utils.metrics.psnr import psnr
from course_utils.models.inpainting import JointCritic, LinearFill, ResidualCritic

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## A hole whose content is known
#
# The course draws its portraits, so the truth is known. Here they have 32 x 32 pixels, and hats and glasses go
# together more often than by chance. The hole is the band of the eyes. A hat can be seen above it. Everything that
# glasses change lies in the hole. The next cell checks that: it draws the same people with and without them.

# %% figure="people" caption="Above, people as they are drawn; below, what is known of them." slide="subslide"
from course_utils.datasets import portraits

size = budget.pick(smoke=300, cpu=12_000, gpu=12_000)
learn, more = arms.people(size, seed=11), arms.people(size, seed=12)
test = arms.people(budget.pick(smoke=60, cpu=600, gpu=600), seed=13)
hole = arms.band()  # (1, 1, 32, 32), 1 where a pixel is hidden

rows, nuisances = portraits.sample(200, 14)
twins = []
for worn in (0, 1):
    rows[:, portraits.NAMES.index("glasses")] = worn
    twins.append(portraits.render(rows, nuisances, size=32).int())
outside = ((twins[0] - twins[1]) * (1 - hole.int())).abs().max().item()
print(f"200 people drawn with and without glasses: largest difference outside the hole {outside} of 255")
plotting.image_strips({"people": test.images[:10], "known": (test.images * (1 - hole))[:10]}, "The hole")

# %% [markdown]
# Somebody who fills the hole cannot know whether there are glasses. Only the hat says anything about them. The rest
# is the toss of a coin. Its chances can be counted in the table of attributes from which people are drawn, without
# any picture.

# %% slide="subslide"
bare, hatted = arms.truth()
print(f"P(glasses) without a hat {bare:.3f}, with a hat {hatted:.3f}, difference {hatted - bare:.3f}")
judged = arms.with_glasses(test.images)
print(f"the judge, on real test pictures of 32 pixels: {(judged == test.glasses).double().mean():.1%} right")

# %% [markdown]
# The judge ships with the course. It was trained on other portraits, and nothing below is trained with it.

# %% [markdown] slide="slide"
# ## The rivals, before any network
#
# Four rivals need no gradient:
#
# - the mean face;
# - the nearest neighbour: the eyes of the learning picture whose known pixels are nearest;
# - **ridge regression**, a linear map from all known pixels to all hidden ones;
# - a **Gaussian fill**: ridge regression plus noise along the 16 main directions of its errors. It is fitted on half of the
#   pictures; the other half shows its errors.
#
# Decibels are counted **in the hole alone**. Known pixels are right for free.

# %% slide="subslide"
start = LinearFill(learn.images, hole, more.images)  # ridge regression, and the directions of its errors
both = torch.cat([learn.images, more.images])
ridge = LinearFill(both, hole)  # the bar: the same, from all pictures that any network below sees
masks = hole.expand(len(test.images), -1, -1, -1)
known = test.images * (1 - hole)


def in_the_hole(pictures):
    return psnr(pictures, test.images, masks[:, 0])


def gaussian(count, directions=arms.NOISE, seed=0):
    """Fills of ridge regression with noise along the main directions of its errors: (count, N, 3, 32, 32)."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(count, len(test.images), directions, generator=generator)
    return torch.stack([known + start(test.images, one).clamp(-1, 1) * hole for one in z])


rivals = {
    "mean face": known + both.mean(dim=0) * hole,
    "nearest": nearest_fill(both, test.images, hole),
    "ridge": known + ridge(test.images).clamp(-1, 1) * hole,
    "Gaussian": gaussian(1)[0],
}
for name, pictures in rivals.items():
    print(f"{name:12s}{in_the_hole(pictures):7.2f} dB in the hole")

# %% [markdown] slide="subslide"
# **Predict.** The Gaussian fill is ridge regression with noise on top. Which of the two comes nearer to showing glasses as often
# as they occur? Keep your guess until the fills are counted.

# %% [markdown] slide="slide" diagram="composed_picture" caption="Known pixels go in and stay. Of the inpainter's output, only the hole is used. The critic judges the composed picture."
# ## The composed picture
#
# A network that is to fill a hole has to be told where it is. A grey pixel may be hidden, or grey. So the **mask** is
# one more channel. Of the output only the hidden part is used. There is a seam where known and made pixels meet, and
# the critic has to see it.

# %% exercise="c3w2d.complete" difficulty=2 minutes=10

# %% [markdown] hints="c3w2d.complete"
# `images * (1 - masks)` does two jobs here. Which?
#
# ---
#
# `z[:, :, None, None]` has the shape (B, K, 1, 1). `expand` makes a map of each number without copying it.
#
# ---
#
# Three things are joined with `torch.cat`, along `dim=1`. The composed picture is a sum of two, each of which is 0 where the
# other counts.

# %% [markdown] slide="subslide"
# Now train one. It has no noise yet, starts from ridge regression, and its only loss is the squared error in the hole. Half of
# its holes are the whole band, the others are narrower. What is shown is its average over the steps (EMA).
#
# Each step sees 128 pictures. The learning rate stays the same for half of the steps, and then falls to 0. Both, and
# the number of steps, were chosen on people of another seed.
#
# The start was fitted on one half of the pictures. There its errors are smaller than on new people, so the network learns on
# the other half. The cell takes one to three minutes, and prints nothing before it has ended.

# %% slide="subslide"
settings = arms.Settings(steps=budget.pick(smoke=4, cpu=1200, gpu=1200), rounds=budget.pick(smoke=4, cpu=200, gpu=400))
seeds = (0, 1)
mean_nets = [arms.train_mean(start, more.images, settings, seed, complete) for seed in seeds]
mean_fills = [arms.fills(network, test.images, hole, 1)[0] for network in mean_nets]
mean_db = [in_the_hole(pictures) for pictures in mean_fills]
print("network, squared error:", ", ".join(f"{db:.2f}" for db in mean_db), f"dB; ridge {in_the_hole(rivals['ridge']):.2f} dB")


def without_noise(images, masks):
    with torch.no_grad():
        return complete(mean_nets[0], images, masks, torch.zeros(len(images), 0))


leaked = leak(without_noise, test.images, masks)
print(f"hidden pixels replaced by noise: the fill changes by {leaked}")

# %% [markdown] slide="subslide"
# The second line is the **leak test**. It has to say 0, to the last bit. An inpainter that fails it has been told the answer.
#
# <details><summary>And the decibels?</summary>
#
# Two numbers belong side by side: that of the network, and that of ridge regression from all the pictures that the
# network has seen or started from. **The network beats ridge regression.** Both seeds end almost half a decibel above
# it: about a tenth less squared error.
#
# Why not more? Much of what is left to guess cannot be known: whether there are glasses, the shape of a frame, the colour of
# eyes. And ridge regression has an easier task: this hole alone. How much each reason counts was not measured.
#
# </details>

# %% [markdown] slide="slide"
# ## What the best guess shows
#
# The squared error has one best fill: the *mean* of everything that could be there. Glasses that are there with a chance of
# three in four become a shade on every such face.
#
# **Predict, then run.** Of people with a hat, a little more than three in four wear glasses. On what share of these people will
# the judge see glasses in the mean fill?

# %% slide="subslide"
def shares(pictures):
    """The shares of pictures with glasses, (..., N, 3, 32, 32), without and with a hat."""
    seen = arms.with_glasses(pictures).double()
    return seen[..., ~test.hat].mean().item(), seen[..., test.hat].mean().item()


print(f"{'':28s}{'no hat':>8s}{'hat':>8s}{'difference':>12s}")
for name, pair in {"truth, from the table": (bare, hatted), "test pictures": shares(test.images),
                   "ridge": shares(rivals["ridge"]), "network, squared error": shares(mean_fills[0])}.items():  # fmt: skip
    print(f"{name:28s}{pair[0]:8.3f}{pair[1]:8.3f}{pair[1] - pair[0]:12.3f}")

# %% [markdown] slide="subslide"
# <details><summary>A tendency becomes a rule</summary>
#
# The difference between the two groups **grows**, with ridge regression and with the network. More decibels did not
# bring the shares nearer to the truth. A connection that holds for many becomes a rule for nearly all. Nothing in the
# data says that rule. The squared error turned a chance into a shade, and the judge has to read the shade as "yes" or
# "no". In a photograph of a person such a rule is a stereotype.
#
# The test pictures themselves differ from the truth by the luck of a few hundred coins.
#
# </details>

# %% [markdown] slide="slide" diagram="two_fills" caption="One hidden pixel. The product of two errors is negative for fills on both sides of the truth, and positive for fills on the same side."
# ## A loss that lets fills differ
#
# With noise $z$ the network can give many fills. Let $a$ and $b$ be two fills of one hole, with independent noise,
# and $\mu$ the mean of all fills. The squared error of one fill contains its spread:
#
# $$\mathbb{E}\,(a - x)^2 = (\mu - x)^2 + \mathrm{Var}(a)$$
#
# To make it small, a network has to ignore the noise. The product of two errors does not contain the spread:
#
# $$\mathbb{E}\,(a - x)(b - x) = (\mu - x)^2$$
#
# It asks only that the fills are right *on average*. How they vary is left to the critic.

# %% exercise="c3w2d.context_loss" difficulty=2 minutes=8

# %% [markdown] hints="c3w2d.context_loss"
# Multiply by the mask, and what is known no longer counts in the sum. Does it still count in a mean?
#
# ---
#
# How many numbers are hidden? The mask has one channel, the pictures have C.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
truth_there, mask_there = torch.zeros(1, 1, 1, 2), torch.tensor([[[[1.0, 0.0]]]])
for a, b in ((-1.0, 1.0), (1.0, 1.0)):
    pair = [torch.tensor([[[[fill, 0.0]]]]) for fill in (a, b)]
    print(f"errors {a:+.0f} and {b:+.0f}: loss {context_loss(*pair, truth_there, mask_there):+.0f}")

# %% [markdown] slide="slide"
# ## A round
#
# The whole game, from the docstring alone: two composed pictures of each hole, the critic's step, the generator's step. A GAN
# holds the players and their optimisers: `gan.generator`, `gan.discriminator`, `gan.opt_g`, `gan.opt_d`. Its average is updated
# outside the round.

# %%
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.training import GAN

# %% exercise="c3w2d.inpainting_round" difficulty=4 minutes=20

# %% [markdown] hints="c3w2d.inpainting_round"
# Write down which pictures are judged in which step, and which of these must not pass a gradient on.
#
# ---
#
# R1 is a gradient with respect to the real images. What do these need *before* the critic sees them, without a change
# to the tensor that was handed in?
#
# ---
#
# The generator's step judges the first pictures once more, since the critic has moved. Two losses, one `backward`.

# %% [markdown] slide="slide"
# ## A second critic, near the hole
#
# The critic judges the whole picture. More than four fifths of what it sees is known, and says nothing about the fill. Iizuka et al.
# (2017) put a second one beside this **global** critic: a **local** critic, which sees a window around the hole and nothing else.
# Chin, clothes and most of a hat lie outside. But all that it sees is the fill, its seam, and what touches them.
#
# In the paper the features of both critics are joined, and one linear layer turns them into a logit. A linear layer
# on two parts is a sum of two linear layers. So the two *logits are added*, and the round stays as you wrote it. What
# is missing is the window.

# %% exercise="c3w2d.surroundings" difficulty=3 minutes=10

# %% [markdown] hints="c3w2d.surroundings"
# Holes lie in different places, so go through the pictures one by one. `mask[0].nonzero()` lists the hidden pixels of one mask, a
# row and a column each.
#
# ---
#
# The first and last hidden rows are known, and the height of the window. How many rows of the window are left over?
# How many of them lie above the hole?
#
# ---
#
# A start below 0 becomes 0. At which row may a window of this height start at the latest?
#
# ---
#
# Cut with slices, and join the windows with `torch.stack`: slices keep the gradient.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
torch.manual_seed(0)
three_holes = torch.cat([hole, arms.band(5), hole.roll((9, 6), dims=(2, 3))])  # the last one touches the right border
windows = surroundings(three_holes, three_holes, *arms.WINDOW)  # of the masks themselves: (3, 1, 16, 24)
for window in windows:
    rows, columns = window[0].nonzero().T
    print(f"hidden in the window: rows {rows.min()} to {rows.max()}, columns {columns.min()} to {columns.max()}")
global_critic = ResidualCritic(start)
both_critics = JointCritic(global_critic, surroundings, arms.WINDOW)
sizes = [sum(p.numel() for p in critic.parameters()) for critic in (global_critic, both_critics.near)]
print(f"weights of the global critic {sizes[0]:,}, of the local one {sizes[1]:,}")

# %% [markdown] slide="slide"
# ## Train
#
# Three arms, two seeds each:
#
# - **each fill squared**: both fills of a round get the same noise, so the context loss is the squared error of each fill;
# - **product of two**: they get different noise. Nothing else differs from the first arm;
# - **and a local critic**: as the product of two, with the second critic beside the first. Nothing else differs from the second arm.
#
# **Predict, then run.** What will happen to the noise in the first arm? And what will the local critic improve: the
# seam, the decibels, or the shares of glasses?

# %% [markdown] slide="subslide"
# All arms start near the Gaussian fill, with the same draws. (In the paper the network is first trained by squared error alone,
# then the critics alone, then both.) A critic sees three things: the picture, the mask, and the difference between the picture and
# the linear fill. The local critic gets a window of all three. The linear fill is made from all known pixels, so a trace of
# what lies outside reaches it. Rates, weight and R1 were chosen on people of another seed, in a handful of runs, for one critic.
# What is counted below is the averaged generator (EMA). The cell takes two to four minutes, and prints nothing before.

# %% slide="subslide"
ways = {  # the same noise for both fills? the window of a second critic?
    "each fill squared": (True, None),
    "product of two": (False, None),
    "and a local critic": (False, surroundings),
}
nets, losses = {}, {}
for seed in seeds:
    for name, how in ways.items():
        nets[name, seed], losses[name, seed] = arms.train_game(start, more.images, inpainting_round, settings, seed, *how)
print(f"{'means of the last tenth':28s}{'critic':>8s}{'generator':>11s}{'context':>9s}")
for (name, seed), three in losses.items():
    last = three[-max(1, len(three) // 10):].mean(dim=0)
    print(f"{name:20s} seed {seed} {last[0]:8.3f}{last[1]:11.3f}{last[2]:9.4f}")

# %% [markdown] slide="slide"
# ## Read your curves
#
# A critic that cannot tell fills from real pictures has a loss of log 4 = 1.386, and the generator's is log 2 =
# 0.693. The context loss of the second arm is an estimate of a square, not a square, and may be below 0 in a round.
# The two context losses measure different things, so their levels cannot be compared. In all three arms the critic
# ends below log 4: it can still tell them apart. With both seeds the loss of two critics ends a little lower than
# that of one: together they see slightly more.

# %% figure="curves" caption="Losses of seed 0 in the first two arms, means over a twentieth of the rounds. Left, the game, dotted: log 4; right, the context loss." alt="Left, the critics' losses sink a little below log 4 and the generators' rise a little above log 2, more so with each fill squared. Right, both context losses scatter without a trend, that of the product lower." slide="subslide"
figures.losses({name: losses[name, 0] for name in ("each fill squared", "product of two")}, "Two arms, seed 0")

# %% [markdown] slide="slide"
# ## Count
#
# We count eight fills of each hole where there is noise, and one where there is none. The columns of the table:
#
# - **one dB** and **mean dB**: decibels of one fill, and of the mean of all;
# - **seam**: the mean step across the border of the hole, divided by that of real pictures; 1 is right;
# - **no hat** and **hat**: the share of fills with glasses in each group, as the judge sees them;
# - **agree**: how often two fills of one hole show the same. For a coin with chance $p$ it is $p^2 + (1-p)^2$;
# - **undecided**: the share of fills for which the judge gives neither "yes" nor "no" 90 %, as for half a pair of glasses.
#
# The last row has the right values: shares and *agree* from the table, *undecided* from real test pictures. Fills
# whose shares are right for each thing that can be seen, here with and without a hat, are called **calibrated**.

# %% slide="subslide"
count = 8
made = {name: [rivals[name][None]] for name in ("ridge", "nearest")}
made["Gaussian"] = [gaussian(count, seed=seed) for seed in seeds]
made["mean network"] = [pictures[None] for pictures in mean_fills]
for name in ways:
    made[name] = [arms.fills(nets[name, seed], test.images, hole, count) for seed in seeds]

measured = {}
for name, runs in made.items():
    measured[name] = [arms.measure(pictures, test, hole) for pictures in runs]
share = test.hat.double().mean().item()
coin = sum(w * (p**2 + (1 - p) ** 2) for w, p in ((share, hatted), (1 - share, bare)))
print(f"{'':20s}{'one dB':>8s}{'mean dB':>9s}{'seam':>7s}{'no hat':>9s}{'hat':>7s}{'agree':>8s}{'undecided':>11s}")
for name, runs in measured.items():
    for r in runs:
        print(f"{name:20s}{r.one:8.2f}{r.mean:9.2f}{r.seam:7.2f}{r.bare:9.3f}{r.hatted:7.3f}{r.agree:8.3f}{r.undecided:11.3f}")
real = arms.measure(test.images[None], test, hole)
print(f"{'truth':20s}{'':24s}{bare:9.3f}{hatted:7.3f}{coin:8.3f}{real.undecided:11.3f}")

# %% figure="fills" caption="Ten people, the hole over their eyes, and seven rows of fills. The three rows called product are fills by one network." slide="subslide"
strips = {"truth": test.images[:10], "known": known[:10], "ridge": rivals["ridge"][:10]}
strips |= {"Gaussian": made["Gaussian"][0][0, :10], "squared": made["each fill squared"][0][0, :10]}
strips |= {f"product {i + 1}": made["product of two"][0][i, :10] for i in range(3)}
strips |= {"local critic": made["and a local critic"][0][0, :10]}
plotting.image_strips(strips, "Fills of seed 0, not selected")

# %% figure="frequencies" caption="Share of fills in which the judge sees glasses, a mark a seed. Dashed: the chances that the table has." alt="Share of fills with glasses, with and without a hat. Ridge, the mean network and each fill squared lie outside the two dashed lines of the truth; the nearest neighbour, the Gaussian fill and the product of two, without and with a local critic, lie between them, each less than 0.1 from its line." slide="subslide"
figures.frequencies(
    {name: ([r.bare for r in runs], [r.hatted for r in runs]) for name, runs in measured.items()},
    (bare, hatted), "Glasses, given what can be seen"
)  # fmt: skip

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **The best guess exaggerates.** Ridge regression and the network with squared error give glasses to nearly everybody with a
# hat, and to few without. The network has the most decibels of the table, and the shares that are farthest off.
#
# **The same noise twice: much of the noise is ignored.** Fills of one hole agree far more often than a coin would. The
# difference between the groups is still too large, but smaller than that of the best guess.
#
# **Different noise: the fills go on differing.** They agree nearly as often as a fair coin, as those of the Gaussian
# start do. Their shares are about six points off. The two shares are a little too close to each other: too many
# glasses without a hat, too few with one. The mean fill is off on one side of the truth, and these are off on the
# other.
#
# **The game did not beat its start.** The Gaussian fill, which is linear, has nearly the same shares and agrees as
# often. The game spread the fills further, and paid with decibels and with a seam. More than a fifth of its fills
# leave the judge undecided, as with the Gaussian fill. With the mean network it is one fill in seven, with real
# pictures hardly any. In these rounds no game turned a shade into a decision.
#
# </details>

# %% [markdown] slide="subslide"
# <details><summary>The local critic, and how sure all this is</summary>
#
# **The local critic changed next to nothing.** In decibels, seam, shares and *agree* its arm is no farther from the
# arm without it than its own two seeds are from each other. What could it have added? It was meant to see the fill
# and its seam. But the global critic of this lesson is told where the hole is. It also sees, in the hole alone, how
# far a picture lies from the linear fill. So it may look at the hole already; we did not test that. In the paper a
# critic has to find the fill in 256 x 256 pixels.
#
# **The nearest neighbour's shares are as near to the truth.** It copies real eyes, so it is nearly always decided. But it has
# one fill a hole, the most visible seam, and the fewest decibels of the table.
#
# **How sure?** The two seeds of each arm are close together, far closer than the first two arms are. Both share people and
# linear start. The test pictures themselves are two points off the truth. The nearest neighbour, the Gaussian fill and the
# product of two, without and with a local critic, are four to six points off: their shares cannot be ranked. The judge reads
# real test pictures without a mistake. But half a pair of glasses has no right answer, so all shares of blurred fills depend on
# the judge. No run was made without a critic, so what the critic adds is not measured.
#
# </details>

# %% [markdown] slide="slide"
# ## The price of a fair fill
#
# Suppose that fills vary exactly as the truth does. Then a fill and the truth are two independent draws around one mean. On
# average their squared distance is the sum of both variances: twice the error of the mean (Blau and Michaeli, 2018). In
# decibels that is 3.01 less. **A fair fill loses 3 dB to the best guess, and has to.** A table of decibels alone would choose
# the blur.
#
# The error of one fill has two parts: how far the *mean* fill is from the truth, and how far the fill is from the mean fill, its
# **spread**. The mean of eight has the first part, and an eighth of the spread. So both parts follow from the two decibels of the
# table.
#
# For fair fills each part is the variance of the truth, $v$. One fill errs by $2v$, the mean of eight by $1.125\,v$, and that is
# $10 \log_{10} (2 / 1.125) = 2.50$ dB better. Below, both parts are divided by the error of the best guess, here that of the
# network with squared error. No guess errs by less than $v$. So both numbers of fair fills are the same, and at most 1.
#
# **Predict, then run.** Which fills spread too little? And which of them have a mean fill as good as the best guess?

# %% slide="subslide"
def parts(r):
    """Of fills that are measured in ``r``: the error of the mean fill, and the spread, over the error of the best guess."""
    one, mean, best = (10 ** (-db / 10) for db in (r.one, r.mean, sum(mean_db) / len(mean_db)))
    spread = (one - mean) * count / (count - 1)
    return (one - spread) / best, spread / best


print(f"{'':20s}{'eight - one, dB':>16s}{'error of the mean':>19s}{'spread':>8s}")
for name in ("Gaussian", *ways):
    for r in measured[name]:
        print(f"{name:20s}{r.mean - r.one:16.2f}" + "{:19.2f}{:8.2f}".format(*parts(r)))
print(f"{'fair':20s}{2.50:16.2f}{'1 at most':>19s}{'same':>8s}")

# %% [markdown] slide="subslide"
# <details><summary>And our fills?</summary>
#
# All drops are below 2.50, and the two columns beside them say why. The Gaussian fill spreads too little, and has to:
# its noise has 16 directions, and its errors have more. With each fill squared the spread is a fifth of the best
# guess's error. With the product of two it is nine tenths of that error. The fair spread is at most that error, so
# theirs is hardly too small. Their drop is below 2.50 for the other reason: their *mean* fill errs by a sixth more
# than the best guess. A drop in decibels alone does not tell the two apart.
#
# A linear fill with all its directions is left to *Go further*, so nothing is proved here in the game's favour.
#
# </details>

# %% [markdown] slide="slide"
# ## How wide a hole?
#
# The same networks, narrower holes in the middle of the band. Ridge regression is fitted anew for each: it uses every pixel
# that is known. The networks were shown narrower holes in training, too.
#
# **Predict, then run.** Where is the network's lead over ridge regression larger, at a narrow hole or at the whole band?

# %% figure="widths" caption="Decibels in the hole over ridge regression that was fitted for this hole. Negative: ridge is better." alt="Decibels over ridge regression for 5, 13 and 21 columns. Both curves rise with the width. The network with squared error is two decibels below 0 at 5 columns, about at 0 at 13 and half a decibel above at 21. The mean of eight fills is below 0 everywhere, by four decibels at 5 columns and by less than one at 21." slide="subslide"
columns = (5, 13, 21)
over, bars = {"network, squared error": [], "product, mean of eight": []}, []
for n in columns:
    narrow = arms.band(n)
    there = narrow.expand(len(test.images), -1, -1, -1)[:, 0]
    own = ridge if n == 21 else LinearFill(both, narrow)
    bars.append(psnr(test.images * (1 - narrow) + own(test.images).clamp(-1, 1), test.images, there))
    one = arms.fills(mean_nets[0], test.images, narrow, 1)[0]
    eight = arms.fills(nets["product of two", 0], test.images, narrow, count).mean(dim=0)
    for name, pictures in zip(over, (one, eight), strict=True):
        over[name].append(psnr(pictures, test.images, there) - bars[-1])
for n, bar, *others in zip(columns, bars, *over.values(), strict=True):
    print(f"{n:3d} columns: ridge {bar:6.2f} dB, network {others[0]:+6.2f}, mean of eight {others[1]:+6.2f}")
figures.widths(over, columns, "Holes of other widths, seed 0")

# %% [markdown] slide="subslide"
# <details><summary>What the figure says</summary>
#
# The network with squared error is above ridge regression at the whole band alone. At 13 columns the two are about level, and at
# 5 columns ridge regression is two decibels ahead. The mean of eight fills of the game is below it at every width.
#
# The start never looks at a pixel inside the band, known or not. The layers after it are told these pixels. At 5 columns they did
# not learn to use them as well as ridge regression does. One network has to serve all holes, and half of its training holes
# are the whole band; ridge regression is fitted to each. This is one seed.
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Five runs of an inpainter without noise, each after the same few steps. One is sound, four have something wrong. All numbers
# but the first are in grey levels of 255. *Error* is the root of the mean squared error in the hole. The others are largest
# changes, over all numbers of all pictures:
#
# - *known change*: of known pixels, from picture to fill;
# - *hidden felt*: of the fill, when hidden pixels are replaced by noise;
# - *mask felt*: of the network's output, when nothing but the mask channel is changed.

# %% slide="subslide"
few = settings._replace(steps=budget.pick(smoke=3, cpu=60, gpu=60))
seen = sick.patients(complete, start, more.images, few, test.images[:60], hole)
print(f"{'run':5s}{'dB reported':>12s}{'error':>9s}{'known change':>14s}{'hidden felt':>13s}{'mask felt':>11s}")
for name, r in seen.items():
    print(f"{name:5s}{r.reported:12.2f}{r.error:9.1f}{r.known_changed:14.1f}{r.leak:13.1f}{r.mask_felt:11.1f}")

# %% exercise="c3w2d.diagnose" difficulty=3 minutes=8

# %% [markdown] hints="c3w2d.diagnose"
# In each of the last three columns one run stands alone: it has 0 and the others have not, or the other way round.
#
# ---
#
# Decibels and error say the same: 10 log10(255^2 / error^2). For which run is that not so?

# %% [markdown] slide="subslide"
# <details><summary>A to E: the diagnosis</summary>
#
# **A: no mask channel.** Its output does not change by a bit when it is given another mask. Its error hardly differs:
# the hole that is tested is the whole band, and the linear start fills that without a mask. With holes anywhere the
# network could not tell a grey wall from a gap.
#
# **B: not composed.** Known pixels change. In the hole it is the network of D.
#
# **C: hidden pixels leak.** The fill changes with whatever is put below the mask. The network has begun to copy, so
# its error is the smallest of the five. Without the leak test it would be taken for the best run. From a real
# photograph it would copy the scratch.
#
# **D: sound.** The known pixels stay, nothing leaks, and the mask counts.
#
# **E: scored on the whole picture.** It is the same network with the same error, but a better score: most pixels were
# copied.
#
# </details>

# %% [markdown] slide="slide"
# ## Explore it: who is harmed?
#
# A restored photograph is read as a record. Count the groups, in fills of seed 0: who gets glasses that they never wore, and
# who loses theirs?
#
# To remove glasses on purpose, hide them and choose a fill without. The true face below was never seen, whatever appears there.

# %% slide="subslide"
print(f"{'':20s}{'given, no hat':>15s}{'given, hat':>12s}{'taken, no hat':>15s}{'taken, hat':>12s}")
for name in ("ridge", "mean network", "Gaussian", "product of two"):
    worn = arms.with_glasses(made[name][0])  # (count, N)
    given = [worn[:, ~test.glasses & group].double().mean().item() for group in (~test.hat, test.hat)]
    taken = [1 - worn[:, test.glasses & group].double().mean().item() for group in (~test.hat, test.hat)]
    print(f"{name:20s}{given[0]:15.2f}{given[1]:12.2f}{taken[0]:15.2f}{taken[1]:12.2f}")

# %% [markdown] slide="subslide"
# <details><summary>Read the table</summary>
#
# "Given" is the share of people without glasses who get some; "taken" is the share of those with glasses who lose
# them. A fair coin gives and takes with its own chance: it cannot know what a person really wears. The best guess
# makes fewer mistakes in total. But it is wrong about nearly all people in the minority of each group: glasses
# without a hat, or a hat without glasses.
#
# Which of the two you want depends on what the picture is for. In both cases it has to be said that the pixels are
# invented.
#
# </details>

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)


def over_seeds(name, part):
    return sum(getattr(r, part) for r in measured[name]) / len(measured[name])


def off(name):
    """How far the shares of fills with glasses are from the truth, the mean of both groups, in points."""
    return 50 * sum(abs(over_seeds(name, part) - p) for part, p in (("bare", bare), ("hatted", hatted)))


far = 100 if quick else None
outcome("pixels outside the hole that glasses change, largest difference", outside, below=0.5)
outcome("leak test: change of the fill", leaked, below=1e-12)
outcome("ridge regression in the hole, dB", over_seeds("ridge", "one"), above=10 if quick else 21.5)
gain = over_seeds("mean network", "one") - over_seeds("ridge", "one")
outcome("network with squared error over ridge, dB, mean of two seeds", gain, above=-6 if quick else 0, below=1)
exaggerated = over_seeds("mean network", "hatted") - over_seeds("mean network", "bare") - (hatted - bare)
outcome("mean fill: difference between hat and no hat, over the truth", exaggerated, above=-1 if quick else 0.1)
outcome("Gaussian fill: glasses off the truth, points", off("Gaussian"), below=far or off("mean network"))
outcome("product of two: glasses off the truth, points, mean of two seeds", off("product of two"), below=far or off("mean network"))
outcome("mean fill: glasses off the truth, points, mean of two seeds", off("mean network"), above=-1 if quick else 5)
agreeing, width = over_seeds("product of two", "agree") - coin, 1 if quick else 0.1
outcome("product of two: fills of one hole that agree, minus a fair coin", agreeing, above=-width, below=width)
outcome("product of two: seam, mean of two seeds", over_seeds("product of two", "seam"), above=0.5, below=2 if quick else 1.25)
beside = over_seeds("and a local critic", "one") - over_seeds("product of two", "one")
width = 3 if quick else 0.5
outcome("a local critic beside the global one, dB of one fill over that without, mean of two seeds", beside, above=-width, below=width)
seam = over_seeds("and a local critic", "seam")
outcome("the same: seam, mean of two seeds", seam, above=0.5, below=2 if quick else 1.25)
price = over_seeds("product of two", "mean") - over_seeds("product of two", "one")
outcome("mean of eight minus one fill, dB, mean of two seeds", price, above=-1 if quick else 1, below=9 if quick else 4)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w2d")

# %% [markdown] slide="slide"
# ## Recap
#
# - The mask is an input, hidden pixels are 0, and known pixels are kept. The leak test has to say 0, to the last bit.
# - Score in the hole. Ridge regression is a hard rival there: the network beat it by almost half a decibel at the whole band,
#   and not at narrower holes.
# - The best guess, read as "yes" or "no", turns a tendency into a rule. One picture does not show it; a count does.
# - The product of two errors asks for a right mean and lets fills differ. They agreed about as often as a fair coin.
# - Their shares were about six points off, against nineteen of the network's best guess. A linear fill with noise was as near to
#   the truth as the game, and in its shares so was the nearest neighbour.
# - A fair fill costs 3 dB. Decibels alone choose the blur.
# - A local critic sees a window around the hole, and its logit is added to the global one's. Here it changed next to nothing.
#
# ## Go further
#
# 1. Does the size of the window matter? Give `JointCritic` another one, with sides that 8 divides, say 16 x 32, and train with two
#    seeds. We did not.
# 2. Give the Gaussian fill all its directions: `gaussian(count, directions=len(start.directions))`. What happens to
#    its spread, its seam and its decibels? Compare them with the game's.
# 3. **Harder:** replace the Gaussian start by plain ridge regression (`start.directions` set to 0) with the same rounds. Does
#    the game still learn to use the noise? Count with the table above.
#
# <details><summary>An answer to the harder task</summary>
#
# ```python
# plain = LinearFill(learn.images, hole, more.images)
# plain.directions.zero_()  # ridge regression alone
# for seed in seeds:
#     net, _ = arms.train_game(plain, more.images, inpainting_round, settings, seed)
#     print(arms.measure(arms.fills(net, test.images, hole, count), test, hole))
# ```
#
# The product of two errors does not *ask* for spread: it only stops punishing it. Here the noise enters through the
# layers alone. Their part of the fill is small at first, so all spread has to come from the critic. Look at *agree*:
# near 1 the noise is hardly used.
#
# </details>
#
# ## References
#
# - Pathak, Krähenbühl, Donahue, Darrell and Efros, *Context Encoders: Feature Learning by Inpainting*, 2016.
# - Iizuka, Simo-Serra and Ishikawa, *Globally and Locally Consistent Image Completion*, 2017.
# - Blau and Michaeli, *The Perception-Distortion Tradeoff*, 2018.
# - Mescheder, Geiger and Nowozin, *Which Training Methods for GANs do actually Converge?*, 2018.
