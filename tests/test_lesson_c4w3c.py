"""What the lesson on generators in the world needs: spectra, evidence, a mark, detectors, cards, an export, a server."""

import math
import urllib.error
import urllib.request

import pytest
import torch
from scipy import stats

from course_utils.lessons.c4w3c import arms, reports
from course_utils.metrics.spectrum import azimuthal_log_spectrum
from course_utils.models.conv import dcgan
from course_utils.models.watermark import MarkReader, MarkWriter
from course_utils.world import disturb, export, serve
from course_utils.world.card import as_card, as_table, measured_part
from course_utils.world.evidence import evidence, p_values_if_pooled, predictive_value


@pytest.fixture(scope="module")
def people():
    return arms.people(60, 1)


# --- spectrum ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("waves", [0, 1, 5, 16])
def test_a_wave_has_its_power_on_its_ring(waves):
    x = torch.arange(32, dtype=torch.float64)
    picture = (2 * math.pi * waves * x / 32).cos().expand(1, 3, 32, 32)
    for turned in (picture, picture.transpose(2, 3)):
        assert azimuthal_log_spectrum(turned)[0].argmax() == waves


def test_white_noise_has_the_same_power_everywhere():
    noise = torch.randn(2000, 1, 16, 16, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    powers = azimuthal_log_spectrum(noise).exp().mean(dim=0)
    assert torch.allclose(powers, torch.ones(9, dtype=torch.float64), atol=0.1)


def test_pictures_that_are_not_square_are_refused():
    with pytest.raises(ValueError, match="images: expected square"):
        azimuthal_log_spectrum(torch.zeros(2, 3, 8, 6))


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_the_p_value_is_the_binomial_tail():
    message = torch.ones(24, dtype=torch.long)
    for right in range(25):
        logits = torch.where(torch.arange(24) < right, 1.0, -1.0)[None]
        _, matches, p = evidence(logits, message)
        assert matches == right
        assert p == pytest.approx(stats.binom.sf(right - 1, 24, 0.5), rel=1e-12)


def test_p_values_of_a_vote_keep_their_promise_and_pooled_ones_do_not():
    generator = torch.Generator().manual_seed(0)
    leaning = torch.randn(500, 24, generator=generator) + 0.5 * torch.randn(24, generator=generator)
    strangers = torch.randint(0, 2, (1000, 24), generator=generator)
    of_vote = torch.tensor([evidence(leaning, stranger)[2] for stranger in strangers])
    assert (of_vote <= 0.05).double().mean() < 0.07
    assert (p_values_if_pooled(leaning, strangers) <= 0.05).double().mean() > 0.3


def test_pooled_p_values_of_real_coins_keep_theirs():
    generator = torch.Generator().manual_seed(1)
    coins, strangers = torch.randn(200, 24, generator=generator), torch.randint(0, 2, (1000, 24), generator=generator)
    assert (p_values_if_pooled(coins, strangers) <= 0.05).double().mean() < 0.12


def test_the_value_of_an_answer_depends_on_how_common_fakes_are():
    assert predictive_value(0.9, 0.1, 0.5) == pytest.approx(0.9)
    assert predictive_value(0.9, 0.1, 0.01) == pytest.approx(90 / 1080)
    assert predictive_value(0.0, 0.0, 0.5) == 0


# --- what happens to pictures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [disturb.eight_bits, disturb.blur, disturb.crop, disturb.jpeg, lambda x: disturb.noise(x, seed=0)]
)
def test_a_disturbed_picture_keeps_its_shape_and_range_and_is_near(people, change):
    changed = change(people)
    assert changed.shape == people.shape
    assert changed.dtype == people.dtype
    assert changed.abs().max() <= 1 + 1e-6
    assert (changed - people).abs().mean() < 0.2
    assert torch.equal(change(people), changed)


def test_blur_keeps_what_is_even_and_takes_the_finest_pattern():
    even = torch.full((1, 3, 8, 8), 0.3)
    assert torch.allclose(disturb.blur(even), even)
    fine = (1.0 - 2 * (torch.arange(8) % 2)).expand(1, 3, 8, 8)
    assert disturb.blur(fine)[..., 1:-1].abs().max() < 1e-6


# --- generators and detectors -----------------------------------------------------------------------------------------


def test_the_two_kinds_of_generator_see_the_same_batches_and_repeat(people):
    first, history = arms.train_generator(people, "nearest", 2, 0)
    again, _ = arms.train_generator(people, "nearest", 2, 0)
    other, _ = arms.train_generator(people, "transposed", 2, 0)
    assert all(torch.equal(a, b) for a, b in zip(first.state_dict().values(), again.state_dict().values(), strict=True))
    assert len(history.step) == 2
    made = arms.fakes(first, 7, 3)
    assert made.shape == (7, 3, 32, 32)
    assert torch.equal(made, disturb.eight_bits(made))
    assert not torch.equal(made, arms.fakes(other, 7, 3))


def test_detectors_find_what_is_plain_and_nothing_where_there_is_nothing():
    generator = torch.Generator().manual_seed(0)
    smooth = [disturb.blur(torch.randn(150, 3, 32, 32, generator=generator)).clamp(-1, 1) for _ in range(3)]
    rough = [torch.randn(150, 3, 32, 32, generator=generator).clamp(-1, 1) for _ in range(2)]
    plain = arms.test(arms.on_numbers(azimuthal_log_spectrum, smooth[0], rough[0]), smooth[1], rough[1])
    assert plain.right > 0.98
    assert plain.low < plain.right <= plain.high
    nothing = arms.test(arms.on_numbers(azimuthal_log_spectrum, smooth[0], smooth[1]), smooth[2], smooth[2])
    assert nothing.right == 0.5
    assert nothing.found == nothing.alarms
    assert arms.test(arms.small_cnn(smooth[0], rough[0], 30, 0), smooth[1], rough[1]).right > 0.9


def test_each_report_shows_what_is_wrong_with_it(people):
    generator = torch.Generator().manual_seed(0)
    real, new_real = arms.people(300, 5), arms.people(300, 6)
    noise = 0.1 * torch.randn(2, 300, 3, 32, 32, generator=generator)
    fake, new_fake = ((arms.people(300, s) + noise[s - 7]).clamp(-1, 1) for s in (7, 8))
    sound = arms.on_numbers(azimuthal_log_spectrum, real, fake)
    five = reports.five(real, fake, new_real, new_fake, arms.people(300, 9), sound, 40)
    assert five["C"].reported > five["C"].new + 0.1
    assert five["E"].larger > 0.9
    assert five["E"].reported <= five["E"].larger + 0.02
    assert five["D"]._replace(said_of="any generator") == five["B"]
    assert five["A"].reported == five["A"].new
    assert five.keys() == reports.LONGER.keys()
    assert [r.said_of for r in five.values()] == [r.said_of for r in reports.LONGER.values()]


def test_the_longer_run_shows_every_fault_by_its_own_column():
    lies = {"A": ("new", "alike"), "C": ("reported", "new")}
    for name, report in reports.LONGER.items():
        for high, low in (("new", "alike"), ("reported", "new")):
            assert (getattr(report, high) - getattr(report, low) > 0.1) == (lies.get(name) == (high, low))
        assert (report.reported <= report.larger + 0.02) == (name == "E")
    assert reports.LONGER["D"]._replace(said_of="any generator") == reports.LONGER["B"]


# --- the mark ---------------------------------------------------------------------------------------------------------


def test_a_mark_is_faint_and_the_same_for_every_picture(people):
    torch.manual_seed(0)
    writer = MarkWriter()
    message = torch.randint(0, 2, (1, 24)).expand(60, -1)
    added = writer(0.5 * people, message) - 0.5 * people
    assert added.abs().max() <= writer.strength + 1e-6
    assert torch.allclose(added, added[:1].expand_as(added), atol=1e-6)
    assert torch.allclose(writer.pattern(1 - message), -writer.pattern(message))
    assert MarkReader()(people).shape == (60, 24)
    with pytest.raises(ValueError, match="messages"):
        writer(people, message[:, :5])


def test_writer_and_reader_learn_together(people):
    writer, reader = arms.train_mark(people, 120, 0)
    messages = torch.randint(0, 2, (60, 24), generator=torch.Generator().manual_seed(1))
    read = (reader(writer(people, messages)) > 0).long()
    assert (read == messages).double().mean() > 0.7
    assert not any(p.requires_grad for p in (*writer.parameters(), *reader.parameters()))


def test_a_mark_of_coin_flips_can_be_read_by_correlation(people):
    write, read = arms.random_mark(people, 0.2, 0)
    messages = torch.randint(0, 2, (60, 24), generator=torch.Generator().manual_seed(1))
    assert ((read(write(people, messages)) > 0) == messages.bool()).double().mean() > 0.7


# --- cards, export, server --------------------------------------------------------------------------------------------


def test_a_table_says_what_was_not_measured():
    part = measured_part({"distance": [3.0, 5.0], "speed": [], "size": [2.0]}, {"distance": 1.0})
    lines = as_table(part).splitlines()
    assert lines[2] == "| distance | 4 | 3 to 5 | 2 | 1 |"
    assert lines[3] == "| speed | not measured | none | 0 | none |"
    assert lines[4] == "| size | 2 | none | 1 | none |"
    card = as_card("Model", {"For": "teaching"}, part)
    assert card.startswith("# Model\n\n**For.** teaching\n\n| measure")
    long = as_card("Model", {"For": "teaching, " * 20})
    assert max(map(len, long.splitlines())) <= 60
    assert " ".join(long.split()).endswith(("teaching, " * 20).strip())


def test_of_an_export_only_what_pytorch_says_of_its_steps_is_left_out(capsys):
    with export.quietly():
        print("[torch.onnx] Run decompositions...")
        print("my own line")
    assert capsys.readouterr().out == "my own line\n"


def test_an_export_that_fails_tells_what_was_printed(capsys):
    def fails():
        print("before it fails")
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"), export.quietly():
        fails()
    assert capsys.readouterr().out == "before it fails\n"


@pytest.mark.skipif(not export.available(), reason="needs the extra export")
@pytest.mark.parametrize("up", ["nearest", "transposed"])
def test_an_exported_generator_is_the_same_at_every_batch_size(tmp_path, up):
    torch.manual_seed(0)
    generator = dcgan.Generator(8, 4, 32, 3, up)
    generator(torch.randn(30, 8) + 1)  # running statistics that are not those of the start
    export.export_generator(generator, tmp_path / "g.onnx")
    assert generator.training
    assert [file.name for file in tmp_path.iterdir()] == ["g.onnx"]
    outside = export.Session(tmp_path / "g.onnx")
    generator.eval()
    for batch in (1, 2, 5):
        z = torch.randn(batch, 8)
        with torch.no_grad():
            assert (outside(z) - generator(z)).abs().max() < 1e-5


def test_a_server_answers_by_seed_on_loopback_and_is_gone_afterwards(people):
    with serve.serving(lambda seed: people[seed % 60]) as address:
        assert address.startswith("http://127.0.0.1:")
        picture = serve.fetch(f"{address}/7")
        assert torch.allclose(picture[0], disturb.eight_bits(people[7]), atol=1e-6)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises(urllib.error.HTTPError, match="404"):
            opener.open(f"{address}/../secret", timeout=5)
    with pytest.raises(urllib.error.URLError):
        serve.fetch(f"{address}/7")
