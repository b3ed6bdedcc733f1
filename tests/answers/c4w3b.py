"""Answers to the exercises of the lesson on video."""

import math
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from answers import Answers, name_cases
from course_utils.lessons.c4w3b.exercises import CASES, NAMES, diagnose
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.metrics.motion import Motion
from course_utils.steps.video import one_frame

MOTION = Answers("c4w3b.motion")
NOISE = Answers("c4w3b.video_noise")
PATH = Answers("c4w3b.motion_path")
ROUND = Answers("c4w3b.video_round")
DIAGNOSE = Answers("c4w3b.diagnose")


# --- motion: a learner's way of writing it, of which one part is changed at a time -------------------------------------------


def _check(paths):
    if paths.size(1) < 3:
        raise ValueError("at least three positions")


def _by_slices(paths, low, high, margin=2.0, slow=0.5):
    _check(paths)
    v = paths[:, 1:] - paths[:, :-1]
    free = (paths > low + margin) & (paths < high - margin)
    inside = free[:, 2:] & free[:, 1:-1] & free[:, :-2]
    a = (v[:, 1:] - v[:, :-1]).abs()
    turn = (torch.sign(v[:, 1:]) != torch.sign(v[:, :-1])) & (v[:, 1:].abs() > slow) & (v[:, :-1].abs() > slow)
    return v, inside, a, turn


def _four(speed, jolt, turns, at_wall):
    return Motion(float(speed), float(jolt), float(turns), float(at_wall))


@MOTION.right
def by_slices(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four((v**2).sum(-1).sqrt().mean(), a[inside].mean(), turn.sum() / len(paths), wall)


@MOTION.wrong("tensor_for_a_number")
def in_tensors(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return Motion((v**2).sum(-1).sqrt().mean(), a[inside].mean(), turn.sum().item() / len(paths), wall)


@MOTION.right
def by_loops(paths, low, high, margin=2.0, slow=0.5):
    _check(paths)
    lengths, jolts, turns, walls = [], [], 0, 0
    for path in paths.tolist():
        lengths += [math.dist(p, q) for p, q in pairwise(path)]
        for axis in zip(*path, strict=True):
            for p, q, r in zip(axis, axis[1:], axis[2:], strict=False):
                near = min(p, q, r) - low <= margin or high - max(p, q, r) <= margin
                if not near:
                    jolts.append(abs(r - 2 * q + p))
                if (q - p) * (r - q) < 0 and min(abs(q - p), abs(r - q)) > slow:
                    turns, walls = turns + 1, walls + near
    jolt = sum(jolts) / len(jolts) if jolts else math.nan
    return Motion(sum(lengths) / len(lengths), jolt, turns / len(paths), walls / turns if turns else math.nan)


@MOTION.right
def by_nearest_wall(paths, low, high, margin=2.0, slow=0.5):
    _check(paths)
    v = torch.diff(paths, dim=1)
    triples = torch.stack([paths[:, :-2], paths[:, 1:-1], paths[:, 2:]])
    away = torch.minimum(triples - low, high - triples).amin(dim=0)
    inside = away > margin
    turn = (v[:, 1:].sign() * v[:, :-1].sign() == -1) & (torch.minimum(v[:, 1:].abs(), v[:, :-1].abs()) > slow)
    n = int(turn.sum())
    return Motion(
        torch.linalg.vector_norm(v, dim=-1).mean().item(),
        v.diff(dim=1).abs()[inside].mean().item(),
        n / paths.shape[0],
        (turn & ~inside).sum().item() / n if n else float("nan"),
    )


@MOTION.wrong("axes_averaged")
def mean_of_axes(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.abs().mean(), a[inside].mean(), turn.sum() / len(paths), wall)


@MOTION.wrong("jolt_everywhere")
def walls_count(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), a.mean(), turn.sum() / len(paths), wall)


@MOTION.wrong("no_turns_is_zero")
def clamped_below(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum().clamp(min=1)
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), wall)


@MOTION.wrong("turns_in_all")
def not_a_video(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum(), wall)


@MOTION.wrong("only_the_middle")
def middle_of_three(paths, low, high, margin=2.0, slow=0.5):
    v, _, a, turn = _by_slices(paths, low, high, margin, slow)
    inside = (paths[:, 1:-1] > low + margin) & (paths[:, 1:-1] < high - margin)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), wall)


@MOTION.wrong("slow_ignored")
def every_sign(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, _ = _by_slices(paths, low, high, margin, slow)
    turn = v[:, 1:] * v[:, :-1] < 0
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), wall)


@MOTION.wrong("in_the_open_instead")
def other_share(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), wall)


@MOTION.refused
def acceleration_as_a_vector(paths, low, high, margin=2.0, slow=0.5):
    v, inside, _, turn = _by_slices(paths, low, high, margin, slow)
    both = inside.all(dim=-1)
    jolt = v.diff(dim=1).norm(dim=-1)[both].mean()
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), jolt, turn.sum() / len(paths), wall)


@MOTION.refused
def squared_speed_and_all_turns(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.square().sum(-1).mean(), a[inside].mean(), turn.sum(), wall)


@MOTION.refused
def a_plain_dictionary(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, _ = _by_slices(paths, low, high, margin, slow)
    return {"speed": v.norm(dim=-1).mean().item(), "jolt": a[inside].mean().item()}


def measured(speed=None, jolt=None, turns=None, wall=None):
    """A measure of which one part is taken in another way: each gets (v, inside, jolts, turn)."""

    def motion(paths, low, high, margin=2.0, slow=0.5):
        parts = _by_slices(paths, low, high, margin, slow)
        v, inside, a, turn = parts
        share = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
        return _four(
            speed(*parts) if speed else v.norm(dim=-1).mean(),
            jolt(*parts) if jolt else a[inside].mean(),
            turns(*parts) if turns else turn.sum() / len(paths),
            wall(*parts) if wall else share,
        )

    return motion


MOTION.right(measured())
MOTION.wrong("root_mean_square", measured(speed=lambda v, *_: v.square().sum(-1).mean().sqrt()))
MOTION.wrong("length_of_paths", measured(speed=lambda v, *_: v.norm(dim=-1).sum(1).mean()))
MOTION.wrong("divided_by_positions", measured(speed=lambda v, *_: v.norm(dim=-1).sum() / (v.shape[0] * (v.shape[1] + 1))))
MOTION.wrong("jolt_of_both_axes", measured(jolt=lambda v, inside, *_: v.diff(dim=1).norm(dim=-1)[inside.all(-1)].mean()))
MOTION.wrong("turns_of_an_axis", measured(turns=lambda v, inside, a, turn: turn.sum() / len(v) / 2))
MOTION.wrong("videos_that_turn", measured(turns=lambda v, inside, a, turn: turn.flatten(1).any(1).float().mean()))
MOTION.wrong("no_turns_divided", measured(wall=lambda v, inside, a, turn: int(turn[~inside].sum()) / int(turn.sum())))
MOTION.wrong("slow_included", lambda *given, **more: by_slices(*given, **more | {"slow": more.get("slow", 0.5) - 1e-9}))


@MOTION.wrong("another_order")
def by_place(*given, **more):
    speed, jolt, turns, at_wall = by_slices(*given, **more)
    return Motion(speed, jolt, at_wall, turns)


def _finish(paths, v, inside, a, turn, wall):
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), wall if turn.any() else math.nan)


@MOTION.wrong("everything_open")
def away_from_a_wall(paths, low, high, margin=2.0, slow=0.5):
    v, _, a, turn = _by_slices(paths, low, high, margin, slow)
    free = torch.logical_or(paths > low + margin, paths < high - margin)
    inside = free[:, 2:] & free[:, 1:-1] & free[:, :-2]
    return _finish(paths, v, inside, a, turn, turn[~inside].sum() / turn.sum())


@MOTION.wrong("walls_of_one_room")
def edges_of_the_frame(paths, low, high, margin=2.0, slow=0.5):
    return _by_slices_finished(paths, 0, 31, margin, slow)


def _by_slices_finished(paths, low, high, margin, slow):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    return _finish(paths, v, inside, a, turn, turn[~inside].sum() / turn.sum())


@MOTION.wrong("dot_product")
def turns_of_the_arrow(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, _ = _by_slices(paths, low, high, margin, slow)
    one, two = v[:, :-1], v[:, 1:]
    turn = (torch.einsum("ntd,ntd->nt", one, two) < 0) & (one.norm(dim=-1) > slow) & (two.norm(dim=-1) > slow)
    return _finish(paths, v, inside, a, turn, (turn & ~inside.all(dim=-1)).sum() / turn.sum())


@MOTION.wrong("slow_without_abs")
def never_negative(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, _ = _by_slices(paths, low, high, margin, slow)
    turn = (v[:, 1:].sign() != v[:, :-1].sign()) & (v[:, 1:] > slow) & (v[:, :-1] > slow)
    return _finish(paths, v, inside, a, turn, math.nan)


@MOTION.wrong("turns_one_way")
def only_back(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, _ = _by_slices(paths, low, high, margin, slow)
    turn = (v[:, :-1] > slow) & (v[:, 1:] < -slow)
    return _finish(paths, v, inside, a, turn, turn[~inside].sum() / turn.sum())


@MOTION.wrong("change_over_slow")
def change_is_long(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, _ = _by_slices(paths, low, high, margin, slow)
    turn = (v[:, 1:] * v[:, :-1] < 0) & (a > slow)
    return _finish(paths, v, inside, a, turn, turn[~inside].sum() / turn.sum())


@MOTION.wrong("turns_a_triple")
def a_video_and_a_triple(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    wall = turn[~inside].sum() / turn.sum() if turn.any() else math.nan
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / (turn.shape[0] * turn.shape[1]), wall)


@MOTION.wrong("share_of_triples")
def of_all_triples(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), (turn & ~inside).float().mean())


@MOTION.wrong("share_of_walls")
def of_those_at_a_wall(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), turn[~inside].double().mean())


@MOTION.wrong("wall_turns_a_video")
def of_all_videos(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    return _four(v.norm(dim=-1).mean(), a[inside].mean(), turn.sum() / len(paths), turn[~inside].sum() / len(paths))


@MOTION.wrong("all_near_a_wall")
def wholly_at_a_wall(paths, low, high, margin=2.0, slow=0.5):
    v, inside, a, turn = _by_slices(paths, low, high, margin, slow)
    near = (paths <= low + margin) | (paths >= high - margin)
    return _finish(paths, v, inside, a, turn, turn[near[:, 2:] & near[:, 1:-1] & near[:, :-2]].sum() / turn.sum())


@MOTION.refused
def one_is_free_and_signs_cancel(paths, low, high, margin=2.0, slow=0.5):
    v, _, _, turn = _by_slices(paths, low, high, margin, slow)
    free = (paths > low + margin) & (paths < high - margin)
    inside = free[:, 2:] | free[:, 1:-1] | free[:, :-2]
    return _finish(paths, v, inside, v.diff(dim=1), turn, turn[~inside].sum() / turn.sum())


# --- noise -------------------------------------------------------------------------------------------------------------------


@NOISE.right
def by_repeat(n, frames, content, motion, generator=None):
    z_c = torch.randn((n, content), generator=generator).unsqueeze(1).repeat(1, frames, 1)
    z_m = torch.randn((n, frames, motion), generator=generator)
    return z_c, z_m


@NOISE.right
def frame_by_frame(n, frames, content, motion, generator=None):
    z_m = torch.stack([torch.randn(n, motion, generator=generator) for _ in range(frames)], dim=1)
    one = torch.empty(n, content).normal_(generator=generator)
    return torch.stack([one] * frames, 1), z_m


@NOISE.wrong("content_anew")
def both_anew(n, frames, content, motion, generator=None):
    return torch.randn(n, frames, content, generator=generator), torch.randn(n, frames, motion, generator=generator)


@NOISE.wrong("content_without_time")
def left_to_broadcasting(n, frames, content, motion, generator=None):
    return torch.randn(n, content, generator=generator), torch.randn(n, frames, motion, generator=generator)


@NOISE.wrong("generator_ignored")
def forgets_the_generator(n, frames, content, motion, generator=None):
    return torch.randn(n, 1, content).repeat(1, frames, 1), torch.randn(n, frames, motion)


@NOISE.wrong("one_content_for_all")
def one_for_all(n, frames, content, motion, generator=None):
    z = torch.randn(content, generator=generator)
    return z.repeat(n, frames, 1), torch.randn(n, frames, motion, generator=generator)


@NOISE.wrong("order")
def motion_first(n, frames, content, motion, generator=None):
    z = torch.randn(n, 1, content, generator=generator).expand(n, frames, content)
    return torch.randn(n, frames, motion, generator=generator), z


@NOISE.wrong("videos_mixed")
def repeated_rows(n, frames, content, motion, generator=None):
    z = torch.randn(n, content, generator=generator)
    return z.repeat(frames, 1).reshape(n, frames, content), torch.randn(n, frames, motion, generator=generator)


@NOISE.wrong("own_seed")
def makes_a_generator(n, frames, content, motion, generator=None):
    return by_repeat(n, frames, content, motion, torch.Generator() if generator is None else generator)


@NOISE.wrong("a_copy_of_the_generator")
def copies_the_generator(n, frames, content, motion, generator=None):
    return by_repeat(n, frames, content, motion, None if generator is None else generator.clone_state())


@NOISE.wrong("seeded_inside")
def sets_the_seed(n, frames, content, motion, generator=None):
    torch.manual_seed(42)
    return by_repeat(n, frames, content, motion, generator)


@NOISE.wrong("uniform")
def from_minus_one_to_one(n, frames, content, motion, generator=None):
    z = torch.rand(n, 1, content, generator=generator).expand(-1, frames, -1)
    return 2 * z - 1, 2 * torch.rand(n, frames, motion, generator=generator) - 1


@NOISE.refused
def both_kept_and_uniform(n, frames, content, motion, generator=None):
    return tuple(torch.rand(n, 1, k, generator=generator).expand(-1, frames, -1) for k in (content, motion))


@NOISE.refused
def as_in_mocogan(n, frames, content, motion, generator=None):
    z_c = torch.randn(n, 1, content, generator=generator).repeat(1, frames, 1).view(-1, content)
    return z_c, torch.randn(n, frames, motion, generator=generator).view(-1, motion)


@NOISE.wrong("arrays")
def in_numpy(n, frames, content, motion, generator=None):
    z = np.random.randn(n, 1, content)
    return np.repeat(z, frames, axis=1), np.random.randn(n, frames, motion)


@NOISE.wrong("content_in_the_motion")
def two_slices_of_one_draw(n, frames, content, motion, generator=None):
    z = torch.randn(n, frames, max(content, motion), generator=generator)
    return z[:, :1, :content].expand(-1, frames, -1), z[:, :, :motion]


# --- the path ----------------------------------------------------------------------------------------------------------------


class _Base(nn.Module):
    def __init__(self, noise, hidden):
        super().__init__()
        if noise < 1 or hidden < 1:
            raise ValueError("sizes must be at least 1")
        self.hidden = hidden
        self.start = nn.Linear(noise, hidden)
        self.cell = nn.GRUCell(noise, hidden)
        self.cell.bias_hh.data[hidden : 2 * hidden].add_(3.0)


@PATH.right
class ByIndex(_Base):
    def forward(self, motion):
        h = torch.tanh(self.start(motion[:, 0, :]))
        out = [h]
        for t in range(1, motion.size(1)):
            h = self.cell(motion[:, t, :], h)
            out.append(h)
        return torch.cat([o.unsqueeze(1) for o in out], dim=1)


@PATH.right
class ByFilling(_Base):
    def forward(self, motion):
        codes = motion.new_empty(motion.shape[0], motion.shape[1], self.hidden)
        h = self.start(motion[:, 0]).tanh()
        codes[:, 0] = h
        for t in range(1, motion.shape[1]):
            h = self.cell(motion[:, t], h)
            codes[:, t] = h
        return codes


@PATH.wrong("gate_as_it_comes")
class PlainGate(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell = nn.GRUCell(noise, hidden)


@PATH.wrong("another_gate")
class LastThird(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell = nn.GRUCell(noise, hidden)
        with torch.no_grad():
            self.cell.bias_hh[2 * hidden :] += 3


@PATH.wrong("gate_overwritten")
class SetGate(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell.bias_hh.data[hidden : 2 * hidden] = 3.0


@PATH.wrong("gate_moved_otherwise")
class TwiceMoved(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell.bias_ih.data[hidden : 2 * hidden] += 3.0


@PATH.wrong("no_no_grad")
class InAGraph(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell.bias_hh[hidden : 2 * hidden] += 3.0


@PATH.wrong("codes_backwards")
class Backwards(ByIndex):
    def forward(self, motion):
        return super().forward(motion).flip(1)


@PATH.wrong("last_frame_left_out")
class TooShort(ByIndex):
    def forward(self, motion):
        return super().forward(motion[:, :-1] if motion.shape[1] > 1 else motion)


@PATH.wrong("no_tanh")
class NoTanh(_Base):
    def forward(self, motion):
        h = self.start(motion[:, 0])
        out = [h]
        for t in range(1, motion.size(1)):
            h = self.cell(motion[:, t], h)
            out.append(h)
        return torch.stack(out, 1)


@PATH.wrong("time_first")
class TimeFirst(_Base):
    def forward(self, motion):
        h = self.start(motion[:, 0]).tanh()
        out = [h]
        for t in range(1, motion.size(1)):
            h = self.cell(motion[:, t], h)
            out.append(h)
        return torch.stack(out)


@PATH.wrong("not_carried_on")
class NotCarriedOn(_Base):
    def forward(self, motion):
        h = self.start(motion[:, 0]).tanh()
        out = [h]
        for t in range(1, motion.size(1)):
            out.append(self.cell(motion[:, t], h))
        return torch.stack(out, 1)


@PATH.wrong("cell_on_frame_0")
class OneTooMany(_Base):
    def forward(self, motion):
        h = self.start(motion[:, 0]).tanh()
        out = [h]
        for t in range(motion.size(1)):
            h = self.cell(motion[:, t], h)
            out.append(h)
        return torch.stack(out, 1)


@PATH.wrong("detached")
class Truncated(_Base):
    def forward(self, motion):
        h = self.start(motion[:, 0]).tanh()
        out = [h]
        for t in range(1, motion.size(1)):
            h = self.cell(motion[:, t], h.detach())
            out.append(h)
        return torch.stack(out, 1)


@PATH.refused
class WithLSTM(_Base):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell = nn.LSTMCell(noise, hidden)

    def forward(self, motion):
        h = self.start(motion[:, 0]).tanh()
        c, out = torch.zeros_like(h), [h]
        for t in range(1, motion.size(1)):
            h, c = self.cell(motion[:, t], (h, c))
            out.append(h)
        return torch.stack(out, 1)


@PATH.refused
class ReluAndTimeFirst(_Base):
    def forward(self, motion):
        h = F.relu(self.start(motion[:, 0]))
        out = [h]
        for t in range(1, motion.size(1)):
            h = self.cell(motion[:, t], h)
            out.append(h)
        return torch.stack(out)


@PATH.wrong("gate_not_whole")
class OneBiasLeft(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell = nn.GRUCell(noise, hidden)
        self.cell.bias_hh.data[hidden : 2 * hidden - 1] += 3


@PATH.wrong("frame_0_twice")
class CellFromFrame0(_Base):
    def forward(self, motion):
        h, out = torch.tanh(self.start(motion[:, 0])), []
        for t in range(motion.size(1)):
            h = self.cell(motion[:, t], h)
            out.append(h)
        return torch.stack(out, dim=1)


@PATH.wrong("reshaped")
class StackedAndReshaped(ByIndex):
    def forward(self, motion):
        codes = super().forward(motion).transpose(0, 1)
        return codes.reshape(motion.size(0), motion.size(1), self.hidden)


@PATH.wrong("sixteen_frames")
class AlwaysSixteen(_Base):
    def forward(self, motion):
        out = [torch.tanh(self.start(motion[:, 0]))]
        for t in range(1, 16):
            out.append(self.cell(motion[:, t], out[-1]))
        return torch.stack(out, 1)


@PATH.wrong("lstm")
class Lstm(ByIndex):
    def __init__(self, noise, hidden):
        super().__init__(noise, hidden)
        self.cell = nn.LSTMCell(noise, hidden)


@PATH.wrong("whole_gru")
class WholeGru(nn.Module):
    def __init__(self, noise, hidden):
        super().__init__()
        if min(noise, hidden) < 1:
            raise ValueError("sizes must be at least 1")
        self.rnn = nn.GRU(noise, hidden, batch_first=True)

    def forward(self, motion):
        codes, _ = self.rnn(motion)
        return codes


# --- the round: one way of writing it, of which one part is changed at a time ------------------------------------------------


def _play(
    gan,
    videos,
    content,
    motion,
    picks,
    gamma,
    weight,
    *,
    first=False,
    r1=2,
    sum_r1=False,
    cut=True,
    hears="both",
    both=1.0,
):
    fake = gan.generator(content, motion)
    x = videos.clone().requires_grad_(True)
    critics, some = gan.discriminator, (lambda v: v[:, :1]) if first else (lambda v: one_frame(v, picks))
    still = fake.detach() if cut else fake
    r_i, f_i = critics.image(some(x)), critics.image(some(still))
    r_v, f_v = critics.video(x), critics.video(still)
    d_loss = F.softplus(-r_i).mean() + F.softplus(f_i).mean() + F.softplus(-r_v).mean() + F.softplus(f_v).mean()
    penalty = r1_penalty(r_i + r_v, x) if sum_r1 else sum(r1_penalty(r, x) for r in (r_i, r_v)[:r1])
    gan.opt_d.zero_grad()
    (both * d_loss + 0.5 * gamma * penalty).backward(retain_graph=not cut)
    gan.opt_d.step()
    gan.opt_g.zero_grad(set_to_none=True)
    image, video = generator_loss(critics.image(some(fake))), generator_loss(critics.video(fake))
    g_loss = {"both": image + weight * video, "image": image, "video": weight * video}[hears]
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def with_softplus(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, video_weight)


@ROUND.right
def two_backwards(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    fake = gan.generator(content, motion)
    places = torch.arange(videos.size(0))
    gan.opt_d.zero_grad()
    real = videos.detach().clone().requires_grad_()
    logits = gan.discriminator.image(real[places, picks][:, None])
    image = discriminator_loss(logits, gan.discriminator.image(fake.detach()[places, picks][:, None]))
    (image + gamma / 2 * r1_penalty(logits, real)).backward()
    logits = gan.discriminator.video(real)
    video = discriminator_loss(logits, gan.discriminator.video(fake.detach()))
    (video + gamma / 2 * r1_penalty(logits, real)).backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    loss = generator_loss(gan.discriminator.video(fake)) * video_weight
    loss = loss + generator_loss(gan.discriminator.image(fake[places, picks].unsqueeze(1)))
    loss.backward()
    gan.opt_g.step()
    return (image + video).detach(), loss.detach()


@ROUND.wrong("first_frame_always")
def always_first(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, video_weight, first=True)


@ROUND.wrong("no_r1")
def without_r1(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, 0.0, video_weight)


@ROUND.wrong("r1_of_one")
def r1_of_the_image(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, video_weight, r1=1)


@ROUND.wrong("r1_of_the_sum")
def r1_of_both_at_once(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, video_weight, sum_r1=True)


@ROUND.wrong("gamma_not_halved")
def whole_gamma(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, 2 * gamma, video_weight)


@ROUND.wrong("weight_ignored")
def no_weight(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, 1.0)


@ROUND.wrong("generator_hears_one")
def hears_the_image(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, video_weight, hears="image")


@ROUND.wrong("cleared_after_backward")
def cleared_too_late(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    fake, critics = gan.generator(content, motion), gan.discriminator
    x, cut = videos.clone().requires_grad_(), fake.detach()
    r_i, r_v = critics.image(one_frame(x, picks)), critics.video(x)
    d_loss = discriminator_loss(r_i, critics.image(one_frame(cut, picks))) + discriminator_loss(r_v, critics.video(cut))
    gan.opt_d.zero_grad()
    (d_loss + gamma / 2 * (r1_penalty(r_i, x) + r1_penalty(r_v, x))).backward()
    gan.opt_d.step()
    g_loss = generator_loss(critics.image(one_frame(fake, picks))) + video_weight * generator_loss(critics.video(fake))
    g_loss.backward()
    gan.opt_g.zero_grad()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("own_picks")
def new_noise_of_motion(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, torch.randn_like(motion), picks, gamma, video_weight)


@ROUND.wrong("no_detach")
def not_cut(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    fake = gan.generator(content, motion)
    real = videos.clone().requires_grad_()
    r_i, r_v = gan.discriminator.image(one_frame(real, picks)), gan.discriminator.video(real)
    d_loss = discriminator_loss(r_i, gan.discriminator.image(one_frame(fake, picks)))
    d_loss = d_loss + discriminator_loss(r_v, gan.discriminator.video(fake))
    gan.opt_d.zero_grad()
    (d_loss + gamma / 2 * (r1_penalty(r_i, real) + r1_penalty(r_v, real))).backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    g_loss = generator_loss(gan.discriminator.image(one_frame(fake, picks)))
    g_loss = g_loss + video_weight * generator_loss(gan.discriminator.video(fake))
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("changes_argument")
def asks_the_argument(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    videos.requires_grad_()
    return _play(gan, videos.detach(), content, motion, picks, gamma, video_weight)


@ROUND.refused
def first_frames_without_r1(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, 0.0, video_weight, first=True)


@ROUND.refused
def returns_one(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return sum(_play(gan, videos, content, motion, picks, gamma, video_weight))


@ROUND.refused
def halves_the_critics(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _play(gan, videos, content, motion, picks, gamma, video_weight, both=0.5)


def _another(gan, videos, content, motion, picks, gamma, critics, hears, *, real=None, mixed=False, back="both", again=False):
    """A round in which what the critics and the generator learn on is made by two functions of both parts."""
    fake, D = gan.generator(content, motion), gan.discriminator
    x = videos.clone().requires_grad_(True) if real is None else real
    r_i, r_v, f_i = D.image(one_frame(x, picks)), D.video(x), D.image(one_frame(fake.detach(), picks))
    image, video = discriminator_loss(r_i, f_i), discriminator_loss(r_v, f_i if mixed else D.video(fake.detach()))
    d_loss = critics(image, video)
    gan.opt_d.zero_grad()
    (d_loss + gamma * (r1_penalty(r_i, x) + r1_penalty(r_v, x))).backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    one, two = generator_loss(D.image(one_frame(fake, picks))), generator_loss(D.video(fake))
    g_loss = hears(one, two)
    g_loss.backward()
    gan.opt_g.step()
    if again:
        gan.opt_d.step()
    if back == "three":
        return image.detach(), video.detach(), g_loss.detach()
    if back == "half":
        return d_loss.detach() / 2, g_loss.detach()
    return d_loss.detach(), (one + two if back == "unweighted" else g_loss).detach()


@ROUND.wrong("penalties_averaged")
def mean_of_penalties(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _another(gan, videos, content, motion, picks, gamma / 4, torch.add, lambda i, v: i + video_weight * v)


@ROUND.wrong("no_variable")
def asks_for_nothing(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    given = gan, videos, content, motion, picks, gamma / 2
    return _another(*given, torch.add, lambda i, v: i + video_weight * v, real=videos)


@ROUND.wrong("one_fake_for_both")
def copied_from_the_line_above(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    given = gan, videos, content, motion, picks, gamma / 2
    return _another(*given, torch.add, lambda i, v: i + video_weight * v, mixed=True)


@ROUND.wrong("weights_add_up_to_1")
def a_mixture(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _another(gan, videos, content, motion, picks, gamma / 2, torch.add, lambda i, v: torch.lerp(i, v, video_weight))


@ROUND.wrong("generator_averaged")
def half_of_what_it_hears(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _another(gan, videos, content, motion, picks, gamma / 2, torch.add, lambda i, v: 0.5 * (i + video_weight * v))


@ROUND.wrong("generator_helps_critics")
def minus(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _another(gan, videos, content, motion, picks, gamma / 2, torch.add, lambda i, v: -(i + video_weight * v))


@ROUND.wrong("critics_step_twice")
def steps_both_at_the_end(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    given = gan, videos, content, motion, picks, gamma / 2
    return _another(*given, torch.add, lambda i, v: i + video_weight * v, again=True)


@ROUND.wrong("weight_in_the_wrong_step")
def weighs_the_critics(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _another(gan, videos, content, motion, picks, gamma / 2, lambda i, v: i + video_weight * v, torch.add)


@ROUND.wrong("returns_half")
def returns_a_mean(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    given = gan, videos, content, motion, picks, gamma / 2
    return _another(*given, torch.add, lambda i, v: i + video_weight * v, back="half")


@ROUND.wrong("returns_unweighted")
def returns_both_parts(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    given = gan, videos, content, motion, picks, gamma / 2
    return _another(*given, torch.add, lambda i, v: i + video_weight * v, back="unweighted")


@ROUND.wrong("returns_three")
def returns_each(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    given = gan, videos, content, motion, picks, gamma / 2
    return _another(*given, torch.add, lambda i, v: i + video_weight * v, back="three")


@ROUND.refused
def no_r1_and_the_other_weight(gan, videos, content, motion, picks, gamma=0.05, video_weight=1.0):
    return _another(gan, videos, content, motion, picks, 0.0, torch.add, lambda i, v: video_weight * i + v)


KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
