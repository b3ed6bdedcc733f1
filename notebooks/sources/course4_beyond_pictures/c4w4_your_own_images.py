# %% [markdown] minutes=75 slide="slide"
# # Your own images
#
# You have a folder of pictures, and would like a network that makes more of them. This lesson goes through the whole
# path once: folder, check, split, recipe, training, report, model card, and a page to share. It runs on pictures that
# are here already. Then you change one line, and it runs on yours.
#
# **You will be able to**
#
# - turn a folder in any condition into a checked data set, and find duplicates in it;
# - cut crops so that held-out crops share no pixel with training crops;
# - write the measured part of a report, with its floor and its rivals;
# - recognise four reports that mislead, from their numbers;
# - share a result with a model card.
#
# **Before you start:** *DCGAN* and *Evaluation*. *Augmentation* explains $T$. Rusty?
# [Refresher](../course0_warm_up/c0w0_refresher.ipynb), part 7.
#
# **Papers:** Zhao et al., *Differentiable Augmentation for Data-Efficient GAN Training* (2020); Mitchell et al., *Model Cards for
# Model Reporting* (2019).

# %% [markdown] picture="walk" caption="Each row leads from one generated piece of tissue to the next. The network learned from crops of one photograph."
# **What you are about to make:** a page with a walk like this one, and a card that says what it is worth.

# %%
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import torch.nn.functional as F
from torch import Tensor

from course_utils import budget, plotting
from course_utils.checks import check, outcome, quiz
from course_utils.datasets import own_pairs, to_float
from course_utils.datasets.folder import folder
from course_utils.datasets.near_duplicates import LUMINANCE, SIDE
from course_utils.lessons.c4w4 import album, figures, recipes, reports

torch.set_num_threads(1)
temporary = TemporaryDirectory(prefix="c4w4-")  # is removed when the notebook ends
workplace = Path(temporary.name)

# %% [markdown] slide="slide" diagram="own_path" caption="The whole path. Held-out pictures bypass the training and go to the measures."
# ## The whole path, small
#
# A good habit: go through the whole path once with next to no training. What breaks, breaks in the first minute, and not
# after a night.
#
# The pictures are crops of a photograph through a microscope: tissue of a colon. A stain turns the cells of its glands brown and
# the nuclei of cells blue. A crop has 32 x 32 pixels. Eighty rounds give no tissue yet. They show that each part fits the
# next.

# %% figure="small" caption="Above, crops of the photograph. Below, what a network makes after a few seconds." alt="Above, tissue with brown fibres. Below, what the network makes so far: squares of coarse brown, red and green spots, and a few that are nearly white." slide="subslide"
from course_utils.datasets import crops as cutting

tissue = album.tissue()  # uint8 (3, 512, 512)
some = cutting.separate_crops(tissue, recipes.SIZE, recipes.STRIDE)[0]  # (252, 3, 32, 32)
tiny = recipes.Settings(steps=budget.pick(smoke=3, cpu=80, gpu=80))
first_gan, _ = recipes.train("DCGAN", some, tiny, seed=0)
plotting.image_strips({"real": to_float(some[30:42]), "generated": recipes.draw(first_gan, 12)}, "A few seconds of training")

# %% [markdown] slide="slide"
# ## A folder
#
# Folders hold more than pictures: downloads that broke off, thumbnails, two sizes of one photograph. `folder(path, size)` reads
# what can be read and leaves the rest out. No file stops it, and its report names what it left out and what it changed.
#
# | found | what is done with it |
# | --- | --- |
# | another size or shape | the middle square, shrunk with antialiasing |
# | a photograph that lies on its side | turned as its EXIF data (notes of the camera) say |
# | grey, a palette, transparent, 16 bits, CMYK | converted to three channels of 8 bits, transparent parts on white |
# | broken, empty, no picture, huge, tiny, of one colour | left out, with the reason |
# | the same pixels twice, or nearly the same picture | the largest is kept |
#
# Why care about duplicates? If one copy is learned from and the other is held out, the judge has been shown the answer.

# %% [markdown] slide="subslide"
# ### Nearly the same
#
# A smaller copy, saved as JPEG, has other bytes than its twin. A **hash** helps: it looks at the picture as you do
# from afar. The *difference hash* asks 64 times: is this patch brighter than the one to its left? Scaling and
# compression hardly change the answers. Two pictures whose hashes differ in at most 4 of 64 bits count as one. Two
# unrelated pictures would differ in about half.

# %% exercise="c4w4.difference_hash" difficulty=2 minutes=10

# %% [markdown] hints="c4w4.difference_hash"
# How many columns do you need, to compare 8 pairs of neighbours in a row?
#
# ---
#
# Weights of three channels become (3, 1, 1) with `[:, None, None]`, and a sum over `dim=1` leaves grey. With one channel there is
# nothing to weigh.
#
# ---
#
# `small[:, :, 1:]` are all columns but the first. Which ones stand to their left? The result is boolean, 64 to a picture.

# %% slide="subslide"
found = folder(album.messy(workplace / "messy"), size=48, hash=difference_hash)
print(found.report)

# %% figure="messy" caption="What is left of the folder: the middle square of each picture." slide="subslide"
plotting.image_grid(found.images, "Pictures that can be used", columns=6)

# %% [markdown]
# Read such a report before you train. It is the cheapest experiment of a project. The hash does not see meaning: a
# mirrored copy or another crop of the same scene passes. The fading cat is a piece of `chelsea.png`, and both were
# used. So look at your pictures, too.

# %% [markdown] slide="slide" diagram="own_split" caption="Left: crops dealt out at random overlap. Right: a cut comes first, and no pixel is on both sides."
# ## Split before you cut
#
# One large photograph of a texture, a tissue or a map has room for many crops. They may overlap, so there are thousands of them.
# Deal these out at random, and nearly every held-out crop shares pixels with a training crop. A network that learned by heart
# then looks as if it understood.
#
# So the cut comes first. The same holds elsewhere: split by patient, by day, by video, and never by slice or frame. Here both sides
# are of one slice of one person, so nothing is learned about other people.

# %% exercise="c4w4.separate_crops" difficulty=3 minutes=15

# %% [markdown] hints="c4w4.separate_crops"
# Part the picture into two tensors first. Then cut crops out of each as if the other did not exist.
#
# ---
#
# Upper left corners are at `range(0, side.shape[1] - size + 1, step)` for rows, and likewise for columns. Why `+ 1`?
#
# ---
#
# Two loops and `torch.stack` are fine. The step is `stride` at the left, and `size` at the right.

# %% slide="subslide"
train_crops, held_crops = separate_crops(tissue, recipes.SIZE, recipes.STRIDE)  # (252, ...), (96, ...)
many_crops, _ = separate_crops(tissue, recipes.SIZE, 8)  # all from the left side
order = torch.randperm(len(many_crops), generator=torch.Generator().manual_seed(0))
dealt = many_crops[order]  # the wrong way: overlapping crops, dealt out at random
print(f"{'':24s}{'crops':>7s}{'held out':>10s}{'share a patch':>15s}")
shared = {}
for name, learn, judge in (
    ("cut first", train_crops, held_crops),
    ("overlapping, at random", dealt[:252], dealt[252:348]),
):
    shared[name] = cutting.shared_pixels(learn, judge)
    print(f"{name:24s}{len(learn):7d}{len(judge):10d}{shared[name]:15d}")

# %% [markdown]
# The last column counts held-out crops that have a patch of 8 x 8 pixels in common with a training crop. It compares pixels
# exactly, so 0 says that nothing was shared, and not that the sides are unlike.

# %% [markdown] slide="slide"
# ## Your folder
#
# Leave `MINE` as it is for the first time. Then put the path of your own folder there, and run everything from here
# on again. Take 200 pictures or more, of one kind of thing, seen in one way. The fewer ways there are to look, the
# less there is to learn.
#
# Are you allowed to? A licence says what may be done with a picture; people in it have a say, too. Fill in the three texts
# below *before* training. The card at the end will ask.

# %% slide="subslide"
MINE = None  # for instance "~/Pictures/shells"
INPUT = "edges"  # for Pix2Pix: what a picture is made from: "edges", "grey", "blurred", or "side by side"
PICTURES, SOURCE, LICENCE = "Pieces of stained tissue under a microscope", album.SOURCE, album.LICENCE

if MINE is None:
    album.save(train_crops, workplace / "tissue" / "train")
    album.save(held_crops, workplace / "tissue" / "held out")
    pictures, inputs = own_pairs.load(workplace / "tissue", INPUT, recipes.SIZE, hash=difference_hash)
    judge = torch.tensor([name.startswith("held out/") for name in pictures.names])
else:
    pictures, inputs = own_pairs.load(MINE, INPUT, recipes.SIZE, hash=difference_hash)
    judge = torch.rand(len(pictures.names), generator=torch.Generator().manual_seed(0)) < 0.4
train, held_out = pictures.images[~judge], pictures.images[judge]  # (252, 3, 32, 32), (96, 3, 32, 32)
print(pictures.report)
print(f"{len(train)} to learn from, {len(held_out)} held out")

# %% [markdown] slide="slide"
# ## Measure, before there is a network
#
# A report needs numbers that do not come from the network's own loss. The course has a classifier for digits and one
# for portraits, and none for your pictures. So the features are those of 24 **random filters**: how strongly each
# answers, and how unevenly. Nobody trained them. They know textures, colours and blobs. They do not know objects.
#
# Three numbers:
#
# - **distance**: the Fréchet distance to held-out pictures, in these features;
# - **nearness**: how far from the training pictures, in pixels: 1 is as far as new real pictures are, and 0 is a copy;
# - **copies**: the share of suspects. A suspect is nearer to a training picture than that training picture is to any
#   other. A new real picture can be a suspect, too.

# %%
from collections.abc import Callable

from course_utils.metrics.copies import spacing
from course_utils.metrics.filter_features import FilterFeatures
from course_utils.metrics.frechet import frechet_distance
from course_utils.metrics.neighbours import nearest_neighbours
from course_utils.metrics.own_pictures import Measured

# %% exercise="c4w4.measure" difficulty=4 minutes=20

# %% [markdown] hints="c4w4.measure"
# Write it for `mirrored=False` first. Which of the three numbers uses only the first n pictures?
#
# ---
#
# `nearest_neighbours(images, references)` returns distances and indices, (., 1) each. You need it twice: for which
# images, and among which references?
#
# ---
#
# With mirror images there are 2 M references, and `spacing(train)` has M numbers. Picture `M + i` is the mirror image of picture i.
# What does `% M` do to an index?

# %% [markdown]
# The rivals need no training:
#
# - the **floor**: as many training crops as there are held-out ones, which is what real pictures reach at this number;
# - training crops **mirrored**, left and right exchanged;
# - training crops with **noise**, and training crops **blurred** by averages of 3 x 3 pixels;
# - **pairs averaged**: the mean of two training crops;
# - an **untrained network**: where training begins.
#
# The last row is not a rival. Held-out crops are compared with themselves, so their distance is 0. Their *copies* say
# how many suspects there are among new real pictures.
#
# **Predict, then run.** Which rival looks best by *distance*? Which of them will *nearness* fail to find?

# %% slide="subslide"
features = FilterFeatures(train)
shuffled = train[torch.randperm(len(train), generator=torch.Generator().manual_seed(0))]
real = shuffled[: len(held_out)]  # (96, 3, 32, 32)
noise = torch.randn(real.shape, generator=torch.Generator().manual_seed(1))
around = F.pad(real, (1, 1, 1, 1), mode="reflect")
rivals = {
    "training crops": real,
    "mirrored": real.flip(3),
    "with noise": (real + 0.1 * noise).clamp(-1, 1),
    "blurred": F.avg_pool2d(around, 3, stride=1),
    "pairs averaged": (real + shuffled.flip(0)[: len(real)]) / 2,
    "untrained network": recipes.untrained(len(real), recipes.Settings()),
}
table = {}
columns = f"{'with mirror images too':>61s}\n{'':18s}{'distance':>9s}" + f"{'nearness':>9s}{'copies':>8s}" * 2
TOO = "{}, mirror images too"  # name of a number that counts mirror images among the known pictures


def line(name):
    """A row of the table."""
    distance, nearness, copies, nearness_too, copies_too = table[name].values()
    return f"{name:18s}{distance:9.2f}{nearness:9.2f}{copies:8.1%}{nearness_too:9.2f}{copies_too:8.1%}"


def measured(*pictures):
    """What ``measure`` returns, as plain numbers with names."""
    return Measured(*map(float, measure(*pictures)))


def show(name, made):
    """Measure pictures, keep the numbers and print their row."""
    plain, again = (measured(made, train, held_out, features, mirrored) for mirrored in (False, True))
    table[name] = plain._asdict() | {TOO.format("nearness"): again.nearness, TOO.format("copies"): again.copies}
    print(line(name))


print(columns)
for name, made in rivals.items():
    show(name, made)
show("held-out crops", held_out)

# %% [markdown] slide="subslide"
# <details><summary>What the table says</summary>
#
# By distance, the training crops and their mirror images are nearly alike. Tissue has no left and right, and the filters' answers
# hardly change. *Nearness* finds the crops themselves: 0. It does **not** find the mirrored ones. In pixels, mirrored crops are as
# far from the training crops as new pictures are. Only the last two columns find them. A measure finds the copies that it was told
# to look for.
#
# Blurred crops show the other weakness. They are near by *nearness* and all of them are suspects: copies with less
# detail. But any *smooth* picture is near to many in pixels: those of the untrained network are all suspects, too, and
# copy nothing. So read nearness and copies together, and look.
#
# How many suspects are many? About one in six of the held-out crops is a suspect, and nobody copied them. Read every
# share of suspects beside that one.
#
# The floor is that of the training crops, and only their mirror images come near it: by distance, copies win. The other
# rivals need no training either. A network has to beat them.
#
# </details>

# %% [markdown] slide="slide"
# ## Choose a recipe
#
# | you have | recipe of the course | why |
# | --- | --- | --- |
# | pairs: a drawing and its photograph | *Pix2Pix* | each pair says what is right for one input |
# | two sets without pairs | *CycleGAN* | and expect it to keep shapes and change surfaces |
# | one photograph of a texture | *Style transfer*, or crops and the next row | the first needs no training set |
# | 100 to a few thousand of one kind | **DCGAN**, with $T$ or without | fast; $T$ is meant to prevent learning by heart |
# | many thousand, and a GPU | *StyleGAN* | styles for each size of detail; each round takes longer |
#
# `RECIPE` chooses. For `"Pix2Pix"` the pairs come from your folder. `INPUT` says what each picture should be made
# from: its edges, its grey, a blurred copy, or the right half of its file. There is no $z$, so pictures are made from
# held-out inputs. These know part of the answer. So they are a rival themselves, and the distance cannot be compared
# with those of other recipes.
#
# Ours is the fourth row. Its two **arms** differ in one thing: $T$, with which the discriminator sees augmented
# pictures only. Steps, networks, rates, the weight of R1 (the penalty on the discriminator's gradient) and seeds are
# the same. They were chosen in a handful of runs with another seed, on the left side alone, and so were the generator
# and the arm on the page. The generator repeats pixels and convolves them. Transposed convolutions left a grid on
# this tissue, and were further away there.
#
# **Predict, then run.** Does $T$ help? Will an arm reach the floor, or beat the averaged pairs?

# %% slide="subslide"
from course_utils.runs import Run
from course_utils.widgets import TrainingDashboard

RECIPE = "DCGAN"  # or "StyleGAN", or "Pix2Pix"
learned_from, asked = (inputs[~judge], inputs[judge]) if RECIPE == "Pix2Pix" else (None, None)
settings = recipes.Settings(steps=budget.pick(smoke=4, cpu=900, gpu=4000))
seeds = (3, 4)
arms = {"without T": None, "with T": recipes.AUGMENT}
CHOSEN = "with T"  # what the page will show, whatever the table says

run = Run("c4w4", seed=seeds[0], **recipes.used(RECIPE, settings))
gans, histories = {}, {}
for name, augment in arms.items():
    for seed in seeds:
        watched = (name, seed) == (CHOSEN, seeds[0])
        extra = {"callbacks": (TrainingDashboard(),), "run": run} if watched else {}
        gans[name, seed], histories[name, seed] = recipes.train(RECIPE, train, settings, seed, augment, learned_from, **extra)
print("seconds:", " ".join(f"{history.seconds[-1]:.0f}" for history in histories.values()))

# %% [markdown] slide="slide"
# ## Read your curves
#
# A discriminator that cannot tell has a loss of log 4 = 1.386, and the generator's is then log 2 = 0.693. With few pictures look for
# one pattern: the discriminator's loss falls towards 0 while pictures get no better. Then it may have learned the training
# pictures by heart.

# %% figure="curves" caption="Losses and mean probability of real, both arms, first seed." alt="Without T the two losses part after about 300 steps, and D of real and of generated pictures move apart to 0.8 and 0.2. With T both losses stay at their dotted lines, and both probabilities at 0.5." slide="subslide"
plotting.compare_curves({name: histories[name, seeds[0]] for name in arms}, "Two arms, first seed")

# %% [markdown] slide="subslide"
# Held-out crops can tell. A discriminator that knows training crops by heart believes them more than held-out ones (Karras et al.,
# 2020, *Training Generative Adversarial Networks with Limited Data*). So ask each one about three sets, all of them as they are.

# %%
@torch.no_grad()
def believed(gan, images, inputs):
    """The mean probability of real that a discriminator gives to images; one of pairs sees their inputs, too."""
    shown = (images,) if inputs is None else (images, inputs[: len(images)])
    return gan.discriminator(*shown).sigmoid().mean().item()


print("mean probability of real; gap: training less held out")
print(f"{'':18s}{'training':>10s}{'held out':>10s}{'generated':>11s}{'gap':>7s}")
gaps = {}
for (name, seed), gan in gans.items():
    fake = recipes.draw(gan, 200, inputs=asked)
    trained, new, made_up = believed(gan, train, learned_from), believed(gan, held_out, asked), believed(gan, fake, asked)
    gaps[name, seed] = trained - new
    print(f"{f'{name}, seed {seed}':18s}{trained:10.2f}{new:10.2f}{made_up:11.2f}{gaps[name, seed]:7.2f}")

# %% slide="subslide"
count = budget.pick(smoke=96, cpu=500, gpu=500)
made = {key: recipes.draw(gan, count, inputs=asked) for key, gan in gans.items()}
print(columns)
for name in ("training crops", "blurred", "pairs averaged", "held-out crops"):
    print(line(name))
if asked is not None:
    rivals["inputs as they are"] = asked
    show("inputs as they are", asked)
for (name, seed), images in made.items():
    show(f"{name}, seed {seed}", images)

# %% figure="samples" caption="Real crops, and twelve from the same z for each arm, first seed, not selected." slide="subslide"
above = {"real": real[:12]} if asked is None else {"input": asked[:12], "real": held_out[:12]}
sample_figure = plotting.image_strips(above | {name: made[name, seeds[0]][:12] for name in arms}, PICTURES)
sample_figure

# %% [markdown] slide="subslide"
# ### Does the order depend on the judge?
#
# Random filters are a judge drawn by chance. So draw four more sets of filters, and look at the order of the arms
# again. An order that changes with the filters' seed is not a ranking.

# %% slide="subslide"
judges = budget.pick(smoke=(1,), cpu=(1, 2, 3, 4), gpu=(1, 2, 3, 4))
print("distance, mean of two seeds")
print(f"{'':12s}" + "".join(f"{'judge ' + str(j):>10s}" for j in judges))
by_judge = {}
for name in (*arms, "floor"):
    row = []
    for j in judges:
        others = FilterFeatures(train, seed=j)
        sets = [real] if name == "floor" else [made[name, seed] for seed in seeds]
        row.append(sum(measured(images, train, held_out, others).distance for images in sets) / len(sets))
    by_judge[name] = row
    print(f"{name:12s}" + "".join(f"{distance:10.2f}" for distance in row))

# %% [markdown] slide="subslide"
# <details><summary>What the tables say</summary>
#
# **How far 252 crops go.** With $T$ or without, and with either seed, the network beats blurred crops and averaged
# pairs by distance. It is still about two and a half to five times as far away as the floor, and mirrored training crops
# are nearer than any network. Brown, white and a bluish tint are there. Fibres and nuclei are not, and with $T$ a faint
# grid shows.
#
# **Does $T$ help?** That is not known from this run. The nearest network (10.3) has no $T$, and the one furthest away
# (19.4) has it. Of the two between them, the nearer one has it. The other four judges put the arms less than a point
# apart, and one of them in the other order.
#
# What $T$ does change is the discriminator. Without it, both discriminators believe training crops far more than
# held-out ones. In the curves of the first seed its loss falls from about step 300 on, with jumps. With $T$ there is
# no such gap. But then each set gets 0.5: this discriminator knows little by heart, and says little. It was trained
# on augmented pictures and asked about plain ones, which may be part of the reason.
#
# **Copies?** On the page about three pictures in ten are suspects. Of held-out crops it is one in six, of averaged
# pairs more than half. So there are nearly twice as many as among new real pictures. Smooth pictures are near to
# many, and these are smooth. That is no proof of copying, and none against it. $T$ is meant to prevent learning by
# heart, and yet there are more suspects with it in both seeds. The shares are 29 and 31 %, against 22 and 23 %
# without. Look at the figure "Copies?" below: what agrees is the colour, and where the picture is bright.
#
# **The judges.** Five judges are five sets of random filters. None of them knows what a cell is.
#
# </details>

# %% figure="plane" caption="Rivals, and a point a seed for each network. Left is nearer to held-out crops; below the dotted line, nearer to training crops than new real ones are." alt="Distance and nearness. All four networks lie near a nearness of 1, right of training crops and mirrored ones, left of blurred and averaged ones. Training crops have a nearness of 0, blurred ones of 0.2." slide="subslide"
def place(name):
    return table[name]["distance"], table[name]["nearness"]


networks = {f"GAN, {name}": [place(f"{name}, seed {seed}") for seed in seeds] for name in arms}
figures.plane({name: place(name) for name in rivals}, networks, "How near to real, and how near to copies")

# %% figure="neighbours" caption="Twelve generated pictures, and the training crop nearest to each, as it is and mirrored." slide="subslide"
figures.beside_neighbours(made[CHOSEN, seeds[0]][:12], train, "Copies?")

# %% [markdown] slide="slide"
# ## Diagnosis
#
# Five reports on this tissue. One is sound, four mislead. *Pictures* says from how many the distance and the floor were taken.
# *Shared* counts held-out crops that share a patch with a training crop. *Mirrored* is the nearness with mirror images among
# the known ones.

# %% slide="subslide"
of_the_tissue = made[CHOSEN, seeds[0]] if MINE is None and asked is None else recipes.draw(first_gan, count)
print(reports.table(reports.five(of_the_tissue, to_float(train_crops), to_float(held_crops), tissue, measured)))

# %% exercise="c4w4.diagnose" difficulty=3 minutes=8

# %% [markdown] hints="c4w4.diagnose"
# One column should be 0 in any sound report, and another should hold two equal numbers. Which?
#
# ---
#
# A nearness of 0 is a copy. Two of the columns are about copies.
#
# ---
#
# The Fréchet distance is biased upwards when there are few pictures. Which report compares two numbers of different bias?

# %% [markdown] slide="subslide"
# <details><summary>A to E: the diagnosis</summary>
#
# **A: overlap.** Most of its held-out crops share a patch with a training crop. Whatever it measures, it measures memory, too.
#
# **B: mirrored.** A distance like that of real crops, a nearness of about 1: too good to be true. With mirror images it is 0.
#
# **C: sound.** Its distance lies far above its floor, and it says so. That is a result, and no fault.
#
# **D: unequal numbers.** The distance is from 36 pictures, the floor from 96. The generated pictures are those of C.
# The bias makes the distance larger on average; the choice of the 36 can make it smaller. Either way it says nothing
# beside that floor.
#
# **E: training pictures.** The distance is about the floor's. Both columns of nearness say why.
#
# </details>

# %% [markdown] slide="slide"
# ## The model card
#
# A card says what a stranger needs to know to use a network or to refuse it (Mitchell et al., 2019). Whose pictures?
# How many? Measured how, beside which floor? On what machine, with which seed? What is it *not* for? `card.missing()`
# lists what you left out.

# %% slide="subslide"
from course_utils import gallery

history = histories[CHOSEN, seeds[0]]
run.finish(gans[CHOSEN, seeds[0]], history, sample_figure, table=table)
card = gallery.ModelCard(
    title="Invented tissue" if MINE is None else "My pictures",
    pictures=PICTURES,
    source=SOURCE,
    licence=LICENCE,
    count=len(train),
    held_out=len(held_out),
    size=recipes.SIZE,
    recipe=f"{RECIPE} of the GAN course, {recipes.ADDED[RECIPE]}, {CHOSEN}",
    settings=recipes.used(RECIPE, settings),
    seed=seeds[0],
    budget=budget.name(),
    seconds=history.seconds[-1],
    measured={name: table[name] for name in (*rivals, "held-out crops", *(f"{CHOSEN}, seed {seed}" for seed in seeds))},
    floor="training crops",
    rivals=tuple(rivals)[1:],
    made_from="" if asked is None else f"inputs ({INPUT}) of held-out pictures",
    use="To learn how GANs are made. The pictures are inventions: no finding, and nothing to diagnose from.",
    limits="32 pixels a side; one photograph; judged by random filters, which know textures and no cells. Held-out crops are judged by themselves.",
)
print("missing:", card.missing() or "nothing")

# %% figure="walk" caption="Each row leads from one generated piece of tissue to the next. The network learned from crops of one photograph." alt="Rows of generated pieces of tissue that change step by step, from brown to bluish white and back." slide="subslide"
generator = gans[CHOSEN, seeds[0]].shown.eval()
stops = torch.randn(6, recipes.LATENT, generator=torch.Generator().manual_seed(3)) if asked is None else asked[:6]
path = gallery.walk(generator, stops, steps=12)  # (6, 12, 3, 32, 32)
plotting.image_grid(path.flatten(0, 1), "A walk", columns=12)

# %% [markdown] slide="slide"
# ## The page
#
# `gallery.keep` puts samples, walk and card beside the run. `gallery.write` makes one HTML file of them. It opens offline,
# needs no script, and can be sent by mail. With Pix2Pix it shows the inputs, too, which come from real pictures. From a terminal:
# `course gallery c4w4`.

# %% slide="subslide"
gallery.keep(run.folder, made[CHOSEN, seeds[0]][:48], path, card, asked)
page, missing = gallery.write(run.folder)
html = page.read_text(encoding="utf-8")
print(f"{page.name}: {len(html.encode()) / 1000:.0f} kB, {html.count('<img')} pictures, {html.count('<script')} scripts,")
print(f"{html.count('http')} addresses; missing: {missing or 'nothing'}")

# %% [markdown] slide="slide"
# ## A rubric
#
# For instructors, and for you before you share. 20 points.
#
# | part | points | what earns them |
# | --- | --- | --- |
# | Data | 4 | report read (1); licence and consent (1); duplicates handled (1); split before cutting (1) |
# | Choice | 2 | the recipe fits the data (1); the reason is given, with a number or a paper (1) |
# | Training | 3 | repeatable from card and seed (1); two seeds (1); curves read (1) |
# | Measurement | 5 | floor (1); two trivial rivals (1); equal numbers (1); copies looked for, mirrored ones too (1); one factor a comparison (1) |
# | Honesty | 4 | what did not work (1); spread of the seeds (1); samples not selected (1); limits (1) |
# | Presentation | 2 | page opens offline and has alt texts (1); a stranger could repeat it (1) |
#
# A GAN that loses to its rivals and says so can have all 20.

# %% [markdown] slide="slide"
# ### The outcome
#
# The bounds were set for the tissue. With your own pictures they say nothing.

# %%
quick = budget.pick(smoke=True, cpu=False, gpu=False)


def mean(name, what="distance"):
    """The mean over both seeds of a number of an arm."""
    return sum(table[f"{name}, seed {seed}"][what] for seed in seeds) / len(seeds)


outcome("pictures of the messy folder that can be used", found.report.used, above=10.5, below=11.5)
outcome("held-out crops that share a patch with a training crop", shared["cut first"], below=0.5)
outcome("distance of training crops, the floor", table["training crops"]["distance"], below=5)
outcome("distance of blurred training crops", table["blurred"]["distance"], above=10, below=60)
outcome("distance of averaged pairs", table["pairs averaged"]["distance"], above=10, below=80)
outcome("distance of an untrained network", table["untrained network"]["distance"], above=80)
outcome("distance of the network on the page, mean of two seeds", mean(CHOSEN), below=1000 if quick else 30)
worse = max(table[f"{CHOSEN}, seed {seed}"]["distance"] for seed in seeds)
for name in ("blurred", "pairs averaged"):
    share = worse / table[name]["distance"]
    outcome(f"distance of the worse seed, as a share of the rival's ({name})", share, below=20 if quick else 0.8)
new = table["held-out crops"][TOO.format("copies")]
averaged, suspects = table["pairs averaged"][TOO.format("copies")], mean(CHOSEN, TOO.format("copies"))
outcome("suspects among held-out crops, mirror images too", new, above=0.05, below=0.3)
outcome("suspects among the pictures on the page, mirror images too, mean of two seeds", suspects, below=1.1 if quick else 0.5)
outcome("suspects on the page for each one among held-out crops", suspects / new, below=20 if quick else 3)
outcome("suspects among averaged pairs for each one among held-out crops", averaged / new, above=3)
outcome("nearness of the network on the page, mean of two seeds", mean(CHOSEN, "nearness"), above=0.45)
outcome("nearness of training crops", table["training crops"]["nearness"], below=0.01)
outcome("nearness of mirrored training crops, without mirror images", table["mirrored"]["nearness"], above=0.8)

# %% [markdown] slide="slide"
# ## Quiz

# %%
quiz("c4w4")

# %% [markdown] slide="slide"
# ## Recap
#
# - A folder becomes data when somebody has looked: read the report, find duplicates, note the licence.
# - Split first, then cut. Overlapping crops that are dealt out at random leak.
# - A distance needs its floor at equal numbers, and rivals that need no training. A measure finds the copies that it looks for.
# - A card and a page make a result that others can use, or refuse.
#
# ## Go further
#
# 1. Put your own folder into `MINE`. Fill in the card, and grade it with the rubric.
# 2. Put `"StyleGAN"` into `RECIPE`. A round takes longer: which is better after the same seconds? Or put `"Pix2Pix"` there and
#    `"grey"` into `INPUT`. Do its colours beat the inputs as they are?
# 3. **Harder:** mirror half of the pictures that the discriminator sees, as part of $T$. Which column of the table changes?
#
# <details><summary>An answer to the harder task</summary>
#
# ```python
# def with_mirrors(images):
#     turned = torch.rand(len(images), 1, 1, 1) < 0.5
#     return recipes.AUGMENT(torch.where(turned, images.flip(3), images))
#
# for seed in seeds:
#     gan, _ = recipes.train("DCGAN", train, settings, seed, with_mirrors)
#     show(f"T, mirrors, seed {seed}", recipes.draw(gan, count))
# ```
#
# Tissue has no left and right, so this $T$ may leak without harm: mirrored pictures are as real as the others. For letters or
# faces with a parting it would not be so. Copies of mirrored crops become possible, so the last column is the one to watch.
#
# </details>
#
# ## References
#
# - Heusel et al., *GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium*, 2017.
# - Ustyuzhaninov, Brendel, Gatys and Bethge, *Texture Synthesis Using Shallow Convolutional Networks with Random Filters*, 2016.
# - Mitchell et al., *Model Cards for Model Reporting*, 2019.
# - Karras, Aittala, Hellsten, Laine, Lehtinen and Aila, *Training Generative Adversarial Networks with Limited Data*, 2020.
# - Zhao, Liu, Lin, Zhu and Han, *Differentiable Augmentation for Data-Efficient GAN Training*, 2020.
# - Alaa et al., *How Faithful is your Synthetic Data? Sample-level Metrics for Evaluating and Auditing Generative Models*, 2022.
