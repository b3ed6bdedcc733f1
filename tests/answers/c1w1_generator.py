"""Answers to the generator: mostly the learner's cell with its marked parts filled in."""

import itertools
import math

import torch
from torch import nn

from answers import Answers, filled, written
from course_utils.models.dense.mlp import generator_block

GENERATOR = G = Answers("c1w1.generator")

# --- right -----------------------------------------------------------------------------------------------------------

RESHAPE = "return self.layers(z).view(len(z), *self.image_shape)"


def layers(*last, body="generator_block", widths=("latent_dim", "hidden", "2 * hidden", "4 * hidden")):
    """The constructor's part: blocks of these widths and these last layers."""
    blocks = [f"{body}({a}, {b})" for a, b in itertools.pairwise(widths)]
    return f"self.layers = nn.Sequential({', '.join([*blocks, *last])})"


def generator(*parts):
    return filled("c1w1.generator", *parts)


LAST = "nn.Linear(4 * hidden, math.prod(image_shape))"
PLAIN = layers(LAST, "nn.Tanh()")
LINEAR_RELU = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.ReLU()))"
LINEAR_NORM = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o)))"
WITH_DROPOUT = "(lambda i, o: nn.Sequential(generator_block(i, o), nn.Dropout(0.3)))"
BATCHNORM_LEAKY = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.LeakyReLU(0.2)))"
BATCHNORM_GELU = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.GELU()))"
NOT_AFFINE = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o, affine=False), nn.ReLU()))"

G.right(
    generator(
        """
        widths = [latent_dim, hidden, 2 * hidden, 4 * hidden]
        self.blocks = nn.ModuleList([generator_block(a, b) for a, b in zip(widths, widths[1:])])
        self.w = nn.Parameter(torch.randn(4 * hidden, *image_shape) / (4 * hidden) ** 0.5)
        self.b = nn.Parameter(torch.zeros(image_shape))
        """,
        """
        for block in self.blocks:
            z = block(z)
        return torch.tanh(torch.einsum("bf,fchw->bchw", z, self.w) + self.b)
        """,
    ),
    generator(PLAIN, "return self.layers(z).reshape(-1, *self.image_shape)"),
    generator(PLAIN, "return self.layers(z).unflatten(1, self.image_shape)"),
    generator(
        PLAIN, "h = self.layers(z)\nc, height, width = self.image_shape\nreturn h.view(h.shape[0], c, height, width)"
    ),
    generator(layers(LAST), "return torch.tanh(self.layers(z)).view(z.size(0), *self.image_shape)"),
    generator(layers(LAST, "nn.Tanh()", "nn.Unflatten(1, self.image_shape)"), "return self.layers(z)"),
    generator(layers("nn.LazyLinear(math.prod(image_shape))", "nn.Tanh()"), RESHAPE),
    generator(layers("nn.Linear(4 * hidden, image_shape[0] * image_shape[1] * image_shape[2])", "nn.Tanh()"), RESHAPE),
    generator(
        """
        widths = [latent_dim, hidden, 2 * hidden, 4 * hidden]
        self.blocks = nn.ModuleList(generator_block(a, b) for a, b in zip(widths, widths[1:]))
        self.last = nn.Linear(widths[-1], math.prod(image_shape))
        """,
        """
        for block in self.blocks:
            z = block(z)
        return self.last(z).tanh().view(-1, *self.image_shape)
        """,
    ),
    generator(
        """
        self.fc1, self.bn1 = nn.Linear(latent_dim, hidden), nn.BatchNorm1d(hidden)
        self.fc2, self.bn2 = nn.Linear(hidden, hidden * 2), nn.BatchNorm1d(hidden * 2)
        self.fc3, self.bn3 = nn.Linear(hidden * 2, hidden * 4), nn.BatchNorm1d(hidden * 4)
        self.out = nn.Linear(hidden * 4, torch.Size(image_shape).numel())
        """,
        """
        h = F.relu(self.bn1(self.fc1(z)))
        h = F.relu(self.bn2(self.fc2(h)))
        h = F.relu(self.bn3(self.fc3(h)))
        return torch.tanh(self.out(h)).reshape(len(h), *self.image_shape)
        """,
    ),
    generator(
        """
        self.last = nn.Linear(4 * hidden, math.prod(image_shape))  # made first, used last
        self.body = nn.Sequential(
            nn.Sequential(generator_block(latent_dim, hidden), generator_block(hidden, 2 * hidden)),
            nn.Sequential(generator_block(2 * hidden, 4 * hidden)),
        )
        """,
        "return (1 - 2 * torch.sigmoid(-2 * self.last(self.body(z)))).view(len(z), *self.image_shape)",
    ),
    generator(
        """
        blocks = [generator_block(latent_dim, hidden)]
        blocks += [generator_block(k * hidden, 2 * k * hidden) for k in (1, 2)]
        self.blocks = blocks
        self.layers = nn.Sequential(*blocks, nn.Linear(4 * hidden, math.prod(self.image_shape)), nn.Tanh())
        """,
        RESHAPE,
    ),
    generator(
        """
        self.first = nn.ParameterList(nn.Parameter(0.3 * torch.randn(a, b)) for a, b in (
            (latent_dim, hidden), (hidden, 2 * hidden), (2 * hidden, 4 * hidden)))
        self.norms = nn.ModuleList(nn.BatchNorm1d(k * hidden) for k in (1, 2, 4))
        self.w = nn.Parameter(0.1 * torch.randn(4 * hidden, math.prod(image_shape)))
        self.b = nn.Parameter(torch.zeros(math.prod(image_shape)))
        """,
        """
        for weight, norm in zip(self.first, self.norms):
            z = norm(torch.einsum("bi,io->bo", z, weight)).clamp(min=0)
        return torch.tanh(z @ self.w + self.b).view(-1, *self.image_shape)
        """,
    ),
)


G.right(  # which output unit paints which pixel does not matter
    generator(
        PLAIN,
        "c, height, width = self.image_shape\nreturn self.layers(z).view(-1, height, width, c).permute(0, 3, 1, 2)",
    ),
    generator(PLAIN, "return torch.stack([row.view(self.image_shape) for row in self.layers(z)])"),
)


@G.right
def factory(latent_dim=64, hidden=128, image_shape=(1, 28, 28)):
    """A function that returns a network, in place of a class."""
    return nn.Sequential(
        generator_block(latent_dim, hidden),
        generator_block(hidden, 2 * hidden),
        generator_block(2 * hidden, 4 * hidden),
        nn.Linear(4 * hidden, math.prod(image_shape)),
        nn.Tanh(),
        nn.Unflatten(1, tuple(image_shape)),
    )


@G.right
class SubclassOfSequential(nn.Sequential):
    def __init__(self, latent_dim=64, hidden=128, image_shape=(1, 28, 28)):
        super().__init__(*factory(latent_dim, hidden, image_shape))


G.wrong(
    "layers_in_list",
    generator(
        """
        self.blocks = [generator_block(latent_dim, hidden), generator_block(hidden, 2 * hidden)]
        self.blocks.append(generator_block(2 * hidden, 4 * hidden))
        self.last = nn.Linear(4 * hidden, math.prod(image_shape))
        """,
        """
        for block in self.blocks:
            z = block(z)
        return torch.tanh(self.last(z)).view(-1, *self.image_shape)
        """,
    ),
    generator(
        PLAIN.replace("nn.Sequential(", "[")[:-1] + "]",
        "for layer in self.layers:\n    z = layer(z)\nreturn z.view(-1, *self.image_shape)",
    ),
)
G.wrong(
    "layer_in_forward",
    generator(
        layers(),
        """
        h = self.layers(z)
        h = nn.Linear(h.shape[1], math.prod(self.image_shape))(h)
        return torch.tanh(h).view(-1, *self.image_shape)
        """,
    ),
)
G.wrong(
    "flat_output", generator(PLAIN, "return self.layers(z)"), generator(layers(LAST), "return self.layers(z).tanh()")
)
G.wrong(
    "sigmoid_output",
    generator(layers(LAST, "nn.Sigmoid()"), RESHAPE),
    generator(layers(LAST, "nn.Sigmoid()", body=LINEAR_RELU), RESHAPE),
    generator(PLAIN, "return ((self.layers(z) + 1) / 2).view(len(z), *self.image_shape)"),
)
G.wrong(
    "missing_tanh",
    generator(layers(LAST), RESHAPE),
    generator(layers(LAST, body=LINEAR_RELU), RESHAPE),
    generator(layers(LAST, body="discriminator_block"), RESHAPE),
)
G.wrong(
    "clamped_output",
    generator(layers(LAST), "return self.layers(z).clamp(-1, 1).view(len(z), *self.image_shape)"),
    generator(layers(LAST, "nn.Hardtanh()"), RESHAPE),
)
G.wrong("tanh_twice", generator(PLAIN, "return torch.tanh(self.layers(z)).view(len(z), *self.image_shape)"))
G.wrong(
    "batchnorm_in_output",
    generator(layers(LAST, "nn.BatchNorm1d(math.prod(image_shape))", "nn.Tanh()"), RESHAPE),
)
G.wrong(
    "block_as_output",
    generator(layers("generator_block(4 * hidden, math.prod(image_shape))", "nn.Tanh()"), RESHAPE),
    generator(layers("generator_block(4 * hidden, math.prod(image_shape))"), RESHAPE),
    generator(layers(LAST, "nn.ReLU()", "nn.Tanh()"), RESHAPE),
)
G.wrong(
    "no_batchnorm",
    generator(layers(LAST, "nn.Tanh()", body=LINEAR_RELU), RESHAPE),
    generator(layers(LAST, "nn.Tanh()", body="discriminator_block"), RESHAPE),
)
G.wrong(
    "missing_activation",
    generator(layers(LAST, "nn.Tanh()", body="nn.Linear"), RESHAPE),
    generator(layers(LAST, "nn.Tanh()", body=LINEAR_NORM), RESHAPE),
)
G.wrong(
    "leaky_in_generator",
    generator(layers(LAST, "nn.Tanh()", body=BATCHNORM_LEAKY), RESHAPE),
    generator(layers(LAST, "nn.Tanh()", body=BATCHNORM_GELU), RESHAPE),
)
FIRST_NOT_NORMALISED = layers(LAST, "nn.Tanh()").replace(
    "generator_block(latent_dim, hidden)", "nn.Linear(latent_dim, hidden), nn.ReLU()"
)
LAST_NOT_ACTIVE = layers(LAST, "nn.Tanh()").replace(
    "generator_block(2 * hidden, 4 * hidden)", "nn.Linear(2 * hidden, 4 * hidden), nn.BatchNorm1d(4 * hidden)"
)
G.wrong("layer_differs", generator(FIRST_NOT_NORMALISED, RESHAPE), generator(LAST_NOT_ACTIVE, RESHAPE))
G.wrong(
    "unused_layer",
    generator(PLAIN + "\nself.extra = nn.Linear(3, 3)", RESHAPE),
    generator(PLAIN + "\nself.extra = generator_block(4 * hidden, 8 * hidden)", RESHAPE),
    generator(PLAIN + "\nself.extra = nn.Parameter(torch.zeros(3))", RESHAPE),
)
G.wrong("dropout", generator(layers(LAST, "nn.Tanh()", body=WITH_DROPOUT), RESHAPE))
G.wrong(
    "hard_coded_sizes",
    generator(layers("nn.Linear(4 * hidden, 784)", "nn.Tanh()"), RESHAPE),
    generator(PLAIN, "return self.layers(z).view(-1, 1, 28, 28)"),
    generator(
        layers("nn.Linear(512, math.prod(image_shape))", "nn.Tanh()", widths=("latent_dim", 128, 256, 512)), RESHAPE
    ),
    generator(layers(LAST, "nn.Tanh()", widths=(64, "hidden", "2 * hidden", "4 * hidden")), RESHAPE),
    generator(layers("nn.Linear(4 * hidden, image_shape[1] * image_shape[2])", "nn.Tanh()"), RESHAPE),
)
G.wrong(
    "wrong_widths",
    generator(layers(LAST, "nn.Tanh()", widths=("latent_dim", "2 * hidden", "4 * hidden")), RESHAPE),
    generator(
        layers(
            "nn.Linear(hidden, math.prod(image_shape))",
            "nn.Tanh()",
            widths=("latent_dim", "hidden", "hidden", "hidden"),
        ),
        RESHAPE,
    ),
    generator(
        layers(
            "nn.Linear(3 * hidden, math.prod(image_shape))",
            "nn.Tanh()",
            widths=("latent_dim", "hidden", "2 * hidden", "3 * hidden"),
        ),
        RESHAPE,
    ),
    generator(
        layers(
            "nn.Linear(hidden, math.prod(image_shape))",
            "nn.Tanh()",
            widths=("latent_dim", "4 * hidden", "2 * hidden", "hidden"),
        ),
        RESHAPE,
    ),
)
G.wrong(
    "no_bias",
    generator(layers("nn.Linear(4 * hidden, math.prod(image_shape), bias=False)", "nn.Tanh()"), RESHAPE),
    generator(layers(LAST, "nn.Tanh()", body=NOT_AFFINE), RESHAPE),
)

G.refused(
    generator(PLAIN, "return self.layers(z).view(*self.image_shape, len(z))"),
    generator(PLAIN, "return self.layers(z).view(len(z), *self.image_shape[::-1])"),
    generator(PLAIN, "return self.layers(z).view(-1, *self.image_shape)[:16]"),
    generator(PLAIN, "self.layers(z).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return self.layers(z), z"),
    generator(PLAIN, "return self.layers(z).detach().view(len(z), *self.image_shape)"),
    generator(PLAIN, "with torch.no_grad():\n    return self.layers(z).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return self.layers(z.detach()).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return self.layers(torch.randn_like(z)).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return self.layers(F.normalize(z)).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return 127.5 * (self.layers(z) + 1).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return 0.5 * self.layers(z).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return self.layers(z.half()).view(len(z), *self.image_shape)"),
    generator(PLAIN, "return layers(z).view(len(z), *self.image_shape)"),
    generator(PLAIN + "\nself.eval()", RESHAPE),
    generator(PLAIN + "\nself.layers[0].eval()", RESHAPE),
    generator(PLAIN + "\nself.requires_grad_(False)", RESHAPE),
    generator(PLAIN + "\nself.layers[3].bias.requires_grad_(False)", RESHAPE),
    generator(PLAIN + "\nnn.init.zeros_(self.layers[3].weight)", RESHAPE),
    generator(PLAIN, "return self.layers(z).detach().numpy()"),
    generator(PLAIN, "return self.layers(z).view(*self.image_shape, len(z)).permute(3, 0, 1, 2)"),
    generator(layers(LAST, "nn.Softsign()"), RESHAPE),
    generator(layers(LAST, "nn.Sigmoid()"), "return (2 * self.layers(z) - 1).view(len(z), *self.image_shape)"),
    generator(layers(LAST, "nn.Sigmoid()"), "return self.layers(z)"),
    generator(layers("nn.Linear(4 * hidden, sum(image_shape))", "nn.Tanh()"), RESHAPE),
    generator(layers("nn.Linear(4 * hidden, image_shape)", "nn.Tanh()"), RESHAPE),
    generator(layers(LAST, "nn.Tanh()", "nn.Tanh()", body="discriminator_block"), RESHAPE),
    generator(layers(LAST, "nn.BatchNorm1d(math.prod(image_shape), 0.8)", "nn.Tanh()"), RESHAPE),
    generator(layers("nn.LayerNorm(4 * hidden)", LAST, "nn.Tanh()"), RESHAPE),
    generator(layers("nn.Linear(4 * hidden, 4 * hidden)", LAST, "nn.Tanh()"), RESHAPE),
    generator(layers(LAST, "nn.Tanh()").replace("self.layers", "layers"), RESHAPE),
    generator("pass", "return torch.tanh(z)"),
    generator(
        layers(LAST, "nn.Tanh()") + "\nself.last = self.layers[3]",
        "return torch.tanh(self.last(self.layers(z))).view(len(z), *self.image_shape)",
    ),
    factory(),
    lambda latent_dim=64, hidden=128, image_shape=(1, 28, 28): factory,
    lambda latent_dim=64, hidden=128, image_shape=(1, 28, 28): lambda z: torch.zeros(len(z), *image_shape),
    lambda latent_dim, hidden, image_shape: factory(latent_dim, hidden, image_shape),
    lambda latent_dim=100, hidden=128, image_shape=(1, 28, 28): factory(latent_dim, hidden, image_shape),
    lambda latent=64, width=128, shape=(1, 28, 28): factory(latent, width, shape),
)

G.refused(
    written(
        """
class Generator(nn.Module):
    def __init__(self, latent_dim=64, hidden=128, image_shape=(1, 28, 28)):
        self.layers = nn.Sequential(generator_block(latent_dim, hidden))

    def forward(self, z):
        return self.layers(z)
""",
        "c1w1.generator",
    ),
    written(
        """
class Generator(nn.Module):
    def __init__(self, latent_dim=64, hidden=128, image_shape=(1, 28, 28)):
        super().__init__()
        self.layers = nn.Sequential(generator_block(latent_dim, hidden))

        def forward(self, z):
            return self.layers(z)
""",
        "c1w1.generator",
    ),
    written(
        """
class Generator:
    def __init__(self, latent_dim=64, hidden=128, image_shape=(1, 28, 28)):
        self.layers = nn.Sequential(generator_block(latent_dim, hidden))

    def __call__(self, z):
        return self.layers(z)
""",
        "c1w1.generator",
    ),
)

G.wrong("wrong_shape", generator(PLAIN, "return self.layers(z).view(len(z), 1, *self.image_shape)"))

# --- answers that were new to the table ------------------------------------------------------------------------------

COPIED = """
class Generator(nn.Module):
    def __init__(self, latent_dim=64, hidden=128, image_shape=(1, 28, 28)):
        super().__init__()
        self.image_shape = image_shape

        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers

        self.model = nn.Sequential(
            *block(latent_dim, hidden, normalize=False), *block(hidden, 2 * hidden), *block(2 * hidden, 4 * hidden),
            nn.Linear(4 * hidden, math.prod(image_shape)), nn.Tanh())

    def forward(self, z):
        img = self.model(z)
        return img.view(img.size(0), *self.image_shape)
"""
G.wrong("eps_as_momentum", written(COPIED, "c1w1.generator"))
G.wrong("no_return", generator(PLAIN, "x = self.layers(z)\nx.view(-1, *self.image_shape)"))
G.wrong(
    "no_batchnorm", generator(layers(LAST, "nn.Tanh()", body=LINEAR_RELU.replace("nn.ReLU()", "nn.Tanh()")), RESHAPE)
)
G.wrong(
    "hard_coded_sizes",
    generator(PLAIN, "return self.layers(z).view(-1, 1, 28, 28)"),
    generator(
        layers("nn.Linear(512, math.prod(image_shape))", "nn.Tanh()", widths=("latent_dim", "128", "256", "512")),
        RESHAPE,
    ),
)
G.right(
    generator(
        PLAIN
        + """
for layer in self.modules():
    if isinstance(layer, nn.Linear):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.constant_(layer.bias, 0.01)""",
        RESHAPE,
    ),
)
G.wrong("wrong_shape", generator(PLAIN, "return self.layers(z).view(len(z), *self.image_shape[::-1])"))
