"""Answers to the discriminator: mostly the learner's cell with its marked parts filled in."""

import itertools
import math

import torch.nn.functional as F
from torch import nn

from answers import Answers, filled
from course_utils.models.dense.mlp import discriminator_block

DISCRIMINATOR = D = Answers("c1w1.discriminator")


def judge(
    *last,
    first=("nn.Flatten()",),
    body="discriminator_block",
    widths=("math.prod(image_shape)", "2 * hidden", "hidden"),
):
    blocks = [f"{body}({a}, {b})" for a, b in itertools.pairwise(widths)]
    return f"self.layers = nn.Sequential({', '.join([*first, *blocks, *last])})"


def discriminator(*parts):
    return filled("c1w1.discriminator", *parts)


LOGIT, CALL = "nn.Linear(hidden, 1)", "return self.layers(images)"
JUDGE = judge(LOGIT)
LINEAR_DROPOUT = "(lambda i, o: nn.Sequential(discriminator_block(i, o), nn.Dropout(0.3)))"
LINEAR_RELU = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.ReLU()))"
DEFAULT_SLOPE = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.LeakyReLU()))"
NO_BIAS = "(lambda i, o: nn.Sequential(nn.Linear(i, o, bias=False), nn.LeakyReLU(0.2)))"
NORMALISED = "(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.LeakyReLU(0.2)))"
SPECTRAL = "(lambda i, o: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(i, o)), nn.LeakyReLU(0.2)))"

D.right(
    discriminator(
        """
        widths = [math.prod(image_shape), 2 * hidden, hidden, 1]
        self.w = nn.ParameterList([torch.randn(a, b) / a**0.5 for a, b in zip(widths, widths[1:])])
        self.b = nn.ParameterList([torch.zeros(1, b) for b in widths[1:]])
        """,
        """
        h = images.flatten(1)
        for w, b in zip(self.w[:-1], self.b[:-1]):
            h = F.leaky_relu(h @ w + b, 0.2)
        return h @ self.w[-1] + self.b[-1]
        """,
    ),
    discriminator(judge(LOGIT, first=()), "return self.layers(images.flatten(1))"),
    discriminator(judge(LOGIT, first=()), "return self.layers(images.view(len(images), -1))"),
    discriminator(judge(LOGIT, first=()), "return self.layers(images.reshape(images.shape[0], -1))"),
    discriminator(judge(LOGIT, "nn.Identity()"), CALL),
    discriminator(judge("nn.LazyLinear(1)"), CALL),
    discriminator(judge(LOGIT, body="(lambda i, o: nn.Sequential(nn.LazyLinear(o), nn.LeakyReLU(0.2, True)))"), CALL),
    discriminator(JUDGE, "return self.layers(images).view(-1, 1)"),
    discriminator(JUDGE, "return self.layers(images).squeeze(1).unsqueeze(1)"),
    discriminator(
        """
        self.a = nn.Linear(math.prod(self.image_shape), hidden * 2)
        self.b = nn.Linear(hidden * 2, hidden)
        self.c = nn.Linear(hidden, 1)
        """,
        """
        h = F.leaky_relu(self.a(torch.flatten(images, start_dim=1)), 0.2)
        return self.c(F.leaky_relu(self.b(h), negative_slope=0.2))
        """,
    ),
    discriminator(
        """
        self.first = nn.Conv2d(image_shape[0], 2 * hidden, image_shape[1:])  # a kernel as large as the image
        self.second = nn.Conv2d(2 * hidden, hidden, 1)
        self.third = nn.Conv2d(hidden, 1, 1)
        """,
        """
        h = F.leaky_relu(self.second(F.leaky_relu(self.first(images), 0.2)), 0.2)
        return self.third(h).flatten(1)
        """,
    ),
    discriminator(
        """
        sizes = [math.prod(image_shape), 2 * hidden, hidden, 1]
        self.weights = nn.ParameterList([nn.Parameter(torch.randn(a, b) / a**0.5) for a, b in zip(sizes, sizes[1:])])
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(b)) for b in sizes[1:]])
        """,
        """
        h = images.flatten(1)
        for i, (w, b) in enumerate(zip(self.weights, self.biases)):
            h = torch.einsum("bi,io->bo", h, w) + b
            h = F.leaky_relu(h, 0.2) if i < 2 else h
        return h
        """,
    ),
)


@D.right
def judge_factory(hidden=128, image_shape=(1, 28, 28)):
    body = nn.Sequential(
        discriminator_block(math.prod(image_shape), 2 * hidden), discriminator_block(2 * hidden, hidden)
    )
    return nn.Sequential(nn.Flatten(), body, nn.Linear(hidden, 1))


D.wrong(
    "layers_in_list",
    discriminator(
        """
        self.blocks = [discriminator_block(math.prod(image_shape), 2 * hidden), discriminator_block(2 * hidden, hidden)]
        self.last = nn.Linear(hidden, 1)
        """,
        """
        h = images.flatten(1)
        for block in self.blocks:
            h = block(h)
        return self.last(h)
        """,
    ),
)
D.wrong(
    "layer_in_forward",
    discriminator(judge(), "h = self.layers(images)\nreturn nn.Linear(h.shape[1], 1)(h)"),
)
D.wrong("not_flattened", discriminator(judge(LOGIT, first=()), CALL))
D.wrong(
    "wrong_number_of_outputs",
    discriminator(judge("nn.Linear(hidden, 2)"), CALL),
    discriminator(judge("nn.Linear(hidden, 10)"), CALL),
    discriminator(judge(), CALL),
    discriminator(JUDGE, "return self.layers(images).mean()"),
)
D.wrong(
    "squeezed_output",
    discriminator(JUDGE, "return self.layers(images).squeeze()"),
    discriminator(JUDGE, "return self.layers(images).view(-1)"),
    discriminator(JUDGE, "return self.layers(images)[:, 0]"),
)
D.wrong(
    "sigmoid_before_logits",
    discriminator(judge(LOGIT, "nn.Sigmoid()"), CALL),
    discriminator(JUDGE, "return torch.sigmoid(self.layers(images))"),
    discriminator(judge(LOGIT, "nn.Tanh()"), CALL),
    discriminator(judge(LOGIT, "nn.Sigmoid()", body=DEFAULT_SLOPE), CALL),
)
D.wrong(
    "softmax_output",
    discriminator(judge(LOGIT, "nn.Softmax(dim=1)"), CALL),
    discriminator(JUDGE, "return F.softmax(self.layers(images), dim=0)"),
)
D.wrong(
    "activation_on_logits",
    discriminator(judge("discriminator_block(hidden, 1)"), CALL),
    discriminator(judge(LOGIT, "nn.ReLU()"), CALL),
)
D.wrong(
    "batchnorm_in_discriminator",
    discriminator(judge(LOGIT, body="generator_block"), CALL),
    discriminator(judge(LOGIT, body=NORMALISED), CALL),
    discriminator(judge(LOGIT, "nn.BatchNorm1d(1)"), CALL),
    discriminator(JUDGE, "logits = self.layers(images)\nreturn logits - logits.mean()"),
)
D.wrong("missing_activation", discriminator(judge(LOGIT, body="nn.Linear"), CALL))
D.wrong(
    "relu_not_leaky",
    discriminator(judge(LOGIT, body=LINEAR_RELU), CALL),
    discriminator(judge(LOGIT, body=DEFAULT_SLOPE), CALL),
    discriminator(judge(LOGIT, body="(lambda i, o: nn.Sequential(nn.Linear(i, o), nn.ELU()))"), CALL),
)
FIRST_NOT_ACTIVE = JUDGE.replace(
    "discriminator_block(math.prod(image_shape), 2 * hidden)", "nn.Linear(math.prod(image_shape), 2 * hidden)"
)
D.wrong("layer_differs", discriminator(FIRST_NOT_ACTIVE, CALL))
D.wrong("unused_layer", discriminator(JUDGE + "\nself.extra = discriminator_block(hidden, hidden)", CALL))
D.wrong("dropout", discriminator(judge(LOGIT, body=LINEAR_DROPOUT), CALL))
D.wrong(
    "hard_coded_sizes",
    discriminator(judge(LOGIT, widths=(784, "2 * hidden", "hidden")), CALL),
    discriminator(
        judge(LOGIT, widths=("28 * 28", "2 * hidden", "hidden"), first=()), "return self.layers(images.view(-1, 784))"
    ),
    discriminator(judge("nn.Linear(128, 1)", widths=("math.prod(image_shape)", 256, 128)), CALL),
    discriminator(judge(LOGIT, widths=("image_shape[1] * image_shape[2]", "2 * hidden", "hidden")), CALL),
)
D.wrong(
    "wrong_widths",
    discriminator(judge("nn.Linear(2 * hidden, 1)", widths=("math.prod(image_shape)", "hidden", "2 * hidden")), CALL),
    discriminator(judge(LOGIT, widths=("math.prod(image_shape)", "hidden")), CALL),
    discriminator(judge(LOGIT, widths=("math.prod(image_shape)", "4 * hidden", "2 * hidden", "hidden")), CALL),
)
D.wrong(
    "no_bias",
    discriminator(judge("nn.Linear(hidden, 1, bias=False)"), CALL),
    discriminator(judge(LOGIT, body=NO_BIAS), CALL),
)

D.refused(
    discriminator(JUDGE, "return self.layers(images.detach())"),
    discriminator(JUDGE, "return self.layers(images.data)"),
    discriminator(JUDGE, "return self.layers(images).detach()"),
    discriminator(JUDGE, "self.layers(images)"),
    discriminator(JUDGE, "return self.layers(images) * 0.5"),
    discriminator(JUDGE, "return -self.layers(images)"),
    discriminator(JUDGE, "return self.layers(images).clamp(-1, 1)"),
    discriminator(JUDGE, "return F.logsigmoid(self.layers(images))"),
    discriminator(JUDGE, "return self.layers((images + 1) / 2)"),
    discriminator(JUDGE, "return self.layers(images + 0.1 * torch.randn_like(images))"),
    discriminator(JUDGE, "return self.layers(images.round())"),
    discriminator(JUDGE, "return self.layers(images).unsqueeze(-1)"),
    discriminator(JUDGE, "return self.layers(images) > 0"),
    discriminator(JUDGE, "return self.layers(images).item()"),
    discriminator(JUDGE, "return self.layers(images.mul_(1.0).clamp_(-0.9, 0.9))"),
    discriminator(judge(LOGIT, first=()), "return self.layers(images.flatten())"),
    discriminator(judge(LOGIT, first=("nn.Flatten(0)",)), CALL),
    discriminator(judge(LOGIT, first=("nn.Flatten()", "nn.LayerNorm(math.prod(image_shape))")), CALL),
    discriminator(judge(LOGIT, body=SPECTRAL), CALL),
    discriminator(judge("nn.Dropout(0.3)", "generator_block(hidden, 1)"), CALL),
    discriminator(judge("nn.Dropout(0.3)", LOGIT, "nn.Sigmoid()"), CALL),
    discriminator(judge(LOGIT, "nn.Sigmoid()", body="generator_block"), CALL),
    discriminator(judge(LOGIT) + "\nself.layers.requires_grad_(False)", CALL),
    discriminator(judge(LOGIT) + "\nself.layers[1].requires_grad_(False)", CALL),
    discriminator(judge(LOGIT) + "\nself.train(False)", CALL),
    discriminator(
        """
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.layers = nn.Sequential(nn.Flatten(), discriminator_block(image_shape[0], hidden), nn.Linear(hidden, 1))
        """,
        "return self.layers(self.mean(images))",
    ),
    lambda hidden=128, image_shape=(1, 28, 28): F.leaky_relu,
    judge_factory(),
)

D.wrong("wrong_shape", discriminator(JUDGE, "return self.layers(images)[None]"))

# --- answers that were new to the table ------------------------------------------------------------------------------

D.right(
    discriminator(
        JUDGE
        + """
for layer in self.modules():
    if isinstance(layer, nn.Linear):
        nn.init.kaiming_normal_(layer.weight, 0.2)
        nn.init.constant_(layer.bias, 0.01)""",
        CALL,
    ),
)
D.wrong("squeezed_output", discriminator(judge(LOGIT, "nn.Sigmoid()"), "return self.layers(images).squeeze(1)"))
D.wrong("activation_on_logits", discriminator(judge(LOGIT, "nn.LeakyReLU(0.2)"), CALL))
D.wrong("graph_cut", discriminator(JUDGE, "with torch.no_grad():\n    return self.layers(images)"))
D.wrong("wrong_shape", discriminator(JUDGE, "return self.layers(images).unsqueeze(-1)"))
