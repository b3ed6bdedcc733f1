"""A run as one page: what it holds, what it says is missing, and what it survives."""

import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils import cli, gallery
from course_utils.files import write_json
from course_utils.gallery.card import ModelCard
from course_utils.gallery.curve import loss_curve
from course_utils.plotting import figure

VOID = {"meta", "img", "br", "line", "polyline"}


def card(**changed):
    fields = {
        "title": "Shells & <b>stones</b>",
        "pictures": "Shells on sand",
        "source": "my own camera",
        "licence": "CC0",
        "count": 180,
        "held_out": 126,
        "size": 8,
        "recipe": "DCGAN with T",
        "settings": {"steps": 10, "rate": 1e-3},
        "seed": 1,
        "budget": "cpu",
        "seconds": 12.3,
        "measured": {
            "training crops": {"distance": 1.5, "nearness": 0.0},
            "blurred": {"distance": 30.0},
            "GAN": {"distance": 9.0},
        },
        "floor": "training crops",
        "rivals": ("blurred",),
        "use": "To learn.",
        "limits": "Eight pixels.",
    }
    return ModelCard(**(fields | changed))


def finished(folder, **numbers):
    """A folder as a finished run leaves it."""
    steps = list(range(1, 42, 10))
    curves = {"step": steps, "d_loss": [1.4, 1.2, 1.3, 1.3, 1.2], "g_loss": [0.7, 0.9, 0.8, 0.8, 0.8]}
    folder.mkdir(parents=True, exist_ok=True)
    versions = {"machine": "x86_64, 1 threads"}
    metrics = {"lesson": "c1w1", "settings": {"rate": 0.1}, "seconds": 3.2, "steps": 41, "curves": curves, "versions": versions}
    write_json(folder / "metrics.json", metrics | numbers)
    return folder


def kept(folder, **changed):
    """A finished run with a card."""
    samples = torch.rand(24, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    return gallery.keep(finished(folder), samples, samples.view(4, 6, 3, 8, 8), card(**changed))


class Reader(HTMLParser):
    """Checks that tags close, and collects those that a page must or must not have."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_one_page_that_needs_nothing_else(tmp_path):
    page, missing = gallery.write(kept(tmp_path / "run"))
    text = page.read_text(encoding="utf-8")
    tags = Reader(text).tags
    assert missing == []
    assert page == tmp_path / "run" / "gallery.html"
    images = [attrs for tag, attrs in tags if tag == "img"]
    assert len(images) == 2
    assert all(image["alt"] and image["src"].startswith("data:image/png;base64,") for image in images)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in tags}
    assert "http" not in text
    assert "url(" not in text
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text
    assert text.count('role="img"') == 1
    said = "CC0", "my own camera", "180 / 126", "seed", "cpu, 12 s", "training crops (floor)", "blurred (rival)"
    for word in said:
        assert word.lower() in text.lower()
    headings = re.findall(r"<h2>(.*?)</h2>", text)
    assert headings == ["Samples", "A walk", "Training", "Model card", "Measured"]


def test_what_others_wrote_is_no_html(tmp_path):
    page, _ = gallery.write(kept(tmp_path / "run", pictures='<script>alert("x")</script>', licence='"><img src=x>'))
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "<b>stones" not in text
    assert text.count("<img") == 2
    Reader(text)


def test_a_run_without_a_card_gets_a_page_that_says_so(tmp_path):
    folder = finished(tmp_path / "c1w1", frechet=12.5)
    page, missing = gallery.write(folder, tmp_path / "elsewhere" / "page.html")
    text = page.read_text(encoding="utf-8")
    Reader(text)
    assert page == tmp_path / "elsewhere" / "page.html"
    assert [line.split(":")[0] for line in missing] == ["card", "samples", "walk"]
    assert "Run of c1w1" in text
    assert "12.5" in text
    fig = figure(2, 2)
    fig.savefig(folder / "samples.png")
    assert [line.split(":")[0] for line in gallery.write(folder)[1]] == ["card", "walk"]


def test_a_card_says_what_it_lacks():
    assert card().missing() == []
    nothing = {"licence": "unknown", "source": "", "use": " ", "limits": "?", "held_out": 0, "rivals": ()}
    for field, empty in nothing.items():
        assert [line.split(":")[0] for line in card(**{field: empty}).missing()] == [field]
    assert [line.split(":")[0] for line in card(floor="nothing").missing()] == ["floor"]


def test_a_card_as_markdown_is_two_tables():
    text = card(licence="a | b\nc").markdown()
    lines = text.splitlines()
    assert lines[0] == "# Shells & <b>stones</b>"
    assert "| Licence of the pictures | a \\| b c |" in lines
    assert "| measured | distance | nearness |" in lines
    assert "| blurred (rival) | 30 | - |" in lines
    assert "Missing" not in text


def test_a_card_names_no_machine_but_its_kind(tmp_path):
    import getpass
    import socket

    said = card().machine
    assert "thread" in said
    assert socket.gethostname() not in said
    assert getpass.getuser() not in said


def test_a_curve_of_too_few_points_is_none():
    assert loss_curve({}) == ""
    assert loss_curve({"step": [1], "d_loss": [1.0], "g_loss": [1.0]}) == ""
    assert loss_curve({"step": [1, 2], "d_loss": [1.0], "g_loss": [1.0, 2.0]}) == ""
    drawn = loss_curve({"step": list(range(5000)), "d_loss": [1.0] * 5000, "g_loss": [1.0] * 4999 + [1e9]})
    Reader(drawn)
    assert len(drawn) < 20_000
    heights = [float(y) for y in re.findall(r",(\d+\.\d)", drawn)]
    assert all(0 <= y <= 280 for y in heights)


def test_grey_pictures_and_a_damaged_card(tmp_path):
    folder = finished(tmp_path / "run")
    gallery.keep(folder, torch.zeros(3, 1, 8, 8), torch.zeros(1, 2, 1, 8, 8), card())
    gallery.write(folder)
    fields = dataclasses.asdict(card())
    del fields["licence"]
    (folder / "card.json").write_text(json.dumps(fields))
    with pytest.raises(ValueError, match="expected the fields of a ModelCard"):
        gallery.write(folder)


def test_no_run_and_too_large_a_page(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="expected a finished run"):
        gallery.write(tmp_path)
    monkeypatch.setattr(gallery, "LARGEST", 100)
    with pytest.raises(ValueError, match="at most 2 MB"):
        gallery.write(kept(tmp_path / "run"))


def test_a_walk_goes_round():
    z = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    seen = gallery.walk(lambda z: z[:, :, None, None], z, steps=5)
    assert seen.shape == (3, 5, 4, 1, 1)
    assert torch.allclose(seen[:, 0, :, 0, 0], z, atol=1e-6)
    gap = (seen[:, 4, :, 0, 0] - z.roll(-1, 0)).norm(dim=1)
    assert (gap < (z - z.roll(-1, 0)).norm(dim=1)).all()


def test_a_walk_of_a_translator_fades_pictures():
    pictures = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    seen = gallery.walk(lambda x: x, pictures, steps=4)
    assert torch.allclose(seen[:, 2], pictures.mean(dim=0).expand(2, -1, -1, -1), atol=1e-6)


def test_inputs_stand_above_what_was_made_of_them(tmp_path):
    inputs, made = torch.ones(5, 3, 8, 8), -torch.ones(5, 3, 8, 8)
    folder, walk = finished(tmp_path / "run"), torch.zeros(1, 2, 3, 8, 8)
    gallery.keep(folder, made, walk, card(made_from="drawings <by me>"), inputs)
    grid = np.asarray(Image.open(folder / "gallery_samples.png").convert("RGBA"))
    rows = [int(grid[10 * row, 0, 0]) for row in range(4)]  # two columns; the fifth pair has no full row
    assert (grid.shape[0], rows) == (38, [255, 0, 255, 0])
    text = gallery.write(folder)[0].read_text(encoding="utf-8")
    assert text.count("drawings &lt;by me&gt;") == 3
    assert "but for drawings" in text
    assert "Row by row from one input to the next" in text
    assert "but for" not in gallery.write(kept(tmp_path / "other"))[0].read_text(encoding="utf-8")
    for wrong in ((card(), inputs), (card(made_from="drawings"), None)):
        with pytest.raises(ValueError, match="inputs: expected them with a card that says what they are"):
            gallery.keep(folder, made, walk, *wrong)


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_RUNS", str(tmp_path / "runs"))
    kept(tmp_path / "runs" / "c4w4", limits="")
    assert cli.main(["gallery", "c4w4"]) == 0
    told = capsys.readouterr().out
    assert "gallery.html" in told
    assert "missing  limits: what can it not do?" in told
    assert cli.main(["gallery", str(tmp_path / "runs" / "c4w4"), "--out", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").is_file()
    assert cli.main(["gallery", "c9w9"]) == 1
    assert "no run called 'c9w9'" in capsys.readouterr().err
