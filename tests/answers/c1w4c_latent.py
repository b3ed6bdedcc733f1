"""Answers to ``sample_latent``."""

import torch
import torch.nn.functional as F

from answers import Answers
from course_utils.models.conditional.infogan import sample_latent

LATENT = L = Answers("c1w4c.sample_latent")


KEPT = {}


def version(
    noise=lambda n: torch.randn(n, 62),
    draw=lambda n: torch.randint(10, (n,)),
    encode=lambda c: F.one_hot(c, 10).float(),
    numbers=lambda n: 2 * torch.rand(n, 2) - 1,
    join=lambda a, b, c: torch.cat([a, b, c], dim=1),
    use_category=True,
    use_continuous=True,
):
    """An answer made of parts, any of which can be wrong."""

    def sample_latent(n, device="cpu", category=None, continuous=None):
        category = draw(n) if category is None or not use_category else category
        continuous = numbers(n) if continuous is None or not use_continuous else continuous
        return join(noise(n), encode(category), continuous).to(device)

    return sample_latent


@L.right
def by_the_eye(n, device="cpu", category=None, continuous=None):
    category = torch.randint(0, 10, (n,)) if category is None else category
    continuous = torch.empty(n, 2).uniform_(-1, 1) if continuous is None else continuous
    return torch.hstack([torch.randn(n, 62), torch.eye(10)[category], continuous]).to(device)


@L.right
def by_filling(n, device="cpu", category=None, continuous=None):
    z = torch.randn(n, 74)
    z[:, 62:72] = 0
    z[torch.arange(n), 62 + (torch.randint(10, (n,)) if category is None else category)] = 1
    z[:, 72:] = torch.rand(n, 2) * 2 - 1 if continuous is None else continuous
    return z.to(device)


@L.right
def by_distributions(n, device="cpu", category=None, continuous=None):
    if category is None:
        category = torch.distributions.Categorical(torch.full((10,), 0.1)).sample((n,))
    if continuous is None:
        continuous = torch.distributions.Uniform(-1, 1).sample((n, 2))
    noise = torch.distributions.Normal(0, 1).sample((n, 62))
    return torch.cat((noise, torch.eye(10).index_select(0, category), continuous), dim=-1).to(device)


@L.right
def on_the_device_from_the_start(n, device="cpu", category=None, continuous=None):
    z = torch.empty(n, 74, device=device)
    z[:, :62].normal_()
    category = torch.multinomial(torch.ones(10), n, replacement=True) if category is None else category
    z[:, 62:72] = F.one_hot(category.to(device), 10).to(z)
    if continuous is None:
        z[:, 72:].uniform_(-1, 1)
    else:
        z[:, 72:].copy_(continuous)
    return z


@L.right
def row_by_row(n, device="cpu", category=None, continuous=None):
    rows = []
    for i in range(n):
        label = int(torch.randint(10, ())) if category is None else int(category[i])
        pair = 2 * torch.rand(2) - 1 if continuous is None else continuous[i]
        rows.append(torch.cat([torch.randn(62), torch.eye(10)[label], pair]))
    return torch.stack(rows).to(device)


L.right(
    version(),
    version(encode=lambda c: (c[:, None] == torch.arange(10)).float()),
    version(draw=lambda n: (10 * torch.rand(n)).long(), noise=lambda n: torch.normal(0.0, 1.0, (n, 62))),
)


@L.wrong("no_return")
def forgot_to_return(n, device="cpu", category=None, continuous=None):
    torch.cat([torch.randn(n, 62), torch.eye(10)[torch.randint(10, (n,))], 2 * torch.rand(n, 2) - 1], dim=1)


L.wrong("category_as_number", version(encode=lambda c: c[:, None].float()))
L.wrong(
    "wrong_order",
    version(join=lambda a, b, c: torch.cat([b, a, c], dim=1)),
    version(join=lambda a, b, c: torch.cat([a, c, b], dim=1)),
)
L.wrong("one_category_for_all", version(draw=lambda n: torch.randint(10, (1,)).expand(n)))
L.wrong(
    "category_never_drawn",
    version(draw=lambda n: torch.randint(9, (n,))),
    version(draw=lambda n: torch.randint(1, 10, (n,))),
)
L.wrong("numbers_0_1", version(numbers=lambda n: torch.rand(n, 2)))
L.wrong("numbers_normal", version(numbers=lambda n: torch.randn(n, 2)))
L.wrong("noise_uniform", version(noise=lambda n: torch.rand(n, 62)), version(noise=lambda n: 2 * torch.rand(n, 62) - 1))
L.wrong(
    "noise_repeated",
    version(noise=lambda n: torch.randn(1, 62).expand(n, 62)),
    version(noise=lambda n: torch.randn(n, 1).expand(n, 62)),
    version(noise=lambda n: KEPT.setdefault(n, torch.randn(n, 62))),
)
L.wrong(
    "noise_scaled",
    version(noise=lambda n: 0.5 * torch.randn(n, 62)),
    version(noise=lambda n: 1 + torch.randn(n, 62)),
)


@L.wrong("only_together")
def draws_both_or_none(n, device="cpu", category=None, continuous=None):
    if category is None or continuous is None:
        return version()(n, device)
    return version()(n, device, category, continuous)


@L.wrong("only_together")
def zeros_beside_a_category(n, device="cpu", category=None, continuous=None):
    if category is not None and continuous is None:
        continuous = torch.zeros(n, 2)
    return version()(n, device, category, continuous)


L.wrong("ignores_codes", version(use_category=False), version(use_continuous=False))
L.wrong("ignores_codes", version(use_category=False, use_continuous=False))
L.wrong("other_columns", version(noise=lambda n: torch.randn(n, 64)), lambda n, *codes, **named: (torch.randn(n, 62),) * 3)


def leaves_given_codes_where_they_are(n, device="cpu", category=None, continuous=None):
    category = torch.randint(10, (n,), device=device) if category is None else category
    continuous = 2 * torch.rand(n, 2, device=device) - 1 if continuous is None else continuous
    return torch.cat([torch.randn(n, 62, device=device), F.one_hot(category, 10).float(), continuous], dim=1)


L.refused(
    leaves_given_codes_where_they_are,
    version(noise=lambda n: torch.zeros(n, 62)),
    version(noise=lambda n: torch.randn(n, 62).clamp(-2, 2)),
    version(draw=lambda n: torch.arange(n) % 10),
    version(encode=lambda c: F.one_hot((c + 1) % 10, 10).float()),
    version(encode=lambda c: torch.rand(len(c), 10).softmax(1)),
    version(encode=lambda c: c.float()[:, None].expand(-1, 10)),
    version(numbers=lambda n: 2 * torch.rand(n, 2)),
    version(numbers=lambda n: (2 * torch.rand(1, 2) - 1).expand(n, 2)),
    version(numbers=lambda n: (2 * torch.rand(n, 1) - 1).expand(n, 2)),  # the same number twice
    version(encode=lambda c: F.one_hot(c, 10).double()),
    version(draw=lambda n: torch.arange(n) % 2),
    version(encode=lambda c: torch.softmax(F.one_hot(c, 10).float(), dim=1)),
)


L.right(
    version(draw=lambda n: torch.distributions.OneHotCategorical(torch.ones(10)).sample((n,)).argmax(1)),
    version(noise=lambda n: torch.distributions.Normal(torch.zeros(62), torch.ones(62)).sample((n,))),
)
L.wrong("noise_scaled", version(noise=lambda n: (lambda x: x - x.mean(0))(torch.randn(n, 62))))  # over the batch
L.wrong("categories_uneven", version(draw=lambda n: (9 * torch.rand(n)).round().long()))
L.wrong("classes_not_given", version(encode=lambda c: F.one_hot(c).float()))
L.wrong("numbers_elsewhere", version(numbers=lambda n: torch.randint(-1, 2, (n, 2)).float()))


@L.wrong("asks_a_tensor")
def with_or(n, device="cpu", category=None, continuous=None):
    category, continuous = category or torch.randint(10, (n,)), continuous or 2 * torch.rand(n, 2) - 1
    return torch.cat([torch.randn(n, 62), F.one_hot(category, 10), continuous], 1).to(device)


@L.wrong("codes_changed")
def scales_what_is_given(n, device="cpu", category=None, continuous=None):
    continuous = torch.rand(n, 2) if continuous is None else continuous
    return version()(n, device, category, 2 * continuous - 1)

@L.wrong("not_one_hot")
def softened(n, device="cpu", category=None, continuous=None):
    z = sample_latent(n, device, category, continuous)
    z[:, 62:72] = z[:, 62:72].softmax(dim=1)
    return z


@L.wrong("numbers_repeated")
def one_number_twice(n, device="cpu", category=None, continuous=None):
    z = sample_latent(n, device, category, continuous)
    if continuous is None:
        z[:, 73] = z[:, 72]
    return z


@L.wrong("seed_inside")
def seeded(n, device="cpu", category=None, continuous=None):
    torch.manual_seed(42)
    return sample_latent(n, device, category, continuous)


@L.wrong("classes_not_given")
def counts_up_to_the_largest(n, device="cpu", category=None, continuous=None):
    noise = torch.randn(n, 62)
    category = torch.randint(10, (n,)) if category is None else category
    continuous = 2 * torch.rand(n, 2) - 1 if continuous is None else continuous
    return torch.cat([noise, F.one_hot(category).float(), continuous], dim=1).to(device)
