"""What the lesson on video needs of its own: its arms, its sick sets, frames between frames, and flicker."""

import math

import pytest
import torch

from course_utils.datasets import moving_digits as data
from course_utils.lessons.c4w3b import arms, figures
from course_utils.metrics.motion import motion, track
from course_utils.models.super_resolution import Upscaler
from course_utils.models.video import MotionPath
from course_utils.steps.video import video_round
from course_utils.video.noise import video_noise

TINY = arms.Settings(rounds=2, practice=2, middle_steps=2, large_steps=2, batch_size=4)
PARTS = arms.Parts(video_noise, MotionPath, video_round)


@pytest.fixture(scope="module")
def videos():
    return data.draw("test", 40, seed=3)


def measured(frames):
    return motion(track(frames), data.LOW, data.HIGH)


def test_a_seed_decides_a_run_and_both_arms_see_the_same_noise(videos):
    _, once = arms.train(videos.frames, PARTS, TINY, 0)
    gan, again = arms.train(videos.frames, PARTS, TINY, 0)
    _, other = arms.train(videos.frames, PARTS, TINY, 0, video_weight=0.0)
    begun = [arms.practise(videos.frames, PARTS, TINY, 0) for _ in range(2)]
    practised = [arms.train(videos.frames, PARTS, TINY, 0, practised=weights)[1] for weights in begun]
    assert torch.equal(once, again)
    assert torch.equal(*practised)
    assert not torch.equal(once, practised[0])
    assert once[0, 0] == other[0, 0]
    assert once[0, 1] > other[0, 1]
    assert arms.make(gan, video_noise(3, 16, arms.CONTENT, arms.MOTION)).shape == (3, 16, 32, 32)


def test_practice_is_where_generator_and_image_critic_begin(videos):
    begun = arms.practise(videos.frames, PARTS, TINY, 0)
    gan, _ = arms.train(videos.frames, PARTS, TINY._replace(rounds=0), 0, practised=begun)
    for network, weights in ((gan.generator, "generator"), (gan.shown, "generator"), (gan.discriminator.image, "image")):
        assert all(torch.equal(value, begun[weights][name]) for name, value in network.state_dict().items())
    untrained = arms.train(videos.frames, PARTS, TINY._replace(rounds=0), 0)[0].generator.state_dict()
    torch.manual_seed(0)
    fresh = arms.player(MotionPath(arms.MOTION, arms.HIDDEN), TINY.rate).generator.state_dict()
    assert all(torch.equal(value, fresh[name]) for name, value in untrained.items())
    assert not torch.equal(begun["generator"]["where.weight"], untrained["where.weight"])
    assert not torch.equal(begun["generator"]["sprite.0.weight"], untrained["sprite.0.weight"])


def test_each_sick_set_shows_in_its_own_numbers(videos):
    sound = measured(videos.frames)
    shuffled = arms.in_other_order(videos.frames)
    assert torch.allclose(shuffled.sum(dim=1), videos.frames.sum(dim=1), atol=1e-4)
    assert measured(shuffled).speed > 2 * sound.speed
    anew = arms.with_new_content(videos, "test", 1)
    assert measured(anew).speed < 1.6 * sound.speed
    assert arms.seen(anew).kept < 0.4 < arms.seen(videos.frames).kept
    assert arms.drift(videos.frames) < 0.3 < 0.7 < arms.drift(anew)
    twice = measured(videos.frames[:, :8].repeat_interleave(2, dim=1))
    assert twice.speed == pytest.approx(sound.speed * 7 / 15, abs=0.1)
    assert twice.jolt > 0.5
    assert motion(track(videos.frames), 0, 31).at_wall < 0.3
    assert math.isnan(measured(videos.frames[:, :1].expand(-1, 16, -1, -1)).at_wall)


def test_the_oracle_of_a_frame_between_is_near_the_truth(videos):
    rows, times = torch.arange(40), torch.full((40,), 7)
    pair, between = arms.neighbours(videos.frames, rows, times)
    oracle = arms.moved(pair[:, 0], videos.paths[:, 6], videos.paths[:, 7])
    assert pair.shape == (40, 2, 32, 32)
    assert (oracle - between[:, 0]).abs().mean() < 0.3 * (pair.mean(dim=1) - between[:, 0]).abs().mean()
    assert arms.train_middle(videos.frames, TINY, 0)(pair).shape == between.shape


def test_a_digit_held_still_hardly_flickers(videos):
    true = arms.flicker(videos.frames, videos.paths)
    assert true < 6
    trembling = videos.frames + 0.2 * torch.randn(videos.frames.shape, generator=torch.Generator().manual_seed(0))
    assert arms.flicker(trembling, videos.paths) > 2 * true
    assert arms.flicker(torch.full_like(videos.frames, -1), videos.paths) == 0
    network = arms.train_large(Upscaler(4, 1, 1), videos.frames, TINY, 0, neighbours=True)
    assert arms.enlarged(network, videos.frames[:3], neighbours=True).shape == (3, 16, 32, 32)


def test_channels_are_the_frame_or_its_neighbours():
    frames = torch.arange(4.0).view(1, 4, 1, 1)
    assert arms.as_channels(frames).flatten(1).tolist() == [[t] * 3 for t in range(4)]
    assert arms.as_channels(frames, neighbours=True).flatten(1).tolist() == [[0, 0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 3]]


def test_the_video_that_bounces_is_turned_by_a_side_wall_in_its_middle(videos):
    path = videos.paths[arms.bouncing(videos.paths), :, 0]
    turned = [t for t in range(1, 15) if (path[t] - path[t - 1]) * (path[t + 1] - path[t]) < 0]
    assert any(5 < t < 11 for t in turned)
    near = torch.minimum(path - data.LOW, data.HIGH - path)
    assert all(near[t - 1 : t + 2].min() < 1.5 for t in turned)


def test_figures_have_titles_and_axes(videos):
    drawn = figures.strips({"one": videos.frames[0], "a long name of a row": videos.frames[1]}, "Strips")
    assert [axes.get_title() for axes in drawn.axes] == ["one", "a long name of a row"]
    fig = figures.paths({"real": videos.frames, "again": videos.frames}, "Paths")
    assert fig.axes[0].get_xlabel() == "x, pixels"
    assert figures.losses({"one": torch.rand(30, 2)}, "Losses").axes[0].get_ylabel() == "loss"
