"""What the lesson on privacy needs of its own: who is a member, trainings, and audits of steps."""

import pytest
import torch

from course_utils.lessons.c3w1c import arms, sick
from course_utils.lessons.c3w1c.exercises import diagnose
from course_utils.steps.private import private_discriminator_step

TINY = arms.Settings(batch_size=8, hidden_g=4, hidden_d=4)


@pytest.fixture(scope="module")
def images():
    return torch.randint(256, (40, 1, 28, 28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_nobody_is_both_a_member_and_another():
    numbers = torch.arange(5000)
    one, two = arms.cast(numbers, 0), arms.cast(numbers, 1)
    assert [len(part) for part in one] == [3000, 1000, 1000]
    assert torch.equal(torch.cat(one).sort().values, numbers)
    assert not torch.equal(one.members, two.members)
    assert torch.equal(one.members, arms.cast(numbers, 0).members)


def test_trainings_repeat_and_noise_changes_them(images):
    def weights(gan):
        return torch.cat([p.detach().flatten() for p in gan.discriminator.parameters()])

    (plain, history), (again, _) = (arms.train(images, TINY, 4, 0) for _ in range(2))
    assert torch.equal(weights(plain), weights(again))
    assert len(history.d_loss) > 0
    quiet, loud = (arms.train_private(images, private_discriminator_step, TINY, 4, 0, noise) for noise in (0.0, 1.0))
    assert not torch.equal(weights(quiet), weights(loud))


def test_scores_and_fakes_have_their_shapes_and_fakes_repeat(images):
    gan = arms.new_players(TINY, 0)
    assert arms.white_box(gan, images).shape == (40,)
    assert arms.fakes(gan, 5).shape == (5, 1, 28, 28)
    assert torch.equal(arms.fakes(gan, 5), arms.fakes(gan, 5))
    assert gan.generator.training


def test_the_audit_tells_a_sound_step_from_each_sick_one(images):
    sound = sick.audit(private_discriminator_step, images)
    assert sound.influence <= 1.001
    assert sound.noise == pytest.approx(2, rel=0.05)
    assert sound.noise_when_empty == pytest.approx(2, rel=0.05)
    assert 1.5 < sick.audit(sick.tensors_apart, images).influence <= 6**0.5 + 0.01
    assert sick.audit(sick.batch_clipped, images).influence > 4
    assert sick.audit(sick.noise_twice, images).noise == pytest.approx(2 / 16, rel=0.05)
    silent = sick.audit(sick.silent_when_empty, images)
    assert silent.noise_when_empty == 0
    assert silent.noise == pytest.approx(2, rel=0.05)


def test_each_patient_has_what_the_key_says(images):
    steps = {
        "sound": private_discriminator_step,
        "batch clipped, not each image": sick.batch_clipped,
        "each tensor clipped by itself": sick.tensors_apart,
        "noise divided twice": sick.noise_twice,
        "no noise where the batch is empty": sick.silent_when_empty,
    }
    found = sick.patients(private_discriminator_step, images)
    assert list(found) == list("ABCDE")
    for letter, audit in found.items():
        assert audit == sick.audit(steps[diagnose(f"step {letter}")], images)
