"""The digit classifier: its shapes, its shipped weights and card, and how it is trained."""

import shutil

import pytest
import torch

from course_utils import checkpoints, paths
from course_utils.checkpoints import digit_classifier
from course_utils.checkpoints.digit_classifier import ClassifierRecipe, augment
from course_utils.datasets import DataError, LabelledImages, digits, to_float
from course_utils.metrics import features
from course_utils.models.judges.digit_classifier import DigitClassifier


def test_shapes_and_size():
    model = DigitClassifier().eval()
    images = torch.zeros(3, 1, 28, 28)
    assert model(images).shape == (3, 10)
    assert model.features(images).shape == (3, 64)
    assert torch.equal(model.head(model.features(images)), model(images))
    assert (model.features(torch.randn(5, 1, 28, 28)) >= 0).all()
    assert sum(p.numel() for p in model.parameters()) < 100_000
    assert paths.shipped(features.WEIGHTS).stat().st_size < 1_000_000


def test_it_reads_digits_that_it_never_saw():
    model = features.digit_classifier()
    assert checkpoints.card("digit_classifier")["measured"]["accuracy"] >= 0.985
    assert digit_classifier.accuracy(model, digits.load("test")) >= 0.985
    for name, weight in checkpoints.load("digit_classifier").state_dict().items():
        assert torch.equal(weight, model.state_dict()[name])


def test_a_damaged_or_missing_classifier_is_one_line(tmp_path, monkeypatch):
    for name in (features.WEIGHTS, "checksums.json"):
        shutil.copyfile(paths.shipped(name), tmp_path / name)
    monkeypatch.setattr(paths, "shipped", lambda name: tmp_path / name)
    features.digit_classifier.cache_clear()
    content = bytearray((tmp_path / features.WEIGHTS).read_bytes())
    content[-1] ^= 1
    (tmp_path / features.WEIGHTS).write_bytes(content)
    with pytest.raises(DataError, match=r"digit_classifier\.safetensors is damaged") as raised:
        features.digit_classifier()
    assert "\n" not in str(raised.value)
    (tmp_path / features.WEIGHTS).unlink()
    with pytest.raises(DataError, match="no such file"):
        features.digit_classifier()
    features.digit_classifier.cache_clear()


def test_augmentation_moves_digits_but_keeps_them_digits():
    images, labels = digits.load("test")
    moved = augment(to_float(images), ClassifierRecipe(), torch.Generator().manual_seed(0))
    assert moved.shape == images.shape
    assert moved.min() >= -1
    assert moved.max() <= 1
    assert (moved - to_float(images)).abs().mean() > 0.02
    assert (features.digit_labels(moved) == labels).double().mean() > 0.95


def test_augmentation_with_nothing_allowed_is_the_identity():
    images = to_float(digits.load("test").images[:20])
    still = ClassifierRecipe(rotation=0, scale=0, shear=0, translation=0, noise=0)
    assert torch.allclose(augment(images, still, torch.Generator()), images, atol=1e-4)


def test_the_learning_rate_rises_then_falls_to_zero():
    recipe = ClassifierRecipe(steps=1000, warmup=100)
    rates = [digit_classifier.learning_rate(step, recipe) for step in range(1000)]
    assert max(rates) == pytest.approx(recipe.learning_rate)
    assert rates.index(max(rates)) in (99, 100)
    assert 0 <= rates[-1] < 1e-3 * recipe.learning_rate < rates[0] < rates[1]


@pytest.fixture
def one_thread():
    """As the script trains; small batches gain nothing from more, and tests share the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_a_short_training_learns_and_is_reproducible(one_thread):
    images, labels = digits.load("train")
    data = LabelledImages(images[:500], labels[:500])
    recipe = ClassifierRecipe(steps=40, batch_size=64, warmup=5, ema=0.9)
    first, second = digit_classifier.train_on(data, recipe), digit_classifier.train_on(data, recipe)
    assert digit_classifier.accuracy(first, digits.load("test")) > 0.6
    for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_training_gives_the_threads_back():
    before = torch.get_num_threads()
    digit_classifier.train(steps=1, seed=0)
    assert torch.get_num_threads() == before


def test_it_is_float32_whatever_the_default_type_is():
    features.digit_classifier.cache_clear()
    torch.set_default_dtype(torch.float64)
    try:
        found = features.digit_features(torch.zeros(2, 1, 28, 28))
        assert all(p.dtype == torch.float32 for p in checkpoints.load("digit_classifier").parameters())
    finally:
        torch.set_default_dtype(torch.float32)
    assert found.dtype == torch.float32
    assert torch.equal(found, features.digit_features(torch.zeros(2, 1, 28, 28)))


@pytest.mark.parametrize(
    ("shape", "advice"),
    [((2, 3, 28, 28), "mean.dim=1, keepdim=True."), ((2, 784), "reshape"), ((28, 28), "reshape"), ((2, 1, 32, 32), "28x28")],
)
def test_advice_on_a_shape_is_true(shape, advice):
    with pytest.raises(ValueError, match=advice) as caught:
        features.require_digits(torch.zeros(shape))
    assert ("reshape" in str(caught.value)) == (advice == "reshape")
