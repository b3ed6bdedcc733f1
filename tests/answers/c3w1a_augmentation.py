"""Answers to the exercises on augmentation: other ways of writing them, and mistakes that no table lists."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from scipy import stats

from answers import Answers, name_cases
from course_utils.lessons.c3w1a.exercises import CASES, NAMES, diagnose
from course_utils.losses import discriminator_loss, generator_loss
from course_utils.metrics.paired import Comparison

AUGMENT, ROUND, MIXED, CHOOSE, PAIRED, DIAGNOSE = (
    Answers(f"c3w1a.{name}")
    for name in ("augment_by", "augmented_round", "mixed_loss", "choose", "paired_comparison", "diagnose")
)

# --- the augmentation -------------------------------------------------------------------------------------------------


@AUGMENT.right
def image_by_image(images, amounts, hole=8):
    done = []
    for x, down, right, contrast, brightness, top, left in zip(images, *amounts, strict=True):
        _channels, height, width = x.shape
        moved = torch.full_like(x, -1.0)
        for i in range(height):
            for j in range(width):
                if 0 <= i - down < height and 0 <= j - right < width:
                    moved[:, i, j] = x[:, i - down, j - right]
        moved = (moved - moved.mean()) * contrast + moved.mean() + brightness
        keep = torch.ones_like(moved)
        keep[:, max(top, 0) : max(top + hole, 0), max(left, 0) : max(left + hole, 0)] = 0
        done.append(moved * keep)
    return torch.stack(done)


@AUGMENT.right
def padded_and_gathered(images, amounts, hole=8):
    _batch, channels, height, width = images.shape
    rows = torch.arange(height) - amounts.down[:, None]
    columns = torch.arange(width) - amounts.right[:, None]
    inside = ((rows >= 0) & (rows < height))[:, None, :, None] & ((columns >= 0) & (columns < width))[:, None, None, :]
    rows, columns = rows.clamp(0, height - 1), columns.clamp(0, width - 1)
    x = images.gather(2, rows[:, None, :, None].expand(-1, channels, -1, width))
    x = x.gather(3, columns[:, None, None, :].expand(-1, channels, height, -1))
    x = torch.where(inside, x, torch.full_like(x, -1.0))
    middle = x.flatten(1).mean(1).view(-1, 1, 1, 1)
    x = middle + amounts.contrast.view(-1, 1, 1, 1) * (x - middle) + amounts.brightness.view(-1, 1, 1, 1)
    i, j = torch.arange(height).view(1, 1, -1, 1), torch.arange(width).view(1, 1, 1, -1)
    top, left = amounts.top.view(-1, 1, 1, 1), amounts.left.view(-1, 1, 1, 1)
    cut = (i >= top) & (i < top + hole) & (j >= left) & (j < left + hole)
    return x * (~cut)


@AUGMENT.wrong("negative_index")
def sliced_from_a_negative_corner(images, amounts, hole=8):
    x = image_by_image(images, amounts, 0)
    keep = torch.ones_like(x)
    for k, top, left in zip(keep, amounts.top, amounts.left, strict=True):
        k[:, top : top + hole, left : left + hole] = 0
    return x * keep


@AUGMENT.wrong("moved_out")
def fails_beyond_the_image(images, amounts, hole=8):
    if (amounts.down.abs() > images.shape[2]).any():
        raise RuntimeError("a slice of negative size")
    return image_by_image(images, amounts, hole)


@AUGMENT.refused
def nothing_moves(images, amounts, hole=8):
    still = amounts._replace(down=torch.zeros_like(amounts.down), right=torch.zeros_like(amounts.right))
    return image_by_image(images, still, hole)


@AUGMENT.refused
def without_a_graph(images, amounts, hole=8):
    with torch.no_grad():
        return image_by_image(images, amounts, hole)


@AUGMENT.refused
def rolled_and_clipped(images, amounts, hole=8):
    x = torch.stack([x.roll((int(a), int(b)), (1, 2)) for x, a, b in zip(images, *amounts[:2], strict=True)])
    still = amounts._replace(down=torch.zeros_like(amounts.down), right=torch.zeros_like(amounts.right))
    return image_by_image(x, still, hole).clamp(-1, 1)


# --- a round ----------------------------------------------------------------------------------------------------------


@ROUND.right
def one_batch_for_the_discriminator(gan, real, z, augment, *labels):
    fake = gan.generator(z, *labels)
    both = augment(torch.cat([real, fake.detach()]))
    logits = gan.discriminator(both, *[torch.cat([y, y]) for y in labels])
    d_loss = discriminator_loss(*logits.chunk(2))
    gan.opt_d.zero_grad()
    d_loss.backward()
    gan.opt_d.step()
    g_loss = generator_loss(gan.discriminator(augment(fake), *labels))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.right
def cleared_at_the_start(gan, real, z, augment, *labels):
    """The fakes first, and both gradient buffers cleared at the start."""
    gan.opt_g.zero_grad()
    gan.opt_d.zero_grad()
    fake = gan.generator(z, *labels)
    d_loss = F.softplus(gan.discriminator(augment(fake.detach()), *labels)).mean()
    d_loss = d_loss + F.softplus(-gan.discriminator(augment(real), *labels)).mean()
    d_loss.backward()
    gan.opt_d.step()
    g_loss = -F.logsigmoid(gan.discriminator(augment(fake), *labels)).mean()
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("augmented_once")
def augmented_once(gan, real, z, augment, *labels):
    """The fakes keep their amounts from the first step to the second."""
    seen = augment(gan.generator(z, *labels))
    gan.opt_d.zero_grad()
    d_loss = F.softplus(-gan.discriminator(augment(real), *labels)).mean()
    d_loss = d_loss + F.softplus(gan.discriminator(seen.detach(), *labels)).mean()
    d_loss.backward()
    gan.opt_d.step()
    gan.opt_g.zero_grad()
    g_loss = generator_loss(gan.discriminator(seen, *labels))
    g_loss.backward()
    gan.opt_g.step()
    return d_loss.detach(), g_loss.detach()


@ROUND.wrong("labels_as_a_tuple")
def star_forgotten(gan, real, z, augment, *labels):
    fake = gan.generator(z, labels) if labels else gan.generator(z)
    return one_batch_for_the_discriminator(gan, real, z, augment, *labels) if fake is not None else None


@ROUND.refused
def without_a_gradient_through_t(gan, real, z, augment, *labels):
    def blind(images):
        with torch.no_grad():
            return augment(images)

    return augmented_once(gan, real, z, blind, *labels)


@ROUND.refused
def other_augmentation_for_fakes(gan, real, z, augment, *labels):
    calls = iter((lambda x: augment(x.flip(-1)), augment, augment))
    return augmented_once(gan, real, z, lambda x: next(calls)(x), *labels)


# --- real and generated images in one loss ----------------------------------------------------------------------------


def weighed(loss):
    def mixed_loss(classifier, real, real_labels, made, made_labels, weight):
        if weight < 0 or weight > 1:
            raise ValueError(f"weight: {weight}")
        return loss(classifier, real, real_labels, made, made_labels, weight)

    return mixed_loss


@MIXED.right
@weighed
def only_what_counts(classifier, real, real_labels, made, made_labels, weight):
    parts = ((1 - weight, real, real_labels), (weight, made, made_labels))
    return sum(share * F.cross_entropy(classifier(x), y) for share, x, y in reversed(parts) if share > 0)


@MIXED.right
@weighed
def one_case_at_a_time(classifier, real, real_labels, made, made_labels, weight):
    entropy = torch.nn.CrossEntropyLoss()
    if weight in (0, 1):
        images, labels = ((real, real_labels), (made, made_labels))[int(weight)]
        return entropy(classifier(images), labels)
    loss_made = entropy(classifier(made), made_labels)
    return torch.lerp(entropy(classifier(real), real_labels), loss_made, weight)


@MIXED.right
@weighed
def real_images_first(classifier, real, real_labels, made, made_labels, weight):
    """The order of the two calls is free."""
    if weight == 0:
        return F.cross_entropy(classifier(real), real_labels)
    if weight == 1:
        return F.cross_entropy(classifier(made), made_labels)
    of_real = F.cross_entropy(classifier(real), real_labels)
    return (1 - weight) * of_real + weight * F.cross_entropy(classifier(made), made_labels)


@MIXED.right
@weighed
def added_up(classifier, real, real_labels, made, made_labels, weight):
    loss = 0
    for share, images, labels in ((1 - weight, real, real_labels), (weight, made, made_labels)):
        if share:
            loss += share * F.cross_entropy(classifier(images), labels)
    return loss


@MIXED.wrong("always_shown")
@weighed
def multiplied_by_zero(classifier, real, real_labels, made, made_labels, weight):
    of_real = F.cross_entropy(classifier(real), real_labels)
    return (1 - weight) * of_real + weight * F.cross_entropy(classifier(made), made_labels)


@MIXED.wrong("weights_swapped")
@MIXED.wrong("always_shown")
@weighed
def shares_exchanged_and_always_shown(classifier, real, real_labels, made, made_labels, weight):
    of_real = F.cross_entropy(classifier(real), real_labels)
    return weight * of_real + (1 - weight) * F.cross_entropy(classifier(made), made_labels)


@MIXED.wrong("edges_refused")
def between_the_two(classifier, real, real_labels, made, made_labels, weight):
    if not 0 < weight < 1:
        raise ValueError(weight)
    return added_up(classifier, real, real_labels, made, made_labels, weight)


@MIXED.wrong("changes_input")
def scaled_in_place(classifier, real, real_labels, made, made_labels, weight):
    loss = added_up(classifier, real, real_labels, made, made_labels, weight)
    with torch.no_grad():
        made.clamp_(0, 1)
    return loss


@MIXED.refused
def without_a_bound(classifier, real, real_labels, made, made_labels, weight):
    return (1 - weight) * F.cross_entropy(classifier(real), real_labels) + weight * F.cross_entropy(
        classifier(made), made_labels
    )


@MIXED.refused
@weighed
def accuracy_instead(classifier, real, real_labels, made, made_labels, weight):
    return (1 - weight) * (classifier(real).argmax(1) == real_labels).double().mean()


# --- a choice between settings ----------------------------------------------------------------------------------------


def tabled(choice):
    def choose(settings, scores):
        if scores.validation.ndim != 2 or len(scores.validation) != len(settings) or scores.validation.shape[1] == 0:
            raise ValueError("scores")
        return choice(settings, scores)

    return choose


@CHOOSE.right
@tabled
def in_a_loop(settings, scores):
    best, found = -1.0, None
    for setting, row in zip(settings, scores.validation.tolist(), strict=True):
        if sum(row) / len(row) > best:
            best, found = sum(row) / len(row), setting
    return found


@CHOOSE.right
@tabled
def by_numpy(settings, scores):
    return settings[np.argmax(scores.validation.numpy().mean(axis=1))]


@CHOOSE.right
@tabled
def by_key(settings, scores):
    return max(enumerate(settings), key=lambda pair: scores.validation[pair[0]].sum().item())[1]


@CHOOSE.right
@tabled
def sorted_by_loss(settings, scores):
    means = scores.validation.mean(-1).tolist()
    return sorted(zip(settings, means, strict=True), key=lambda pair: -pair[1])[0][0]


@CHOOSE.wrong("last_of_equals")
@tabled
def at_least_as_good(settings, scores):
    best, found = -1.0, None
    for setting, row in zip(settings, scores.validation.tolist(), strict=True):
        if sum(row) / len(row) >= best:
            best, found = sum(row) / len(row), setting
    return found


@CHOOSE.wrong("votes")
@tabled
def elected(settings, scores):
    ballots = scores.validation.argmax(dim=0).tolist()
    return settings[max(range(len(settings)), key=ballots.count)]


@CHOOSE.wrong("on_test")
@tabled
def on_what_counts(settings, scores):
    digits = scores.test if scores.test is not None else scores.validation
    return in_a_loop(settings, scores._replace(validation=digits))


@CHOOSE.wrong("on_training")
@tabled
def on_what_was_learned(settings, scores):
    return by_numpy(settings, scores._replace(validation=scores.training))


@CHOOSE.wrong("luckiest_draw")
@tabled
def best_of_all_numbers(settings, scores):
    place = scores.validation.argmax().item()
    return settings[place // scores.validation.shape[1]]


@CHOOSE.wrong("returns_the_place")
@tabled
def place_only(settings, scores):
    return np.argmax(scores.validation.numpy().mean(axis=1))


@CHOOSE.wrong("returns_the_accuracy")
@tabled
def accuracy_only(settings, scores):
    return max(sum(row) / len(row) for row in scores.validation.tolist())


@CHOOSE.wrong("spread_taken_off")
@tabled
def with_a_penalty_for_spread(settings, scores):
    return settings[int((scores.validation.mean(1) - scores.validation.std(1, correction=0)).argmax())]


@CHOOSE.wrong("smallest_gap")
@tabled
def least_overfitted(settings, scores):
    gaps = [(a.mean() - b.mean()).item() for a, b in zip(scores.training, scores.validation, strict=True)]
    return settings[gaps.index(min(gaps))]


@CHOOSE.wrong("starts_at_zero")
@tabled
def best_so_far_from_zero(settings, scores):
    best, found = 0.0, None
    for setting, row in zip(settings, scores.validation, strict=True):
        if row.mean() > best:
            best, found = row.mean(), setting
    return found


@CHOOSE.wrong("others_part_equals")
@tabled
def equals_by_training(settings, scores):
    keys = [(a.mean().item(), b.mean().item()) for a, b in zip(scores.validation, scores.training, strict=True)]
    return settings[keys.index(max(keys))]


@CHOOSE.wrong("setting_and_accuracy")
@tabled
def with_its_accuracy(settings, scores):
    return max(zip(settings, scores.validation.mean(dim=1).tolist(), strict=True), key=lambda pair: pair[1])


@CHOOSE.wrong("all_of_the_best")
@tabled
def every_winner(settings, scores):
    means = [sum(row) / len(row) for row in scores.validation.tolist()]
    return [s for s, mean in zip(settings, means, strict=True) if mean == max(means)]


@CHOOSE.wrong("made_a_number")
@tabled
def as_a_float(settings, scores):
    return float(by_numpy(settings, scores))


@CHOOSE.wrong("returns_the_place")
@tabled
def place_on_what_was_learned(settings, scores):
    """Two mistakes; the place is told first."""
    return scores.training.mean(dim=1).argmax().item()


@CHOOSE.wrong("luckiest_draw")
@tabled
def luckiest_on_what_was_learned(settings, scores):
    """Two mistakes, both told."""
    return settings[scores.training.max(dim=1).values.argmax()]


@CHOOSE.wrong("larger_of_equals")
@tabled
def best_pair(settings, scores):
    return max(zip(scores.validation.mean(dim=1).tolist(), settings, strict=True))[1]


@CHOOSE.wrong("last_of_equals")
@tabled
def looked_up_by_mean(settings, scores):
    means = scores.validation.mean(dim=1).tolist()
    return dict(zip(means, settings, strict=True))[max(means)]


@CHOOSE.wrong("product")
@tabled
def by_geometric_mean(settings, scores):
    return settings[int(scores.validation.prod(dim=1).argmax())]


@CHOOSE.wrong("extremes_left_out")
@tabled
def trimmed(settings, scores):
    rows = [sorted(row)[1:-1] if len(row) > 2 else row for row in scores.validation.tolist()]
    return settings[int(np.argmax([sum(row) / len(row) for row in rows]))]


@CHOOSE.wrong("ranks")
@tabled
def by_mean_rank(settings, scores):
    return settings[scores.validation.argsort(dim=0).argsort(dim=0).sum(dim=1).argmax()]


@CHOOSE.wrong("on_all")
@tabled
def with_the_test_where_it_is_open(settings, scores):
    table = scores.validation if scores.test is None else 0.5 * (scores.validation + scores.test)
    return settings[int(table.mean(dim=1).argmax())]


@CHOOSE.wrong("index_of_a_tensor")
@tabled
def index_of_the_largest(settings, scores):
    means = scores.validation.mean(dim=1)
    return settings[means.index(max(means))]


@CHOOSE.wrong("next_to_the_best")
@tabled
def counted_from_one(settings, scores):
    return settings[int(scores.validation.mean(dim=1).argmax()) - 1]


@CHOOSE.refused
@tabled
def first_within_one_standard_error(settings, scores):
    means, table = scores.validation.mean(dim=1), scores.validation
    best = int(means.argmax())
    error = table[best].std(correction=0) / table.shape[1] ** 0.5
    return settings[int((means >= means[best] - error).nonzero()[0])]


@CHOOSE.wrong("rounded")
@tabled
def rounded_to_points(settings, scores):
    return settings[int(scores.validation.mean(1).mul(10).round().argmax())]


# --- two ways on the same draws ---------------------------------------------------------------------------------------


@PAIRED.right
def by_scipy(before, after):
    if before.dim() != 1 or before.shape != after.shape or before.numel() < 2:
        raise ValueError("before, after")
    d = (after.double() - before.double()).numpy()
    error = d.std(ddof=1) / math.sqrt(len(d))
    t = stats.t.ppf(0.975, len(d) - 1)
    wins, losses = int(np.sum(d > 0)), int(np.sum(d < 0))
    p = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    return Comparison(float(d.mean()), float(d.mean() - t * error), float(d.mean() + t * error), wins, losses, float(p))


@PAIRED.right
def in_plain_python(before, after):
    if before.ndim != 1 or before.shape != after.shape or len(before) < 2:
        raise ValueError("before, after: two lists of the same length")
    d = [b - a for a, b in zip(before.tolist(), after.tolist(), strict=True)]
    mean = sum(d) / len(d)
    s = math.sqrt(sum((x - mean) ** 2 for x in d) / (len(d) - 1))
    reach = stats.t(len(d) - 1).ppf(0.975) * s / math.sqrt(len(d))
    up, down = sum(x > 0 for x in d), sum(x < 0 for x in d)
    p = 2 * stats.binom.cdf(min(up, down), up + down, 0.5) if up + down else 1
    return Comparison(mean, mean - reach, mean + reach, up, down, min(float(p), 1.0))


@PAIRED.wrong("numbers_as_tensors")
def in_tensors(before, after):
    return Comparison(*map(torch.tensor, by_scipy(before, after)))


@PAIRED.wrong("not_in_float64")
def as_it_comes(before, after):
    if before.dim() != 1 or before.shape != after.shape or before.numel() < 2:
        raise ValueError("before, after")
    return by_scipy(torch.zeros(len(before)), after - before)


@PAIRED.refused
def looks_at_no_shape(before, after):
    return by_scipy(before[: len(after)], after[: len(before)])


@PAIRED.refused
def means_only(before, after):
    if before.shape != after.shape or len(before) < 2:
        raise ValueError
    d = (after - before).mean().item()
    return Comparison(d, d, d, int(d > 0), int(d < 0), 1.0)


# --- diagnosis --------------------------------------------------------------------------------------------------------

KEY = {case: diagnose(case) for case in CASES}
name_cases(DIAGNOSE, KEY, NAMES)
