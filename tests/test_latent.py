"""Steering a generator: steps on the noise, penalised scores, directions and what they change."""

import pytest
import torch

from course_utils import plotting
from course_utils.latent import direction_by_regression, entanglement, noise_step, orthogonalise, penalised_score
from course_utils.models.judges.portrait_classifier import PortraitClassifier


def test_noise_step_is_ascent_of_each_row_whatever_the_batch_and_old_gradients():
    z = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    together = z.clone().requires_grad_()
    together.grad = torch.ones(6, 4)
    scores = noise_step(together, lambda z: z.square().sum(1), 0.1)
    assert torch.allclose(together.detach(), 1.2 * z)
    assert torch.allclose(scores, z.square().sum(1))
    alone = z[2:3].clone().requires_grad_()
    noise_step(alone, lambda z: z.square().sum(1), 0.1)
    assert torch.allclose(alone.detach(), together.detach()[2:3])


def test_ascent_reaches_the_top_of_a_hill():
    top = torch.tensor([1.0, -2.0, 3.0])
    z = torch.zeros(4, 3, requires_grad=True)
    for _ in range(100):
        noise_step(z, lambda z: -(z - top).square().sum(1), 0.1)
    assert torch.allclose(z.detach(), top.expand(4, 3), atol=1e-4)


def test_penalised_score_by_hand():
    scores, start = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[0.0, 5.0, 3.5]])
    assert penalised_score(scores, start, target=0, weight=2.0).tolist() == [1.0 - 2.0 * (3.0 + 0.5) / 2]
    assert penalised_score(start, start, target=1, weight=9.0).tolist() == [5.0]


def test_regression_recovers_linear_scores():
    generator = torch.Generator().manual_seed(0)
    z, weights = torch.randn(300, 8, generator=generator) + 2, torch.randn(8, 3, generator=generator)
    found = direction_by_regression(z, z @ weights - 7, ridge=0.0)
    assert torch.allclose(found, (weights / weights.norm(dim=0)).T, atol=1e-4)


def test_orthogonal_part():
    direction = torch.tensor([1.0, 1.0, 1.0])
    others = torch.tensor([[2.0, 0.0, 0.0], [1.0, 1.0, 0.0], [3.0, 1.0, 0.0]])
    assert torch.allclose(orthogonalise(direction, others), torch.tensor([0.0, 0.0, 1.0]), atol=1e-6)
    with pytest.raises(ValueError, match="nothing of it is left"):
        orthogonalise(others[0] + others[1], others)


def test_orthogonal_directions_do_not_change_linear_scores_of_the_others():
    generator = torch.Generator().manual_seed(0)
    weights, z = torch.randn(9, 4, generator=generator), torch.randn(50, 9, generator=generator)
    directions = direction_by_regression(z, z @ weights, ridge=0.0)
    clean = torch.stack(
        [orthogonalise(directions[i], torch.cat([directions[:i], directions[i + 1 :]])) for i in range(4)]
    )
    table = entanglement(lambda z: z @ weights, z, clean, 2.0)
    off = table - table.diag().diag()
    assert off.abs().max() < 1e-4
    assert (table.diag() > 0.1).all()
    assert not entanglement(lambda z: z @ weights, z, directions, 2.0).sub(table).abs().max() < 0.1


def test_entanglement_matrix_is_drawn_with_numbers():
    figure = plotting.change_matrix(torch.tensor([[0.9, -0.1], [0.25, 0.7]]), ("age", "skin_tone"), "Title")
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["+0.90", "-0.10", "+0.25", "+0.70"]
    assert axes.get_xlabel()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["age", "skin tone"]


def test_portrait_classifier_takes_any_square_size():
    network = PortraitClassifier(outputs=5, width=4, features=8).eval()
    images = torch.randn(2, 3, 64, 64)
    assert network(images).shape == (2, 5)
    assert network.features(torch.randn(2, 3, 48, 48)).shape == (2, 8)
    smaller = torch.nn.functional.interpolate(images, (48, 48), mode="area")
    assert torch.allclose(network(images), network(smaller), atol=1e-5)
    for shape in ((2, 1, 48, 48), (2, 3, 48, 40), (3, 48, 48)):
        with pytest.raises(ValueError, match=r"^images: expected square colour"):
            network(torch.zeros(shape))
