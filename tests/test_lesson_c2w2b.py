"""What the lesson on debiasing promises of its judges, its guide, its runs and its measures."""

import pytest
import torch

from course_utils.checkpoints import portraits_dialled as dialled
from course_utils.datasets import to_float
from course_utils.lessons.c2w2b import guide, hiding, measure, recipe, sick
from course_utils.lessons.c2w2b.exercises import NAMES, RUNS, diagnose

PEOPLE = dialled.people(300, 5, 0.6)


def test_thumbnails_are_noisy_and_the_same_every_time():
    one, again = hiding.thumbnails(PEOPLE.images, 3), hiding.thumbnails(PEOPLE.images, 3)
    assert one.shape == (300, 192)
    assert torch.equal(one, again)
    assert (one - hiding.thumbnails(PEOPLE.images, 4)).std().item() == pytest.approx(hiding.NOISE * 2**0.5, rel=0.05)


def test_the_encoder_slows_down_and_everybody_ends_in_evaluation_mode():
    rates = []

    def step(players, *others):
        rates.append(players.opt_task.param_groups[0]["lr"])
        return torch.zeros(()), torch.zeros(())

    three, guesses = hiding.train(PEOPLE.images, measure.truth_of(PEOPLE), 8, 0, step=step)
    assert rates == pytest.approx([1e-3] * 5 + [7.5e-4, 5e-4, 2.5e-4])
    assert len(guesses) == 8
    assert not any(network.training for network in three.networks().values())


def test_a_fresh_adversary_finds_what_is_there_and_nothing_where_there_is_nothing():
    protected = (torch.arange(600) % 3 == 0).float()
    torch.manual_seed(0)
    x = torch.stack([protected + 0.1 * torch.randn(600), torch.randn(600)], dim=1)
    told = hiding.fresh_adversary(x, protected, 150)(x).squeeze(1) > 0
    assert (told == protected.bool()).float().mean() > 0.98
    alike = hiding.fresh_adversary(torch.zeros(600, 2), protected, 50)(torch.zeros(600, 2)).squeeze(1) > 0
    assert len(alike.unique()) == 1


@pytest.mark.parametrize("run", RUNS)
def test_a_run_is_trained_as_its_name_says(run):
    """One step of each on the same batch: who moves, and what the encoder hears of the adversary."""
    name, options = diagnose(run), {"step": sick.adversary_step} | sick.PATIENTS[run]
    x, target, protected = torch.randn(16, 192), torch.ones(16), (torch.arange(16) % 2).float()
    moved, heard = {}, {}
    for strength in (0.0, 1.0):
        torch.manual_seed(0)
        three = hiding.players()
        before = three.adversary[1].weight.clone()
        options["step"](three, x, target, protected, strength)
        moved[strength] = not torch.equal(before, three.adversary[1].weight)
        heard[strength] = three.encoder[0].weight.grad.clone()
    assert name in NAMES
    assert moved[1.0] == (name != "adversary asleep")
    assert torch.equal(heard[0.0], heard[1.0]) == (name == "features detached")
    assert ("weight" in options) == (name == "strength too high")


def test_the_guide_answers_yes_or_no():
    reader = guide.train(PEOPLE.images, measure.truth_of(PEOPLE), 3)
    said = guide.answers(reader, to_float(PEOPLE.images), batch_size=128)
    assert said.shape == (300, 2)
    assert set(said.unique().tolist()) <= {0.0, 1.0}
    assert not any(p.requires_grad for p in reader.parameters())


def test_the_two_trainings_begin_with_the_same_networks(monkeypatch):
    """`train_against` differs from `train_one` by the adversary alone."""
    begun = []

    def fit(gan, *others, **options):
        begun.append([p.clone() for network in (gan.generator, gan.discriminator) for p in network.parameters()])

    monkeypatch.setattr(dialled, "fit", fit)
    recipe.train_against(PEOPLE.images, guide.network(), 1, 2, 1.0)
    dialled.train_one(PEOPLE.images, 1, 2)
    assert all(torch.equal(a, b) for a, b in zip(*begun, strict=True))


def test_what_is_measured_of_drawn_portraits_is_the_truth():
    people = dialled.people(1200, 9, 0.6)
    rates = [(0.999, 0.999), (0.999, 0.999)]
    found = measure.measure(to_float(people.images), rates, measure.reference(200))
    assert found.correlation == pytest.approx(0.6, abs=0.08)
    assert (found.hats, found.glasses) == pytest.approx((0.4, 0.4), abs=0.05)
    assert found.distance > 0


def test_where_nothing_can_be_read_there_is_no_number():
    grey = torch.zeros(40, 3, 32, 32)
    found = measure.measure(grey, [(0.99, 0.99)] * 2, measure.reference(30))
    assert found.correlation != found.correlation
    assert all(x != x for x in measure.guessed_from(grey, (("glasses",), measure.UNASKED), 2))


def test_hats_are_guessed_from_glasses_where_the_two_go_together():
    tied, free = (to_float(dialled.people(600, 11, dial).images) for dial in (0.9, 0.0))
    (from_tied,), (from_free,) = (measure.guessed_from(images, (("glasses",),), 150) for images in (tied, free))
    assert from_tied > 0.85
    assert from_free < 0.65
