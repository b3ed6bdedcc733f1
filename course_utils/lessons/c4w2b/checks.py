"""The checks of Text: sampling with temperature, roll-outs, the policy-gradient step, both axes of the plane, a diagnosis."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake
from course_utils.checks.cases import call, draws, normal, scenario, seeded
from course_utils.checks.mistakes import Body
from course_utils.checks.naming import Naming
from course_utils.checks.observe import Near
from course_utils.checks.steps import Watched
from course_utils.lessons.c4w2b.patients import GENERATORS, SIGNS, contradiction, diagnose
from course_utils.models.text import TextGenerator


def _writer(vocabulary=3, length=4, scale=3.0, seed=0):
    """A small generator that remembers: what it writes next depends on all that it wrote."""

    def make():
        made = TextGenerator(vocabulary, length, hidden=4, width=3)
        with torch.no_grad():
            for weights in made.parameters():
                weights.copy_(torch.randn_like(weights) * scale)
        return made

    return seeded(make, seed)


def _tokens(rows, length=4, vocabulary=3, seed=0):
    return torch.randint(vocabulary, (rows, length), generator=torch.Generator().manual_seed(seed))


# --- sampling ----------------------------------------------------------------------------------------------------------


def _written(temperature, scale=1.0, seed=0):
    """The pairs of neighbouring tokens that are written, as one-hot vectors."""

    def make(sample):
        tokens = sample(_writer(3, 4, scale, seed), 500, temperature)
        single = nn.functional.one_hot(tokens, 3).flatten(1)
        pairs = nn.functional.one_hot(tokens[:, :-1] * 3 + tokens[:, 1:], 9).flatten(1)
        return torch.cat([single, pairs], dim=1).double()

    return draws(make, f"written at temperature {temperature:g}", "the tokens")


_DRAW = "torch.multinomial(torch.softmax(logits / temperature, dim=1), 1)[:, 0]"
_STEP = "logits, state = generator.step(token, state)"

exercise(
    "c4w2b.sample",
    "course_utils.models.text:sample",
    cases=(
        _written(1.0),
        _written(0.4),
        _written(3.0, 1.5, 3),
        call(_writer(4, 5), 6, 1e-4, label="called at a temperature of nearly 0"),
        call(_writer(3, 2), 1, random=True, label="called for one sequence, temperature not given"),
        call(_writer(), 2, 0.0),
        call(_writer(), 2, -1.0),
    ),
    mistakes=(
        mistake("multiplied", ("logits / temperature", "logits * temperature"),
            "The logits are multiplied by the temperature. Below 1, likely tokens then become *less* likely. Divide."),
        mistake("ignored", ("logits / temperature", "logits"),
            ("torch.softmax(logits / temperature, dim=1)", "torch.softmax(logits, dim=1) / temperature"),
            "The temperature changes nothing. Dividing *probabilities* by a number leaves their ratios as they are; divide "
            "the logits, before the softmax."),
        mistake("greedy", (_DRAW, "logits.argmax(dim=1)"),
            "The likeliest token is taken, every time, so all sequences are the same. Draw one."),
        mistake("uniform", (_DRAW, "torch.multinomial(torch.ones_like(logits), 1)[:, 0]"),
            "All tokens are equally likely. Draw with the softmax of the logits."),
        mistake("logits_as_weights", (_DRAW, "torch.multinomial((logits / temperature).exp().log().abs(), 1)[:, 0]"),
            "The draw uses logits as if they were probabilities. Take the softmax first."),
        mistake("token_not_read", (_STEP, "logits, state = generator.step(generator.start(n)[0], state)"),
            "The generator reads the start token again and again, never what it wrote. Give it the last token."),
        mistake("state_forgotten", (_STEP, "logits, _ = generator.step(token, state)"),
            "The state is not kept: each token depends on the one before it alone. Hand the new state to the next step."),
        mistake("start_token_kept", ("written.append(token)", "written.append(token)", "written = []", "written = [token]"),
            "The start token is part of the result. It stands before the sequence, and is no token of the vocabulary."),
        mistake("stacked_in_rows", ("torch.stack(written, dim=1)", "torch.stack(written)"),
            "The result is (L, n). Each row should be a sequence: stack along `dim=1`."),
        mistake("one_short", ("range(generator.length)", "range(generator.length - 1)"),
            "The sequences are one token too short. `generator.length` tokens are asked for."),
        mistake("softmax_over_rows", ("temperature, dim=1)", "temperature, dim=0)"),
            "The softmax runs over the sequences of the batch. It belongs to the vocabulary, the last dimension."),
        mistake("nothing_refused", ("not temperature > 0", "False"),
            "A temperature of 0 or below is not refused. The docstring asks for a ValueError."),
    ),
)

# --- roll-outs ---------------------------------------------------------------------------------------------------------


class _Judge(nn.Module):
    """A logit that depends on every token and its place."""

    def __init__(self, vocabulary=3, length=4):
        super().__init__()
        self.weights = nn.Parameter(normal(length, vocabulary, seed=5, scale=2.5))

    def forward(self, tokens):
        return self.weights[torch.arange(tokens.shape[1]), tokens].sum(dim=1, keepdim=True)


class _Counter(nn.Module):
    """A generator whose next token depends on the sum of all that it has read, the start token too."""

    def __init__(self, scale=1.5, length=4):
        super().__init__()
        self.length = length
        self.to_logits = nn.Linear(3, 3).double()  # read for its dtype
        self.logits = nn.Parameter(normal(3, 3, seed=8, scale=scale))

    def start(self, n):
        return torch.full((n,), 3), None

    def step(self, token, state):
        total = (0 if state is None else state[0]) + (token.double() + 1)[None, :, None]  # (1, B, 1)
        return self.logits[total[0, :, 0].long() % 3], (total, total)


def _many(generator, rows, rollouts, label):
    """Mean and spread of the rewards of equal sequences."""

    def run(roll_out):
        tokens = _tokens(2, seed=3).repeat_interleave(rows, dim=0)
        rewards = roll_out(generator, _Judge(), tokens, rollouts).detach().double().view(2, rows, -1)
        spread = rewards.std(dim=1) * rollouts**0.5
        chance = 7 * 0.5 / (rows * rollouts) ** 0.5
        return {
            "the mean rewards, over many sequences": Near(rewards.mean(dim=1), chance + 1e-6),
            "how much the rewards of equal sequences differ": Near(spread, 0.12),
        }

    return scenario(label, run)


_JUDGED = "torch.sigmoid(discriminator(torch.cat(written, dim=1)))"
_LAST = "rewards[:, -1] = torch.sigmoid(discriminator(tokens))[:, 0]"
_MEAN = "judged.view(rollouts, count).mean(dim=0)"
_TOKEN = "torch.multinomial(torch.softmax(next_logits, dim=1), 1)"

exercise(
    "c4w2b.roll_out",
    "course_utils.steps.seqgan:roll_out",
    cases=(
        _many(_Counter(), 400, 4, "many equal sequences, four roll-outs each"),
        _many(_Counter(), 900, 1, "many equal sequences, one roll-out each"),
        call(_writer(scale=60.0), _Judge(), _tokens(3), 2, label="called where the generator is sure of itself"),
        call(_writer(3, 2, 60.0, 1), _Judge(3, 2), _tokens(1, 2), 1, label="called with one sequence of two tokens"),
        call(_Counter(300.0), _Judge(), _tokens(5, seed=1), 3, label="called with five sequences"),
        call(_Counter(200.0), _Judge(), _tokens(4, seed=1), 2, label="called with a generator that counts"),
        call(_writer(), _Judge(), _tokens(2), 0),
    ),
    mistakes=(
        mistake("logits", (_JUDGED, "discriminator(torch.cat(written, dim=1))", "torch.sigmoid(discriminator(tokens))[:, 0]",
                           "discriminator(tokens)[:, 0]"),
            "The rewards are logits. A probability is asked for: take the sigmoid of each logit."),
        mistake("mean_of_logits", (_JUDGED, "discriminator(torch.cat(written, dim=1))", _MEAN,
                                   "torch.sigmoid(judged.view(rollouts, count).mean(dim=0))"),
            "The logits are averaged, and the sigmoid taken of their mean. Average probabilities."),
        mistake("whole_sequence", Body("return torch.sigmoid(discriminator(tokens)).detach().expand(tokens.shape)"),
            "All tokens get the reward of the finished sequence. Then nobody knows which token was the good one: complete "
            "each prefix."),
        mistake("greedy", (_TOKEN, "next_logits.argmax(dim=1, keepdim=True)"),
            "The prefixes are completed with the likeliest tokens, always the same. Draw them."),
        mistake("mixed_up", (_MEAN, "judged.view(count, rollouts).mean(dim=1)"),
            "The mean is taken over roll-outs of *different* sequences. `repeat(rollouts, 1)` puts the whole batch behind "
            "itself, so the first dimension to come back to is `rollouts`."),
        mistake("last_not_judged", (_LAST, "rewards[:, -1] = rewards[:, -2]"),
            "The last token has the reward of the one before it. It is the probability of the finished sequence."),
        mistake("summed", (_MEAN, "judged.view(rollouts, count).sum(dim=0)"),
            "The probabilities are summed over the roll-outs. Then a reward depends on how many there are: take the mean."),
        mistake("best_of", (_MEAN, "judged.view(rollouts, count).amax(dim=0)"),
            "The best completion counts. The reward is what is to be *expected*: the mean."),
        mistake("one_completion", (_MEAN, "judged.view(rollouts, count)[0]"),
            "Only the first roll-out of each prefix counts. The others make the mean less noisy."),
        mistake("prefix_forgotten", ("tuple(part.repeat(1, rollouts, 1) for part in state)",
                                     "tuple(0 * part.repeat(1, rollouts, 1) for part in state)"),
            "After its first new token the completion does not know its prefix: it does not start from the state that has "
            "read the prefix."),
        mistake("state_stands_still", ("next_logits, next_state = generator", "next_logits, _ = generator"),
            "The state does not move on while a prefix is completed: each new token is read from the state after the prefix."),
        mistake("prefix_not_read", ("logits, state = generator.step(tokens[:, t], state)",
                                    "logits, _ = generator.step(tokens[:, t], state)"),
            "The state does not move on along the sequence: only the last token of each prefix has been read."),
        mistake("no_start", ("_, state = generator.step(*generator.start(count))", "state = None"),
            "The start token is not read. The generator read it when it wrote the sequence, and its state differs without it."),
        mistake("nothing_refused", ("rollouts < 1", "False"),
            "A count of 0 is not refused. The docstring asks for a ValueError."),
    ),
)

# --- the policy-gradient step ------------------------------------------------------------------------------------------


def _step(rows, label, length=4, baseline=None, asks=False, seed=0):
    """A step of a small generator, which has gradients left from before."""

    def run(policy_gradient_step):
        generator = _writer(3, length, 1.0, seed)
        for weights in generator.parameters():
            weights.grad = torch.full_like(weights, 0.5)
        before = [weights.detach().clone() for weights in generator.parameters()]
        rewards = torch.sigmoid(normal(rows, length, seed=seed + 1)).requires_grad_(asks)
        kept, options = rewards.detach().clone(), {} if baseline is None else {"baseline": baseline}
        loss = policy_gradient_step(generator, Watched(generator.parameters()), _tokens(rows, length), rewards, **options)
        moved = [(w.detach() - b).flatten() for w, b in zip(generator.parameters(), before, strict=True)]
        facts = {
            "how the weights move": torch.cat(moved),
            "the returned loss": torch.as_tensor(loss).detach().double(),
            "whether the loss has a graph": isinstance(loss, torch.Tensor) and loss.requires_grad,
            "the rewards afterwards": rewards.detach() - kept,
        }
        return facts | ({"whether a gradient reaches the rewards": rewards.grad is not None} if asks else {})

    return scenario(label, run)


_OTHERS = "(advantage.sum(dim=0) - advantage) / (count - 1)"
_LOSS = "-(advantage * log_prob).sum(dim=1).mean()"

exercise(
    "c4w2b.policy_gradient_step",
    "course_utils.steps.seqgan:policy_gradient_step",
    cases=(
        _step(5, "a step on five sequences"),
        _step(2, "a step on two sequences of three tokens", 3, seed=2),
        _step(4, "a step without a baseline", baseline=False, seed=3),
        _step(1, "a step on one sequence without a baseline", baseline=False, seed=4),
        _step(1, "a step on one sequence with a baseline"),
        _step(3, "a step with rewards that ask for a gradient", asks=True, seed=5),
        _step(3, "the same without a baseline", baseline=False, asks=True, seed=5),
    ),
    mistakes=(
        mistake("wrong_sign", (_LOSS, "(advantage * log_prob).sum(dim=1).mean()"),
            "The sign is wrong: tokens with a high reward become less likely. Optimisers go downhill, so the loss is *minus* "
            "what is to grow."),
        mistake("mean_over_tokens", (".sum(dim=1).mean()", ".mean()"),
            "The loss is averaged over tokens as well. A sequence's log-probability is a *sum* over its tokens."),
        mistake("summed_over_batch", (".sum(dim=1).mean()", ".sum()"),
            "The loss is summed over the batch. Then the step grows with the batch: average over sequences."),
        mistake("with_itself", (_OTHERS, "advantage.mean(dim=0)"),
            "The baseline is the mean of *all* sequences, this one too. So it depends on the token it is compared with. "
            "Take the other B - 1."),
        mistake("divided_by_all", ("/ (count - 1)", "/ count"),
            "The sum of the others is divided by B. There are B - 1 others."),
        mistake("one_for_all_places", (_OTHERS, "(advantage.sum() - advantage.sum(dim=1, keepdim=True)) / "
                                                "((count - 1) * advantage.shape[1])"),
            (_OTHERS, "advantage.mean()"),
            "There is one baseline for all places. Early tokens have other mean rewards than late ones: take the mean at each "
            "place by itself."),
        mistake("over_the_sequence", (_OTHERS, "advantage.mean(dim=1, keepdim=True)"),
            "The mean is taken along the sequence. Compare with other sequences at the same place: `dim=0`."),
        mistake("added", ("advantage - others", "advantage + others"),
            "The baseline is added. The advantage is the reward *minus* what is usual."),
        mistake("never_a_baseline", ("advantage = advantage - others", "pass"),
            "The baseline is not subtracted."),
        mistake("always_a_baseline", ("if baseline:\n        others", "if count > 1:\n        others"),
            "The baseline is subtracted although `baseline=False`."),
        mistake("divided_by_spread", ("advantage - others", "(advantage - others) / (advantage - others).std()"),
            "The advantage is divided by its standard deviation. Many programs do so; here it would change how far the step "
            "goes, and the docstring does not ask for it."),
        mistake("probability", ("advantage * log_prob", "advantage * log_prob.exp()"),
            "The reward is multiplied with the probability. The tokens were drawn, so likely ones already come more often; "
            "the logarithm is what makes the mean right."),
        mistake("rewards_not_detached", ("rewards.detach()", "rewards"),
            "A gradient passes through the rewards. They are numbers here: detach them."),
        mistake("advantage_alone", (_LOSS, "(-(advantage.sum(dim=1) * 1.0) * log_prob.sum(dim=1)).mean()"),
            "Each token gets the sum of all advantages of its sequence. Token t is multiplied with its own."),
        mistake("not_cleared", ("optimiser.zero_grad()", "pass"),
            "Gradients of an earlier step are still there, and are added."),
        mistake("not_stepped", ("optimiser.step()", "pass"), "The optimiser makes no step, so nothing is learned."),
        mistake("graph_kept", ("loss.detach()", "loss"),
            "The loss comes back with its graph. Return `loss.detach()`."),
        mistake("nothing_refused", ("count < 2", "False"),
            "A batch of one with a baseline is not refused. The docstring asks for a ValueError."),
    ),
)

# --- quality and diversity ---------------------------------------------------------------------------------------------


def _scores(fakes=5, held_out=7, length=4, **options):
    return call(
        _tokens(fakes, length), _tokens(held_out, length, seed=2), _writer(3, length), _writer(3, length, seed=1), **options
    )


_QUALITY = "-truth.log_prob(fakes).mean().item()"
_DIVERSITY = "-generator.log_prob(held_out, temperature).mean().item()"

exercise(
    "c4w2b.text_scores",
    "course_utils.metrics.text:text_scores",
    cases=(
        _scores(),
        _scores(3, 2, temperature=0.5),
        _scores(1, 1, 3, temperature=2.0),
        call(_tokens(2, 3), _tokens(2, 4), _writer(3, 4), _writer(3, 4), label="called with sequences of different lengths"),
    ),
    mistakes=(
        mistake("models_swapped",
            (_QUALITY, "-generator.log_prob(fakes, temperature).mean().item()", _DIVERSITY,
             "-truth.log_prob(held_out).mean().item()"),
            "The models are swapped. Each judges what the *other* wrote: the truth the fakes, the generator held-out ones."),
        mistake("sequences_swapped",
            (_QUALITY, "-truth.log_prob(held_out).mean().item()", _DIVERSITY,
             "-generator.log_prob(fakes, temperature).mean().item()"),
            "Each model judges its own sequences. That gives two entropies, and says nothing about how well they fit."),
        mistake("axes_swapped", ("TextScores(nll_oracle, nll_test)", "TextScores(nll_test, nll_oracle)"),
            "The two numbers have come out in the wrong order: quality first."),
        mistake("sign", (_QUALITY, "truth.log_prob(fakes).mean().item()", _DIVERSITY,
                         "generator.log_prob(held_out, temperature).mean().item()"),
            "The sign is missing. NLL is the *negative* log-likelihood, and positive."),
        mistake("a_sequence", (_QUALITY, "-truth.log_prob(fakes).sum(dim=1).mean().item()", _DIVERSITY,
                               "-generator.log_prob(held_out, temperature).sum(dim=1).mean().item()"),
            "These are nats a sequence. Nats a *token* are asked for: the mean over all tokens."),
        mistake("perplexity", (_QUALITY, "truth.log_prob(fakes).mean().neg().exp().item()", _DIVERSITY,
                               "generator.log_prob(held_out, temperature).mean().neg().exp().item()"),
            "This is the perplexity, the exponential of what is asked for."),
        mistake("mean_of_probabilities", (_QUALITY, "-truth.log_prob(fakes).exp().mean().log().item()"),
            "Probabilities are averaged before the logarithm. Average log-probabilities."),
        mistake("truth_tempered", (_QUALITY, "-truth.log_prob(fakes, temperature).mean().item()"),
            "The truth gets the temperature as well. Only the generator was cooled; the truth stays what it is."),
        mistake("temperature_forgotten", ("held_out, temperature)", "held_out)"),
            "The generator is judged at temperature 1, but its fakes were written at another. Both belong to one model."),
        mistake("nothing_refused", ("fakes.shape[1] != held_out.shape[1]", "False"),
            "Sequences of different lengths are not refused. The docstring asks for a ValueError."),
    ),
)

# --- the diagnosis -----------------------------------------------------------------------------------------------------

_NAMED = Naming("generator", GENERATORS, SIGNS, diagnose)

exercise(
    "c4w2b.diagnose",
    "course_utils.lessons.c4w2b.patients:diagnose",
    cases=(_NAMED.case,),
    mistakes=_NAMED.mistakes(
        mistake("same_for_all",
            "All four generators get the same name, but each has one of its own. Start with the last column.",
            symptom=_NAMED.all_alike),
        against=lambda generator, name: f"{contradiction(generator, name)} Look at its row once more.",
    ),
)  # fmt: skip
