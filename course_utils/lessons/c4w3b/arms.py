"""The runs that are compared, and what is measured of videos."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from course_utils.datasets import moving_digits as data
from course_utils.metrics.features import digit_probabilities
from course_utils.metrics.motion import kept, track
from course_utils.models.super_resolution import shrink
from course_utils.models.video import MiddleNet, StackCritic, TwoCritics, VideoGenerator
from course_utils.steps.shared_fakes import SharedFakes
from course_utils.training import GAN

CONTENT, MOTION, HIDDEN = 16, 4, 64  # numbers of noise, and of a code
PICTURES = 32  # in a batch of single frames


class Settings(NamedTuple):
    """What the runs share."""

    rounds: int
    practice: int  # rounds on single frames, before those on videos, in the arm that practises
    middle_steps: int
    large_steps: int  # of super-resolution
    batch_size: int = 16
    rate: float = 1e-3  # of both sides, on videos
    practice_rate: float = 2e-3  # of both sides, on single frames
    gamma: float = 0.05


def player(path: nn.Module, rate: float, sees_code: bool = False) -> GAN:
    """A generator with this path, its average, and two critics; Adam at this rate for each side."""
    generator = VideoGenerator(path, CONTENT, HIDDEN, sees_code=sees_code)
    critics = TwoCritics(StackCritic(1, 16), StackCritic(data.FRAMES))
    return GAN.with_adam(generator, critics, rate, (0.5, 0.99), ema=0.99)


class OneFrame(nn.Module):
    """A generator of videos as one of pictures: noise (B, CONTENT + MOTION) becomes frame 0 of a video, (B, 1, 32, 32)."""

    def __init__(self, generator: nn.Module):
        super().__init__()
        self.generator = generator

    def forward(self, z: Tensor) -> Tensor:
        content, motion = z.unsqueeze(1).split([CONTENT, MOTION], dim=2)  # (B, 1, .) each: videos of one frame
        return self.generator(content, motion)


class Parts(NamedTuple):
    """What a run is made of, all of it written in the lesson."""

    noise: Callable  # video_noise
    path: Callable  # MotionPath
    play: Callable  # video_round


def practise(videos: Tensor, parts: Parts, settings: Settings, seed: int) -> dict:
    """Single frames first: the generator's frame 0 against the image critic. Returns the weights of both, by name.

    A round on videos of 16 frames draws 16 times as many, and shows the image critic no more of them.
    """
    torch.manual_seed(seed)
    gan = player(parts.path(MOTION, HIDDEN), settings.practice_rate)
    single = GAN.with_adam(OneFrame(gan.generator), gan.discriminator.image, settings.practice_rate, (0.5, 0.99))
    game = SharedFakes(gamma=settings.gamma)
    torch.manual_seed(seed + 1000)
    for step in range(settings.practice):
        _slow_down(single, settings.practice_rate, step / settings.practice)
        rows, times = torch.randint(len(videos), (PICTURES,)), torch.randint(data.FRAMES, (PICTURES,))
        z = torch.randn(PICTURES, CONTENT + MOTION)
        game.discriminator_step(single, videos[rows, times].unsqueeze(1), z)
        game.generator_step(single, z)
    return {"generator": gan.generator.state_dict(), "image": gan.discriminator.image.state_dict()}


def train(
    videos: Tensor,
    parts: Parts,
    settings: Settings,
    seed: int,
    video_weight: float = 1.0,
    sees_code: bool = False,
    practised: dict | None = None,
):
    """The game after its rounds, and its losses (rounds, 2). Runs with one seed see the same videos, noise and frames.

    With ``sees_code`` the sprite is made of content and code of motion, else of the content alone. ``practised`` is where
    generator and image critic begin; without it they begin untrained.
    """
    torch.manual_seed(seed)
    gan = player(parts.path(MOTION, HIDDEN), settings.rate, sees_code)
    if practised:
        gan.discriminator.image.load_state_dict(practised["image"])
        for network in (gan.generator, gan.ema.module):
            network.load_state_dict(practised["generator"])
    torch.manual_seed(seed + 2000)  # networks of other sizes have used up other random numbers
    losses = []
    for step in range(settings.rounds):
        _slow_down(gan, settings.rate, step / settings.rounds)
        real = videos[torch.randint(len(videos), (settings.batch_size,))]
        noise = parts.noise(len(real), data.FRAMES, CONTENT, MOTION)
        picks = torch.randint(data.FRAMES, (len(real),))
        losses.append(parts.play(gan, real, *noise, picks, settings.gamma, video_weight))
        gan.ema.update(gan.generator)
    return gan, torch.tensor(losses)


def _slow_down(gan: GAN, rate: float, done: float) -> None:
    """The rates of both sides when a share of the rounds is done: they fall to 0 in the second half."""
    for optimiser in (gan.opt_g, gan.opt_d):
        optimiser.param_groups[0]["lr"] = rate * min(1.0, 2 * (1 - done))


@torch.no_grad()
def make(gan: GAN, noise: tuple[Tensor, Tensor]) -> Tensor:
    """Videos by the averaged generator: noise of content (n, T, C) and of motion (n, T, M) to (n, T, 32, 32)."""
    return gan.shown.eval()(*noise)


class Seen(NamedTuple):
    """What the judge of digits sees in the frames of videos, cut out where the ink is."""

    kept: float  # share of neighbouring frames that it reads alike
    sure: float  # share of frames of which it is 90 % sure
    labels: Tensor  # (N, T)


def seen(frames: Tensor, paths: Tensor | None = None) -> Seen:
    """Read the digit in each frame of videos (N, T, 32, 32), at the tracked centre or along ``paths`` (N, T, 2)."""
    pieces = data.cut_out(frames, track(frames) if paths is None else paths, 28)
    chances = digit_probabilities(pieces.flatten(0, 1)).unflatten(0, frames.shape[:2])  # (N, T, 10)
    labels = chances.argmax(dim=2)
    return Seen(kept(labels), (chances.amax(dim=2) > 0.9).double().mean().item(), labels)


def drift(frames: Tensor) -> float:
    """How much what is seen changes from the first frame to the last: 0 not at all, 1 as much as from one video to another.

    Cut-outs at the tracked centre are compared by their mean absolute difference.
    """
    pieces = data.cut_out(frames, track(frames))  # (N, T, 1, 16, 16)
    first, last = pieces[:, 0], pieces[:, -1]
    return ((first - last).abs().mean() / (first - last.roll(1, dims=0)).abs().mean()).item()


def in_other_order(frames: Tensor, seed: int = 0) -> Tensor:
    """The frames of each video in a random order of its own."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.rand(frames.shape[:2], generator=generator).argsort(dim=1)  # (N, T)
    return frames[torch.arange(len(frames))[:, None], order]


def with_new_content(videos: data.Videos, split: str, seed: int) -> Tensor:
    """The same paths, and in each frame the digit of another video."""
    n, t = videos.frames.shape[:2]
    others = data.sprites(split, n * t, seed)
    return data.place(others, videos.paths.reshape(n * t, 1, 2)).view(n, t, data.SIDE, data.SIDE)


# --- a frame between two others, and frames four times as large --------------------------------------------------------


def neighbours(frames: Tensor, rows: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
    """The frames before and after (B, 2, 32, 32), and the one between them (B, 1, 32, 32)."""
    return torch.stack([frames[rows, times - 1], frames[rows, times + 1]], dim=1), frames[rows, times].unsqueeze(1)


def train_middle(frames: Tensor, settings: Settings, seed: int) -> nn.Module:
    """A network that puts a frame between two others with the least absolute error."""
    torch.manual_seed(seed)
    network = MiddleNet()
    optimiser = torch.optim.Adam(network.parameters(), 2e-3, fused=True)
    for step in range(settings.middle_steps):
        optimiser.param_groups[0]["lr"] = 2e-3 * (1 - step / settings.middle_steps)
        rows, times = torch.randint(len(frames), (32,)), torch.randint(1, frames.shape[1] - 1, (32,))
        pair, between = neighbours(frames, rows, times)
        loss = (network(pair) - between).abs().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


def as_channels(frames: Tensor, neighbours: bool = False) -> Tensor:
    """Each frame of videos (N, T, H, W) as three channels, (N * T, 3, H, W): the frame three times, or with its neighbours.

    With ``neighbours`` the channels are the frame before, the frame, and the one after; at an end the frame stands in.
    """
    before, after = frames, frames
    if neighbours:
        before = torch.cat([frames[:, :1], frames[:, :-1]], dim=1)
        after = torch.cat([frames[:, 1:], frames[:, -1:]], dim=1)
    return torch.stack([before, frames, after], dim=2).flatten(0, 1)


def train_large(network: nn.Module, frames: Tensor, settings: Settings, seed: int, neighbours: bool = False) -> nn.Module:
    """Train a network of super-resolution by squared error, from 8 x 8 to 32 x 32 pixels; returns it."""
    torch.manual_seed(seed)
    large = as_channels(frames, neighbours)  # (N * T, 3, 32, 32)
    optimiser = torch.optim.Adam(network.parameters(), 4e-3, betas=(0.9, 0.99), fused=True)
    for step in range(settings.large_steps):
        optimiser.param_groups[0]["lr"] = 4e-3 * min(1, (step + 1) / 20) * (1 - step / settings.large_steps)
        wanted = large[torch.randint(len(large), (32,))]
        loss = (network(shrink(wanted)) - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return network.eval()


@torch.no_grad()
def enlarged(network: Callable, frames: Tensor, neighbours: bool = False) -> Tensor:
    """Videos (N, T, 32, 32), made small and large again frame by frame; the middle channel counts."""
    small = shrink(as_channels(frames, neighbours))  # (N * T, 3, 8, 8)
    made = torch.cat([network(part) for part in small.split(400)])
    return made[:, 1].clamp(-1, 1).view(frames.shape)


def along(frames: Tensor, paths: Tensor) -> Tensor:
    """What stands around ``paths`` in each frame, so that a moving digit stands still: (N, T, 1, 16, 16)."""
    return data.cut_out(frames, paths)


def flicker(frames: Tensor, paths: Tensor) -> float:
    """The mean change of a pixel from frame to frame when the digit is held still, in grey levels of 255."""
    return 127.5 * along(frames, paths).diff(dim=1).abs().mean().item()


def moved(frames: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """What stands around ``start`` (N, 2) in frames (N, 32, 32), drawn around ``end`` (N, 2): (N, 32, 32)."""
    return data.place(data.cut_out(frames.unsqueeze(1), start.unsqueeze(1))[:, 0], end.unsqueeze(1)).squeeze(1)


def bouncing(paths: Tensor) -> int:
    """The first video whose digit is turned round by a side wall in the middle third, at 1.5 pixels a frame or more."""
    steps = paths[:, :, 0].diff(dim=1)  # (N, T - 1)
    third = paths.shape[1] // 3
    turned = (steps[:, :-1] * steps[:, 1:] < 0)[:, third : 2 * third].any(dim=1)
    return int((turned & (steps[:, 0].abs() > 1.5)).int().argmax())
