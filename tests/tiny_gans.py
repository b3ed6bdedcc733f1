"""GANs small enough for unit tests, and what tests ask of them."""

import signal

import torch
from torch import nn

from course_utils import training
from course_utils.game import Game
from course_utils.models.conditional.class_labels import combine, one_hot
from course_utils.models.dense import mlp
from course_utils.training import GAN, fit

SHAPE = (1, 4, 4)
CLASSES = 3
POINTS = (2,)


def make_gan(seed=0, lr=1e-3):
    torch.manual_seed(seed)
    generator = mlp.Generator(latent_dim=3, hidden=4, image_shape=SHAPE)
    discriminator = mlp.Discriminator(hidden=4, image_shape=SHAPE)
    return GAN.with_adam(generator, discriminator, lr, (0.9, 0.999), ema=0.999)


class Told(nn.Module):
    """A network that is told the class: ``network(combine(x, one_hot(labels)))``."""

    def __init__(self, network, classes=CLASSES):
        super().__init__()
        self.network, self.classes = network, classes

    def forward(self, x, labels):
        return self.network(combine(x, one_hot(labels, self.classes)))


def make_conditional_gan(seed=0, lr=1e-3):
    torch.manual_seed(seed)
    generator = Told(mlp.Generator(latent_dim=3 + CLASSES, hidden=4, image_shape=SHAPE))
    discriminator = Told(mlp.Discriminator(hidden=4, image_shape=(1 + CLASSES, *SHAPE[1:])))
    return GAN.with_adam(generator, discriminator, lr, (0.9, 0.999), ema=0.999)


def make_labels():
    """One for each of ``make_images()``: the classes in turn."""
    return torch.arange(50) % CLASSES


def labelled_images():
    return make_images(), make_labels()


def make_images():
    return torch.randint(0, 256, (50, *SHAPE), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def draw_z(n):
    return mlp.sample_noise(n, 3)


def plain_game(discriminator_step=training.discriminator_step, generator_step=training.generator_step, **rules):
    """The first lesson's, or with another step."""
    return Game(discriminator_step, generator_step, draw_z, **rules)


def weights(module):
    return [p.detach().clone() for p in module.parameters()]


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def train(run, steps, gan=None, interrupt_at=None, seed=5, data=None, game=None, **options):
    gan = gan or make_gan()
    torch.manual_seed(seed)

    def interrupt(_, history):
        if interrupt_at and history.step[-1] >= interrupt_at:
            signal.raise_signal(signal.SIGINT)  # as the notebook's stop button does

    options = {"steps": steps, "batch_size": 8, "log_every": 5, "callbacks": (interrupt,), **options}
    history = fit(gan, make_images() if data is None else data, game or plain_game(), run=run, **options)
    return gan, history


def make_points_gan(seed=0):
    torch.manual_seed(seed)
    generator = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    critic = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
    sgd = torch.optim.SGD
    return GAN(generator, critic, sgd(generator.parameters(), 0.1), sgd(critic.parameters(), 0.1))


def slope_norms(critic, x):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(critic(x).sum(), x)[0].flatten(1).norm(dim=1)
