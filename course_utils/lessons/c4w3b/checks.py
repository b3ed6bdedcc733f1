"""The checks of video: motion by tracking, noise of two kinds, the recurrent path, the round with two critics, a diagnosis."""

import dataclasses

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks, steps
from course_utils.checks.cases import KIND, call, kind, normal, scenario, uniform
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.networks import network
from course_utils.checks.observe import RAISES, Near, Seen
from course_utils.checks.programs import Body
from course_utils.checks.rounds import CLEAR_D, CLEAR_G, STEP_D, STEP_G
from course_utils.lessons.c4w3b.exercises import CASES, NAMES, diagnose
from course_utils.models.video import TwoCritics

# --- motion ------------------------------------------------------------------------------------------------------------


def _paths(n, t, seed=0, speed=1.7, low=6.0, high=25.0):
    """Paths that are reflected at walls, with a little noise, so that some triples are near a limit."""
    start = low + (high - low) * uniform(n, 1, 2, seed=seed)
    velocity = speed * normal(n, 1, 2, seed=seed + 1)
    straight = start + torch.arange(t)[:, None] * velocity
    room = high - low
    return high - ((straight - low) % (2 * room) - room).abs() + 0.1 * normal(n, t, 2, seed=seed + 2)


def _measured(paths, low=6.0, high=25.0, label="", **options):
    return call(paths, low, high, gradients=False, label=label, **options)


_RIGHT = torch.tensor([[[4.0, 15.0], [15.0, 15.0], [26.0, 15.0], [15.0, 15.0], [4.0, 15.0]]], dtype=torch.float64)
_ZIGZAG = torch.tensor([[[15.0, 12.0], [16.0, 13.0], [15.0, 14.0], [16.0, 15.0], [15.25, 16.0]]], dtype=torch.float64)
_BEYOND = torch.tensor([[[3.0, 14.0], [1.0, 15.5], [3.0, 14.0], [28.0, 15.0], [30.0, 16.0], [28.5, 15.0]]], dtype=torch.float64)
_EDGE = torch.tensor([[[8.0, 9.0], [9.0, 8.0], [8.5, 10.0], [8.0, 23.0], [23.0, 22.0]]], dtype=torch.float64)
_SLOW = torch.tensor([[[10.0, 10.0], [10.5, 10.25], [9.0, 10.0], [9.25, 12.0], [9.0, 10.0]]], dtype=torch.float64)

_SPEED = "steps.norm(dim=2).mean().item()"
_SPLIT = "before, after = steps[:, :-1], steps[:, 1:]"
_OPEN = "((triples - low > margin) & (high - triples > margin)).all(dim=3)"
_JOLTS = "(after - before).abs()[in_the_open]"
_TURNED = "(before * after < 0) & (before.abs() > slow) & (after.abs() > slow)"
_SHARE = "(turned & ~in_the_open).sum().item() / count if count else math.nan"
_MOTION = "return Motion(speed, jolts.mean().item(), count / len(paths), at_wall)"

exercise(
    "c4w3b.motion",
    "course_utils.metrics.motion:motion",
    cases=(
        _measured(_paths(6, 16), label="called with reflected paths"),
        _measured(_paths(3, 9, seed=5, low=2.0, high=9.0), 2.0, 9.0, "called in a small room", margin=1.0),
        _measured(_paths(1, 3, seed=9), label="called with three positions"),
        _measured(_paths(4, 12, seed=3), label="called with slow=1.5", slow=1.5),
        _measured(_ZIGZAG, label="called with turns in the open"),
        _measured(_BEYOND, label="called with paths beyond the walls"),
        _measured(_RIGHT, label="called with long steps from wall to wall"),
        _measured(_EDGE, label="called with positions exactly on the margin"),
        _measured(_SLOW, label="called with slow turns"),
        _measured(torch.full((2, 5, 2), 14.0, dtype=torch.float64), label="called with what stands still"),
        _measured(torch.full((2, 5, 2), 25.0, dtype=torch.float64), label="called with what stands at a wall"),
        _measured(_paths(2, 2), label="called with two positions"),
    ),
    mistakes=(
        mistake("axes_averaged", (_SPEED, "steps.abs().mean().item()"),
            "The speed is the mean over both axes. A step of 3 along x and 4 along y is 5 long: use the norm over the last "
            "dimension."),
        mistake("city_blocks", (_SPEED, "steps.abs().sum(dim=2).mean().item()"),
            "The lengths along x and along y are added. A step of 3 along x and 4 along y is 5 long, not 7."),
        mistake("signed_jolt", (_JOLTS, "(after - before)[in_the_open]"),
            "Changes to the left and to the right cancel: the absolute value is missing in the jolt."),
        mistake("jolt_everywhere", (_JOLTS, "(after - before).abs()"),
            "The jolt counts triples at the walls as well. There a velocity has to change. Keep the triples in the open."),
        mistake("only_the_middle", (_OPEN, "(triples[..., 1] - low > margin) & (high - triples[..., 1] > margin)"),
            "Only the middle position of a triple is compared with the walls. A wall may lie between the others: all "
            "three have to be in the open."),
        mistake("one_is_enough", (_OPEN, "((triples - low > margin) & (high - triples > margin)).any(dim=3)"),
            "One position in the open is enough here. All three have to be."),
        mistake("slow_ignored", (_TURNED, "before * after < 0"),
            (_TURNED, "(before * after < 0) & (before.abs() > 0.5) & (after.abs() > 0.5)"),
            "`slow` is not used. Tracking is not exact: without a least length, its noise counts as turning."),
        mistake("one_long_step", (_TURNED, "(before * after < 0) & ((before.abs() > slow) | (after.abs() > slow))"),
            (_TURNED, "(before * after < 0) & (before.abs() > slow)"), (_TURNED, "(before * after < 0) & (after.abs() > slow)"),
            "Only one of the two steps of a turn has to be longer than `slow` here. Both have to be."),
        mistake("turns_in_all", (_MOTION, "return Motion(speed, jolts.mean().item(), count, at_wall)"),
            "The turns are only counted. They are divided by the number of videos."),
        mistake("turns_a_triple", (_MOTION,
            "return Motion(speed, jolts.mean().item(), turned.double().mean().item(), at_wall)"),
            (_MOTION, "return Motion(speed, jolts.mean().item(), count / len(paths) / before.shape[1], at_wall)"),
            (_MOTION, "return Motion(speed, jolts.mean().item(), count / len(paths) / steps.shape[1], at_wall)"),
            "The turns are divided by the number of triples or steps, too. They are divided by the number of videos alone."),
        mistake("no_turns_is_zero", (_SHARE, "(turned & ~in_the_open).sum().item() / max(count, 1)"),
            (_SHARE, "(turned & ~in_the_open).sum().item() / count if count else 1.0"),
            "Without turns `at_wall` is a number here. There is nothing to take a share of: nan."),
        mistake("squared_speed", (_SPEED, "steps.square().sum(dim=2).mean().item()"),
            "The root is missing: this is the mean *squared* length of a step."),
        mistake("net_speed", (_SPEED, "steps.mean(dim=1).norm(dim=1).mean().item()"),
            (_SPEED, "((paths[:, -1] - paths[:, 0]).norm(dim=1) / steps.shape[1]).mean().item()"),
            "What goes there and back has speed 0 here: steps are averaged before their lengths are taken."),
        mistake("root_mean_square", (_SPEED, "steps.square().sum(dim=2).mean().sqrt().item()"),
            "The root is taken of the mean of squares, which is larger. Take the length of each step first, then their mean."),
        mistake("divided_by_positions", (_SPEED, "(steps.norm(dim=2).sum(dim=1) / paths.shape[1]).mean().item()"),
            "The lengths are divided by the number of positions. T positions have T - 1 steps."),
        mistake("length_of_paths", (_SPEED, "steps.norm(dim=2).sum(dim=1).mean().item()"),
            "This is the mean length of a whole *path*. The speed is the mean length of a step."),
        mistake("jolt_of_speeds", (_JOLTS, "(after.abs() - before.abs()).abs()[in_the_open]"),
            "The jolt compares how *long* two steps are. Something that turns round in the open, as fast as before, would have "
            "no jolt. Take the difference of the velocities, then its absolute value."),
        mistake("jolt_at_walls", (_JOLTS, "(after - before).abs()[~in_the_open]"),
            "The jolt is taken where a wall is near. There a velocity has to change. Take the triples in the open."),
        mistake("jolt_of_both_axes", (_JOLTS, "(after - before).norm(dim=2)[in_the_open.all(dim=2)]"),
            "The jolt has the length over both axes. A triple is of one axis: take the absolute value for each."),
        mistake("squared_jolt", (_JOLTS, "(after - before).square()[in_the_open]"),
            "The jolt is squared. The docstring has the absolute value."),
        mistake("jolt_zero_where_walls", (_JOLTS, "(after - before).abs() * in_the_open"),
            "Triples at a wall count as jolts of 0, so the mean is too small. Leave them out: `[in_the_open]`."),
        mistake("middle_left_out",
            (_OPEN, "((triples[..., ::2] - low > margin) & (high - triples[..., ::2] > margin)).all(dim=3)"),
            "The first and the last position of a triple are compared with the walls, and the middle one is not. All three "
            "have to be in the open."),
        mistake("both_axes_in_the_open",
            (_OPEN,
            "((triples - low > margin) & (high - triples > margin)).all(dim=3).all(dim=2, keepdim=True).expand_as(before)"),
            "A triple is in the open only where *both* axes are. Each axis is looked at by itself: along a wall the other axis "
            "is free."),
        mistake("one_wall", (_OPEN, "(triples - low > margin).all(dim=3)"), (_OPEN, "(high - triples > margin).all(dim=3)"),
            "Only one of the two walls is looked at."),
        mistake("beyond_is_open", (_OPEN, "(((triples - low).abs() > margin) & ((high - triples).abs() > margin)).all(dim=3)"),
            "The distance to a wall is taken absolutely, so that what has gone through a wall counts as in the open. Beyond a "
            "wall is not in the open."),
        mistake("margin_included", (_OPEN, "((triples - low >= margin) & (high - triples >= margin)).all(dim=3)"),
            "A position exactly `margin` away from a wall counts as in the open. The docstring has *more than* `margin`."),
        mistake("margin_ignored", (_OPEN, "((triples > low) & (triples < high)).all(dim=3)"),
            (_OPEN, "((triples - low > 2.0) & (high - triples > 2.0)).all(dim=3)"),
            "`margin` is not used. Near a wall is everything that is not more than `margin` away from it."),
        mistake("slow_included", (_TURNED, "(before * after < 0) & (before.abs() >= slow) & (after.abs() >= slow)"),
            "A step exactly as long as `slow` counts here. The docstring has *longer than* `slow`."),
        mistake("product_over_slow", (_TURNED, "before * after < -slow"), (_TURNED, "before * after < -slow**2"),
            "The *product* of two steps is compared with `slow`. A long and a very short step have a product, too: ask each "
            "step."),
        mistake("dot_product", (_TURNED, "(((before * after).sum(dim=2, keepdim=True) < 0) & (before.abs() > slow) & "
                "(after.abs() > slow))"),
            (_TURNED, "(((before * after).sum(dim=2) < 0) & (before.norm(dim=2) > slow) & (after.norm(dim=2) > slow))",
             _SHARE, "(turned & ~in_the_open.all(dim=2)).sum().item() / count if count else math.nan"),
            (_TURNED, "((before * after).sum(dim=2) < 0)",
             _SHARE, "(turned & ~in_the_open.all(dim=2)).sum().item() / count if count else math.nan"),
            "A turn is where the dot product of two steps is negative. A digit that meets a wall at a low angle turns along "
            "one "
            "axis alone, and this misses it. Look at each axis by itself."),
        mistake("turns_of_an_axis", (_MOTION, "return Motion(speed, jolts.mean().item(), count / len(paths) / 2, at_wall)"),
            "The turns are divided by the number of axes as well. They are divided by the number of videos alone."),
        mistake("videos_that_turn", (_MOTION,
            "return Motion(speed, jolts.mean().item(), turned.flatten(1).any(dim=1).double().mean().item(), at_wall)"),
            "This is the share of videos with a turn. A video that turns three times counts three."),
        mistake("another_order", (_MOTION, "return Motion(speed, jolts.mean().item(), at_wall, count / len(paths))"),
            "`turns` and `at_wall` have changed places. Names are safer: `Motion(speed=..., jolt=..., turns=..., "
            "at_wall=...)`."),
        mistake("no_turns_divided", (_SHARE, "(turned & ~in_the_open).sum().item() / count"),
            "Without turns this divides by 0. There is nothing to take a share of: nan."),
        mistake("in_the_open_instead", (_SHARE, "(turned & in_the_open).sum().item() / count if count else math.nan"),
            "This is the share of turns in the *open*. `at_wall` is the other share."),
        mistake("share_of_walls", (_SHARE, "(turned & ~in_the_open).sum().item() / max(1, (~in_the_open).sum().item())"),
            (_SHARE, "((turned & ~in_the_open).sum() / (~in_the_open).sum()).item()"),
            "The turns at a wall are divided by all triples at a wall. Divide by the turns: of what turned, how much was "
            "there?"),
        mistake("no_jolt_is_zero", (_MOTION,
            "return Motion(speed, jolts.mean().nan_to_num().item(), count / len(paths), at_wall)"),
            "Without a triple in the open `jolt` is 0 here, which would look perfect. Nothing was measured: nan."),
        mistake("tensors", (_MOTION,
            "return Motion(torch.tensor(speed), jolts.mean(), torch.tensor(count / len(paths)), at_wall)"),
            (_MOTION, "return Motion(speed, jolts.mean(), count / len(paths), at_wall)"),
            (_MOTION, "return Motion(steps.norm(dim=2).mean(), jolts.mean(), turned.sum() / len(paths), "
                "torch.tensor(at_wall))"),
            "Something comes back as a tensor. Plain numbers are asked for: `.item()`."),
        mistake("everything_open", (_OPEN, "(triples > -math.inf).all(dim=3)"),
            (_OPEN, "((triples - low > margin) | (high - triples > margin)).all(dim=3)"),
            "Every triple counts as in the open. A position has to be away from *both* walls: join the two comparisons with "
            "`&`, not with `|`."),
        mistake("slow_without_abs", (_TURNED, "(before * after < 0) & (before > slow) & (after > slow)"),
            "Steps are compared with `slow` without `.abs()`. Of two steps with opposite signs one is negative, so nothing "
            "ever turns."),
        mistake("turns_one_way", (_TURNED, "(before > slow) & (after < -slow)"), (_TURNED, "(before < -slow) & (after > slow)"),
            "Only turns in one direction count here: from plus to minus, or from minus to plus. Opposite signs are both."),
        mistake("change_over_slow", (_TURNED, "(before * after < 0) & ((after - before).abs() > slow)"),
            (_TURNED, "(before * after < 0) & (before.abs() + after.abs() > slow)"),
            "The *change* from one step to the next is compared with `slow`. Each of the two steps has to be longer."),
        mistake("share_of_triples", (_SHARE, "(turned & ~in_the_open).double().mean().item()"),
            "`at_wall` is divided by all triples. It is a share of the turns: of what turned, how much was not in the open?"),
        mistake("wall_turns_a_video", (_SHARE, "(turned & ~in_the_open).sum().item() / len(paths)"),
            "`at_wall` is divided by the number of videos. It is a share of the turns."),
        mistake("all_near_a_wall",
            (_SHARE, "(turned & ~((triples - low > margin) & (high - triples > margin)).any(dim=3)).sum().item() / count "
                "if count else math.nan"),
            "A turn counts as at a wall only where all three positions are near one. One is enough: then the triple is not "
            "in the open."),
        mistake("walls_of_one_room", (_OPEN, "((triples > 2) & (triples < 30)).all(dim=3)"),
            (_OPEN, "((triples > 2) & (triples < 29)).all(dim=3)"), (_OPEN, "((triples > 8) & (triples < 23)).all(dim=3)"),
            (_OPEN, "((triples > margin) & (triples < 31 - margin)).all(dim=3)"),
            (_OPEN, "((triples > margin) & (triples < 32 - margin)).all(dim=3)"),
            "The walls are numbers of one room, or the edges of the frame. They are at `low` and `high`."),
    ),
)  # fmt: skip

# --- noise of two kinds ------------------------------------------------------------------------------------------------


def _drawn(n, frames, content, motion, own=True):
    """What can be said of noise that is drawn at random."""

    def look(video_noise) -> dict:
        def draw(seed):
            torch.manual_seed(seed)
            return video_noise(n, frames, content, motion, torch.Generator().manual_seed(seed) if own else None)

        torch.manual_seed(3)
        before = torch.get_rng_state()
        first = video_noise(n, frames, content, motion, torch.Generator().manual_seed(4)) if own else draw(3)
        moved = not torch.equal(before, torch.get_rng_state())
        if not (isinstance(first, (tuple, list)) and len(first) == 2 and all(isinstance(x, torch.Tensor) for x in first)):
            return {KIND: kind(first)}
        again, other = draw(5), draw(6)
        repeated = draw(5)
        facts = {"the shapes of both": tuple(tuple(x.shape) for x in first)}
        facts["the dtypes of both"] = tuple(str(x.dtype).removeprefix("torch.") for x in first)
        same = [torch.equal(a, b) for a, b in zip(again, repeated, strict=True)]
        facts["whether the same seed gives the same noise"] = all(same)
        facts["whether another seed gives other noise"] = not any(torch.equal(a, b) for a, b in zip(again, other, strict=True))
        facts["whether the noise asks for a gradient"] = any(x.requires_grad for x in first)
        if own:
            facts["whether PyTorch's own random numbers are used as well"] = moved
            one = torch.Generator().manual_seed(7)
            calls = [video_noise(n, frames, content, motion, one) for _ in range(2)]
            facts["whether a second call goes on with new numbers"] = not any(map(torch.equal, *calls))
        if any(x.ndim != 3 for x in first):
            return facts
        for name, x in zip(("content", "motion"), first, strict=True):
            facts[f"how many different frames of {name} a video has"] = tuple(sorted({len(v.unique(dim=0)) for v in x}))
            facts[f"how many different videos of {name} there are"] = len(x.unique(dim=0))
            facts[f"the mean of the noise of {name}"] = Near(x.mean(), 0.25)
            facts[f"the standard deviation of the noise of {name}"] = Near(x.std(), 0.25)
            facts[f"how many different numbers of {name} there are"] = len(x.unique())
        if content == motion:
            facts["whether both noises are the same numbers"] = bool(torch.isin(first[0], first[1]).any())
        return facts

    return scenario(f"called with ({n}, {frames}, {content}, {motion})" + ("" if own else ", no generator"), look)


_FIXED = "torch.randn(n, 1, content, generator=generator).expand(-1, frames, -1)"
_FRESH = "torch.randn(n, frames, motion, generator=generator)"

exercise(
    "c4w3b.video_noise",
    "course_utils.video.noise:video_noise",
    cases=(_drawn(40, 5, 6, 4), _drawn(30, 3, 7, 7), _drawn(50, 1, 4, 5), _drawn(30, 6, 4, 6, own=False)),
    mistakes=(
        mistake("content_anew", (_FIXED, "torch.randn(n, frames, content, generator=generator)"),
            "The content is drawn anew in every frame: a 3 would become a 7. Draw it once a video, (n, 1, content), and "
            "`expand` it over the frames."),
        mistake("motion_fixed", (_FRESH, "torch.randn(n, 1, motion, generator=generator).expand(-1, frames, -1)"),
            "The noise of motion is the same in all frames of a video. It is new in every frame."),
        mistake("roles_swapped", (_FIXED, "torch.randn(n, frames, content, generator=generator)",
                _FRESH, "torch.randn(n, 1, motion, generator=generator).expand(-1, frames, -1)"),
            "The two kinds are exchanged: content changes from frame to frame, and motion stays."),
        mistake("one_content_for_all", (_FIXED, "torch.randn(1, 1, content, generator=generator).expand(n, frames, -1)"),
            (_FIXED, "torch.randn(1, frames, content, generator=generator).expand(n, -1, -1)"),
            "All videos share their content. It is drawn once for *each* video."),
        mistake("one_motion_for_all", (_FRESH, "torch.randn(1, frames, motion, generator=generator).expand(n, -1, -1)"),
            "All videos share their noise of motion. Videos share nothing."),
        mistake("content_without_time", (_FIXED, "torch.randn(n, content, generator=generator)"),
            (_FIXED, "torch.randn(n, 1, content, generator=generator)"),
            "The content has no row for each frame. It is (n, frames, content), the same row in all frames."),
        mistake("time_first", (_FIXED, "torch.randn(1, n, content, generator=generator).expand(frames, -1, -1)",
                _FRESH, "torch.randn(frames, n, motion, generator=generator)"),
            "Time stands before the videos. The order is (n, frames, ...)."),
        mistake("generator_ignored", (_FIXED, "torch.randn(n, 1, content).expand(-1, frames, -1)",
                _FRESH, "torch.randn(n, frames, motion)"),
            (_FIXED, "torch.randn(n, 1, content).expand(-1, frames, -1)"), (_FRESH, "torch.randn(n, frames, motion)"),
            "`generator` is not used everywhere, so the noise cannot be repeated. Hand it to every draw.",
            symptom=lambda r: r.only("whether PyTorch's own random numbers are used as well")),
        mistake("uniform", (_FIXED, "torch.rand(n, 1, content, generator=generator).expand(-1, frames, -1)",
                _FRESH, "torch.rand(n, frames, motion, generator=generator)"),
            (_FIXED, "torch.rand(n, 1, content, generator=generator).expand(-1, frames, -1)"),
            (_FRESH, "torch.rand(n, frames, motion, generator=generator)"),
            (_FIXED, "torch.rand(n, 1, content, generator=generator).mul(2).sub(1).expand(-1, frames, -1)",
                _FRESH, "torch.rand(n, frames, motion, generator=generator) * 2 - 1"),
            (_FIXED, "torch.rand(n, 1, content, generator=generator).mul(2).sub(1).expand(-1, frames, -1)"),
            (_FRESH, "torch.rand(n, frames, motion, generator=generator) * 2 - 1"),
            "`torch.rand` gives uniform numbers between 0 and 1. Normal noise is `torch.randn`."),
        mistake("videos_mixed",
            (_FIXED, "torch.randn(n, content, generator=generator).repeat(frames, 1).view(n, frames, content)"),
            "The rows are repeated in the wrong order, so that a video gets the content of several. `repeat` goes through all "
            "videos before it begins again; `expand` over a dimension of time cannot mix them."),
        mistake("another_spread", (_FRESH, f"{_FRESH} * 0.1"), (_FRESH, f"{_FRESH} * 3"),
            (_FIXED, "torch.randn(n, 1, content, generator=generator).mul(0.1).expand(-1, frames, -1)"),
            (_FIXED, "torch.randn(n, 1, content, generator=generator).clamp(-1, 1).expand(-1, frames, -1)"),
            "The noise has another spread. Normal noise is asked for as it is, with standard deviation 1."),
        mistake("own_seed", ("fixed =", "generator = generator or torch.Generator().manual_seed(0)\n    fixed ="),
            ("fixed =", "generator = generator or torch.Generator()\n    fixed ="),
            "Without `generator` a new one is made, which begins with the same seed at every call: all noise would be alike. "
            "`generator=None` uses PyTorch's own."),
        mistake("seeded_inside", ("fixed =", "torch.manual_seed(0)\n    fixed ="),
            "PyTorch's seed is set here. That changes the random numbers of everything else that runs.",
            symptom=lambda r: r.only("whether PyTorch's own random numbers", "whether another seed gives other noise")
            and "whether another seed gives other noise" in r.names),
        mistake("a_copy_of_the_generator", ("fixed =", "generator = generator and generator.clone_state()\n    fixed ="),
            "A copy of `generator` is used, so it does not move on, and a second call gives the same noise."),
        mistake("order", ("return fixed, fresh", "return fresh, fixed"),
            "The two come back in the other order: content first."),
        mistake("joined", ("return fixed, fresh", "return torch.cat([fixed, fresh], dim=2)"),
            "Both come back joined in one tensor. They go to different networks: return two."),
        mistake("arrays", ("return fixed, fresh", "return fixed.numpy(), fresh.numpy()"),
            "What comes back are not two tensors. Draw with `torch.randn(..., generator=generator)`: NumPy does not know this "
            "generator."),
        mistake("content_in_the_motion", (_FIXED, "torch.randn(n, 1, content, generator=generator).expand(-1, frames, -1)\n    "
                "every = torch.randn(n, frames, max(content, motion), generator=generator)\n    "
                "fixed = every[:, :1, :content].expand(-1, frames, -1)", _FRESH, "every[..., :motion]"),
            "Both are cut from the same numbers, so the content says what the first motion is. Draw them one after the other."),
        mistake("a_walk", (_FRESH, f"{_FRESH}.cumsum(dim=1)"),
            "The noise of motion is summed over time. How motion hangs together is for the recurrent path to learn; the noise "
            "of each frame is independent."),
    ),
)  # fmt: skip

# --- the recurrent path ------------------------------------------------------------------------------------------------


def _path(noise, hidden, batch=3, frames=5, **options):
    return network(noise, hidden, inputs=(normal(batch, frames, noise),), evaluated=False, **options)


def _as_made(make) -> dict:
    """By how much the biases of each gate start larger than PyTorch has them, from their means."""
    hidden = 60
    made = make(3, hidden)
    rows = [p.detach() for p in made.parameters() if tuple(p.shape) == (3 * hidden,)]
    if not rows:
        return {"the biases of the cell": "not found"}
    gates = sum(rows).view(3, hidden).mean(dim=1)
    names = "the reset gate", "the update gate", "the new values"
    halves = [round(2 * gate.item()) / 2 for gate in gates]
    spread = min((row.view(3, hidden)[1].std().item() for row in rows), default=0.0)
    facts = {f"how much the biases of {n} start above 0, to a half": half for n, half in zip(names, halves, strict=True)}
    facts["whether the biases of the update gate differ from each other, as PyTorch makes them"] = spread > 1e-4
    facts["how many of the 60 biases of the update gate start larger"] = int((sum(rows).view(3, hidden)[1] > 1.5).sum())
    return facts | {"whether all biases can still learn": all(p.requires_grad and p.is_leaf for p in made.parameters())}


_KEEP = "self.cell.bias_hh[hidden : 2 * hidden] += KEEP"
_START = "code = self.start(motion[:, 0]).tanh()"
_LOOP = "for noise in motion[:, 1:].unbind(dim=1):"
_STEP = "code = self.cell(noise, code)"
_KEPT = "path.append(code)\n        return"
_STACK = "torch.stack(path, dim=1)"
_CELL = "self.cell = nn.GRUCell(noise, hidden)"

exercise(
    "c4w3b.motion_path",
    "course_utils.models.video:MotionPath",
    cases=(
        _path(4, 6),
        _path(2, 5, batch=1, frames=9),
        _path(3, 2, frames=2),
        _path(3, 7, batch=2, frames=1, label="made with (3, 7), called with one frame"),
        scenario("looked at as it is made", _as_made),
        network(0, 3, inputs=(normal(1, 2, 1),)),
        network(3, 0, inputs=(normal(1, 2, 3),)),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("gate_as_it_comes", (_KEEP, "pass"),
            "The bias of the update gate starts as PyTorch has it. Add 3 to it, so that codes change slowly at first."),
        mistake("gate_overwritten", (_KEEP, "self.cell.bias_hh[hidden : 2 * hidden] = KEEP"),
            "The bias of the update gate is *set* to 3. It is to be 3 larger than PyTorch makes it: `+=`, not `=`."),
        mistake("gate_moved_otherwise", (_KEEP, "self.cell.bias_hh[hidden : 2 * hidden] -= KEEP"),
            (_KEEP, "self.cell.bias_hh[hidden : 2 * hidden] += 1"),
            (_KEEP, _KEEP + "\n            self.cell.bias_ih[hidden : 2 * hidden] += KEEP"),
            "The bias of the update gate is moved, and not by 3. `KEEP` is added once, to `bias_hh`."),
        mistake("no_no_grad", ("with torch.no_grad():\n            ", ""),
            "PyTorch does not let a parameter be changed in place where a graph is kept. Write `with torch.no_grad():` "
            "around that line."),
        mistake("another_gate", (_KEEP, "self.cell.bias_hh[:hidden] += KEEP"), (_KEEP,
            "self.cell.bias_hh[2 * hidden :] += KEEP"),
            "The bias of another gate was changed. PyTorch keeps reset gate, update gate, new values, in this order, `hidden` "
            "numbers each."),
        mistake("all_gates", (_KEEP, "self.cell.bias_hh += KEEP"),
            "The biases of all gates were changed. It is the update gate alone: the middle third."),
        mistake("no_tanh", (_START, "code = self.start(motion[:, 0])"), (_START, "code = self.start(motion[:, 0]).relu()"),
            (_START, "code = self.start(motion[:, 0]).sigmoid()"),
            "The code of frame 0 has no tanh. The codes of a GRU lie in (-1, 1), and the first one should, too."),
        mistake("cell_on_frame_0", (_LOOP, "for noise in motion.unbind(dim=1):"),
            "The cell reads the noise of frame 0 as well, which the first code was made of. There is a code too many."),
        mistake("starts_with_the_cell", (_START, "code = torch.zeros(len(motion), self.cell.hidden_size); code = "
                "self.cell(motion[:, 0], code)"),
            "Frame 0 goes through the cell, from a code of zeros. The docstring has a layer of its own for it: `start`, then "
            "tanh."),
        mistake("first_code_left_out", ("path = [code]", "path = []"),
            "The code of frame 0 is not returned: there are T - 1 codes."),
        mistake("not_carried_on", (_STEP, "path.append(self.cell(noise, path[0])); continue"),
            "Every frame starts from the code of frame 0. What the cell gives is the code that the next frame starts from."),
        mistake("no_memory", (_STEP, "code = self.cell(noise)"),
            "The cell gets no code, so it starts from zeros in every frame. Then frames know nothing of each other."),
        mistake("noise_one_too_early", (_LOOP, "for noise in motion[:, :-1].unbind(dim=1):"),
            "Frame t gets the noise of frame t - 1. The first noise serves twice, and the last one never."),
        mistake("first_noise_always", (_STEP, "code = self.cell(motion[:, 0], code)"),
            "The cell gets the noise of frame 0 in every frame."),
        mistake("backwards", (_LOOP, "for noise in motion[:, 1:].flip(1).unbind(dim=1):"),
            "The noise is read from the end. Frame t may know of frames 0 to t alone."),
        mistake("codes_backwards", (_STACK, "torch.stack(path[::-1], dim=1)"),
            "The codes come back in the other order, the last one first."),
        mistake("start_without_bias", ("nn.Linear(noise, hidden)", "nn.Linear(noise, hidden, bias=False)"),
            "`start` has no bias. The docstring asks for a linear layer, which has one."),
        mistake("last_frame_left_out", (_LOOP, "for noise in motion[:, 1:-1].unbind(dim=1):"),
            "The last frame gets no code: there are T - 1 of them."),
        mistake("batch_for_time", (_START, "code = self.start(motion[0]).tanh()", _LOOP, "for noise in motion[1:]:"),
            "The loop runs over the videos, not over the frames. Time is dimension 1: `motion[:, t]`."),
        mistake("future", (_START, "code = self.start(motion.mean(dim=1)).tanh()"),
            "The first code is made of the noise of all frames. Frame 0 knows of its own noise alone."),
        mistake("detached", (_STEP, "code = self.cell(noise, code.detach())"),
            "The code is detached between frames. What a late frame needs could never be learned at an early one."),
        mistake("time_first", (_STACK, "torch.stack(path)"),
            "The codes are stacked with time first, (T, B, hidden). `dim=1` gives (B, T, hidden)."),
        mistake("joined", (_STACK, "torch.cat(path, dim=1)"),
            "The codes are joined in one row. They need a dimension of their own: `torch.stack(path, dim=1)`."),
        mistake("last_only", (_STACK, "code"), (_STACK, "code.unsqueeze(1)"),
            "Only the last code comes back. Every frame has one."),
        mistake("plain_recurrence", (_CELL, "self.cell = nn.RNNCell(noise, hidden)"),
            "This is a plain recurrent cell. The docstring asks for `nn.GRUCell`, which can keep a number over many frames."),
        mistake("sizes_swapped", (_CELL, "self.cell = nn.GRUCell(hidden, noise)"),
            "The sizes of the cell are exchanged: `nn.GRUCell(input, hidden)`; its input is the noise."),
        mistake("tanh_again", (_STEP, "code = self.cell(noise, code).tanh()"),
            "A tanh follows the cell, which has its own inside."),
        mistake("residual", (_STEP, "code = code + self.cell(noise, code)"),
            "The cell's output is added to the code. A GRU keeps what it wants to keep by itself; codes would grow."),
        mistake("gate_not_whole", (_KEEP, "self.cell.bias_hh[hidden : 2 * hidden - 1] += KEEP"),
            (_KEEP, "self.cell.bias_hh[hidden + 1 : 2 * hidden] += KEEP"),
            "Some of the update gate's biases are left as they were. Its slice is `[hidden : 2 * hidden]`."),
        mistake("frame_0_twice", (_LOOP, "for noise in motion.unbind(dim=1):", "path = [code]", "path = []"),
            "The code of frame 0 goes through the cell as well, with the same noise. It is that of `start` alone: keep it, and "
            "begin the loop with frame 1."),
        mistake("reshaped", (_STACK, "torch.stack(path).view(len(motion), -1, code.shape[1])"),
            "`view` and `reshape` exchange no dimensions: they read the numbers in their order, so codes of several videos are "
            "mixed. `torch.stack(path, dim=1)`."),
        mistake("sixteen_frames", (_LOOP, "for noise in [motion[:, t] for t in range(1, 16)]:"),
            "The number of frames is fixed at 16. T is what comes in, `motion.shape[1]`.",
            symptom=lambda r: r.raised("index 9 is out of bounds") and r.raised("index 5 is out of bounds")),
        mistake("lstm", (_CELL, "self.cell = nn.LSTMCell(noise, hidden)"),
            "This is an LSTM cell, which carries two states. The docstring asks for `nn.GRUCell`, whose code is its only one.",
            symptom=lambda r: r.raised("lstm_cell")),
        mistake("whole_gru", ("self.start = nn.Linear(noise, hidden)", "self.gru = nn.GRU(noise, hidden, batch_first=True)",
                _CELL, "pass", _KEEP, "pass", _START, "return self.gru(motion)[0]"),
            ("self.start = nn.Linear(noise, hidden)", "self.gru = nn.GRU(noise, hidden, batch_first=True)",
                _CELL, "pass", _KEEP, "self.gru.bias_hh_l0[hidden : 2 * hidden] += KEEP", _START, "return self.gru(motion)[0]"),
            "An `nn.GRU` reads all frames here, from a code of zeros. The docstring has two layers: `start` makes the code of "
            "frame 0, and `cell` the others."),
    ),
)  # fmt: skip

# --- a round -----------------------------------------------------------------------------------------------------------

_PARTS = "the critics' loss", "the generator's loss"
_TENSORS = "whether both are tensors without a dimension"
_SPARED = "whether gradients reach the generator in the critics' step"
_CALLS = "how often the generator is called in a round"


class _Maker(nn.Module):
    """Videos of 3 frames of 2 x 2 pixels."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(5, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 4), nn.Tanh())

    def forward(self, content, motion):
        codes = torch.cat([content, motion], dim=2).flatten(0, 1)
        return self.layers(codes).view(*content.shape[:2], 2, 2)


def _critic(frames: int) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(4 * frames, 5), nn.Tanh(), nn.Linear(5, 1))


def _gan(scale: float = 1.0, dtype=torch.float64):
    generator, critics = _Maker(), TwoCritics(_critic(1), _critic(3))
    with torch.no_grad():
        for p in (*generator.layers[3].parameters(), *critics.parameters()):
            p.mul_(scale)
    return steps.watched(generator.to(dtype), critics.to(dtype), lr=0.1)


def _data(batch: int = 6, dtype=torch.float64) -> dict:
    return {"videos": (torch.rand(batch, 3, 2, 2) * 2 - 1).to(dtype), "content": torch.randn(batch, 3, 2).to(dtype),
            "motion": torch.randn(batch, 3, 3).to(dtype), "picks": torch.arange(batch) * 2 % 3}


def _two_losses(returned: list) -> dict:
    """The losses of each call, as facts."""
    if not all(isinstance(two, (tuple, list)) and len(two) == 2 for two in returned):
        return {KIND: kind(returned[0])}
    try:
        values = torch.tensor([[float(loss) for loss in two] for two in returned], dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError):
        return {KIND: "two that are not numbers"}
    graph = any(isinstance(loss, torch.Tensor) and loss.requires_grad for two in returned for loss in two)
    tensors = all(isinstance(loss, torch.Tensor) and loss.ndim == 0 for two in returned for loss in two)
    return {_TENSORS: tensors, KIND: "a tuple of 2", **dict(zip(_PARTS, values.T, strict=True)), steps.LOSS_GRAPH: graph}


def _round(label: str, calls: int = 1, seed: int = 0, **options):
    """Rounds in a row, seen as a step is, with the two losses that come back."""
    options = {"gan": _gan, "data": _data} | options
    given = "videos", "content", "motion", "picks"
    inner = steps.step(*given, label=label, calls=calls, seed=seed, ignore=(steps.LOSS,), **options)

    def observe(candidate, names) -> Seen:
        returned, early = [], []

        def play(*given, **more):
            gan = given[0] if given else more["gan"]
            before = [p.detach().clone() for p in gan.discriminator.parameters()]

            def arrives(_):
                if all(map(torch.equal, before, gan.discriminator.parameters())):
                    early.append(gan)

            for p in gan.generator.parameters():
                p.register_hook(arrives)
            returned.append(candidate(*given, **more))
            return torch.zeros(())

        seen = inner.observe(play, names)
        if RAISES in seen.facts:
            return dataclasses.replace(seen, trace={**seen.trace, _SPARED: bool(early)})
        once = calls * sum(1 for _ in options["gan"]().generator.parameters())
        facts = {_SPARED: seen.trace["arrived"]["generator"] > once, _CALLS: seen.trace["called"]["generator"] / calls}
        return dataclasses.replace(seen, facts=seen.facts | facts | _two_losses(returned[:calls]))

    return dataclasses.replace(inner, observe=observe)


_WATCH = steps.Watch("generator")
_GENERAL = ("reused_graph", "fixed_batch_size", "changes_argument", "left_frozen", "evaluation_mode", "average_updated")
_IMAGE_D = "image_loss = discriminator_loss(real_image, gan.discriminator.image(one_frame(cut, picks)))"
_VIDEO_D = "video_loss = discriminator_loss(real_video, gan.discriminator.video(cut))"
_CUT = "cut = fake.detach()"
_PENALTY = "penalty = r1_penalty(real_image, real) + r1_penalty(real_video, real)"
_D_SUM = "(image_loss + video_loss + gamma / 2 * penalty).backward()"
_IMAGE_G = "image_part = generator_loss(gan.discriminator.image(one_frame(fake, picks)))"
_G_SUM = "g_loss = image_part + video_weight * generator_loss(gan.discriminator.video(fake))"
_REAL_IMAGE = "real_image = gan.discriminator.image(one_frame(real, picks))"
_RETURNED = "return (image_loss + video_loss).detach(), g_loss.detach()"

exercise(
    "c4w3b.video_round",
    "course_utils.steps.video:video_round",
    cases=(
        _round("a round"),
        _round("three rounds", calls=3),
        _round("a round with gamma=1.5 and video_weight=0.4", seed=2, gamma=1.5, video_weight=0.4),
        _round("a round with video_weight=0", seed=6, video_weight=0.0),
        _round("two rounds with large weights", calls=2, seed=3, gan=lambda: _gan(2.0)),
        _round(steps.TWO, seed=4, data=lambda: _data(2)),
        _round("a round in float32", seed=5, gan=lambda: _gan(dtype=torch.float32), data=lambda: _data(dtype=torch.float32)),
    ),
    usual=tuple(m for m in steps.usual("generator", "no_gradient", "No gradient arrived at the generator.")
        if m.id in _GENERAL),
    mistakes=(
        mistake("nothing_done", Body("return torch.zeros(()), torch.zeros(())"),
            "The networks of `gan` are left as they were: no gradient was computed, and neither optimiser was stepped.",
            symptom=lambda r: not r.errors() and not any(_WATCH.first(r)["arrived"].values()) and not _WATCH.stepped(r)),
        mistake("gamma_not_halved", ("gamma / 2 * penalty", "gamma * penalty"),
            "R1 has the weight gamma. It is gamma / 2."),
        mistake("weight_ignored", (_G_SUM, "g_loss = image_part + generator_loss(gan.discriminator.video(fake))"),
            "`video_weight` is not used."),
        mistake("no_r1", (_D_SUM, "(image_loss + video_loss).backward()"),
            "R1 is missing in the critics' step."),
        mistake("weight_on_the_image", (_G_SUM,
            "g_loss = video_weight * image_part + generator_loss(gan.discriminator.video(fake))"),
            "`video_weight` stands at the image critic's part. It belongs to the video critic's."),
        mistake("gradients_not_cleared_g", (CLEAR_G, ""), (CLEAR_G, "", STEP_G, STEP_G + CLEAR_G),
            "The generator's gradients are not cleared before its `backward()`, so those that were there before are in the "
            "sum."),
        mistake("weight_in_the_critics", (_D_SUM, "(image_loss + video_weight * video_loss + gamma / 2 * penalty).backward()"),
            (_D_SUM, "(image_loss + video_weight * video_loss + gamma / 2 * penalty).backward()", _RETURNED,
                "return (image_loss + video_weight * video_loss).detach(), g_loss.detach()"),
            "`video_weight` stands in the critics' step as well. There both critics count alike; the weight is for what the "
            "generator hears."),
        mistake("returns_graph", (_RETURNED, "return image_loss + video_loss, g_loss"),
            (_RETURNED, "return (image_loss + video_loss).detach(), g_loss"),
            "A returned loss still carries its graph. Kept for a curve, thousands of them fill the memory. Return "
            "`loss.detach()`.",
            symptom=lambda r: r.only(steps.LOSS_GRAPH)),
        mistake("no_detach", (_CUT, "cut = fake", f"    {_D_SUM}\n", f"    {_D_SUM[:-1]}retain_graph=True)\n"),
            "Gradients reach the generator in the critics' step: the fake videos were not detached there. Both critics get "
            "`fake.detach()` in the first step and `fake` in the second; no `retain_graph` is needed.",
            symptom=lambda r: (r.raised("second time") and _WATCH.first(r).get(_SPARED)) or _SPARED in r.names),
        mistake("fakes_cut_off", (_IMAGE_G, _IMAGE_G.replace("fake", "cut"), _G_SUM, _G_SUM.replace("(fake)", "(cut)")),
            "The game does not reach the generator: its videos were detached in its own step as well.",
            symptom=lambda r: r.raised("does not require grad")),
        mistake("one_critic_cut_off", (_IMAGE_G, _IMAGE_G.replace("fake", "cut")), (_G_SUM, _G_SUM.replace("(fake)", "(cut)")),
            "One of the critics judges a detached video in the generator's step, so the generator does not hear it."),
        mistake("real_and_fake_swapped",
            (_IMAGE_D, "image_loss = discriminator_loss(gan.discriminator.image(one_frame(cut, picks)), real_image)",
             _VIDEO_D, "video_loss = discriminator_loss(gan.discriminator.video(cut), real_video)"),
            (_IMAGE_D, "image_loss = discriminator_loss(gan.discriminator.image(one_frame(cut, picks)), real_image)"),
            (_VIDEO_D, "video_loss = discriminator_loss(gan.discriminator.video(cut), real_video)"),
            "Real and fake are swapped in a critic's loss: it is taught to call the fakes real."),
        mistake("first_frame_always",
            (_REAL_IMAGE, _REAL_IMAGE.replace("one_frame(real, picks)", "real[:, :1]"), _IMAGE_D,
             _IMAGE_D.replace("one_frame(cut, picks)", "cut[:, :1]"), _IMAGE_G,
             _IMAGE_G.replace("one_frame(fake, picks)", "fake[:, :1]")),
            "The image critic sees frame 0 of every video, whatever `picks` says. Later frames would never be judged one by "
            "one."),
        mistake("picks_for_one_only", (_REAL_IMAGE, _REAL_IMAGE.replace("one_frame(real, picks)", "real[:, :1]")),
            (_IMAGE_D, _IMAGE_D.replace("one_frame(cut, picks)", "cut[:, :1]"), _IMAGE_G,
             _IMAGE_G.replace("one_frame(fake, picks)", "fake[:, :1]")),
            (_IMAGE_D, _IMAGE_D.replace("one_frame(cut, picks)", "cut[:, :1]")),
            (_IMAGE_D, _IMAGE_D.replace("one_frame(cut, picks)", "one_frame(cut, picks.flip(0))")),
            "`picks` is used for the real videos or for the fake ones, and not for both. The critic could learn which place in "
            "time a frame has."),
        mistake("other_picks_for_the_generator", (_IMAGE_G, _IMAGE_G.replace("picks)", "(picks + 1) % fake.shape[1])")),
            (_IMAGE_G, _IMAGE_G.replace("one_frame(fake, picks)", "fake[:, :1]")),
            "The generator is judged on another frame than the one that `picks` names."),
        mistake("own_picks", (_IMAGE_G, "picks = torch.randint(fake.shape[1], (len(fake),))\n    " + _IMAGE_G),
            (_REAL_IMAGE, "picks = torch.randint(real.shape[1], (len(real),))\n    " + _REAL_IMAGE),
            "The round draws random numbers of its own, so the same arguments give another update each time. `picks` says "
            "which frame of each video is judged, `content` and `motion` are the noise.",
            symptom=lambda r: "whether the update stays the same when it is repeated" in r.names),
        mistake("no_image_critic", (_D_SUM, "(video_loss + gamma / 2 * penalty).backward()", _G_SUM,
                "g_loss = video_weight * generator_loss(gan.discriminator.video(fake))"),
            "The image critic takes no part: neither its loss nor its say in the generator's step is there."),
        mistake("no_video_critic", (_D_SUM, "(image_loss + gamma / 2 * penalty).backward()", _G_SUM, "g_loss = image_part"),
            "The video critic takes no part. Nobody looks at more than one frame."),
        mistake("critic_not_trained", (_D_SUM, "(image_loss + gamma / 2 * penalty).backward()"),
            (_D_SUM, "(video_loss + gamma / 2 * penalty).backward()"),
            (_D_SUM, "(video_loss + gamma / 2 * penalty).backward()", _RETURNED,
                "return video_loss.detach(), g_loss.detach()"),
            (_D_SUM, "(image_loss + gamma / 2 * penalty).backward()", _RETURNED,
                "return image_loss.detach(), g_loss.detach()"),
            "One of the critics has a say in the generator's step and does not learn from its own mistakes: its "
            "`discriminator_loss` is missing in `backward`."),
        mistake("generator_hears_one", (_G_SUM, "g_loss = image_part"),
            (_G_SUM, "g_loss = video_weight * generator_loss(gan.discriminator.video(fake))"),
            "The generator hears one critic alone. Its loss has both parts."),
        mistake("r1_of_one", (_PENALTY, "penalty = r1_penalty(real_image, real)"), (_PENALTY,
            "penalty = r1_penalty(real_video, real)"),
            "R1 is there for one critic alone. Each has its own."),
        mistake("r1_of_the_sum", (_PENALTY, "penalty = r1_penalty(real_image + real_video, real)"),
            "R1 is taken of the sum of both logits. Then the two gradients may cancel each other. Take one penalty of each, "
            "and "
            "add them."),
        mistake("gamma_ignored", ("gamma / 2 * penalty", "0.025 * penalty"), ("gamma / 2 * penalty", "0.5 * penalty"),
            "`gamma` is not used: R1 has always the same weight."),
        mistake("weight_on_both", (_G_SUM,
            "g_loss = video_weight * (image_part + generator_loss(gan.discriminator.video(fake)))"),
            "`video_weight` multiplies both parts. It belongs to the video critic's alone."),
        mistake("averaged", (_D_SUM, "((image_loss + video_loss) / 2 + gamma / 2 * penalty).backward()"),
            (_D_SUM, "((image_loss + video_loss) / 2 + gamma / 2 * penalty).backward()", _RETURNED,
                "return ((image_loss + video_loss) / 2).detach(), g_loss.detach()"),
            "The critics' losses are averaged. The docstring adds them."),
        mistake("gradients_not_cleared_d", (CLEAR_D, ""), (CLEAR_D, "", STEP_D, STEP_D + CLEAR_D),
            (CLEAR_D, "", STEP_G, STEP_G + CLEAR_D),
            "The critics' gradients are not cleared before their `backward()`: those of the generator's step are still in the "
            "sum."),
        mistake("critics_step_last", (STEP_D, "", STEP_G, STEP_G + STEP_D),
            "The critics are stepped at the end of the round. The generator then learns from the critics as they were before, "
            "and its own `backward` adds to the gradients that they step with. Finish the critics' step first."),
        mistake("generator_first", Body("""
                fake = gan.generator(content, motion)
                real = videos.detach().clone().requires_grad_()
                image_part = generator_loss(gan.discriminator.image(one_frame(fake, picks)))
                g_loss = image_part + video_weight * generator_loss(gan.discriminator.video(fake))
                gan.opt_g.zero_grad()
                g_loss.backward()
                gan.opt_g.step()
                real_image = gan.discriminator.image(one_frame(real, picks))
                real_video = gan.discriminator.video(real)
                cut = fake.detach()
                image_loss = discriminator_loss(real_image, gan.discriminator.image(one_frame(cut, picks)))
                video_loss = discriminator_loss(real_video, gan.discriminator.video(cut))
                penalty = r1_penalty(real_image, real) + r1_penalty(real_video, real)
                gan.opt_d.zero_grad()
                (image_loss + video_loss + gamma / 2 * penalty).backward()
                gan.opt_d.step()
                return (image_loss + video_loss).detach(), g_loss.detach()
            """),
            "The generator learns first here. Asked for is the other order: it learns against the critics after their "
            "step."),
        mistake("critics_not_stepped", (STEP_D, ""),
            "The critics do not move: `gan.opt_d.step()` is missing."),
        mistake("generator_not_stepped", (STEP_G, ""),
            "The generator does not move: `gan.opt_g.step()` is missing."),
        mistake("wrong_optimiser_g", (CLEAR_G, CLEAR_D, STEP_G, STEP_D), (STEP_G, STEP_D),
            "In the second step it is the critics' optimiser that steps. It belongs to `gan.opt_g`."),
        mistake("cleared_after_backward", (CLEAR_G, "", STEP_G, CLEAR_G + STEP_G),
            "The generator's gradients are cleared between `backward()` and the step, so its optimiser finds none. Clear them "
            "before `backward()`."),
        mistake("minimax", (_IMAGE_G, "image_part = -F.softplus(gan.discriminator.image(one_frame(fake, picks))).mean()",
                _G_SUM, "g_loss = image_part - video_weight * F.softplus(gan.discriminator.video(fake)).mean()",
                "fake = gan.generator(content, motion)", "import torch.nn.functional as F\n    fake = gan.generator(content, "
                "motion)"),
            "This is the minimax loss of the generator, whose gradient vanishes while fakes are bad. `generator_loss` is "
            "asked for."),
        mistake("old_logits", (_VIDEO_D, "judged = gan.discriminator.video(cut)\n    video_loss = "
                "discriminator_loss(real_video, judged)",
                _G_SUM, "g_loss = image_part + video_weight * generator_loss(judged)"),
            "The generator's step uses logits of the critics' step. Their graph is gone after `backward`, it never reached the "
            "generator, and they are those of the critics before they learned. Judge `fake` again.",
            symptom=lambda r: r.raised("second time") and next(iter(r.got.values())).error is not None
            and not _WATCH.first(r).get(_SPARED)),
        mistake("r1_of_fakes", (_CUT, "cut = fake.detach().requires_grad_()", _IMAGE_D,
                "fake_image, fake_video = gan.discriminator.image(one_frame(cut, picks)), gan.discriminator.video(cut)\n    "
                "image_loss = discriminator_loss(real_image, fake_image)", _VIDEO_D,
                "video_loss = discriminator_loss(real_video, fake_video)", _PENALTY,
                "penalty = r1_penalty(fake_image, cut) + r1_penalty(fake_video, cut)"),
            "The penalty is taken of the fakes. R1 is a gradient at *real* videos."),
        mistake("fakes_made_twice", (_IMAGE_G, f"fake = gan.generator(content, motion)\n    {_IMAGE_G}"),
            "The generator makes its videos twice in a round. That costs time, and its BatchNorm counts every call. Make them "
            "once, and keep them for the second step."),
        mistake("averaged_generator", ("fake = gan.generator(content, motion)", "fake = gan.shown(content, motion)"),
            "Fakes come from the averaged generator (`gan.shown`), not from the one that learns. Use `gan.generator`."),
        mistake("no_backward_g", ("    g_loss.backward()\n", ""),
            "`backward` of the generator's loss is missing, so its optimiser finds no new gradient."),
        mistake("every_frame_judged", (_IMAGE_G,
                "image_part = generator_loss(gan.discriminator.image(fake.flatten(0, 1).unsqueeze(1)))"),
            (_REAL_IMAGE, _REAL_IMAGE.replace("one_frame(real, picks)", "real.flatten(0, 1).unsqueeze(1)"), _IMAGE_D,
             _IMAGE_D.replace("one_frame(cut, picks)", "cut.flatten(0, 1).unsqueeze(1)"), _IMAGE_G,
             _IMAGE_G.replace("one_frame(fake, picks)", "fake.flatten(0, 1).unsqueeze(1)")),
            "The image critic judges all frames. It is the one of each video that `picks` names."),
        mistake("returns_r1", (_RETURNED, "return (image_loss + video_loss + gamma / 2 * penalty).detach(), g_loss.detach()"),
            "The critics' loss comes back with R1. Without it, 2 log 4 means that they cannot tell."),
        mistake("returns_one_critic", (_RETURNED, "return image_loss.detach(), g_loss.detach()"),
            (_RETURNED, "return video_loss.detach(), g_loss.detach()"),
            "The loss of one critic comes back. Both, added, are asked for."),
        mistake("returns_image_part", (_RETURNED, "return (image_loss + video_loss).detach(), image_part.detach()"),
            "One part of the generator's loss comes back. The loss on which it learned is asked for."),
        mistake("returns_swapped", (_RETURNED, "return g_loss.detach(), (image_loss + video_loss).detach()"),
            "The two losses come back in the other order: the critics' first."),
        mistake("returns_numbers", (_RETURNED, "return (image_loss + video_loss).item(), g_loss.item()"),
            "[The update is right, but] what comes back are not two tensors without a dimension. `loss.detach()` is one.",
            symptom=lambda r: r.only(_TENSORS)),
        mistake("no_variable", ("real = videos.detach().clone().requires_grad_()", "real = videos"),
            "R1 is a gradient with respect to the real videos, and they do not ask for one. Make a copy that does: "
            "`videos.clone().requires_grad_()`. What was handed in stays as it is.",
            symptom=lambda r: r.raised("real: expected images with requires_grad=True")),
        mistake("generator_averaged", (_G_SUM,
            "g_loss = (image_part + video_weight * generator_loss(gan.discriminator.video(fake))) / 2"),
            "The two parts of the generator's loss are averaged. The docstring adds them."),
        mistake("weights_add_up_to_1", (_G_SUM,
            "g_loss = (1 - video_weight) * image_part + video_weight * generator_loss(gan.discriminator.video(fake))"),
            "The image critic's part is multiplied by 1 - `video_weight`. It counts once, whatever the weight is."),
        mistake("generator_helps_critics", (_G_SUM, "g_loss = -image_part - video_weight * "
                "generator_loss(gan.discriminator.video(fake))"),
            (_IMAGE_G, "image_part = F.softplus(gan.discriminator.image(one_frame(fake, picks))).mean()",
                _G_SUM, "g_loss = image_part + video_weight * F.softplus(gan.discriminator.video(fake)).mean()",
                "fake = gan.generator(content, motion)", "import torch.nn.functional as F\n    fake = gan.generator(content, "
                "motion)"),
            "The generator learns to be recognised: it is rewarded where the critics call its videos fake. `generator_loss` "
            "is small where they call them real."),
        mistake("critics_step_twice", (STEP_G, STEP_G + STEP_D),
            "`gan.opt_d` steps a second time, after the generator's step, on gradients that were never meant for the critics. "
            "Each optimiser steps once."),
        mistake("weight_in_the_wrong_step",
            (_D_SUM, "(image_loss + video_weight * video_loss + gamma / 2 * penalty).backward()",
                _G_SUM, "g_loss = image_part + generator_loss(gan.discriminator.video(fake))"),
            (_D_SUM, "(image_loss + video_weight * video_loss + gamma / 2 * penalty).backward()",
                _G_SUM, "g_loss = image_part + generator_loss(gan.discriminator.video(fake))",
                _RETURNED, "return (image_loss + video_weight * video_loss).detach(), g_loss.detach()"),
            "`video_weight` stands in the critics' step, not in the generator's. It is for what the generator hears."),
        mistake("penalties_averaged", ("gamma / 2 * penalty", "gamma / 4 * penalty"),
            "R1 has half of its weight. It is gamma / 2 times *each* of the two penalties, and not times their mean."),
        mistake("one_fake_for_both", (_IMAGE_D, "judged = gan.discriminator.image(one_frame(cut, picks))\n    "
                "image_loss = discriminator_loss(real_image, judged)",
                _VIDEO_D, "video_loss = discriminator_loss(real_video, judged)"),
            "The video critic's loss has the image critic's logits of the fakes. Each critic judges real and fake itself."),
        mistake("returns_half", (_RETURNED, "return ((image_loss + video_loss) / 2).detach(), g_loss.detach()"),
            "The mean of the critics' losses comes back. They are added: 2 log 4 is where they cannot tell."),
        mistake("returns_unweighted", (_G_SUM, "video_part = generator_loss(gan.discriminator.video(fake))\n    "
                "g_loss = image_part + video_weight * video_part",
                _RETURNED, "return (image_loss + video_loss).detach(), (image_part + video_part).detach()"),
            "The generator's two parts come back without `video_weight`. The loss on which it learned is asked for."),
        mistake("returns_three", (_RETURNED, "return image_loss.detach(), video_loss.detach(), g_loss.detach()"),
            "Three losses come back. Two are asked for: the critics' losses, added, and the generator's."),
    ),
)  # fmt: skip

# --- diagnosis ---------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a set say against every other name
    "set A": "how far does something get from one frame to the next, beside the other sets?",
    "set B": "its speed and its number of turns are those of another set. Where does it say that they turn?",
    "set C": "how it moves cannot be told from a sound set. What can?",
    "set D": "it is about half as fast as most. What does its jolt say of two steps that follow each other?",
    "set E": "compare each of its numbers with the others before you suspect it.",
    "set F": "which numbers can only come from something that never moves?",
}

diagnosis("c4w3b.diagnose", "course_utils.lessons.c4w3b.exercises:diagnose", Naming("set", CASES, NAMES, diagnose), CLUES)
