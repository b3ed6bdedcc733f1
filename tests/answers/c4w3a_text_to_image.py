"""Answers to the exercises of the lesson on text to image."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from answers import Answers, name_cases
from course_utils.lessons.c4w3a.exercises import CASES, NAMES, diagnose
from course_utils.losses import discriminator_loss, generator_loss, r1_penalty

ENCODER = Answers("c4w3a.caption_encoder")
LOSS = Answers("c4w3a.contrastive_loss")
BETWEEN = Answers("c4w3a.interpolate")
ROUND = Answers("c4w3a.matching_round")
DIAGNOSE = Answers("c4w3a.diagnose")


def encoder(read, project=lambda network, x: F.normalize(network.project(x), dim=1), make_gru=None, bias=True, padding=None):
    """A caption encoder that picks with ``read(states, final, tokens)``."""

    class Encoder(nn.Module):
        def __init__(self, vocabulary, code_dim=32, width=32, hidden=64):
            super().__init__()
            self.embedding = nn.Embedding(vocabulary, width, padding_idx=padding)
            self.gru = (make_gru or (lambda a, b: nn.GRU(a, b, batch_first=True)))(width, hidden)
            self.project = nn.Linear(hidden, code_dim, bias=bias)

        def forward(self, tokens):
            states, final = self.gru(self.embedding(tokens))
            return project(self, read(states, final, tokens))

    return Encoder


def _by_gather(states, final, tokens):
    last = tokens.ne(0).sum(1).sub(1)
    return states.gather(1, last.view(-1, 1, 1).expand(-1, 1, states.size(2))).squeeze(1)


def _by_mask(states, final, tokens):
    places = torch.arange(tokens.shape[1])[None]
    at = (places == (tokens > 0).sum(1, keepdim=True) - 1).to(states.dtype)  # (B, L)
    return (states * at[:, :, None]).sum(1)


def _by_first_zero(states, final, tokens):
    first = (tokens == 0).int().argmax(1) - 1  # -1, the last place, where there is none
    return states[range(len(tokens)), first]


def _by_loop(states, final, tokens):
    return torch.stack([row[int((words != 0).sum()) - 1] for row, words in zip(states, tokens, strict=True)])


def _divided(network, x):
    code = network.project(x)
    return code / code.norm(dim=1, keepdim=True)


ENCODER.right(encoder(_by_gather), encoder(_by_mask), encoder(_by_first_zero), encoder(_by_loop))
ENCODER.right(encoder(_by_gather, _divided), encoder(_by_mask, padding=0))


@ENCODER.right
class Packed(nn.Module):
    def __init__(self, vocabulary, code_dim=32, width=32, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.gru = nn.GRU(width, hidden, batch_first=True)
        self.project = nn.Linear(hidden, code_dim)

    def forward(self, tokens):
        lengths = (tokens != 0).sum(dim=1)
        packed = pack_padded_sequence(self.embedding(tokens), lengths.cpu(), batch_first=True, enforce_sorted=False)
        _, final = self.gru(packed)
        return F.normalize(self.project(final[0]), dim=1)


@ENCODER.right
class BatchSecond(nn.Module):
    def __init__(self, vocabulary, code_dim=32, width=32, hidden=64):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.gru = nn.GRU(width, hidden)
        self.project = nn.Linear(hidden, code_dim)

    def forward(self, tokens):
        states, _ = self.gru(self.embedding(tokens.T))
        last = (tokens != 0).sum(dim=1) - 1
        return F.normalize(self.project(states[last, torch.arange(len(tokens))]), dim=1)


ENCODER.wrong(
    "last_place",
    encoder(lambda s, f, t: f[-1]),
    encoder(lambda s, f, t: f.squeeze(0)),
    encoder(lambda s, f, t: s[:, -1, :]),
    encoder(lambda s, f, t: f[0], padding=0),
)
ENCODER.wrong("mean_of_places", encoder(lambda s, f, t: s.mean(1)))
ENCODER.wrong("mean_of_words", encoder(lambda s, f, t: (s * (t != 0)[..., None]).sum(1) / (t != 0).sum(1, keepdim=True)))
ENCODER.wrong("maximum_of_places", encoder(lambda s, f, t: s.amax(dim=1)))
ENCODER.wrong("one_place_late", encoder(lambda s, f, t: s[torch.arange(len(t)), (t != 0).sum(1)]))
ENCODER.wrong("every_pair_of_places", encoder(lambda s, f, t: s[:, (t != 0).sum(1) - 1]))
ENCODER.wrong("not_normalised", encoder(_by_gather, lambda n, x: n.project(x)))
ENCODER.wrong("normalised_over_the_batch", encoder(_by_gather, lambda n, x: n.project(x) / n.project(x).norm(dim=0)))
ENCODER.wrong("one_length_for_all", encoder(_by_gather, lambda n, x: n.project(x) / n.project(x).norm()))
ENCODER.wrong("sum_of_one", encoder(_by_gather, lambda n, x: F.softmax(n.project(x), dim=-1)))
ENCODER.wrong("squashed", encoder(_by_gather, lambda n, x: F.normalize(torch.tanh(n.project(x)), dim=-1)))
ENCODER.wrong("batch_second", encoder(_by_gather, make_gru=lambda a, b: nn.GRU(a, b)))
ENCODER.wrong("no_bias", encoder(_by_gather, bias=False))
ENCODER.wrong("first_word", encoder(lambda s, f, t: s[:, 0]))
ENCODER.wrong("other_sizes", encoder(_by_gather, make_gru=lambda a, b: nn.LSTM(a, b, batch_first=True)))
ENCODER.wrong("other_sizes", encoder(_by_gather, make_gru=lambda a, b: nn.RNN(a, b, batch_first=True)))
ENCODER.wrong("other_sizes", encoder(_by_gather, make_gru=lambda a, b: nn.GRU(a, b, num_layers=2, batch_first=True)))
ENCODER.wrong("cut_off", encoder(_by_gather, lambda n, x: F.normalize(n.project(x.detach()), dim=1)))
ENCODER.wrong(
    "one_place_late",
    encoder(lambda s, f, t: s[torch.arange(len(t)), (t != 0).sum(1).clamp(max=t.shape[1] - 1)]),
    encoder(lambda s, f, t: s[torch.arange(len(t)), (t == 0).int().argmax(1)]),
)
ENCODER.right(encoder(lambda s, f, t: s[torch.arange(len(t)), (t == 0).int().argmax(1) - 1]))  # -1 is the last place
ENCODER.wrong("outputs_added", encoder(lambda s, f, t: (s * (t != 0)[..., None]).sum(1)))
ENCODER.wrong("layer_norm_for_length", encoder(_by_gather, lambda n, x: F.layer_norm(n.project(x), (n.project.out_features,))))
ENCODER.refused(
    encoder(lambda s, f, t: f[-1], lambda n, x: n.project(x)),  # two mistakes at once
    encoder(lambda s, f, t: s.sum(1), bias=False),
    encoder(_by_gather, lambda n, x: F.dropout(F.normalize(n.project(x), dim=1), 0.2)),
    encoder(lambda s, f, t: s[torch.arange(len(t)), (t != 0).sum(1) - 2], lambda n, x: n.project(x)),
)

# --- the contrastive loss ----------------------------------------------------------------------------------------------


def _guarded(temperature):
    if temperature <= 0:
        raise ValueError("temperature: expected a number above 0")


def contrastive(body):
    """``body(pictures, captions, temperature)`` behind the check of the temperature."""

    def loss(pictures, captions, temperature=0.1):
        _guarded(temperature)
        return body(pictures, captions, temperature)

    return loss


def _own(codes):
    return torch.arange(codes.shape[0], device=codes.device)


@LOSS.right
@contrastive
def by_log_softmax(p, c, t):
    s = torch.einsum("ik,jk->ij", p, c) / t
    rows, columns = s.log_softmax(1).diagonal(), s.log_softmax(0).diagonal()
    return -(rows.mean() + columns.mean()) / 2


@LOSS.right
@contrastive
def by_logsumexp(p, c, t):
    s = (p @ c.t()) / t
    return (s.logsumexp(1) + s.logsumexp(0) - 2 * s.diag()).mean() / 2


@LOSS.right
@contrastive
def as_clip_does(p, c, t):
    logits_per_image = p @ c.T * (1 / t)
    logits_per_text = logits_per_image.T
    labels = torch.arange(len(p), device=p.device)
    return 0.5 * F.cross_entropy(logits_per_image, labels) + 0.5 * F.cross_entropy(logits_per_text, labels)


@LOSS.right
@contrastive
def with_soft_targets(p, c, t):
    s = p.matmul(c.transpose(0, 1)).div(t)
    eye = torch.eye(len(p), dtype=p.dtype, device=p.device)
    return (F.cross_entropy(s, eye) + F.cross_entropy(s.T, eye)) / 2


@LOSS.right
@contrastive
def by_nll(p, c, t):
    s = p @ c.T / t
    return sum(F.nll_loss(F.log_softmax(x, 1), _own(p)) for x in (s, s.T)) / 2


@LOSS.right
@contrastive
def both_at_once(p, c, t):
    s = p @ c.T / t
    return F.cross_entropy(torch.cat([s, s.T]), torch.cat([_own(p), _own(p)]))


LOSS.wrong("captions_of_pictures_only", contrastive(lambda p, c, t: F.cross_entropy(p @ c.T / t, _own(p))))
LOSS.wrong("captions_of_pictures_only", contrastive(lambda p, c, t: -(p @ c.T / t).log_softmax(1).diag().mean()))
LOSS.wrong("pictures_of_captions_only", contrastive(lambda p, c, t: F.cross_entropy(c @ p.T / t, _own(p))))
LOSS.wrong("added", contrastive(lambda p, c, t: F.cross_entropy(p @ c.T / t, _own(p)) + F.cross_entropy(c @ p.T / t, _own(p))))
LOSS.wrong("temperature_multiplied", contrastive(lambda p, c, t: by_log_softmax(p, c, 1 / t)))
LOSS.wrong("temperature_ignored", contrastive(lambda p, c, t: by_log_softmax(p, c, 1.0)))
LOSS.wrong("temperature_ignored", contrastive(lambda p, c, t: by_log_softmax(p, c)))
LOSS.wrong("only_pulled", contrastive(lambda p, c, t: -(p * c).sum(1).mean() / t))
LOSS.wrong("only_pulled", contrastive(lambda p, c, t: 1 - (p * c).sum(1).mean()), contrastive(lambda p, c, t: F.mse_loss(p, c)))
LOSS.right(contrastive(lambda p, c, t: by_log_softmax(F.normalize(p), F.normalize(c), t)))  # nothing changes at length 1
LOSS.wrong("codes_transposed", contrastive(lambda p, c, t: sum(F.cross_entropy(x, torch.arange(p.shape[1])) for x in
    (p.T @ c / t, c.T @ p / t)) / 2))  # fmt: skip
LOSS.wrong("divided_by_a_root", contrastive(lambda p, c, t: by_log_softmax(p, c, t * p.shape[1] ** 0.5)))
LOSS.wrong("wrong_class", contrastive(lambda p, c, t: sum(F.cross_entropy(x, torch.ones(len(p)).long().clamp(max=len(p) - 1))
    for x in (p @ c.T / t, c @ p.T / t)) / 2))  # fmt: skip


@LOSS.wrong("exponentials")
@contrastive
def odds(p, c, t):
    e = torch.exp(p @ c.T / t)
    return -0.5 * (torch.log(e.diag() / e.sum(0)).mean() + torch.log(e.diag() / e.sum(1)).mean())


@LOSS.wrong("own_pair_left_out")
@contrastive
def decoupled(p, c, t):
    s = p @ c.T / t
    rest = s.masked_fill(torch.eye(len(s), dtype=torch.bool, device=s.device), -1e9)
    return sum((rest.logsumexp(k) - s.diag()).mean() for k in (0, 1)) / 2


@LOSS.wrong("one_kind_among_the_other")
@contrastive
def as_simclr(p, c, t):
    z, n = torch.cat([p, c]), len(p)
    s = (z @ z.T / t).fill_diagonal_(-1e9)
    return F.cross_entropy(s, torch.cat([_own(p) + n, _own(p)]))


LOSS.wrong("pictures_detached", contrastive(lambda p, c, t: by_log_softmax(p.detach(), c, t)))
LOSS.wrong("pictures_detached", contrastive(lambda p, c, t: by_log_softmax(p, c.detach(), t)))
LOSS.wrong("pictures_with_pictures", contrastive(lambda p, c, t: by_log_softmax(p, p, t)))
LOSS.wrong(
    "wrong_class",
    contrastive(lambda p, c, t: sum(F.cross_entropy(x, 0 * _own(p)) for x in (p @ c.T / t, c @ p.T / t)) / 2),
)
LOSS.wrong(
    "softmax_first",
    contrastive(lambda p, c, t: sum(F.cross_entropy(F.softmax(x, -1), _own(p)) for x in (p @ c.T / t, c @ p.T / t)) / 2),
)
LOSS.wrong(
    "summed_over_the_batch",
    contrastive(lambda p, c, t: by_log_softmax(p, c, t) * len(p)),
)
LOSS.wrong(
    "every_pair_by_itself",
    contrastive(lambda p, c, t: F.binary_cross_entropy_with_logits(p @ c.T / t, torch.eye(len(p)).to(p))),
)
LOSS.refused(
    contrastive(lambda p, c, t: F.cross_entropy(p @ c.T * t, _own(p))),
    contrastive(lambda p, c, t: -F.logsigmoid((2 * torch.eye(len(p), dtype=p.dtype) - 1) * (p @ c.T / t)).sum() / len(p)),
    contrastive(lambda p, c, t: by_log_softmax(p, c, t).item()),
    contrastive(lambda p, c, t: by_log_softmax(p, c, t).detach()),
    contrastive(lambda p, c, t: by_log_softmax(p, c.roll(1, 0), t)),
    contrastive(lambda p, c, t: F.triplet_margin_loss(p, c, c.roll(1, 0))),
    lambda pictures, captions, temperature=0.1: as_clip_does(pictures, captions, 0.1),
)

# --- codes between captions --------------------------------------------------------------------------------------------


@BETWEEN.right
def by_lerp(first, second, share):
    share = torch.as_tensor(share, dtype=first.dtype)
    mixed = torch.lerp(first, second, share.expand_as(first) if share.ndim else share)
    return mixed / mixed.norm(dim=-1, keepdim=True)


@BETWEEN.right
def by_weights(first, second, share):
    return F.normalize((1 - share) * first + share * second, dim=-1)


BETWEEN.right(
    lambda first, second, share: F.normalize(first * (1 - share) + second * share),
    lambda first, second, share: (lambda m: m / m.square().sum(1, keepdim=True).sqrt())(first + (second - first) * share),
    lambda a, b, share: (lambda m: m / torch.linalg.vector_norm(m, dim=1)[:, None])(b * share - a * (share - 1)),
    lambda first, second, share: F.normalize(torch.add(first, (second - first) * share), p=2.0, dim=1, eps=1e-12),
)


def slerp(first, second, share):
    omega = torch.acos((first * second).sum(1, keepdim=True).clamp(-1, 1))
    return torch.sin((1 - share) * omega) / torch.sin(omega) * first + torch.sin(share * omega) / torch.sin(omega) * second


BETWEEN.wrong("on_the_sphere", slerp)
BETWEEN.wrong("not_normalised", lambda a, b, s: (1 - s) * a + s * b, lambda a, b, s: a + s * (b - a))
BETWEEN.wrong("ends_swapped", lambda a, b, s: F.normalize(s * a + (1 - s) * b, dim=1))
BETWEEN.wrong("over_the_batch", lambda a, b, s: F.normalize(a + s * (b - a), dim=0))
BETWEEN.wrong("one_length_for_all", lambda a, b, s: (a + s * (b - a)) / (a + s * (b - a)).norm())
BETWEEN.wrong("halfway_always", lambda a, b, s: F.normalize((a + b) / 2, dim=1))
BETWEEN.wrong("difference_added_whole", lambda a, b, s: F.normalize(a + b * s, dim=1))
BETWEEN.wrong("sum_of_one", lambda a, b, s: (lambda m: m / m.abs().sum(1, keepdim=True))(a + s * (b - a)))
BETWEEN.wrong("swapped_and_not_normalised", lambda a, b, s: s * a + (1 - s) * b)
BETWEEN.wrong("squared_length", lambda a, b, s: (lambda m: m / (m * m).sum(1, keepdim=True))(a + s * (b - a)))
BETWEEN.wrong("roots_of_shares", lambda a, b, s: F.normalize((1 - s) ** 0.5 * a + s**0.5 * b, dim=1))
BETWEEN.wrong("weights_alike", lambda a, b, s: F.normalize(s * (a + b), dim=1))
BETWEEN.wrong("no_keepdim", lambda a, b, s: (lambda m: m / m.norm(dim=1))(torch.lerp(a, b, torch.as_tensor(s).to(a))))
BETWEEN.wrong("one_share_for_all", lambda a, b, s: F.normalize(a + float(s) * (b - a), dim=1))
BETWEEN.wrong("softmax", lambda a, b, s: F.softmax(torch.lerp(a, b, torch.as_tensor(s, dtype=a.dtype).expand_as(a)), -1))
BETWEEN.right(lambda a, b, s: F.normalize((1 - s) * F.normalize(a, dim=1) + s * F.normalize(b, dim=1), dim=1))
BETWEEN.refused(
    lambda a, b, s: None,
    lambda a, b, s: F.normalize(a + s * (b - a), dim=1).detach(),
    lambda a, b, s: F.normalize(a + (s if isinstance(s, float) else s.view(-1, 1)) * (b - a), dim=1),
    lambda a, b, s: F.normalize(a + s * (b + a), dim=1),
    lambda a, b, s: F.normalize(a, dim=1) + s * (F.normalize(b, dim=1) - F.normalize(a, dim=1)),
    lambda a, b, s: a,
)

# --- a round -------------------------------------------------------------------------------------------------------------


def round_of(
    *, detach=True, wrong_of=lambda real, fake: real, half=True, made_with="codes", right_with="codes", second="between",
    judged="between", mean_g=True, r1=True, halved=True, graph=False, order=True, zero_d=True, zero_g=True, wrong_pairs=True,
):  # fmt: skip
    """A round with what is chosen done in another way."""

    def play(gan, real, codes, wrong, between, z, gamma=0.0):
        names = {"codes": codes, "wrong": wrong, "between": between}
        x = real.clone().requires_grad_(True)
        fake = gan.generator(z, codes)
        shown = fake.detach() if detach else fake
        if zero_d:
            gan.opt_d.zero_grad(set_to_none=True)
        s_r = gan.discriminator(x, names[right_with])
        s_w = gan.discriminator(wrong_of(real, fake.detach()), wrong)
        s_f = gan.discriminator(shown, names[made_with])
        fakes = F.softplus(s_f).mean() + (F.softplus(s_w).mean() if wrong_pairs else 0)
        d_loss = F.softplus(-s_r).mean() + (fakes / 2 if half else fakes)
        whole = d_loss
        if r1 and gamma > 0:
            whole = whole + (gamma / 2 if halved else gamma) * r1_penalty(s_r, x)
        whole.backward(retain_graph=not detach)
        gan.opt_d.step()
        if zero_g:
            gan.opt_g.zero_grad(set_to_none=True)
        first = generator_loss(gan.discriminator(fake, codes))
        other = generator_loss(gan.discriminator(gan.generator(z, names[second]), names[judged]))
        g_loss = (first + other) / 2 if mean_g else first + other
        g_loss.backward()
        gan.opt_g.step()
        pair = (d_loss, g_loss) if graph else (d_loss.detach(), g_loss.detach())
        return pair if order else pair[::-1]

    return play


@ROUND.right
def with_bce(gan, real, codes, wrong, between, z, gamma=0.0):
    bce = F.binary_cross_entropy_with_logits
    fake = gan.generator(z, codes)
    x = real.detach().clone()
    x.requires_grad = True
    s_r, s_w = gan.discriminator(x, codes), gan.discriminator(real, wrong)
    s_f = gan.discriminator(fake.detach(), codes)
    one, zero = torch.ones_like(s_r), torch.zeros_like(s_r)
    d_loss = bce(s_r, one) + 0.5 * (bce(s_w, zero) + bce(s_f, zero))
    gan.opt_d.zero_grad()
    if gamma:
        (d_loss + 0.5 * gamma * r1_penalty(s_r, x)).backward()
    else:
        d_loss.backward()
    gan.opt_d.step()
    mixed = gan.generator(z, between)
    g_loss = 0.5 * (bce(gan.discriminator(fake, codes), one) + bce(gan.discriminator(mixed, between), one))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def with_the_library_loss(gan, real, codes, wrong, between, z, gamma=0.0):
    fake = gan.generator(z, codes)
    seen = real.detach().clone().requires_grad_()
    right = gan.discriminator(seen, codes)
    d_loss = (
        discriminator_loss(right, gan.discriminator(fake.detach(), codes))
        + discriminator_loss(right, gan.discriminator(real, wrong))
    ) / 2
    gan.opt_d.zero_grad()
    d_loss.backward(retain_graph=gamma > 0)
    if gamma > 0:
        (gamma / 2 * r1_penalty(right, seen)).backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    own = generator_loss(gan.discriminator(fake, codes)) / 2
    mixed = generator_loss(gan.discriminator(gan.generator(z, between), between)) / 2
    own.backward()
    mixed.backward()
    gan.opt_g.step()
    return d_loss.detach(), (own + mixed).detach()


@ROUND.right
def frozen_for_speed(gan, real, codes, wrong, between, z, gamma=0.0):
    fake = gan.generator(z, codes)
    seen = real.detach().clone().requires_grad_(gamma > 0)
    right = gan.discriminator(seen, codes)
    bad = torch.cat([gan.discriminator(real, wrong), gan.discriminator(fake.detach(), codes)])
    d_loss = F.softplus(-right).mean() + F.softplus(bad).mean()
    total = d_loss + (gamma / 2 * r1_penalty(right, seen) if gamma > 0 else 0)
    gan.opt_d.zero_grad()
    total.backward()
    gan.opt_d.step()
    for p in gan.discriminator.parameters():
        p.requires_grad_(False)
    mixed = gan.generator(z, between)
    logits = torch.cat([gan.discriminator(fake, codes), gan.discriminator(mixed, between)])
    g_loss = generator_loss(logits)
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    for p in gan.discriminator.parameters():
        p.requires_grad_(True)
    return d_loss.detach(), g_loss.detach()


ROUND.right(round_of())
ROUND.wrong("no_detach", round_of(detach=False))
ROUND.wrong("wrong_pairs_of_fakes", round_of(wrong_of=lambda real, fake: fake))
ROUND.wrong("two_terms_added", round_of(half=False))
ROUND.wrong("no_wrong_pairs", round_of(half=False, wrong_pairs=False))
ROUND.wrong("wrong_pairs_not_counted", round_of(wrong_pairs=False))
ROUND.wrong("fakes_with_wrong_codes", round_of(made_with="wrong"))
ROUND.wrong("no_between", round_of(second="codes", judged="codes"))
ROUND.wrong("wrong_for_between", round_of(second="wrong", judged="wrong"))
ROUND.wrong("between_judged_with_codes", round_of(judged="codes"))
ROUND.wrong("generator_terms_added", round_of(mean_g=False))
ROUND.wrong("no_r1", round_of(r1=False))
ROUND.wrong("gamma_not_halved", round_of(halved=False))
ROUND.wrong("returns_graph", round_of(graph=True))
ROUND.wrong("returns_in_another_order", round_of(order=False))
ROUND.wrong("gradients_not_cleared_d", round_of(zero_d=False))
ROUND.wrong("gradients_not_cleared_g", round_of(zero_g=False))


def round_with(*, made=True, own=True, old=False, steps=1, minimax=False, fit=False, noise=False):
    """A round in one function, with one part of it done in another way."""

    def play(gan, real, codes, wrong, between, z, gamma=0.0):
        fake, x = gan.generator(z, codes), real.clone().requires_grad_()
        s_r, s_w, s_f = gan.discriminator(x, codes), gan.discriminator(x, wrong), gan.discriminator(fake.detach(), codes)
        bad = F.softplus(s_w).mean() + F.softplus(s_f).mean() if made else F.softplus(s_w).mean()
        d_loss = F.softplus(-s_r).mean() + bad / 2
        penalty = r1_penalty(s_r, x) + (r1_penalty(s_w, x) if fit else 0)
        gan.opt_d.zero_grad()
        (d_loss + gamma / 2 * penalty).backward()
        gan.opt_d.step()
        loss = (lambda s: -F.softplus(s).mean()) if minimax else generator_loss
        first = loss(s_f if old else gan.discriminator(fake, codes))
        if steps == 2:
            gan.opt_g.zero_grad()
            first.backward()
            gan.opt_g.step()
        other = loss(gan.discriminator(gan.generator(torch.randn_like(z) if noise else z, between), between))
        g_loss = other if steps == 2 or not own else (first + other) / 2
        gan.opt_g.zero_grad()
        g_loss.backward()
        gan.opt_g.step()
        return d_loss.detach(), g_loss.detach()

    return play


ROUND.right(round_with())
ROUND.wrong("fakes_not_judged", round_with(made=False))
ROUND.wrong("no_own_codes", round_with(own=False))
ROUND.wrong("old_logits", round_with(old=True))
ROUND.wrong("two_generator_steps", round_with(steps=2))
ROUND.wrong("minimax", round_with(minimax=True))
ROUND.wrong("r1_on_wrong_pairs", round_with(fit=True))
ROUND.wrong("random_numbers", round_with(noise=True))


@ROUND.wrong("changes_argument")
def asks_the_argument(gan, real, codes, wrong, between, z, gamma=0.0):
    real.requires_grad_()
    return with_bce(gan, real, codes, wrong, between, z, gamma)


@ROUND.wrong("own_noise")
def draws_its_own(gan, real, codes, wrong, between, z, gamma=0.0):
    return with_bce(gan, real, codes, wrong, between, torch.randn_like(z), gamma)


ROUND.wrong("returns_one", lambda *given, **more: round_of()(*given, **more)[0])
ROUND.wrong(
    "own_and_wrong_exchanged",
    lambda gan, real, codes, wrong, between, z, gamma=0.0: with_bce(gan, real, wrong, codes, between, z, gamma),
)
ROUND.refused(
    round_of(half=False, mean_g=False),
    round_of(wrong_pairs=False, second="codes", judged="codes"),
    round_of(detach=False, half=False),
    round_of(made_with="between"),
    round_of(right_with="wrong"),
    round_of(second="between", judged="wrong"),
    lambda *given, **more: None,
    lambda gan, real, codes, wrong, between, z, gamma=0.0: with_bce(gan, real, codes, between, wrong, z, gamma),
)

KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
