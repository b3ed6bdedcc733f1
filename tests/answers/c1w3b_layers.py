"""Answers to minibatch standard deviation."""

import torch
from torch import nn

from answers import Answers

SPREAD = S = Answers("c1w3b.minibatch_std")

# --- minibatch standard deviation, right ------------------------------------------------------------------------------


class Base(nn.Module):
    """The constructor that the stub leaves; ``spread`` gives one number a sample."""

    def __init__(self, group: int = 4):
        super().__init__()
        self.group = group

    def forward(self, x):
        group = min(self.group, len(x))
        if len(x) % group:
            raise ValueError(f"{len(x)} is no multiple of {group}")
        return self.append(x, self.spread(x, group))

    def append(self, x, spread):
        return torch.cat([x, spread.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])], dim=1)

    def spread(self, x, group):
        groups = x.reshape(group, -1, *x.shape[1:])
        return (groups.var(0, unbiased=False) + 1e-8).sqrt().flatten(1).mean(1).repeat(group)


def layer(**methods):
    return type("Layer", (Base,), methods)


S.right(Base)


@S.right
class WithALoop(Base):
    def spread(self, x, group):
        count = len(x) // group
        found = [torch.sqrt(x[i::count].flatten(1).var(dim=0, correction=0) + 1e-8).mean() for i in range(count)]
        return torch.stack([found[i % count] for i in range(len(x))])


@S.right
class ByHand(Base):
    def spread(self, x, group):
        y = x.flatten(1).reshape(group, len(x) // group, -1)
        y = y - y.mean(dim=0, keepdim=True)
        return torch.sqrt(torch.mean(y**2, dim=0) + 1e-8).mean(dim=1).tile(group)

    def append(self, x, spread):
        new = torch.ones_like(x[:, :1]) * spread.reshape(len(x), *(1 for _ in x.shape[1:]))
        return torch.concatenate((x, new), 1)


class Whole(nn.Module):
    def __init__(self, group=4):
        super().__init__()
        self.g = group

    def forward(self, x):
        g = min(self.g, x.size(0))
        if x.size(0) % g != 0:
            raise ValueError("group")
        y = x.unflatten(0, (g, -1))
        s = (((y - y.mean(0)) ** 2).mean(0) + 1e-8) ** 0.5
        s = s.mean(dim=tuple(range(1, s.dim())), keepdim=True)
        return torch.cat([x, s.repeat(g, 1, *x.shape[2:])], 1)


S.right(Whole, lambda group=4: Whole(group))

# --- minibatch standard deviation, named mistakes ---------------------------------------------------------------------


def groups_of(x, group):
    return x.reshape(group, -1, *x.shape[1:])


def deviation(x, dim=0):
    return (x.var(dim, correction=0) + 1e-8).sqrt()


S.wrong("no_return", layer(append=lambda self, x, spread: None))


@S.wrong("changes_input")
class CentresInPlace(Base):
    def spread(self, x, group):
        y = groups_of(x, group)
        y -= y.mean(0)
        return ((y**2).mean(0) + 1e-8).sqrt().flatten(1).mean(1).repeat(group)


S.wrong("only_new", layer(append=lambda self, x, s: s.view(-1, *[1] * (x.dim() - 1)).expand(-1, 1, *x.shape[2:])))
S.wrong("new_first", layer(append=lambda self, x, s: Base.append(self, x, s).roll(1, 1)))
S.wrong(
    "within_sample",
    layer(spread=lambda self, x, g: deviation(x.flatten(1), 1)),
    layer(spread=lambda self, x, g: x.flatten(1).std(1, correction=0)),
)
S.wrong(
    "unbiased",
    layer(spread=lambda self, x, g: groups_of(x, g).std(0).flatten(1).mean(1).repeat(g)),
    layer(spread=lambda self, x, g: (groups_of(x, g).var(0) + 1e-8).sqrt().flatten(1).mean(1).repeat(g)),
    layer(spread=lambda self, x, g: x.std(0).mean().expand(len(x))),
)
S.wrong(
    "whole_batch",
    layer(spread=lambda self, x, g: deviation(x).mean().expand(len(x))),
    layer(spread=lambda self, x, g: x.std(0, correction=0).mean().repeat(len(x))),
)
S.wrong(
    "all_together", layer(spread=lambda self, x, g: deviation(groups_of(x, g).transpose(0, 1).flatten(1), 1).repeat(g))
)
S.wrong(
    "over_groups",
    layer(spread=lambda self, x, g: deviation(groups_of(x, g)).mean().expand(len(x))),
)
S.wrong(
    "root_last",
    layer(spread=lambda self, x, g: (groups_of(x, g).var(0, correction=0).flatten(1).mean(1) + 1e-8).sqrt().repeat(g)),
)
S.wrong(
    "variance",
    layer(spread=lambda self, x, g: groups_of(x, g).var(0, correction=0).flatten(1).mean(1).repeat(g)),
)
S.wrong("summed", layer(spread=lambda self, x, g: deviation(groups_of(x, g)).flatten(1).sum(1).repeat(g)))
S.wrong(
    "written_elsewhere",
    layer(spread=lambda self, x, g: deviation(groups_of(x, g)).flatten(1).mean(1).repeat_interleave(g)),
    layer(spread=lambda self, x, g: deviation(x.reshape(-1, g, *x.shape[1:]), 1).flatten(1).mean(1).repeat(g)),
)
S.wrong(
    "neighbours",
    layer(
        spread=lambda self, x, g: deviation(x.reshape(-1, g, *x.shape[1:]), 1).flatten(1).mean(1).repeat_interleave(g)
    ),
)


@S.wrong("a_map")
class KeepsPositions(Base):
    def forward(self, x):
        std = deviation(groups_of(x, min(self.group, len(x)))).mean(1, keepdim=True)
        return torch.cat([x, std.repeat(min(self.group, len(x)), *[1] * (x.dim() - 1))], 1)


@S.wrong("a_map")
class KeepsFeatures(Base):
    def forward(self, x):
        std = deviation(groups_of(x, min(self.group, len(x))))
        return torch.cat([x, std.repeat(min(self.group, len(x)), *[1] * (x.dim() - 1))], 1)


S.wrong("group_ignored", type("Four", (Base,), {"__init__": lambda self, group=4: Base.__init__(self, 4)}))


@S.wrong("images_only")
class ForImages(Base):
    def append(self, x, spread):
        b, _, h, w = x.shape
        return torch.cat([x, spread.view(b, 1, 1, 1).expand(b, 1, h, w)], 1)


S.wrong(
    "cut_off",
    layer(spread=lambda self, x, g: Base.spread(self, x, g).detach()),
    layer(spread=lambda self, x, g: Base.spread(self, x.data, g)),
    layer(spread=torch.no_grad()(lambda self, x, g: Base.spread(self, x, g))),
)
S.right(layer(spread=lambda self, x, g: groups_of(x, g).std(0, correction=0).flatten(1).mean(1).repeat(g)))
S.wrong(
    "no_epsilon",
    layer(spread=lambda self, x, g: groups_of(x, g).var(0, correction=0).sqrt().flatten(1).mean(1).repeat(g)),
)


@S.wrong("small_batch")
class NeedsFullGroups(Base):
    def forward(self, x):
        if len(x) % self.group:
            raise ValueError("batch")
        return self.append(x, self.spread(x, self.group))


@S.wrong("takes_any_batch")
class ReshapeWillComplain(Base):
    def forward(self, x):
        group = min(self.group, len(x))
        return self.append(x, self.spread(x, group))


@S.wrong("takes_any_batch")
class LeavesSomeOut(Base):
    def forward(self, x):
        group = min(self.group, len(x))
        return self.append(x, self.spread(x, group)) if len(x) % group == 0 else self.append(x, x.new_zeros(len(x)))


S.refused(
    nn.Identity,
    layer(append=lambda self, x, s: Base.append(self, x - x.mean(0), s)),
    layer(append=lambda self, x, s: Base.append(self, x, s).float()),
    layer(spread=lambda self, x, g: x.new_zeros(len(x))),
    layer(spread=lambda self, x, g: Base.spread(self, x, g).round()),
    layer(spread=lambda self, x, g: Base.spread(self, x, g) + 1),
    layer(
        spread=lambda self, x, g: (groups_of(x, g) - groups_of(x, g).mean(0)).abs().mean(0).flatten(1).mean(1).repeat(g)
    ),
    lambda group=4: lambda x: Whole(group)(x),
    lambda x: Whole(4)(x),
    Whole(4),
    layer(append=lambda self, x, s: Base.append(self, x, s).float().double() if x.dim() == 4 else x),
)


# --- in other words, and two mistakes at once --------------------------------------------------------------------------


@S.right
class GroupByGroup(Base):
    def spread(self, x, group):
        count = len(x) // group
        values = torch.stack([(x[i::count].var(0, unbiased=False) + 1e-8).sqrt().mean() for i in range(count)])
        return values[torch.arange(len(x), device=x.device) % count]


@S.wrong("unbiased")
class OfTheWholeBatch(nn.Module):  # as progressive GANs are often copied
    def __init__(self, group=4):
        super().__init__()

    def forward(self, x):
        return torch.cat([x, torch.std(x, dim=0).mean().repeat(len(x), 1, *x.shape[2:])], dim=1)


@S.wrong("images_only")
class UnpacksImages(Base):
    def forward(self, x):
        _b, _c, _h, _w = x.shape
        return super().forward(x)


@S.wrong("takes_any_batch")
class FindsASmallerGroup(Base):
    def forward(self, x):
        group = min(self.group, len(x))
        while len(x) % group:
            group -= 1
        return self.append(x, self.spread(x, group))


@S.wrong("takes_any_batch")
class Asserts(Base):
    def forward(self, x):
        assert len(x) % min(self.group, len(x)) == 0
        return super().forward(x)


@S.refused
class ForgetsItsConstructor(nn.Module):
    def __init__(self, group=4):
        self.group = group

    def forward(self, x):
        return x
