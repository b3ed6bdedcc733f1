# %% [markdown] minutes=65 slide="slide"
# # Controllable generation
#
# A trained generator turns every point of its latent space into a face, but it does not say which point wears
# glasses. In this lesson no generator is trained. You take one that draws portraits, and a classifier that reads
# their attributes. Then you look for a path from a face without glasses to the same face with glasses. First you
# climb the classifier's gradient, then you walk along directions that a regression finds, and finally along
# directions that spare other attributes.
#
# **You will be able to**
#
# - change one attribute of a generated image by gradient ascent on its noise, and avoid the commonest mistake;
# - find a direction in latent space for every attribute with one regression;
# - measure what else a direction changes, as a matrix of entanglement, and make directions that are at right angles;
# - judge an edit with a classifier that was not used to make it, beside a floor and a trivial rival.
#
# **Before you start:** lesson c1w1 (generator, noise), gradients with `backward()`, least squares.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 3.
#
# **Papers:** Shen et al., *Interpreting the Latent Space of GANs for Semantic Face Editing* (2020); Goetschalckx et al.,
# *GANalyze* (2019); Härkönen et al., *GANSpace* (2020).

# %% [markdown] picture="sliders" caption="Each row moves one generated face along one direction in equal steps; the middle column is where it started."
# **What you are about to make:** sliders that change a face that nobody has.

# %%
from collections.abc import Callable

import torch
from torch import Tensor

from course_utils import budget, checkpoints, plotting
from course_utils.callbacks import generate
from course_utils.checkpoints import portraits_classifier, portraits_generator
from course_utils.checkpoints.portraits_classifier import OUTPUTS
from course_utils.checks import check, outcome, quiz
from course_utils.runtime import seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## A generator and a reader
#
# Think of a drawer of faces with 64 unlabelled knobs. Turn any of them, and eyes, hair and light change at the same time. Beside
# it sits an assistant who cannot turn knobs, but answers questions about any face: glasses? how old? a smile? You could turn knobs
# at random until he nods. Or you could ask him, for every knob, whether a small turn makes glasses more likely. That is a
# gradient. He is a network, so one backward pass answers for all the knobs at once.
#
# - The **generator** $G$ was trained on drawn portraits in which all attributes are independent. Older people, for
#   example, have a beard no more often than others. Remember that when you see the two go together.
# - The **classifier** $C$ answers 17 questions with one **logit** each. The sigmoid of a logit is a probability (glasses,
#   hat, beard, and six hair styles) or a grade from 0 to 1 (age, smile, skin tone, hair colour, ...).
#
# Both ship with the course. Their cards say how good they are:

# %%
generator = checkpoints.load("portraits_generator")
classifier = checkpoints.load("portraits_classifier")
latent_dim, pixels = generator.latent_dim, generator.image_shape[-1]

made, read = checkpoints.card("portraits_generator")["measured"], checkpoints.card("portraits_classifier")["measured"]
print(f"generator: {pixels} x {pixels} pixels")
print(f"Fréchet distance {made['frechet_distance']:.2f}, real against real {made['frechet_floor']:.2f}")
yes_no = ", ".join(f"{name} {read['accuracy_' + name]:.1%}" for name in ("glasses", "hat", "beard"))
grades = ", ".join(f"{name} {read['error_' + name]:.2f}" for name in ("age", "smile", "skin_tone"))
print(f"classifier, right answers: {yes_no}")
print(f"classifier, mean error:    {grades}")

# %% [markdown]
# A **score** in this lesson is a logit, and `score(z)` asks all seventeen questions about the face of $z$:

# %% figure="casting" caption="Faces from random z, not selected. The numbers above are what the classifier reads in the first row." slide="subslide"
def score(z):
    """Logits of all attributes of the faces of z: (B, latent_dim) to (B, 17)."""
    return classifier(generator(z))


seed_everything(0)
z = torch.randn(20, latent_dim)  # (20, 64)
with torch.no_grad():
    faces, chances = generator(z), score(z).sigmoid()  # (20, 3, H, W), (20, 17)
for name in ("glasses", "hat", "beard", "age", "smile"):
    print(f"{name:8s}" + " ".join(f"{p:4.2f}" for p in chances[:10, OUTPUTS.index(name)]))
plotting.image_grid(faces, "Generated portraits, not selected", columns=10, width=10)

# %% [markdown] slide="slide" diagram="classifier_steers_z" caption="The face of z gets a logit for glasses, and the logit's gradient runs back through both networks to z."
# ## Uphill: the gradient of the noise
#
# Training moves weights and keeps the noise. Now the weights stay and the **noise** moves:
#
# $$z \;\leftarrow\; z + \eta \, \frac{\partial}{\partial z}\, s\big(C(G(z))\big)$$
#
# with $s$ the score that should rise. This is ascent, so the sign is plus. To PyTorch $z$ is then a leaf like any
# weight, and this is where the commonest mistake of this lesson comes from: `backward()` *adds* to `z.grad`.

# %% exercise="c1w4b.noise_step" difficulty=2 minutes=8

# %% [markdown] hints="c1w4b.noise_step"
# Four things: clear the gradient that z keeps, compute the scores, `backward`, move z.
#
# ---
#
# `backward()` wants one number. Which of `sum` and `mean` gives each row the gradient of its own score, whatever the batch?
#
# ---
#
# z is a leaf, so it may be changed in place only under `with torch.no_grad():`, with `z += step_size * z.grad`.

# %% [markdown] slide="subslide"
# **Predict, then run.** Below, eight faces without glasses climb the score of *glasses*, first with your step. The second time
# the step clears the gradients of both networks before `backward()`, but not the one of $z$. Which of the two will
# have the higher score after twenty steps? And which will have moved further?

# %% alt="The mean length of each step. Where z.grad accumulates, a step goes along the sum of all gradients so far." slide="subslide"
GLASSES = OUTPUTS.index("glasses")


def step_that_accumulates(z, score, step_size):
    """Clears the gradients of the networks, and forgets that z has one, too."""
    generator.zero_grad()
    classifier.zero_grad()
    scores = score(z)
    scores.sum().backward()
    with torch.no_grad():
        z += step_size * z.grad
    return scores.detach()


without = z[chances[:, GLASSES].argsort()[:8]]  # (8, 64), those with least of them
curves, moved = {}, []
for name, one_step in {"z.grad cleared": noise_step, "z.grad accumulates": step_that_accumulates}.items():
    moving = without.clone().requires_grad_()
    trace = []
    for _ in range(20):
        before = moving.detach().clone()
        one_step(moving, lambda z: score(z)[:, GLASSES], 0.05)
        trace.append((moving.detach() - before).norm(dim=1).mean().item())
    curves[name] = torch.tensor(trace)
    moved.append((moving.detach() - without).norm(dim=1).mean().item())
    chance = score(moving.detach())[:, GLASSES].sigmoid().mean()
    print(f"{name:20s} glasses {chance:.2f}, length of z {moving.detach().norm(dim=1).mean():5.1f}, moved by {moved[-1]:5.1f}")
print(f"a random z is about {latent_dim**0.5:.0f} long; the second z has gone {moved[1] / moved[0]:.0f} times as far as the first")
plotting.function_curves(
    torch.arange(1, 21), curves, "How far one step goes", xlabel="step", ylabel="length of the step"
)

# %% [markdown]
# <details><summary>What you saw</summary>
#
# Nothing crashes, and the probability of glasses rises in both runs, in the second even further. That is why the
# mistake is so often overlooked. But the second $z$ has gone many times as far. It takes its tenth step along the
# sum of ten gradients, nine of which belong to places where it no longer is. It ends far outside the lengths that
# random $z$ have, and asks the generator for a face from a region where it was never trained.
#
# </details>

# %% [markdown] slide="slide"
# ## Only glasses, please
#
# The gradient of *glasses* does not care what else changes. You can ask for two things in one score: much of the
# target, and little movement of the others since the start:
#
# $$s(z) = l_t(z) - \lambda \cdot \frac{1}{A - 1} \sum_{a \ne t} \big| l_a(z) - l_a(z_0) \big|$$

# %% exercise="c1w4b.penalised_score" difficulty=2 minutes=8

# %% [markdown] hints="c1w4b.penalised_score"
# Which columns count as others, and over which dimension do you average?
#
# ---
#
# `others = [i for i in range(scores.shape[1]) if i != target]`, then `(scores[:, others] - start[:, others]).abs()`.
#
# ---
#
# The mean over `dim=1` leaves one number for each image; subtract `weight` times it from `scores[:, target]`.

# %% [markdown]
# One detail of the loop below: scores are cut off at a logit of 3, a probability of 0.95. A face that has arrived there gains
# nothing by going further, and only the penalty still moves it.

# %% slide="subslide"
GOAL = 3.0  # a logit: probability 0.95
CLIMB_STEPS = budget.pick(smoke=3, cpu=60, gpu=60)
count = budget.pick(smoke=4, cpu=16, gpu=64)  # faces that are moved at once


def climb(start, target, weight, score, steps=CLIMB_STEPS, step_size=0.05):
    """Gradient ascent on the latent vectors (B, d) with the penalised score: where it ends, (B, d)."""
    with torch.no_grad():
        before = score(start).clamp(max=GOAL)
    moving = start.clone().requires_grad_()
    for _ in range(steps):
        noise_step(moving, lambda x: penalised_score(score(x).clamp(max=GOAL), before, target, weight), step_size)
    return moving.detach()


@torch.no_grad()
def report(network, before, after, target):
    """How a network's answers change from images to images: of the target, and of all others on average (absolute)."""
    change = network(after).sigmoid() - network(before).sigmoid()  # (B, 17)
    others = torch.cat([change[:, :target], change[:, target + 1 :]], dim=1)  # (B, 16)
    return change[:, target].mean().item(), others.abs().mean().item()


@torch.no_grad()
def pool_of(seed):
    """Random points and the logits of their faces: (1000, 64), (1000, 17)."""
    seed_everything(seed)
    points = torch.randn(budget.pick(smoke=200, cpu=1000, gpu=4000), latent_dim)
    return points, torch.cat([score(part) for part in points.split(200)])


def some_of(points, scores, target, most=False):
    """A few of the points whose faces have least of an attribute, or most of it: (count, 64)."""
    extreme = scores[:, target].argsort(descending=most)[: 5 * count]
    return points[extreme[torch.randperm(len(extreme))[:count]]]


pool, pool_scores = pool_of(1)

# %% [markdown]
# **Predict, then run.** A larger $\lambda$ is meant to keep the others in place. Does it? And does it also keep
# the glasses away?

# %% slide="subslide"
start = some_of(pool, pool_scores, GLASSES)
faces_before = generate(generator, start)  # (16, 3, H, W)
climbed = {}
for weight, step_size in ((4.0, 0.02), (0.0, 0.05), (4.0, 0.05)):
    climbed[weight] = generate(generator, climb(start, GLASSES, weight, score, step_size=step_size))
    gained, moved = report(classifier, faces_before, climbed[weight], GLASSES)
    print(f"weight {weight:3.1f}, step size {step_size:.2f}: glasses {gained:+.2f}, others {moved:.3f}")
somebody_else = generate(generator, some_of(pool, pool_scores, GLASSES, most=True))
gained, moved = report(classifier, faces_before, somebody_else, GLASSES)
print(f"taking other people, who wear glasses: glasses {gained:+.2f}, others {moved:.3f}")

# %% figure="climbed" caption="Above, faces without glasses. Below, where the gradient of z takes them, without and with the penalty." slide="subslide"
plotting.image_strips(
    {"start": faces_before[:8], "gradient": climbed[0.0][:8], "penalty 4": climbed[4.0][:8]},
    "Towards glasses, by moving z",
)

# %% [markdown]
# The last printed line is a **trivial rival**: no editing at all, just other random faces, chosen from those that
# score highest for glasses. It changes everything about a person. Compare the two climbs with it. In our run the
# penalty saved little: the others changed by 0.23 in place of 0.26, and by 0.27 for other people. Are these the
# same people with glasses?

# %% [markdown] slide="slide" diagram="latent_directions" caption="Left: a direction by regression. Right: what is left of it at right angles to the others, for later."
# ## One direction for every face
#
# Gradient ascent needs dozens of passes for every face, and takes another path each time. But if logits were linear
# in $z$, $l(z) \approx W^\top z + c$, the best direction would be the same for every face: the column of $W$ that
# belongs to the attribute. That is an ordinary regression of the logits on the noise. You need no labels: the
# generator makes the faces, the classifier reads them.

# %% exercise="c1w4b.direction_by_regression" difficulty=2 minutes=8

# %% [markdown] hints="c1w4b.direction_by_regression"
# Where does the constant go? Subtract the mean over the rows from z and from the scores; then the constant is 0.
#
# ---
#
# `covariance = z_centred.T @ z_centred / len(z)`, and the ridge is added to its diagonal: `ridge * torch.eye(...)`.
#
# ---
#
# `torch.linalg.solve(covariance + ridges, z_centred.T @ s_centred / len(z))` is (latent_dim, A). One column is one
# direction: divide by `norm(dim=0)`, then transpose.

# %% [markdown] slide="subslide" diagram="mapping_w" caption="The first layers turn z into w, the others turn w into the image. Both are points that can be moved."
# ### The same faces, two spaces
#
# How linear are the logits? $R^2$ is the share of a logit's variance that a straight line along its direction
# explains, on faces that the regression did not see. It is 1 if the line says everything, and 0 if it says nothing.
#
# There are two places where you can ask. The generator begins with two fully connected blocks that turn $z$ into $w$, 256 numbers.
# The convolutions see only $w$.
#
# **Predict, then run.** In which of the two are attributes closer to straight lines, or is it the same? A third line asks the
# same of a mapping with random weights, since $w$ has four times as many numbers as $z$, and that alone could help.

# %% figure="linear" caption="The share of each attribute's variance that a straight line explains, in z and in w." slide="subslide"
mapping, convolutions = generator.layers[:2].eval(), generator.layers[2:].eval()  # a slice begins in training mode


def score_w(w):
    """Logits of all attributes of the faces of w: (B, 256) to (B, 17)."""
    return classifier(convolutions(w))


seed_everything(2)
fit_z = torch.randn(budget.pick(smoke=900, cpu=6000, gpu=20000), latent_dim)
with torch.no_grad():
    fit_w, pool_w = mapping(fit_z), mapping(pool)  # (6000, 256), (1000, 256)
    fit_scores = torch.cat([score_w(part) for part in fit_w.split(200)])  # (6000, 17)
directions_z = direction_by_regression(fit_z, fit_scores)  # (17, 64)
directions = direction_by_regression(fit_w, fit_scores)  # (17, 256)


def r_squared(points, directions):
    """Share of the variance of each score in the pool that a straight line along its direction explains: (17,)."""
    along = points @ directions.T  # (N, 17)
    pairs = [torch.stack([along[:, a], pool_scores[:, a]]) for a in range(len(OUTPUTS))]
    return torch.stack([pair.corrcoef()[0, 1] ** 2 for pair in pairs])


straight_z, straight_w = r_squared(pool, directions_z), r_squared(pool_w, directions)
untrained = portraits_generator.network().layers[:2]  # the same two blocks with random weights
with torch.no_grad():
    fit_random, pool_random = untrained(fit_z), untrained(pool)  # 256 numbers, too
straight_random = r_squared(pool_random, direction_by_regression(fit_random, fit_scores))
for name, straight in {"z": straight_z, "w": straight_w, "w of an untrained mapping": straight_random}.items():
    most = (straight > 0.5).sum()
    print(f"in {name}: mean R² {straight.mean():.2f}, more than half for {most} of {len(OUTPUTS)}")
print(f"higher in w than in z for {(straight_w > straight_z).sum()} of {len(OUTPUTS)}")
plotting.bars({"z": straight_z, "w": straight_w}, "How straight is each attribute?", "R²", OUTPUTS)

# %% [markdown]
# <details><summary>Why?</summary>
#
# $z$ has to follow a fixed distribution: every region of the ball must become some face, in the right proportion. If the faces in
# the data are not spread like a ball, the map from $z$ to faces has to bend. $w$ follows no given distribution, so the mapping
# can do the bending before the convolutions begin. Nothing in the loss asks for straight lines in $w$. Karras et al. (2019) argue
# that they come about because it is easier to draw from an unbent space, and StyleGAN builds on it; so does lesson c2w3b.
# It is not the number of dimensions: the mapping with random weights has 256 numbers, too, and they say no more than $z$.
#
# </details>
#
# So move $w$ in place of $z$. Neither your step nor your score changes, only the step size, since $w$ is shorter than $z$:

# %% slide="subslide"
STEP_IN_W = 0.01
seed_everything(5)
with torch.no_grad():
    start_w = mapping(start)  # (16, 256)
print(f"mean length of z {start.norm(dim=1).mean():.1f}, of w {start_w.norm(dim=1).mean():.1f}")
climbed_w = {}
for weight in (0.0, 4.0):
    climbed_w[weight] = generate(convolutions, climb(start_w, GLASSES, weight, score_w, step_size=STEP_IN_W))
    gained, moved = report(classifier, faces_before, climbed_w[weight], GLASSES)
    print(f"weight {weight:3.1f}: glasses {gained:+.2f}, others {moved:.3f}")

# %% figure="climbed_w" caption="The same faces, moved in w, without and with the penalty. Go through them one by one: who is still the same person?" slide="subslide"
plotting.image_strips(
    {"start": faces_before[:8], "gradient": climbed_w[0.0][:8], "penalty 4": climbed_w[4.0][:8]},
    "Towards glasses, by moving w",
)

# %% [markdown]
# The classifier sees hardly any change in the others now. Your eyes may see more: in our run three hats in the
# last row have another colour than at the start. Keep in mind who says so: this is the
# classifier whose gradient was climbed, and the penalty told the climb to keep *its* answers in place.

# %% [markdown] slide="slide"
# ## What else does a direction change?
#
# Walk along each direction by the same step and write down what happens to every attribute: the **matrix of
# entanglement**. Its diagonal is what you wanted, and everything off the diagonal comes along with it.

# %% exercise="c1w4b.entanglement" difficulty=2 minutes=8

# %% [markdown] hints="c1w4b.entanglement"
# The scores at z are the same for every direction: compute them once.
#
# ---
#
# For each direction `(score(z + step * direction) - before).mean(dim=0)` is one row; `torch.stack` makes the table.

# %% figure="entangled" caption="Each row is a step of 1 along one direction, each column the mean change of an attribute. Blue off the diagonal comes along, red goes away." slide="subslide"
SHOWN = ("skin_tone", "hair_colour", "age", "glasses", "smile", "hat", "beard", "pose", "background")
columns = [OUTPUTS.index(name) for name in SHOWN]
STEP = 1.0  # w is about twice as long


def chances_of(w):
    """Probabilities and grades of the shown attributes: (B, 9)."""
    return score_w(w).sigmoid()[:, columns]


some = pool_w[: budget.pick(smoke=48, cpu=300, gpu=1000)]
table = entanglement(chances_of, some, directions[columns], STEP)  # (9, 9)
from course_utils.plotting import change_matrix

change_matrix(table, SHOWN, "Regression directions, a step of 1")

# %% [markdown] slide="slide"
# ## At right angles
#
# If the direction of *age* has a part along that of *beard*, a step towards age is also a step towards beards. Take that
# part out: subtract from a direction everything that lies in the space of the others. What is left is at right angles to
# all of them. Along it a score of the others that is linear would not change at all.
#
# **Predict, then run.** How much of the change beside the diagonal will be gone: all, half, less?

# %% exercise="c1w4b.orthogonalise" difficulty=3 minutes=10

# %% [markdown] hints="c1w4b.orthogonalise"
# Subtracting the projections on the others one after the other is right only if they are at right angles among themselves.
#
# ---
#
# Make a basis first: with `torch.linalg.svd(others, full_matrices=False)` the last result has orthonormal rows. Keep those
# whose singular value is not 0.
#
# ---
#
# `left = direction - basis.T @ (basis @ direction)`. If hardly anything is left, raise ValueError, else divide by its length.

# %% figure="orthogonal" caption="The same table with each direction at right angles to all others. The printed numbers compare the change beside the diagonal." slide="subslide"
clean = torch.stack(
    [orthogonalise(directions[a], torch.cat([directions[:a], directions[a + 1 :]])) for a in range(len(OUTPUTS))]
)  # (17, 256)
clean_table = entanglement(chances_of, some, clean[columns], STEP)  # (9, 9)


def beside(table):
    """The mean absolute change beside the diagonal."""
    return (table - table.diag().diag()).abs().mean().item()


print(f"change beside the diagonal: {beside(table):.3f} with regression, {beside(clean_table):.3f} at right angles")
print(f"change on the diagonal:     {table.diag().mean():.3f} with regression, {clean_table.diag().mean():.3f} at right angles")
for moved, along in (("age", "beard"), ("skin_tone", "hair_colour"), ("skin_tone", "glasses")):
    place = SHOWN.index(moved), SHOWN.index(along)
    print(f"{moved} -> {along}: {table[place]:+.2f} with regression, {clean_table[place]:+.2f} at right angles")
change_matrix(clean_table, SHOWN, "Orthogonal directions, a step of 1")

# %% [markdown]
# Less than a tenth goes. Age brings about half of the beards that it brought, and skin tone a little less of the
# change in glasses, but a little more of the change in the hair's colour. So what comes along is not only a matter of
# angles between directions. The diagonal shrinks a little as well. Two reservations: the classifier that reads all this
# is the one that the directions come from, and in a mean over faces a change upwards and a change downwards cancel.
#
# Two attributes can go together for three reasons. **By meaning:** in photographs a broad smile opens the mouth. **In the
# data:** grey hair comes with age. **In the generator:** here, where the portraits have neither. No edit can undo the first,
# and the second needs other data. Only the third is a fault of the generator, or of the direction.

# %% [markdown] slide="slide"
# ## Measure it with another judge
#
# Four ways, the same question: bring faces that have little of an attribute to where the classifier sees it, and change the others as
# little as possible. Along a direction every face goes just as far as it must, up to a length of 15.
#
# Who measures? Gradient ascent looks for whatever raises *this* classifier's score, and the penalty holds *this* classifier's other
# answers. Its own opinion of the result is too good. So a **second judge** reads all seventeen attributes: the same kind of network,
# trained here from another seed on drawn portraits, and never climbed. It is not as good as the shipped one, so its accuracy is
# printed first.

# %% slide="subslide"
judge = portraits_classifier.train(
    steps=budget.pick(smoke=3, cpu=300, gpu=600), seed=1, drawn=budget.pick(smoke=100, cpu=10_000, gpu=20_000)
)
known = portraits_classifier.measure(judge)
for title, beginning in (("right answers", "accuracy_"), ("mean error", "error_")):
    found = [f"{n.removeprefix(beginning)} {v:.2f}" for n, v in known.items() if n.startswith(beginning)]
    print(f"second judge, {title}: {', '.join(found[:3])},")
    print(f"    {', '.join(found[3:])}")

# %% [markdown]
# Two references stand beside the four ways. **Another person** is the trivial rival from above. **The same
# person, drawn** is the floor. The course draws portraits from a table, so it can draw the same person with and
# without glasses, and nothing else changed. Any change that a judge sees in the others there is its own error, or
# comes from something that a hat, say, covers. What it says about the glasses tells you how sure it is of glasses
# that are certainly there.

# %% slide="subslide"
from course_utils.checkpoints.portraits_classifier import YES_OR_NO
from course_utils.datasets import portraits, to_float

TARGETS = ("glasses", "hat", "beard", "smile", "age")
SEEDS = (0, 1, 2)
WALK_STEPS = budget.pick(smoke=3, cpu=31, gpu=31)


@torch.no_grad()
def walk(w, direction, target, furthest=15.0, steps=WALK_STEPS):
    """The first point along a direction at which the target's logit reaches the goal, else the last one: (B, 256)."""
    place, arrived = w.clone(), torch.zeros(len(w), dtype=torch.bool)
    for amount in torch.linspace(0, furthest, steps):
        place[~arrived] = w[~arrived] + amount * direction
        arrived |= score_w(place)[:, target] >= GOAL
    return place


def drawn_pair(name):
    """The same drawn people with little and with much of one attribute: two batches of images (100, 3, H, W)."""
    attributes, nuisances = portraits.sample(budget.pick(smoke=8, cpu=100, gpu=200), seed=7)
    pair = []
    for amount in (0, 1) if name in YES_OR_NO else (0.1, 0.9):
        attributes[:, portraits.NAMES.index(name)] = amount
        pair.append(to_float(portraits.render(attributes, nuisances, pixels)))
    return pair


def edits(target, points, scores):
    """Points w where faces start, (16, 256), and where each way ends: {way: (16, 256)}."""
    z = some_of(points, scores, target)
    others = some_of(points, scores, target, most=True)
    with torch.no_grad():
        w = mapping(z)
    ends = {
        "gradient in z": mapping(climb(z, target, 4.0, score)),
        "gradient in w": climb(w, target, 4.0, score_w, step_size=STEP_IN_W),
        "regression in w": walk(w, directions[target], target),
        "orthogonal in w": walk(w, clean[target], target),
        "another person": mapping(others),
    }
    return w, ends


# %% [markdown]
# **Predict, then run.** The classifier that was climbed says that the gradient in $w$ changes the others least. What will the second
# judge say? And which way will come close to *another person*?

# %% slide="subslide"
JUDGES = {"climbed": classifier, "second": judge}
WAYS = ("gradient in z", "gradient in w", "regression in w", "orthogonal in w")
SHARES = torch.linspace(0, 1, budget.pick(smoke=3, cpu=11, gpu=11)).tolist()
seen, gone = {}, {}  # (judge, attribute, way): a (gain, others) for each seed; (attribute, way): how far w has moved
paths = {}  # (attribute, way): for each seed (gain, others) of the second judge at every share of the path


def path(w, end, target):
    """What the second judge says on the straight line from w to an edit's end: gains and changes of the others, (2, 11)."""
    begin = generate(convolutions, w)
    reports = [report(judge, begin, generate(convolutions, w + share * (end - w)), target) for share in SHARES]
    return torch.tensor(reports).T


for seed in SEEDS:
    points, scores = pool_of(100 + seed)
    for name in TARGETS:
        target = OUTPUTS.index(name)
        w, ends = edits(target, points, scores)
        for way, end in ends.items():
            gone.setdefault((name, way), []).append((end - w).norm(dim=1).mean().item())
            begin, after = generate(convolutions, w), generate(convolutions, end)
            for who, network in JUDGES.items():
                seen.setdefault((who, name, way), []).append(report(network, begin, after, target))
            if way in WAYS[1:]:
                paths.setdefault((name, way), []).append(path(w, end, target))
for name in TARGETS:
    pair = drawn_pair(name)
    for who, network in JUDGES.items():
        seen[who, name, "the same person, drawn"] = [report(network, *pair, OUTPUTS.index(name))]

mean = {key: torch.tensor(found).mean(dim=0).tolist() for key, found in seen.items()}
print(f"{'':32s}{'climbed classifier':>18s}{'second judge':>18s}   w has")
print(f"{'':32s}{'gain':>9s}{'others':>9s}{'gain':>9s}{'others':>9s}   moved by")
for name in TARGETS:
    for way in (*WAYS, "another person", "the same person, drawn"):
        line = "".join("{:9.2f}{:9.3f}".format(*mean[who, name, way]) for who in JUDGES)
        distance = f"{sum(gone[name, way]) / len(SEEDS):8.1f}" if way in WAYS else ""
        print(f"{name if way == WAYS[0] else '':9s}{way:23s}{line}{distance}")

# %% figure="compare" caption="What the second judge says, mean of three seeds. To the right is more of what was asked for (left panel), and more change of everything else (right panel)." slide="subslide"
from course_utils.lessons.c1w4b.figures import edits_judged

judged = {(name, way): numbers for (who, name, way), numbers in mean.items() if who == "second"}
references = {"another person": "-", "the same person, drawn": ":"}
edits_judged(judged, TARGETS, WAYS, references, "Four ways before the second judge")

# %% [markdown] slide="subslide"
# ### At the same gain
#
# The rows above end at different gains, and who goes further changes more. So cut the three ways in $w$ where the second judge has
# seen the same gain: the least that all three reach with a seed. Read is the straight line from each $w$ to its end, at ten
# places; for the gradient that is a short cut, not the path it took.
#
# **Predict, then run.** Which way changes the others least now? And does any keep its place for all five attributes?

# %%
def others_at(gain, trace):
    """The change of the others where a path (2, 11) first reaches a gain, from the straight line between two places."""
    gains, others = trace
    after = int((gains >= gain - 1e-6).nonzero()[0])  # the first place at or above it
    if after == 0:
        return others[0].item()
    part = (gain - gains[after - 1]) / (gains[after] - gains[after - 1])
    return torch.lerp(others[after - 1], others[after], part).item()


IN_W = WAYS[1:]
cut = {}  # (attribute, way): the change of the others at the same gain, for each seed
print(f"{'':9s}{'gain':>6s}" + "".join(f"{way:>18s}" for way in IN_W))
for name in TARGETS:
    least = [min(paths[name, way][i][0].max().item() for way in IN_W) for i in range(len(SEEDS))]
    for way in IN_W:
        cut[name, way] = [others_at(gain, trace) for gain, trace in zip(least, paths[name, way], strict=True)]
    print(f"{name:9s}{sum(least) / len(SEEDS):6.2f}" + "".join(f"{sum(cut[name, w]) / len(SEEDS):18.3f}" for w in IN_W))
at_one_gain = {way: sum(sum(cut[name, way]) for name in TARGETS) / len(TARGETS) / len(SEEDS) for way in IN_W}
print(f"{'mean':15s}" + "".join(f"{at_one_gain[way]:18.3f}" for way in IN_W))

# %% [markdown] slide="subslide"
# ### The verdict, counted
#
# Which way changes the others least, and which loses least of its gain before the second judge? The cell says in how many of the
# three seeds the same way is first.

# %%
def first(number, name, names=WAYS):
    """The way with the smallest mean of a number, and in how many seeds it is the smallest."""
    means = {way: sum(number(name, way)) / len(SEEDS) for way in names}
    best = min(means, key=means.get)
    wins = sum(min(names, key=lambda way: number(name, way)[i]) == best for i in range(len(SEEDS)))
    return f"{best.replace(' in', '')} {wins}/{len(SEEDS)}"


def others_of(who):
    return lambda name, way: [others for _, others in seen[who, name, way]]


def lost(name, way):
    pairs = zip(seen["climbed", name, way], seen["second", name, way], strict=True)
    return [mine[0] - theirs[0] for mine, theirs in pairs]


def at_the_same_gain(name, way):
    return cut[name, way]


print(f"{'':8s}{'others changed least':>51s}{'least of the':>17s}")
print(f"{'':8s}{'climbed one':>17s}{'second judge':>17s}{'at one gain':>17s}{'gain lost':>17s}")
for name in TARGETS:
    found = [first(others_of(who), name) for who in JUDGES] + [first(at_the_same_gain, name, IN_W), first(lost, name)]
    print(f"{name:8s}" + "".join(f"{words:>17s}" for words in found))
ALL = (*WAYS, "another person", "the same person, drawn")
change = {who: {w: sum(mean[who, name, w][1] for name in TARGETS) / len(TARGETS) for w in ALL} for who in JUDGES}
print("change of the others, mean of the five attributes:")
for way in ALL:
    print(f"  {way:23s}{change['climbed'][way]:.3f} climbed classifier, {change['second'][way]:.3f} second judge")

# %% [markdown] slide="subslide"
# ### What nobody asked
#
# The second judge is independent, but it is asked the *same* questions. The colour of the hat, the clothes and the width of the
# face are in none of them, so an edit can change them and no table shows it. Pixels ask no questions.
#
# **Predict, then run.** How much of the picture does each way change, beside the same person drawn with the attribute?

# %%
print(f"mean change of a pixel{'':5s}" + "".join(f"{name:>9s}" for name in TARGETS))
pixel_change = {}  # (attribute, way): images are in [-1, 1], so 2 is the most
for name in TARGETS:
    w, ends = edits(OUTPUTS.index(name), points, scores)  # those of the last seed
    begin = generate(convolutions, w)
    for way, end in ends.items():
        pixel_change[name, way] = (generate(convolutions, end) - begin).abs().mean().item()
    low, high = drawn_pair(name)
    pixel_change[name, "the same person, drawn"] = (high - low).abs().mean().item()
for way in ALL:
    print(f"  {way:25s}" + "".join(f"{pixel_change[name, way]:9.3f}" for name in TARGETS))

# %% [markdown] slide="subslide"
# <details><summary>What you saw</summary>
#
# **Moving $z$ replaces the person.** Before the second judge the others change about three quarters as much as when
# somebody else is taken, and the picture nearly as much. It also gains least, for every attribute, and for hats next to
# nothing.
#
# **The gradient in $w$ is good, but not as good as its own classifier says.** That classifier sees the others
# change least with it, for every attribute. The second judge sees more than twice that change. At the same gain it
# leads for age only, with every seed: a direction has to go far there, and much comes along. For glasses and beards the
# regression is ahead with every seed, for smile and hats the orthogonal direction, by little. On average the gradient and
# the regression are level, at 0.07.
#
# **What nobody asked, it changes more.** With the gradient in $w$ the picture itself changes nearly twice as much as with a
# direction, or more, for all but age. The penalty holds the answers to seventeen questions, and nothing else.
#
# **The gain is mostly real.** Compare it with the last row of each attribute: even of glasses that were drawn the
# second judge is less sure than the first. Only beyond that has an edit lost something.
#
# **Right angles are no remedy for everything.** For glasses, hats, beards and smiles the two directions are close to each
# other. For age the orthogonal one goes twice as far, and at the same gain it changes the others by two thirds more than
# regression does.
#
# **Nothing is at the floor.** The same person, drawn with the attribute, changes a judge's other answers by a few
# hundredths. Every way here changes them more. Part of the rest is real change. Part of it probably comes from
# blurred or mixed faces, which puzzle any judge.
#
# </details>

# %% [markdown] slide="subslide"
# ### The outcome
#
# All numbers are means of three seeds. Those of the second judge come first.

# %%
gain, others = mean["second", "glasses", "gradient in w"]
outcome("glasses, gradient in w: gain before the second judge", gain, above=budget.pick(smoke=-0.5, cpu=0.6, gpu=0.6))
outcome("glasses, gradient in w: change of the others before the second judge", others, below=0.15)
outcome(
    "the same for another person with glasses",
    mean["second", "glasses", "another person"][1],
    above=budget.pick(smoke=0.0, cpu=0.18, gpu=0.18),
)
outcome(
    "the same for the same person, drawn with glasses",
    mean["second", "glasses", "the same person, drawn"][1],
    below=budget.pick(smoke=1, cpu=0.1, gpu=0.1),
)
outcome(
    "change of the others, gradient in w: second judge / climbed classifier",
    change["second"]["gradient in w"] / change["climbed"]["gradient in w"],
    above=budget.pick(smoke=0.0, cpu=1.3, gpu=1.3),
)
outcome(
    "change of the others before the second judge, gradient in z / gradient in w",
    change["second"]["gradient in z"] / change["second"]["gradient in w"],
    above=budget.pick(smoke=0.0, cpu=1.5, gpu=1.5),
)
outcome(
    "mean R² of attributes, in w minus in z",
    (straight_w - straight_z).mean().item(),
    above=budget.pick(smoke=0.1, cpu=0.3, gpu=0.3),
)
outcome(
    "change beside the diagonal, orthogonal / regression",
    beside(clean_table) / beside(table),
    below=budget.pick(smoke=1.1, cpu=0.95, gpu=0.95),
)

# %% [markdown] slide="slide"
# ## Explore it
#
# The directions have names now, and so do the sliders. Find a face that you like (*New point*), then:
#
# - put glasses on it and take them off again. Does it remain the same person?
# - drag *age* far to both sides. Where does the face stop looking like a portrait? There the straight line has left
#   the region of faces;
# - compare *beard* with *smile*: which of them moves the other?

# %% figure="sliders" caption="Each row moves one generated face along one direction in equal steps; the middle column is where it started." slide="subslide"
from course_utils.widgets import LatentExplorer

NAMED = ("glasses", "hat", "beard", "age", "smile", "skin_tone", "hair_colour", "pose")
sliders = {name.replace("_", " "): clean[OUTPUTS.index(name)] for name in NAMED}
amounts = torch.linspace(-2, 2, 7)[:, None]  # (7, 1)
somebody = pool_w[:1]
plotting.image_strips(
    {name: generate(convolutions, somebody + amounts * direction) for name, direction in list(sliders.items())[:4]},
    "One face, four directions",
)

# %%
LatentExplorer(  # of 2w: its sliders go to 4, and in w a length of 2 is enough
    lambda twice: convolutions(twice / 2),
    lambda n: 2 * mapping(torch.randn(n, latent_dim)),
    directions=sliders,
    sliders=0,
    name="c1w4b",
)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c1w4b")

# %% [markdown] slide="slide"
# ## Recap
#
# - The weights stay, the noise moves: gradient ascent on $z$ changes an image towards what a classifier looks for.
# - $z$ is a leaf with a gradient of its own. Clear that one; clearing those of the networks does not clear it.
# - Use logits for scores, one for each row, and take the sum before `backward()`.
# - Where the steps are taken matters. In $w$, behind the mapping, attributes are much closer to straight lines, and a
#   person is kept much better than in $z$.
# - One regression on generated faces gives a direction for every attribute. Its matrix of entanglement shows what
#   comes along. Right angles removed less than a tenth of it for a step of 1. At the same gain the others
#   changed no less than with regression: 0.08 and 0.07 before the second judge, on average.
# - Never judge with the classifier that was climbed. Let a second one read everything, beside its own error and a trivial rival.
# - Two judges that are asked the same questions are silent about the rest. Pixels are not.
#
# **Go further**
#
# 1. Replace logits by probabilities in `climb`. Which faces stay where they are?
# 2. Add `0.01 * (z.norm(dim=1) - 8) ** 2` to the penalty. What does it cost? And does another step size help the climb in $z$?
# 3. Train a third judge with `seed=2` and let it read the same edits. How far apart are two judges that were never climbed?
# 4. Harder: walk along `clean` with a fresh regression after every step of 1, on faces near the place where you are. How much of the
#    curvature does that follow?
# 5. `portraits.draw(2000, seed=1, correlate={("glasses", "age"): 0.7})` gives biased data. Train a generator on it with the
#    recipe of `course_utils/checkpoints/portraits_generator.py`: what is the direction of glasses now?
#
# **References**
#
# - Y. Shen, J. Gu, X. Tang, B. Zhou. *Interpreting the Latent Space of GANs for Semantic Face Editing.* CVPR 2020.
# - L. Goetschalckx, A. Andonian, A. Oliva, P. Isola. *GANalyze: Toward Visual Definitions of Cognitive Image Properties.*
#   ICCV 2019.
# - E. Härkönen, A. Hertzmann, J. Lehtinen, S. Paris. *GANSpace: Discovering Interpretable GAN Controls.* NeurIPS 2020.
# - T. Karras, S. Laine, T. Aila. *A Style-Based Generator Architecture for Generative Adversarial Networks.* CVPR 2019.
# - A. Nguyen, A. Dosovitskiy, J. Yosinski, T. Brox, J. Clune. *Synthesizing the Preferred Inputs for Neurons in Neural
#   Networks via Deep Generator Networks.* NeurIPS 2016.
