"""Chorales out of compressed MusicXML: a tiny file that the test writes itself."""

import types
import zipfile

import pytest
import torch

from course_utils.datasets import DataError, bach, chorales


def note(step, octave, duration, extra=""):
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>" if step else "<rest/>"
    return f"<note>{pitch}<duration>{duration}</duration>{extra}</note>"


def write(folder, soprano, parts=4, fifths=0, name="tiny.mxl"):
    """Two bars in 4/4 after a pickup, two divisions a beat; the soprano is given, the others hold whole notes."""
    head = f"<attributes><divisions>2</divisions><key><fifths>{fifths}</fifths></key><time><beats>4</beats></time></attributes>"
    pickup = f"<measure>{head}{note('C', 4, 2)}</measure>"
    others = "".join(f"<measure>{note(step, 3, 8)}</measure>" for step in "EG")
    tops = "".join(f"<measure>{bar}</measure>" for bar in soprano)
    text = "".join(f"<part>{pickup}{tops if k == 0 else others}</part>" for k in range(parts))
    with zipfile.ZipFile(folder / name, "w") as file:
        file.writestr("META-INF/container.xml", "<container/>")
        file.writestr("odd_name", f"<score-partwise>{text}</score-partwise>")


TIED = [
    note("C", 5, 4) + note("D", 5, 4, '<tie type="start"/>'),
    note("D", 5, 2, '<tie type="stop"/>') + note("E", 5, 6),
]


def test_a_tiny_chorale_step_by_step(tmp_path):
    write(tmp_path, TIED)
    pitches, onsets = bach.load("all", bars=2, folder=tmp_path)
    assert pitches.shape == onsets.shape == (1, 32, 4)
    assert pitches[0, :, 0].tolist() == [72] * 8 + [74] * 12 + [76] * 12
    assert onsets[0, :, 0].nonzero()[:, 0].tolist() == [0, 8, 20]
    assert pitches[0, :, 3].tolist() == [52] * 16 + [55] * 16


def test_a_stretch_that_begins_within_a_tie_begins_its_note(tmp_path):
    write(tmp_path, TIED)
    pitches, onsets = bach.load("all", bars=1, folder=tmp_path)
    assert pitches.shape == (2, 16, 4)
    assert onsets[:, 0].all()


@pytest.mark.parametrize(("fifths", "shift"), [(1, 5), (-1, -5), (3, 3), (-4, 4), (0, 0)])
def test_a_key_signature_is_transposed_away(tmp_path, fifths, shift):
    write(tmp_path, [note("C", 5, 8), note("C", 5, 8)], fifths=fifths)
    assert torch.all(bach.load("all", bars=2, folder=tmp_path)[0][..., 0] == 72 + shift)


def test_rests_and_other_numbers_of_voices_are_left_out(tmp_path):
    write(tmp_path, [note("", 0, 8), note("C", 5, 8)])
    assert len(bach.load("all", bars=1, folder=tmp_path)[0]) == 1
    write(tmp_path, TIED, parts=3)
    with pytest.raises(DataError, match="no chorale for four voices"):
        bach.load("all", folder=tmp_path)


def test_more_bars_than_any_chorale_has_are_told_as_that(tmp_path):
    write(tmp_path, TIED)
    with pytest.raises(DataError, match=r"has 3 bars without a rest; ask for fewer bars, or use size='embedded'$"):
        bach.load("all", bars=3, folder=tmp_path)


@pytest.mark.parametrize("cut", [0, 40])
def test_a_damaged_file_is_named_in_one_line(tmp_path, cut):
    write(tmp_path, TIED)
    file = tmp_path / "tiny.mxl"
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"tiny\.mxl cannot be read .*; install music21 again, or use size='embedded'$"):
        bach.load("all", bars=1, folder=tmp_path)


def test_a_file_without_a_score_is_named_in_one_line(tmp_path):
    with zipfile.ZipFile(tmp_path / "tiny.mxl", "w") as archive:
        archive.writestr("notes.txt", "no score here")
    with pytest.raises(DataError, match=r"tiny\.mxl holds no score; install music21 again, or use size='embedded'$"):
        bach.load("all", bars=1, folder=tmp_path)


def test_without_music21_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"pip install music21, or use size='embedded'$"):
        chorales.load(size="full")


def test_full_chorales_come_from_what_is_installed_and_no_file_is_in_both_splits(tmp_path, monkeypatch):
    corpus = tmp_path / "corpus" / "bach"
    corpus.mkdir(parents=True)
    for k in range(20):  # each has two notes that no other has
        write(corpus, [note("CDEFGAB"[k % 7], 4, 8), note("CDE"[k // 7], 5, 8)], name=f"bwv{k:02d}.mxl")
    spec = types.SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec if name == "music21" else None)
    train, test = (chorales.load(split, size="full", bars=2) for split in ("train", "test"))
    assert (len(train.keys), len(test.keys)) == (18, 2)
    assert train.pitches.shape[1:] == (32, 4)
    assert train.onsets.dtype == torch.bool
    first, second = ({tuple(piece) for piece in half.pitches[:, [0, -1], 0].tolist()} for half in (train, test))
    assert len(first | second) == 20
    assert not first & second
