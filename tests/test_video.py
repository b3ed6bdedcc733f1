"""Videos: the moving digits, their tracking and its measures, the networks, the round, and pictures that move."""

import base64
import io
import math
import re

import pytest
import torch
from PIL import Image

from course_utils.datasets import moving_digits as data
from course_utils.metrics.motion import kept, motion, track
from course_utils.models.video import MiddleNet, MotionPath, StackCritic, TwoCritics, VideoGenerator, place
from course_utils.steps.video import one_frame, video_round
from course_utils.training import GAN
from course_utils.video.animation import Animation
from course_utils.video.noise import video_noise


@pytest.fixture(scope="module")
def videos():
    return data.draw("test", 60, seed=1)


def test_videos_are_repeated_by_their_seed_and_differ_by_another(videos):
    again, other = data.draw("test", 60, seed=1), data.draw("test", 60, seed=2)
    assert videos.frames.shape == (60, 16, 32, 32)
    assert all(torch.equal(a, b) for a, b in zip(videos, again, strict=True))
    assert not torch.equal(videos.paths, other.paths)
    assert videos.frames.min() >= -1
    assert videos.frames.max() <= 1


def test_digits_fly_straight_on_between_walls(videos):
    assert videos.paths.min() >= data.LOW
    assert videos.paths.max() <= data.HIGH
    steps = videos.paths.diff(dim=1).norm(dim=2)
    assert steps.max() <= data.FASTEST + 1e-4
    measured = motion(videos.paths, data.LOW, data.HIGH)
    assert measured.jolt < 1e-4
    assert measured.at_wall == 1
    assert measured.turns > 0.5


@pytest.mark.parametrize(("straight", "wanted"), [(10.0, 10.0), (26.0, 24.0), (4.0, 8.0), (48.0, 10.0), (-32.0, 6.0)])
def test_a_wall_reflects(straight, wanted):
    assert data.reflected(torch.tensor(straight)).item() == pytest.approx(wanted)


def test_tracking_finds_the_centre(videos):
    assert (track(videos.frames) - videos.paths).abs().mean() < 0.5
    tracked = motion(track(videos.frames), data.LOW, data.HIGH)
    assert tracked.jolt < 0.15
    assert tracked.speed == pytest.approx(motion(videos.paths, data.LOW, data.HIGH).speed, abs=0.05)


def test_what_is_cut_out_is_what_was_placed():
    sprites = data.sprites("test", 3, seed=0)
    middle = torch.full((3, 1, 2), 15.5)
    frames = place(sprites, middle)
    assert torch.allclose(frames[:, 0, 8:24, 8:24], sprites[:, 0], atol=1e-5)
    assert torch.allclose(data.cut_out(frames, middle)[:, 0], sprites, atol=1e-4)
    assert (frames[:, 0, :7] == -1).all()


def test_a_place_gets_a_gradient():
    path = torch.tensor([[[14.3, 17.8]]], requires_grad=True)
    place(data.sprites("test", 1, seed=0), path)[..., :16].sum().backward()
    assert path.grad.abs().sum() > 0


@pytest.mark.parametrize(("n", "frames"), [(0, 4), (2, 0)])
def test_no_videos_are_refused(n, frames):
    with pytest.raises(ValueError, match=f"{n} and {frames}"):
        data.draw("test", n, seed=0, frames=frames)


def test_what_stands_still_has_no_jolt_and_no_share():
    measured = motion(torch.full((2, 6, 2), 14.0), data.LOW, data.HIGH)
    assert measured[:3] == (0, 0, 0)
    assert math.isnan(measured.at_wall)
    with pytest.raises(ValueError, match="3 positions"):
        motion(torch.zeros(2, 2, 2), data.LOW, data.HIGH)


def test_neighbouring_frames_are_compared():
    assert kept(torch.tensor([[1, 1, 2], [3, 3, 3]])) == 0.75


def test_frame_t_knows_of_no_later_noise():
    torch.manual_seed(0)
    path, noise = MotionPath(3, 5), torch.randn(2, 6, 3)
    changed = noise.clone()
    changed[:, 4] += 1
    before, after = path(noise), path(changed)
    assert before.shape == (2, 6, 5)
    assert torch.equal(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


@pytest.mark.parametrize("sees_code", [False, True])
def test_a_round_trains_both_sides_and_a_weight_of_0_is_not_heard(sees_code):
    def played(weight):
        torch.manual_seed(0)
        generator = VideoGenerator(MotionPath(3, 5), 4, 5, width=8, sees_code=sees_code)
        gan = GAN.with_adam(generator, TwoCritics(StackCritic(1, 4), StackCritic(16, 4)), 1e-3, ema=0.9)
        real = data.draw("train", 6, seed=3).frames
        picks = torch.arange(6)
        two = video_round(gan, real, *video_noise(6, 16, 4, 3), picks, video_weight=weight)
        assert all(torch.isfinite(loss) and not loss.requires_grad for loss in two)
        return gan.generator.where.weight.detach()

    heard, silent = played(1.0), played(0.0)
    assert not torch.allclose(heard, silent)


def test_one_frame_of_each_video_is_picked():
    videos = torch.arange(6.0).view(2, 3, 1, 1)
    assert one_frame(videos, torch.tensor([2, 0])).flatten().tolist() == [2, 3]


def test_the_frame_between_begins_near_the_mean():
    torch.manual_seed(0)
    pair = torch.randn(2, 2, 32, 32)
    made = MiddleNet(4)(pair)
    assert made.shape == (2, 1, 32, 32)
    assert (made - pair.mean(dim=1, keepdim=True)).abs().mean() < 0.3


def test_a_picture_that_moves_is_one_small_file_with_words_and_a_still_one(videos):
    shown = Animation(videos.frames[:16], 'digits & "walls"')
    page = shown.html()
    assert 'alt="digits &amp; &quot;walls&quot;"' in page
    assert "prefers-reduced-motion: reduce" in page
    assert "http" not in page
    assert len(page) < 150_000
    files = [base64.b64decode(data) for data in re.findall(r"base64,([\w+/=]+)", page)]
    still, moving = (Image.open(io.BytesIO(file)) for file in files)
    assert getattr(still, "n_frames", 1) == 1
    assert moving.n_frames == 16
    assert moving.size == ((8 * 34 - 2) * 2, (2 * 34 - 2) * 2)
    with pytest.raises(ValueError, match="videos"):
        Animation(torch.zeros(2, 32, 32), "flat")
