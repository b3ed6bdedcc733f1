# %% [markdown] minutes=70 slide="slide"
# # Style transfer
#
# Take the content of one picture and the texture of another. The well-known method needs a network that was trained
# on a million photographs, half a gigabyte to download. You need none: random numbers will do. No network is trained
# either. What you optimise is the picture.
#
# **You will be able to**
#
# - say what a Gram matrix keeps of a picture and what it forgets, and which distance of distributions it is;
# - write the losses and optimise a picture by its pixels;
# - compare the result with rivals that need no optimisation, in filters that were not optimised;
# - give a picture the colours of another one in closed form;
# - find from numbers alone what is wrong with a style transfer.
#
# **Before you start:** *Your first GAN*, and *Evaluation* for the Fréchet distance. This lesson is optional: nothing
# here is adversarial, and that is worth seeing after *CycleGAN*.
# Rusty? [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 5.
#
# **Papers:** Gatys, Ecker and Bethge, *Image Style Transfer Using Convolutional Neural Networks* (2016); Ustyuzhaninov et
# al., *Texture Synthesis Using Shallow Convolutional Networks with Random Filters* (2016).

# %% [markdown] picture="answer" caption="Above, the astronaut and two pictures whose left halves give the style; below, the same astronaut, painted by your function."
# **What you are about to make:** an astronaut in the style of gravel, and one in the style of a sky
# full of galaxies.

# %%
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import photographs
from course_utils.lessons.c3w3b import figures
from course_utils.models.random_filters import RandomFilters, RandomLayers
from course_utils.runtime import seed_everything

torch.set_num_threads(1)

# %% [markdown] slide="slide"
# ## A first try
#
# The function that you will write is in the course already. Here it paints a small astronaut for some seconds, with a picture of
# gravel as the style. How it does that, and whether the result is near gravel by any measure, is the rest of the lesson.

# %% alt="A small astronaut, the same in the greys of gravel, and the same after forty steps of style transfer." slide="subslide"
from course_utils import style_transfer
from course_utils.colour_transfer import match_colours

little, stones = photographs.load("astronaut", 96), photographs.halves("gravel", 128)[0]
begun = match_colours(little, stones).clamp(-1, 1)
tried, _ = style_transfer.transfer(RandomLayers(0), begun, stones, budget.pick(smoke=2, cpu=40, gpu=40))
figures.panels({"content": little, "colours of gravel": begun, "forty steps": tried}, "A first try", columns=3)

# %% [markdown] slide="slide"
# ## Filters that nobody trained
#
# Below are 72 filters of random numbers: 24 of each size, 3, 7 and 15 pixels wide. Each has mean 0, so it is silent where
# nothing changes, and length 1. A ReLU follows. That is all.
#
# Can they tell textures apart? Brick, grass and gravel are each cut in two. Patches to compare with come from the left half,
# patches to name from the right half. Brightness and contrast are taken out of every patch, so that they tell nothing.
# A patch gets the name of its nearest neighbour.
#
# **Predict, then run.** Chance is a third. How many do the raw pixels get right? How many do two numbers, the
# mean absolute difference to the right neighbour and to the one below? And the mean answers of 72 random filters?

# %% alt="Six patches each of brick, grass and gravel, from the half to compare with." slide="subslide"
from course_utils.metrics.texture import nearest_label

each = budget.pick(smoke=6, cpu=40, gpu=40)
known, asked = photographs.patches("left", each, seed=0), photographs.patches("right", each, seed=1)


def two_numbers(patches):
    """Mean absolute differences across and down: (N, 3, H, W) -> (N, 2)."""
    across = (patches[..., :, 1:] - patches[..., :, :-1]).abs().mean(dim=(1, 2, 3))
    down = (patches[..., 1:, :] - patches[..., :-1, :]).abs().mean(dim=(1, 2, 3))
    return torch.stack([across, down], dim=1)


def mean_answers(seed):
    """How strongly each of the 72 filters answers, on average: (N, 3, H, W) -> (N, 72)."""
    filters = RandomFilters(seed)
    return lambda patches: filters(patches).mean(dim=(2, 3))


def share_right(features):
    return (nearest_label(features, known, asked.images) == asked.labels).double().mean().item()


ways = {"raw pixels": [lambda patches: patches], "two numbers": [two_numbers]}
ways["72 random filters, three seeds"] = [mean_answers(seed) for seed in (0, 1, 2)]
recognised = {name: [share_right(features) for features in some] for name, some in ways.items()}
for name, shares in recognised.items():
    print(f"{name:32s}" + "  ".join(f"{share:.1%}" for share in shares))
few = torch.cat([known.images[y * each : y * each + 6] for y in range(3)])
plotting.image_grid(few / 3, "Brick, grass, gravel", columns=6)

# %% [markdown] slide="subslide"
# <details><summary>What the numbers say</summary>
#
# Raw pixels are compared position by position, so a shifted brick is another row of pixels. Means over positions are
# not affected by a shift. Two such numbers already go far on three textures; 72 random filters go nearly all the way,
# with any of the seeds. Nothing was learned.
#
# The test is an easy one. Both halves belong to one photograph, there are three names, and the patches of a half overlap. Between
# two numbers and 72 filters lie only a few patches. Many textures would be harder, and are not tested here.
#
# </details>

# %% [markdown] slide="slide" diagram="gram_forgets" caption="The order of the positions does not matter."
# ## What a style is
#
# Mean answers forget which filters answer *together*. Gatys, Ecker and Bethge (2015) keep that: with maps $f$ of C channels
# at N = H · W positions $p$,
#
# $$G_{ij} = \frac1N \sum_p f_i(p)\, f_j(p)$$
#
# is the **Gram matrix**, C × C numbers for a picture of any size.

# %% exercise="c3w3b.gram_matrix" difficulty=2 minutes=8

# %% [markdown] hints="c3w3b.gram_matrix"
# Which dimensions are the positions? Join them: `flatten(2)`.
#
# ---
#
# The sum over positions of products of two rows: that is a matrix product with a transposed matrix. Which two dimensions are
# transposed, when the first is the batch?
#
# ---
#
# A mean over positions divides by how many there are. And one line at the top looks at `maps.ndim`.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
maps = torch.tensor([[[[2.0, 0, 1, 0]], [[2.0, 1, 0, 0]]]])  # (1, 2, 1, 4), the maps of the drawing
shuffled = maps[..., [2, 0, 3, 1]]
print(gram_matrix(maps)[0].tolist())
print(gram_matrix(shuffled)[0].tolist())

# %% [markdown] slide="slide"
# ### A distance that you know
#
# Forget that these are pictures. The answers of all filters at a position are a point; a picture is a cloud of such points.
# *Evaluation* compared two clouds with a kernel: the means of the kernel within both, added, minus twice that between them
# (MMD, squared). Take the squared product as a kernel, $k(u, v) = (u \cdot v)^2$. Let $f$ be points of the picture, whose Gram
# matrix is $G$, and $s$ points of the style, whose Gram matrix is $A$. Then
#
# $$\lVert G - A \rVert^2 = \overline{(f \cdot f')^2} + \overline{(s \cdot s')^2} - 2\, \overline{(f \cdot s)^2}$$
#
# with means over all pairs of points, $f'$ and $s'$ being a second point of the same cloud. So matching Gram matrices *is* making a squared-kernel MMD small (Li et al., 2017).
# It sees second moments and nothing else.

# %% slide="subslide"
cloud, other = (RandomFilters(0)(photographs.load(name, 24)).double() for name in ("astronaut", "gravel"))
f, s = cloud[0].flatten(1).T, other[0].flatten(1).T  # (576, 72) each: a point a position
by_gram = (gram_matrix(cloud) - gram_matrix(other)).square().sum().item()
by_kernel = ((f @ f.T).square().mean() + (s @ s.T).square().mean() - 2 * (f @ s.T).square().mean()).item()
print(f"squared distance of Gram matrices {by_gram:.6f}, MMD with the squared kernel {by_kernel:.6f}")

# %% [markdown] slide="slide"
# ### Several layers, one loss
#
# A mean over positions does not depend on where the answers come from: a few strong edges may count as much as
# texture everywhere. So a second layer of random filters looks at how strongly the first one answers, averaged over
# squares of 4 × 4 pixels. That is our network, `RandomLayers`: it returns a list of two tensors of maps. A layer with
# larger numbers must not drown the other one, so each distance is relative:
#
# $$L_\text{style} = \frac1L \sum_l \frac{\lVert G_l - A_l \rVert^2}{\lVert A_l \rVert^2}$$

# %% exercise="c3w3b.style_loss" difficulty=2 minutes=8

# %% [markdown] hints="c3w3b.style_loss"
# Walk through both lists at once; `zip` is for that. What happens when one list is longer?
#
# ---
#
# Numerator and denominator are both sums of squares over a whole matrix.
#
# ---
#
# Collect one number a layer, `torch.stack` them, and take the mean. The graph has to survive.

# %% [markdown] slide="slide" diagram="pixels_learn" caption="Both gradients end at the pixels of the picture. The filters stay as they are."
# ## What a content is
#
# Gatys et al. compare maps of a deep trained layer, position by position. Random filters do not know objects, so we
# use something simpler: the picture **seen from afar**. Averages over squares of 8 × 8 pixels have to stay; details
# within them may change. The squares overlap: they lie 2 pixels apart.
#
# ```python
# F.mse_loss(F.avg_pool2d(picture, 8, 2), F.avg_pool2d(content, 8, 2))
# ```
#
# The third loss keeps pixels from flickering. It is the **total variation**: the mean absolute difference of neighbours side by
# side, plus that of neighbours one above the other.

# %% exercise="c3w3b.total_variation" difficulty=1 minutes=4

# %% [markdown] hints="c3w3b.total_variation"
# All columns but the first, minus all columns but the last. `...` stands for the dimensions before.
#
# ---
#
# Two means, one a direction, added.

# %% slide="subslide"
# NBVAL_CHECK_OUTPUT
board = (torch.arange(8)[:, None] + torch.arange(8)) % 2 * 2.0 - 1
for name, picture in {"constant": torch.ones(8, 8), "half black, half white": torch.ones(8, 8).index_fill(1, torch.arange(4), -1), "chessboard": board}.items():
    print(f"{name:24s}{total_variation(picture[None, None]):.4f}")

# %% [markdown] slide="slide"
# ## Optimise a picture
#
# Now everything at once, from the docstring. You know all the parts: an optimiser, a loss, `backward`, `step`. Only
# one thing is new: the optimiser holds a picture. `content_loss(picture, content, block)` is given; it is the line
# of code above, for squares of any side.

# %%
from course_utils.style_losses import content_loss
from course_utils.style_transfer import STANDARD, Weights

# %% exercise="c3w3b.transfer" difficulty=4 minutes=20

# %% [markdown] hints="c3w3b.transfer"
# Before the loop: the wanted matrices, a picture that can learn, an optimiser, an empty list.
#
# ---
#
# The picture is a *copy* of the content, and a leaf that asks for gradients. Which of `clone`, `detach` and `requires_grad_`
# does what?
#
# ---
#
# In the loop: three losses, clear, backward of their weighted sum, step, clamp, remember. Clamping changes the
# picture in place. What must not record that?

# %% [markdown] slide="slide"
# ## Paint
#
# The content is the astronaut. The style is the *left* half of a picture of gravel; the right half stays hidden for the
# judge. A second style is *hubble*, a deep field of the Hubble telescope, cut in the same way. Each starts from the astronaut
# in the colours of the style. How that is done in closed form comes below.
#
# The view of the content, the weights and the rate were chosen on another picture, the cat Chelsea. That was done
# with other filters, mostly by eye. The second layer was added after a look at the astronaut, too.
#
# **Predict, then run.** Will the stones lie everywhere, or only where the astronaut has edges? The cell takes one to two
# minutes, and prints nothing.

# %% slide="subslide"
from course_utils.colour_transfer import keep_colours

size, steps = budget.pick(smoke=64, cpu=192, gpu=192), budget.pick(smoke=4, cpu=100, gpu=100)
content = photographs.load("astronaut", size)
styles = {name: photographs.halves(name, budget.pick(smoke=96, cpu=256, gpu=256)) for name in ("gravel", "hubble")}
started = {name: match_colours(content, shown).clamp(-1, 1) for name, (shown, _) in styles.items()}
painted, curves = {}, {}
for name, seed in (("gravel", 0), ("gravel", 1), ("hubble", 0), ("hubble", 1)):
    shown, _ = styles[name]
    painted[name, seed], curves[f"{name}, seed {seed}"] = transfer(RandomLayers(seed), started[name], shown, steps)

# %% [markdown] slide="slide"
# ### Read your curves
#
# The content loss begins at 0, since the picture begins as the content. It rises while the style is put on, and then falls
# again. The style loss is relative: 1 is what one grey everywhere would have, since no filter answers there.

# %% figure="curves" caption="Content loss and style loss of the four runs over their steps. The style loss has a logarithmic axis." alt="Left, the content loss jumps up within twenty steps and then sinks and levels off. Right, on a logarithmic axis, the style loss falls by a factor of a hundred or more; gravel ends lower than hubble." slide="subslide"
figures.losses(curves, "Four runs")

# %% figure="answer" caption="Above, the astronaut and two pictures whose left halves give the style; below, the same astronaut, painted by your function." slide="subslide"
gallery = {
    "content": content,
    "style: gravel": photographs.load("gravel", 256)[..., :192, :192],
    "style: hubble": photographs.load("hubble", 256)[..., :192, :192],
    "gravel, colours of the content": keep_colours(painted["gravel", 0], content),
    "gravel": painted["gravel", 0],
    "hubble": painted["hubble", 0],
}
figures.panels(gallery, "The same astronaut", columns=3)

# %% [markdown] slide="subslide"
# <details><summary>Where do the stones lie?</summary>
#
# Nearly everywhere, on the calm wall too. They look like strokes more than like stones.
#
# </details>

# %% [markdown] slide="slide"
# ## Measure it
#
# The style loss says that *these* filters are satisfied. So the judge has filters of another seed, and it compares with the
# hidden right half of the style. Its **floor** is the distance of the two halves of the style from each other.
#
# **SSIM** tells how much of the content is left (Wang et al., 2004). It compares brightness, contrast and structure in small windows, without
# colours. The same picture has 1, and the floor is the style, tiled, which shows nothing of the content.
#
# Rivals need no optimisation: one grey everywhere, the colours alone, the style itself, tiled, and blends of the two.
#
# **Predict, then run.** Which rival is nearest to the style, and which nearest to the content? Can a blend have both?

# %% slide="subslide"
from course_utils.metrics.ssim import brightness_ssim
from course_utils.metrics.texture import style_distance

judge = RandomLayers(100)


def tiled(style):
    """The style again and again, cut to the size of the content."""
    rows, columns = (-(-size // n) for n in style.shape[-2:])
    return style.tile(1, 1, rows, columns)[..., :size, :size]


def scores(picture, name):
    return style_distance(judge, picture, styles[name][1]), brightness_ssim(picture, content)


table, floors = {}, {}
for name, (shown, hidden) in styles.items():
    floors[name] = style_distance(judge, shown, hidden)
    stones = tiled(shown)
    table[name] = {
        "content unchanged": [scores(content, name)],
        "one grey everywhere": [scores(torch.full_like(content, content.mean().item()), name)],
        "colours alone": [scores(started[name], name)],
        "style, tiled": [scores(stones, name)],
        "blends, 1/4 1/2 3/4 of the style": [scores(started[name].lerp(stones, share), name) for share in (0.25, 0.5, 0.75)],
        "style transfer, two seeds": [scores(painted[name, seed], name) for seed in (0, 1)],
    }
    print(f"{name}: style distance, SSIM to the content        floor {floors[name]:.4f}")
    for way, pairs in table[name].items():
        print(f"  {way:33s}" + "  ".join(f"{d:7.4f}, {s:4.2f}" for d, s in pairs))

# %% figure="plane" caption="Gravel: style distance in filters that were not optimised, and SSIM to the content. To the left and up is better." alt="SSIM to the content over style distance. The style transfer lies near the floor with an SSIM of about one half. The tiled style is at the floor with an SSIM near 0. Blends and colours alone are ten times farther from the style or more." slide="subslide"
figures.plane(table["gravel"], floors["gravel"], "Gravel: style against content")

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# **Gravel.** The style distance of both seeds is a small multiple of the floor. Neither these filters nor this half of the style
# were used. The colours alone are far away. The style, tiled, is at the floor, of course, and shows no astronaut.
#
# **A blend is no compromise there.** Every blend is much farther from gravel than the transfer is, and none is more
# like the content. The mildest one comes near to it in content. A blend loses contrast of both pictures, so it is not
# the hardest rival: see *Go further*.
#
# **The content** is not free. The SSIM of the colours alone is higher, 0.69 beside 0.51 and 0.52: strokes on a face cost
# similarity. One grey everywhere, which shows no astronaut either, has 0.24.
#
# **Hubble** is a different case. Its spots, most of them galaxies, are few and bright. Its two halves differ, so the
# floor is high. The transfer and the blend with three quarters of the style are both *below* the floor, and near each
# other. Below the floor the distance ranks nothing. What can be said is that both are much nearer than the colours
# alone.
#
# SSIM to the bright content is low for all of these dark pictures. The colours alone, in which nothing else was
# changed, are far from 1. The transfer is a little below them, with 0.25, and the blend with three quarters of the
# style has 0.09. But one grey everywhere has 0.24. So here SSIM does not show that the transfer keeps anything of the
# content: look at the picture.
#
# **How sure?** Two seeds of filters, one content, two styles. SSIM is a rough measure of what a person recognises.
#
# </details>

# %% [markdown] slide="subslide"
# ### What does the nearest neighbour call it?
#
# The distance above is one number for a whole picture. Now the judge of the beginning, with filters of another seed again,
# names *patches* of the painted astronaut: brick, grass or gravel. The aim, set before the run: six of ten are called gravel.
#
# It looks twice: at the patches as they are, and at their **fine detail**. That is what is left of a patch when averages over
# squares of 9 × 9 pixels are subtracted. The known patches are treated in the same way.
#
# **Predict, then run.** Is the aim met?

# %% slide="subslide"
def as_they_are(patches):
    return patches


def fine_detail(patches):
    """What is left without averages over squares of 9 pixels."""
    return patches - F.avg_pool2d(F.pad(patches, (4, 4, 4, 4), mode="reflect"), 9, 1)


def names_of(picture, look):
    """The shares of patches (64 pixels wide, 32 apart) that are called brick, grass and gravel."""
    side = min(64, size)
    cut = picture.unfold(2, side, 32).unfold(3, side, 32)[0]  # (3, rows, columns, side, side)
    patches = cut.permute(1, 2, 0, 3, 4).flatten(0, 1)  # (N, 3, side, side)
    answers = mean_answers(200)
    named = nearest_label(lambda x: answers(photographs.level(look(x))), known, patches)
    return [(named == label).double().mean().item() for label in range(3)]


shown_pictures = {"content": content, "colours alone": started["gravel"], "style, tiled": tiled(styles["gravel"][0])}
shown_pictures |= {f"style transfer, seed {seed}": painted["gravel", seed] for seed in (0, 1)}
print(f"{'':24s}{'as they are':>24s}{'fine detail':>24s}")
print(f"{'called':24s}" + "".join(f"{name:>8s}" for name in (*photographs.TEXTURES, *photographs.TEXTURES)))
called = {}
for name, picture in shown_pictures.items():
    called[name] = [names_of(picture, look) for look in (as_they_are, fine_detail)]
    print(f"{name:24s}" + "".join(f"{share:8.0%}" for shares in called[name] for share in shares))

# %% [markdown] slide="subslide"
# <details><summary>What the names say</summary>
#
# **The aim is missed, and by far.** Of the patches as they are, about one in ten is called gravel. Yet the style distance of
# the whole picture is small. A likely reason: the content loss holds light and dark areas, and within a patch they weigh more
# than stones do. Real gravel has no such areas.
#
# **In the fine detail** 88 % of the patches are called gravel with one seed, and all with the other. Of the colours
# alone it is fewer than one in three. So of the three names, the fine detail is nearest to gravel. That fits the reason
# above. The look at the fine detail was added after the first one had failed: it is an explanation, and not the aim.
#
# What you see are strokes rather than stones. Means over positions do not ask for whole stones.
#
# </details>

# %% [markdown] slide="slide"
# ## Colours, in closed form
#
# Colours need no optimisation. The colours of a picture are a cloud of points with three coordinates, with mean and
# covariance $A$; those of the style have $B$. Of all linear maps that turn one covariance into the other, one moves the points least:
#
# $$T = A^{-1/2} \big(A^{1/2} B A^{1/2}\big)^{1/2} A^{-1/2}$$
#
# (Pitié and Kokaram, 2007.) The means are moved onto each other as well. The mean squared move of a colour is a number that you
# know: the **Fréchet distance** of the two clouds. Afterwards that distance is 0, as long as no pixel is put back into [-1, 1].

# %% slide="subslide"
from course_utils.colour_transfer import colours
from course_utils.metrics import frechet_distance

_, sky = photographs.halves("hubble", 256)
moved = match_colours(content, sky)
before, after = (frechet_distance(colours(picture), colours(sky)) for picture in (content, moved))
move = (colours(moved) - colours(content)).square().sum(dim=1).mean().item()
clamped = frechet_distance(colours(moved.clamp(-1, 1)), colours(sky))
print(f"Fréchet distance of the colours {before:.5f}; mean squared move of a colour {move:.5f}")
print(f"Fréchet distance afterwards {after:.1e}, and with pixels put back into [-1, 1] {clamped:.5f}")

# %% [markdown]
# Both numbers agree up to about one part in the number of pixels: one divides by N, the other by N - 1.
#
# To keep the *content's* colours, take the brightness of the painted picture and the colours of the content (Gatys, Bethge,
# Hertzmann and Shechtman, 2016). `keep_colours` did that for one of the pictures above.

# %% [markdown] slide="slide"
# ## Explore it
#
# One thing is changed at a time: without the second layer; with a content that is seen from closer up; without
# smoothing.
#
# **Predict, then run.** What does the second layer do? The cell takes about a minute.

# %% alt="Four astronauts in gravel: as above, with the first layer only, with squares of 4, and without smoothing" slide="subslide"
network = RandomLayers(0)
tries = {
    "first layer only": (lambda pictures: [network.first(pictures)], dict()),
    "squares of 4": (network, dict(block=4)),
    "no smoothing": (network, dict(weights=STANDARD._replace(smooth=0.0))),
}
explored = {"as above": painted["gravel", 0]}
for name, (layers, options) in tries.items():
    explored[name], _ = transfer(layers, started["gravel"], styles["gravel"][0], steps, **options)
for name, picture in explored.items():
    distance, similar = scores(picture, "gravel")
    print(f"{name:18s}style distance {distance:.4f}, SSIM {similar:.2f}")
figures.panels(explored, "One thing changed at a time", columns=4)

# %% [markdown] slide="subslide"
# <details><summary>What you see</summary>
#
# **The first layer alone** puts on less: calm places stay calmer, and the picture is more like its content. The judge finds it
# farther from gravel, but the judge has two layers, of the kind that is missing here.
#
# **Squares of 4** leave less room for the style: farther from gravel, a little more like the content.
#
# **No smoothing** changes little here.
#
# The rim of a picture is rough, since fewer squares and filters see the outermost pixels. One seed each: nothing is ranked.
#
# </details>

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Five short runs with *hubble*, on a smaller picture. One is sound, in four something is wrong. No pictures, only numbers.
# SSIM compares a picture with its start, which is the content in the colours of the style.

# %% slide="subslide"
from course_utils.lessons.c3w3b import patients

small, short = budget.pick(smoke=64, cpu=128, gpu=128), budget.pick(smoke=4, cpu=60, gpu=60)
shown, hidden = styles["hubble"]
patient = match_colours(photographs.load("astronaut", small), shown).clamp(-1, 1)
readings = patients.readings(RandomLayers(0), patient, shown, short, judge, hidden)
print(f"{'run':6s}{'content loss':>14s}{'style loss':>12s}{'style, judged':>15s}{'SSIM':>7s}{'outside [-1, 1]':>17s}")
for name, r in readings.items():
    print(f"{name:6s}{r.content:14.6f}{r.style:12.6f}{r.judged:15.6f}{r.similar:7.2f}{r.outside:17.2%}")

# %% exercise="c3w3b.diagnose" difficulty=3 minutes=10

# %% [markdown] hints="c3w3b.diagnose"
# Start with the columns in which one run stands alone.
#
# ---
#
# A loss that is exactly 0 was not made small by optimisation. Two of the names could be the reason. What would the SSIM of a
# picture be that never moved?
#
# ---
#
# Two numbers that agree in every digit are one number.

# %% [markdown] slide="subslide"
# <details><summary>A to E: the diagnosis</summary>
#
# **A: pixels not clamped.** Only here do values lie outside [-1, 1]. They are counted by the losses and cannot be shown.
#
# **B: Gram matrices divided by one size.** The matrices of the style were divided by the number of positions of the *picture*.
# The style has more of them, so its matrix is too large, and the picture answers with too much contrast. Its own
# loss is less than twice that of C. The judge, who divides correctly, finds it far from the style.
#
# **C: sound.**
#
# **D: the content target follows the picture.** Its content loss is exactly 0: the picture is compared with itself. Nothing holds
# the content but the start.
#
# **E: judged in its own filters.** This is run C again. What is reported as judged is the style loss itself, in every
# digit. It looks better than C, and says nothing about other filters or the hidden half.
#
# A picture that never moves is not in the table. Its style loss would be that of the start.
#
# </details>

# %% [markdown] slide="slide"
# ## With VGG, if you have it
#
# The original uses five layers of VGG-19. If torchvision's weights are in its cache already, the cell below takes them. It
# never downloads. `VGGLayers` has no in-place ReLU, which would overwrite the maps that are compared, and averages in place of
# maxima.

# %%
from course_utils import vgg_features

if vgg_features.weights_file() is None:
    print(f"{vgg_features.FILE} is not on this machine.\nNothing is downloaded, and the lesson goes on without it.")
else:
    with_vgg, _ = transfer(vgg_features.load(), started["gravel"], styles["gravel"][0], budget.pick(smoke=1, cpu=20, gpu=200))
    print("with VGG: style distance {:.4f}, SSIM {:.2f}".format(*scores(with_vgg, "gravel")))

# %% [markdown] slide="slide"
# ## Video, speed, and whose style it is
#
# **Video.** Frames that are painted one by one flicker: each optimisation ends somewhere else. Ruder, Dosovitskiy and Brox
# (2016) start a frame from the last one, moved along the optical flow, and punish differences where the flow is known.
#
# **Speed.** Johnson, Alahi and Fei-Fei (2016) train a network that paints in one pass, with these same losses.
#
# **Rights.** A picture is usually protected for a time; a style as such is mostly not. The U.S. Copyright Office
# heard artists on this for its report on digital replicas (2024), acknowledged their concerns, and did not recommend
# a protection of style. Laws differ between countries. But the style *picture* that you feed in is often somebody's
# work, with a licence. And what is lawful may still harm a living artist: ask, name, and pay. Our textures are CC0;
# astronaut and deep field are NASA's, in the public domain.

# %% [markdown] slide="slide"
# ### The outcome

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)
random_filters = recognised["72 random filters, three seeds"]
transferred = {name: [sum(numbers) / 2 for numbers in zip(*table[name]["style transfer, two seeds"], strict=True)] for name in table}
best_blend = {name: min(d for d, _ in table[name]["blends, 1/4 1/2 3/4 of the style"]) for name in table}
middle_blend = table["gravel"]["blends, 1/4 1/2 3/4 of the style"][1][1]
outcome("Gram distance and MMD with the squared kernel: relative difference", abs(by_gram - by_kernel) / by_gram, below=1e-6)
outcome("random filters, textures recognised, worst of three seeds", min(random_filters), above=0.5 if quick else 0.95)
outcome("raw pixels, textures recognised", recognised["raw pixels"][0], below=1 if quick else 0.7)
outcome("gravel: style distance of the colours alone", table["gravel"]["colours alone"][0][0], above=0.05)
outcome("gravel: style distance of the transfer, mean of two seeds", transferred["gravel"][0], below=2 if quick else 0.05)
outcome("gravel: style distance of the best blend / of the transfer", best_blend["gravel"] / transferred["gravel"][0], above=0 if quick else 2)
grey = table["gravel"]["one grey everywhere"][0][1]
outcome("gravel: SSIM of the transfer to the content, mean of two seeds", transferred["gravel"][1], above=0 if quick else grey + 0.05)
outcome("gravel: SSIM of the transfer minus that of an even blend", transferred["gravel"][1] - middle_blend, above=-1 if quick else 0)
outcome("hubble: style distance of the colours alone / of the transfer", table["hubble"]["colours alone"][0][0] / transferred["hubble"][0], above=0 if quick else 2)
outcome("move of the colours / their Fréchet distance", move / before, above=0.999, below=1.001)
outcome("Fréchet distance of the colours after the map", after, below=1e-6)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c3w3b")

# %% [markdown] slide="slide"
# ## Recap
#
# - No network was trained, and none was downloaded. Random filters tell three textures apart, and their Gram matrices hold
#   enough of a style to paint with.
# - A Gram matrix forgets where things are. Matching it is an MMD with a squared kernel.
# - The picture learns. The filters are fixed, the targets are computed once, the pixels stay in [-1, 1].
# - Judged in other filters, by a hidden half of the style, the transfer is nearer to gravel than every blend that we tried. With
#   *hubble* the floor is too high for a ranking.
# - Patch by patch, among three textures, it passes for gravel in its fine detail only. The aim was missed.
# - Colours have a closed form, and its cost is the Fréchet distance.
#
# ## Go further
#
# 1. Use your own photograph. Which styles fail? Look at brick, and first at the distance of its two halves.
# 2. Begin with noise in place of the content, with a content weight of 0: a new texture. Is it at the floor?
# 3. Harder rivals: give a blend its contrast back with `match_colours`, or add `fine_detail` of the tiled style to the colours
#    alone. Do they come nearer to the styles than the transfer, and at what SSIM? Ask for both styles.
# 4. **Harder:** L-BFGS needs fewer steps and a closure. Compare it with Adam at equal *processor time*, with the judge's
#    filters, on three seeds.
#
# <details><summary>An answer to the harder task</summary>
#
# ```python
# optimiser = torch.optim.LBFGS([picture], max_iter=1, history_size=10, line_search_fn="strong_wolfe")
#
# def closure():
#     optimiser.zero_grad()
#     loss = total(picture)  # the weighted sum of the three losses
#     loss.backward()
#     return loss
#
# begun = time.process_time()
# while time.process_time() - begun < 15:
#     optimiser.step(closure)
# ```
#
# One step calls the closure several times, so count seconds and not steps. Clamp the picture at the end only: L-BFGS remembers old
# slopes, and pixels that were moved between its steps make them wrong. Judge both with `scores`, not with the loss.
#
# </details>
#
# ## References
#
# - Gatys, Ecker and Bethge, *Texture Synthesis Using Convolutional Neural Networks*, 2015.
# - Gatys, Ecker and Bethge, *Image Style Transfer Using Convolutional Neural Networks*, 2016.
# - Gatys, Bethge, Hertzmann and Shechtman, *Preserving Color in Neural Artistic Style Transfer*, 2016.
# - Ustyuzhaninov, Brendel, Gatys and Bethge, *Texture Synthesis Using Shallow Convolutional Networks with Random
#   Filters*, 2016.
# - Li, Wang, Liu and Hou, *Demystifying Neural Style Transfer*, 2017.
# - Pitié and Kokaram, *The Linear Monge-Kantorovitch Linear Colour Mapping for Example-Based Colour Transfer*, 2007.
# - Rudin, Osher and Fatemi, *Nonlinear Total Variation Based Noise Removal Algorithms*, 1992.
# - Wang, Bovik, Sheikh and Simoncelli, *Image Quality Assessment: From Error Visibility to Structural Similarity*, 2004.
# - Johnson, Alahi and Fei-Fei, *Perceptual Losses for Real-Time Style Transfer and Super-Resolution*, 2016.
# - Ruder, Dosovitskiy and Brox, *Artistic Style Transfer for Videos*, 2016.
# - U.S. Copyright Office, *Copyright and Artificial Intelligence, Part 1: Digital Replicas*, 2024.
