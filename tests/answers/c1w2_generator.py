"""Answers to the generator that the lesson trains."""

import math
from itertools import pairwise

import torch
from torch import nn

from answers import Answers, filled
from course_utils.models.conv.dcgan import double_size, generator_block, initialise, plan
from course_utils.models.dense import mlp

GENERATOR = G = Answers("c1w2.generator")

PLAN = """
channels, size, _ = image_shape
doublings = 0
while size % 2 == 0 and size >= 8:
    size //= 2
    doublings += 1
widths = [base * 2 ** (doublings - 1 - i) for i in range(doublings)]
"""
DENSE = """
layers, n = [], latent_dim
for width in (*mapping, widths[0] * size * size):
    layers.append(mlp.generator_block(n, width))
    n = width
"""
MAPS = """
layers.append(nn.Unflatten(1, (widths[0], size, size)))
for a, b in zip(widths, widths[1:]):
    layers.append(generator_block(a, b, up))
"""
IMAGE = """
layers += [double_size(widths[-1], channels, up, bias=True), nn.Tanh()]
"""
MADE = """
network = nn.Sequential(*layers)
network.apply(initialise)
return network
"""


def generator(plan=PLAN, dense=DENSE, maps=MAPS, image=IMAGE, made=MADE):
    return filled("c1w2.generator", plan + dense + maps + image + made)


# --- right -----------------------------------------------------------------------------------------------------------


class Network(nn.Module):
    """Written as a class, with its own forward."""

    def __init__(self, image_shape=(1, 28, 28), latent_dim=64, base=16, up="nearest", mapping=(128, 256)):
        super().__init__()
        channels, side, _ = image_shape
        self.size = side
        while self.size % 2 == 0 and self.size > 7:
            self.size = self.size // 2
        doublings = round(math.log2(side / self.size))
        self.channels = base * 2 ** (doublings - 1)
        self.dense = nn.Sequential(mlp.generator_block(latent_dim, (*mapping, self.features)[0]))
        for a, b in pairwise((*mapping, self.features)):
            self.dense.append(mlp.generator_block(a, b))
        self.blocks = nn.ModuleList()
        c = self.channels
        while c > base:
            self.blocks.append(generator_block(c, c // 2, up))
            c //= 2
        self.last = double_size(base, channels, up=up, bias=True)
        self.apply(initialise)

    @property
    def features(self):
        return self.channels * self.size**2

    def forward(self, z):
        x = self.dense(z).view(-1, self.channels, self.size, self.size)
        for block in self.blocks:
            x = block(x)
        return torch.tanh(self.last(x))


def by_recursion(image_shape=(1, 28, 28), latent_dim=64, base=16, up="nearest", mapping=(128, 256)):
    def widths(side):
        return [] if side % 2 or side < 8 else [*(2 * w for w in widths(side // 2)[:1]), *widths(side // 2)] or [base]

    found = widths(image_shape[1])
    side = image_shape[1] // 2 ** len(found)
    dims = [latent_dim, *mapping, found[0] * side**2]
    parts = [mlp.generator_block(dims[i], dims[i + 1]) for i in range(len(dims) - 1)] + [
        nn.Unflatten(1, (found[0], side, side))
    ]
    parts += [generator_block(found[i], found[i + 1], up=up) for i in range(len(found) - 1)]
    made = nn.Sequential(*parts, double_size(found[-1], image_shape[0], up, True), nn.Tanh())
    for layer in made.modules():
        initialise(layer)
    return made


def by_hand(image_shape=(1, 28, 28), latent_dim=64, base=16, up="nearest", mapping=(128, 256)):
    """Layers of PyTorch alone, initialised by hand."""
    made = Network(image_shape, latent_dim, base, up, mapping)
    for layer in made.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(layer.weight, std=0.02)
        elif isinstance(layer, (nn.BatchNorm2d, nn.BatchNorm1d)):
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return made


G.right(
    generator(),
    Network,
    by_recursion,
    by_hand,
    generator(made="return nn.Sequential(*layers).apply(initialise)"),
    generator(plan=PLAN.replace("size >= 8", "size // 2 >= 4")),
    generator(
        dense="dims = [latent_dim] + list(mapping) + [widths[0] * size ** 2]\n"
        "layers = [mlp.generator_block(i, o) for i, o in zip(dims[:-1], dims[1:])]\n"
    ),
)

# --- wrong, by name ----------------------------------------------------------------------------------------------------

G.wrong("not_initialised", generator(made="return nn.Sequential(*layers)"))
G.wrong("missing_tanh", generator(image=IMAGE.replace(", nn.Tanh()", "")))
G.wrong("sigmoid_output", generator(image=IMAGE.replace("nn.Tanh", "nn.Sigmoid")))
G.wrong("block_as_output", generator(image="layers += [generator_block(widths[-1], channels, up), nn.Tanh()]\n"))
G.wrong("no_bias_at_the_end", generator(image=IMAGE.replace(", bias=True", "")))
G.wrong("up_ignored_in_the_blocks", generator(maps=MAPS.replace(", up)", ")")))
G.wrong("up_ignored_at_the_end", generator(image=IMAGE.replace("channels, up,", "channels,")))
G.wrong("channels_grow", generator(plan=PLAN.replace("(doublings - 1 - i)", "i")))
G.wrong("channels_stay", generator(plan=PLAN + "widths = [base for _ in widths]\n"))
G.wrong("halved_too_far", generator(plan=PLAN.replace(" and size >= 8", "")))
G.wrong("halved_too_little", generator(plan=PLAN.replace(">= 8", "> 8")))
G.wrong("mapping_ignored", generator(dense="layers = [mlp.generator_block(latent_dim, widths[0] * size * size)]\n"))
G.wrong("layers_in_list", generator(made="return layers"))
G.wrong(
    "hard_coded_sizes",
    generator(plan="channels, size, widths = image_shape[0], 7, [32, 16]\n"),
    generator(dense=DENSE.replace("in (*mapping, widths[0] * size * size)", "in (128, 256, 1568)")),
    generator(dense=DENSE.replace("n = [], latent_dim", "n = [], 64")),
)
G.wrong(
    "wrong_widths",
    generator(
        dense=DENSE + "layers.insert(1, mlp.generator_block(layers[0][0].out_features, layers[0][0].out_features))\n"
    ),
)
G.wrong("wrong_shape", generator(made="return nn.Sequential(*layers, nn.Upsample(scale_factor=2)).apply(initialise)"))
G.wrong("no_return", generator(made="nn.Sequential(*layers).apply(initialise)"))

# --- wrong, unlisted ---------------------------------------------------------------------------------------------------


def by_the_plan(image_shape=(1, 28, 28), latent_dim=64, base=16, up="nearest", mapping=(128, 256)):
    """The library's table of sizes, which does not know every side."""
    size, widths = plan(image_shape[1], base)
    return Network((image_shape[0], size * 2 ** len(widths), 0), latent_dim, base, up, mapping)


G.refused(
    by_the_plan,
    lambda **given: Network(**given).eval(),
    generator(made="return nn.Sequential(*layers).apply(initialise).requires_grad_(False)"),
    generator(maps=MAPS.replace("up)", "up))\n    layers.append(nn.Dropout2d(0.2)")),
    generator(image=IMAGE.replace("nn.Tanh()", "nn.Tanh(), nn.Tanh()")),
    generator(
        made="""
for layer in layers:
    for p in layer.parameters():
        nn.init.normal_(p, 0.0, 0.02)
return nn.Sequential(*layers)
"""
    ),
)


# --- what starts, and what follows the layers --------------------------------------------------------------------------

BARE = """
layers = []
for a, b in pairwise([latent_dim, *mapping]):
    layers.append(mlp.generator_block(a, b))
layers.append(nn.Linear(mapping[-1], widths[0] * size * size))
"""
BLOCK = "generator_block(a, b, up)"


def bared(dense):
    return generator(plan="from itertools import pairwise\n" + PLAN, dense=dense)


def started(after):
    """A generator whose weights start otherwise."""
    made = generator()

    def answer(*arguments, **keywords):
        network = made(*arguments, **keywords)
        for module in network.modules():
            after(module)
        return network

    return answer


def draws_scales_like_kernels(module):
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
        nn.init.normal_(module.weight, 0, 0.02)


def draws_all_alike(module):
    for p in module.parameters(recurse=False):
        nn.init.normal_(p, 0, 0.02)


G.wrong("scales_around_0", started(draws_scales_like_kernels), started(draws_all_alike))
G.wrong(
    "not_initialised",
    generator(
        image="layers.append(double_size(widths[-1], channels, up, bias=True))\n", made="return nn.Sequential(*layers)"
    ),
)
G.wrong(
    "blocks_without_batchnorm",
    generator(maps=MAPS.replace(BLOCK, "nn.Sequential(double_size(a, b, up, bias=True), nn.ReLU())")),
)
G.wrong(
    "other_activation",
    generator(maps=MAPS.replace(BLOCK, "nn.Sequential(double_size(a, b, up), nn.BatchNorm2d(b), nn.LeakyReLU(0.2))")),
)
G.wrong("plain_layer_to_the_maps", bared(BARE))
G.wrong("empty_mapping", bared(BARE))
G.wrong(
    "some_not_initialised",
    generator(made="for layer in layers[:-2]:\n    layer.apply(initialise)\nreturn nn.Sequential(*layers)"),
    generator(made="return nn.Sequential(*(m.apply(initialise) for m in layers[:2]), *layers[2:])"),
)
