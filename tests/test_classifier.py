"""The digit classifier: its shapes, its shipped weights and card, and the script that trains it."""

import shutil

import pytest
import torch

from course_utils import files, paths
from course_utils.datasets import DataError, LabelledImages, digits, to_float
from course_utils.metrics import features, train_classifier
from course_utils.metrics.train_classifier import ClassifierRecipe, augment
from course_utils.models.judges.digit_classifier import DigitClassifier


def test_shapes_and_size():
    model = DigitClassifier().eval()
    images = torch.zeros(3, 1, 28, 28)
    assert model(images).shape == (3, 10)
    assert model.features(images).shape == (3, 64)
    assert torch.equal(model.head(model.features(images)), model(images))
    assert (model.features(torch.randn(5, 1, 28, 28)) >= 0).all()
    assert sum(p.numel() for p in model.parameters()) < 100_000
    assert paths.shipped(train_classifier.WEIGHTS).stat().st_size < 1_000_000


def test_the_card_tells_the_truth():
    card = features.digit_classifier_card()
    model = features.digit_classifier()
    assert card["test_accuracy"] == pytest.approx(train_classifier.accuracy(model, digits.load("test")), abs=0.002)
    assert card["test_accuracy"] >= 0.985
    assert card["mnist_test_accuracy"] >= 0.985
    assert card["parameters"] == sum(p.numel() for p in model.parameters())
    assert {"recipe", "seconds", "torch", "licence", "data", "made_by"} <= set(card)


def test_a_damaged_or_missing_classifier_is_one_line(tmp_path, monkeypatch):
    for name in (train_classifier.WEIGHTS, "checksums.json"):
        shutil.copyfile(paths.shipped(name), tmp_path / name)
    monkeypatch.setattr(paths, "shipped", lambda name: tmp_path / name)
    features.digit_classifier.cache_clear()
    content = bytearray((tmp_path / train_classifier.WEIGHTS).read_bytes())
    content[-1] ^= 1
    (tmp_path / train_classifier.WEIGHTS).write_bytes(content)
    with pytest.raises(DataError, match=r"digit_classifier\.safetensors is damaged") as raised:
        features.digit_classifier()
    assert "\n" not in str(raised.value)
    (tmp_path / train_classifier.WEIGHTS).unlink()
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
    rates = [train_classifier.learning_rate(step, recipe) for step in range(1000)]
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


def test_a_short_training_learns_is_reproducible_and_is_written(tmp_path, one_thread):
    images, labels = digits.load("train")
    data = LabelledImages(images[:500], labels[:500])
    recipe = ClassifierRecipe(steps=40, batch_size=64, warmup=5, ema=0.9)
    first, second = train_classifier.train(data, recipe), train_classifier.train(data, recipe)
    test = digits.load("test")
    assert train_classifier.accuracy(first, test) > 0.6
    for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)
    train_classifier.write(first, train_classifier.card(first, recipe, 1.0, None), tmp_path)
    card = files.read_json(tmp_path / train_classifier.CARD)
    assert card["mnist_test_accuracy"] is None
    assert card["recipe"]["steps"] == 40
    checksums = files.read_json(tmp_path / "checksums.json")
    assert checksums[train_classifier.WEIGHTS] == files.sha256(tmp_path / train_classifier.WEIGHTS)


def test_mnist_test_from_a_folder_without_the_files(tmp_path):
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte: cannot be read"):
        train_classifier.mnist_test(tmp_path)
