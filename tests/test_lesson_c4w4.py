"""What the lesson on one's own images needs of its own: its pictures, recipes, measures and reports."""

import math

import pytest
import torch

from course_utils import gallery, plotting
from course_utils.augment import DiffAugment
from course_utils.datasets import own_pairs, to_float
from course_utils.datasets.crops import separate_crops, shared_pixels
from course_utils.datasets.folder import folder
from course_utils.lessons.c4w4 import album, figures, recipes, reports
from course_utils.metrics.filter_features import FilterFeatures
from course_utils.metrics.frechet import frechet_distance
from course_utils.metrics.own_pictures import measure
from course_utils.runs import Run
from course_utils.steps.augmented_shared import AugmentedSharedFakes
from course_utils.steps.shared_fakes import SharedFakes

TINY = recipes.Settings(steps=2, batch_size=4, base=4)


@pytest.fixture(scope="module")
def tissue():
    return album.tissue()


@pytest.fixture(scope="module")
def sides(tissue):
    return tuple(map(to_float, separate_crops(tissue, recipes.SIZE, recipes.STRIDE)))


def test_a_card_lists_what_its_recipe_reads():
    assert recipes.used("DCGAN", TINY) == recipes.used("StyleGAN", TINY) == TINY._asdict()
    assert recipes.used("Pix2Pix", TINY) == {n: v for n, v in TINY._asdict().items() if n != "gamma"}


def test_tissue_saved_and_read_again_is_the_same(tissue, tmp_path):
    crops, _ = separate_crops(tissue, recipes.SIZE, recipes.STRIDE)
    assert crops.shape == (252, 3, 32, 32)
    found = folder(album.save(crops, tmp_path / "tissue"), size=recipes.SIZE)
    assert torch.equal(found.images, to_float(crops))
    assert found.report.counts() == {}
    assert torch.equal(recipes.pixels(found.images), crops)


def test_the_messy_folder_has_every_condition(tmp_path):
    report = folder(album.messy(tmp_path / "messy"), size=48).report
    assert report.used == 11
    assert report.hidden == 1
    counts = report.counts()
    once = "not a picture", "huge", "too small", "one colour", "same file", "nearly the same"
    assert counts == counts | dict.fromkeys(once, 1) | {"broken": 2}
    assert {"turned", "grey", "palette", "transparent", "16 bits", "trimmed"} <= counts.keys()
    near = [(e.name, e.detail) for e in report.left_out if e.kind == "nearly the same"]
    assert near == [("coffee small copy.jpg", "coffee.png")]


def test_features_are_deviations_of_the_reference(sides):
    train, held_out = sides
    features = FilterFeatures(train)
    assert features(train).mean(dim=0).abs().max() < 1e-4
    assert torch.allclose(features(train).std(dim=0), torch.ones(48), atol=1e-3)
    assert not torch.allclose(features(held_out), FilterFeatures(train, seed=1)(held_out))
    floor = frechet_distance(features(train[:96]), features(held_out))
    noisy = [(train[:96] + s * torch.randn(96, 3, 32, 32)).clamp(-1, 1) for s in (0.05, 0.1, 0.3)]
    ladder = [floor, *(frechet_distance(features(pictures), features(held_out)) for pictures in noisy)]
    assert ladder == sorted(ladder)


def test_copies_are_found_and_mirrored_ones_on_request(sides):
    train, held_out = sides
    features = FilterFeatures(train)
    copied, mirrored = measure(train, train, held_out, features), measure(train.flip(3), train, held_out, features)
    assert (copied.nearness, copied.copies) == (0, 1)
    assert mirrored.nearness > 0.8
    again = measure(train.flip(3), train, held_out, features, True)
    assert (again.nearness, again.copies) == (0, 1)
    assert measure(held_out, train, held_out, features).nearness == 1
    assert measure(held_out, train, held_out, features).distance == pytest.approx(0, abs=1e-6)


def test_all_crops_dealt_out_share_pixels_and_a_cut_shares_none(tissue, sides):
    train, held_out = sides
    assert shared_pixels(recipes.pixels(train), recipes.pixels(held_out)) == 0
    mixed = reports.leaking(tissue, 32, (60, 20))
    assert [len(part) for part in mixed] == [60, 20]
    assert shared_pixels(*map(recipes.pixels, mixed)) > 5


def test_five_reports_have_their_faults(tissue, sides):
    train, held_out = sides
    made = (held_out + 0.1 * torch.randn(held_out.shape, generator=torch.Generator().manual_seed(0))).clamp(-1, 1)
    rows = reports.five(made, train, held_out, tissue, measure)
    assert [name for name, r in rows.items() if r.shared] == ["A"]
    assert rows["B"].nearness > 0.8
    assert (rows["B"].mirrored, rows["E"].nearness, rows["E"].mirrored) == (0, 0, 0)
    assert [r.numbers for r in rows.values()] == ["96/96", "96/96", "96/96", "36/96", "96/96"]
    lines = reports.table(rows).splitlines()
    assert len(lines) == 6
    assert {len(line) for line in lines} == {60}  # fits into a narrow window, and every column into its place


@pytest.mark.parametrize("generator", ["DCGAN", "StyleGAN"])
def test_a_recipe_trains_and_repeats(generator, sides):
    runs = [recipes.train(generator, sides[0][:20], TINY, seed, recipes.AUGMENT)[0] for seed in (0, 0, 1)]
    first, again, other = (recipes.draw(gan, 3) for gan in runs)
    assert first.shape == (3, 3, 32, 32)
    if generator == "DCGAN":  # a StyleGAN draws noise at every call
        assert torch.equal(first, again)
    assert not torch.equal(first, other)


@pytest.mark.parametrize("generator", ["DCGAN", "StyleGAN"])
def test_a_recipe_goes_from_crops_to_a_page(generator, sides, tmp_path, monkeypatch):
    train, held_out = sides[0][:20], sides[1][:12]
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))
    run = Run("c4w4", seed=0)
    gan, history = recipes.train(generator, train, TINY, 0, recipes.AUGMENT, run=run)
    made = recipes.draw(gan, 12)
    found = measure(made, train, held_out, FilterFeatures(train), True)
    assert all(math.isfinite(number) for number in found)
    run.finish(gan, history, plotting.image_grid(made, "Made"), table={generator: found._asdict()})
    card = gallery.ModelCard(
        title="Tissue",
        pictures="Tissue",
        source=album.SOURCE,
        licence=album.LICENCE,
        count=len(train),
        held_out=len(held_out),
        size=recipes.SIZE,
        recipe=generator,
        settings=TINY._asdict(),
        seed=0,
        budget="smoke",
        seconds=history.seconds[-1],
        measured={generator: found._asdict()},
        floor="",
    )
    walk = gallery.walk(gan.shown.eval(), torch.randn(3, recipes.LATENT), steps=4)
    page, _ = gallery.write(gallery.keep(run.folder, made, walk, card))
    assert album.LICENCE in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("made_from", ["edges", "side by side"])
def test_pix2pix_goes_from_a_folder_to_a_page(made_from, sides, tmp_path, monkeypatch):
    crops = recipes.pixels(sides[0][:30])
    files = crops if made_from == "edges" else torch.cat([crops, crops.flip(3)], dim=3)
    pictures, inputs = own_pairs.load(album.save(files, tmp_path / "mine"), made_from, recipes.SIZE)
    assert len(pictures.images) == len(inputs) == 30
    train, held_out, asked = pictures.images[:20], pictures.images[20:], inputs[20:]
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    run = Run("c4w4", seed=0)
    gan, history = recipes.train("Pix2Pix", train, TINY, 0, recipes.AUGMENT, inputs[:20], run=run)
    made = recipes.draw(gan, 24, inputs=asked)
    assert made.shape == held_out.shape
    assert gan.discriminator(made, asked).shape[:2] == (10, 1)
    features = FilterFeatures(train)
    judged = {"made": made, "in": asked}
    found = {name: measure(images, train, held_out, features, True)._asdict() for name, images in judged.items()}
    assert all(math.isfinite(number) for row in found.values() for number in row.values())
    run.finish(gan, history, plotting.image_grid(made, "Made"), table=found)
    told = {"title": "Mine", "pictures": "Tissue", "source": album.SOURCE, "licence": album.LICENCE, "size": recipes.SIZE}
    numbers = {"count": 20, "held_out": 10, "seed": 0, "budget": "smoke", "seconds": 1.0, "settings": TINY._asdict()}
    card = gallery.ModelCard(
        **told, **numbers, recipe="Pix2Pix", measured=found, floor="", rivals=("in",), made_from=f"inputs ({made_from})"
    )
    walk = gallery.walk(gan.shown.eval(), asked[:3], steps=4)
    assert walk.shape == (3, 4, 3, 32, 32)
    assert torch.allclose(walk[:, 0], made[:3], atol=1e-5)
    page, missing = gallery.write(gallery.keep(run.folder, made, walk, card, asked))
    text = page.read_text(encoding="utf-8")
    assert text.count(f"inputs ({made_from})") == 3  # below the samples, in the card, in the footer
    assert not [line for line in missing if line.startswith(("samples", "walk", "curve", "rivals"))]


def test_a_translator_learns_its_pairs_and_repeats(sides):
    train, inputs = sides[0][:20], own_pairs.grey(sides[0][:20])
    settings = [TINY._replace(steps=steps, ema=0.5) for steps in (2, 2, 30)]
    once, again, longer = (recipes.train("Pix2Pix", train, s, 0, recipes.AUGMENT, inputs)[0] for s in settings)
    first, second, later = (recipes.draw(gan, 20, inputs=inputs) for gan in (once, again, longer))
    assert torch.equal(first, second)
    assert (later - train).abs().mean() < 0.8 * (first - train).abs().mean()


def test_t_changes_picture_and_input_alike_and_only_for_the_discriminator(sides):
    seen = []

    def marked(pair):
        seen.append(pair.shape[1])
        return pair.roll(1, dims=3)

    class Witness(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, image, condition):
            assert image.shape == condition.shape
            assert torch.equal(condition, inputs.roll(1, dims=3))
            return self.scale * image.mean(dim=1, keepdim=True)

    inputs = own_pairs.edges(sides[0][:4])
    gan = recipes.GAN.with_adam(recipes.Translator(4), Witness())
    recipes.AugmentedTranslation(marked).round(gan, lambda: (sides[0][:4], inputs))
    assert seen == [6, 6, 6]
    assert isinstance(gan.discriminator, Witness)


def test_a_recipe_that_cannot_be_is_named(sides):
    with pytest.raises(ValueError, match="recipe: expected one of DCGAN, StyleGAN, Pix2Pix, got 'VAE'"):
        recipes.train("VAE", sides[0], TINY, 0)
    with pytest.raises(ValueError, match="inputs: expected one for each image with Pix2Pix"):
        recipes.train("Pix2Pix", sides[0], TINY, 0)
    with pytest.raises(ValueError, match=r"inputs: .* none without, got 'DCGAN'"):
        recipes.train("DCGAN", sides[0], TINY, 0, None, sides[0])


def test_without_t_the_game_is_shared_fakes_and_with_t_gradients_pass(sides):
    def after(game):
        torch.manual_seed(0)
        gan = recipes.GAN.with_adam(
            recipes.cpu_dcgan.Generator(recipes.LATENT, 4, 32, channels=3), recipes.cpu_dcgan.Discriminator(4, 32, channels=3)
        )
        torch.manual_seed(1)
        z = torch.randn(4, recipes.LATENT)
        losses = game.discriminator_step(gan, sides[0][:4], z), game.generator_step(gan, z)
        weights = torch.cat([p.detach().flatten() for p in (*gan.generator.parameters(), *gan.discriminator.parameters())])
        return losses, weights

    plain, same = after(SharedFakes(None, gamma=1.0, every=1)), after(AugmentedSharedFakes(None, None, gamma=1.0, every=1))
    assert plain[0] == same[0]
    assert torch.equal(plain[1], same[1])
    changed = after(AugmentedSharedFakes(None, DiffAugment(), gamma=1.0, every=1))
    assert not torch.equal(changed[1], plain[1])
    assert changed[1].isfinite().all()


def test_t_stands_before_the_discriminator_wherever_it_looks(sides):
    seen = []

    def marked(images):
        seen.append(len(images))
        return images.clamp(0, 0) + 0.25

    class Witness(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(()))

        def forward(self, images):
            assert (images == 0.25).all()
            return self.scale * images.mean(dim=(1, 2, 3))[:, None]

    gan = recipes.GAN.with_adam(recipes.cpu_dcgan.Generator(recipes.LATENT, 4, 32, channels=3), Witness())
    game = AugmentedSharedFakes(None, marked)
    game.discriminator_step(gan, sides[0][:4], torch.randn(4, recipes.LATENT))
    game.generator_step(gan, None)
    assert seen == [4, 4, 4]


def test_figures_are_drawn(sides):
    train, held_out = sides
    drawn = figures.plane({"crops": (1.0, 0.0), "blurred": (30.0, 0.5)}, {"GAN": [(20.0, 1.1), (25.0, 0.9)]}, "A plane")
    assert drawn.axes[0].get_xscale() == "log"
    names = figures.plane({"crops": (1.0, 0.0), "untrained network": (900.0, 0.5)}, {"GAN": [(2.0, 1.1)]}, "A plane")
    names.canvas.draw()
    frame = names.axes[0].get_window_extent()
    boxes = [text.get_window_extent() for text in names.axes[0].texts]
    assert all(frame.x0 < box.x0 and box.x1 < frame.x1 for box in boxes)
    assert figures.beside_neighbours(held_out[:4], train, "Copies?").axes
