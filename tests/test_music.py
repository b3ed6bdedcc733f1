"""Music: tensors and back, rules that are broken on purpose, numbers, sound, MIDI, networks."""

import io
import wave

import mido
import numpy as np
import pytest
import torch

from course_utils.datasets import chorales
from course_utils.models.music import BarGenerator, ChoraleCritic, ChoraleGenerator, ChoraleRNN
from course_utils.music import metrics, midi, roll, sound, theory
from course_utils.music.tensors import CLASSES, HOLD, one_hot, to_classes, to_notes

CHORD = (72, 67, 64, 48)  # C major


def piece(*chords):
    """Pitches (1, 16 a bar, 4): the chords, a beat each, the last one held to the end of its bar."""
    beats = [*chords, *[chords[-1]] * (-len(chords) % 4)]
    return torch.tensor(beats).repeat_interleave(4, dim=0).unsqueeze(0)


@pytest.fixture(scope="module")
def drawn():
    return chorales.draw(40, seed=1, keys=("C", "a"))


def test_there_and_back(drawn):
    classes = to_classes(drawn.pitches, drawn.onsets)
    pitches, onsets = to_notes(classes)
    assert classes.shape == (40, 4, 16, 4)
    assert torch.equal(pitches, drawn.pitches)
    assert torch.equal(onsets, drawn.onsets)
    assert torch.equal(one_hot(classes).argmax(-1), classes)


def test_a_voice_is_silent_before_its_first_note():
    pitches, onsets = to_notes(torch.full((1, 2, 16, 4), HOLD))
    assert (pitches == -1).all()
    assert not onsets.any()


def test_a_pitch_without_a_class_is_refused(drawn):
    with pytest.raises(ValueError, match="pitches: expected 40 to 79"):
        to_classes(drawn.pitches + 30, drawn.onsets)


@pytest.mark.parametrize(
    ("chords", "rule", "count"),
    [
        ([CHORD, CHORD, CHORD], "parallels", 0),
        ([(72, 67, 60, 53), (74, 69, 60, 55)], "parallels", 1),  # the fifth F-C moves to G-D
        ([(72, 67, 64, 48), (74, 65, 65, 50)], "parallels", 1),  # the octaves C-C move to D-D
        ([(72, 67, 64, 48), (60, 67, 64, 48)], "crossings", 14),
        ([(84, 76, 67, 60)], "range", 16),
        ([(79, 60, 55, 48)], "spacing", 8),
        ([(79, 67, 64, 48), (60, 60, 55, 48)], "leaps", 1),
        ([CHORD, (72, 66, 64, 48)], "no chord", 3),
        ([(71, 65, 62, 55)], "no chord", 0),  # a dominant seventh
    ],
)
def test_a_rule_that_is_broken_is_counted(chords, rule, count):
    found = theory.violations(piece(*chords))[rule]
    if rule == "crossings":
        assert found > 0
    else:
        assert found == count


def test_silence_breaks_no_rule():
    assert sum(theory.violations(torch.full((2, 32, 4), -1)).values()) == 0


def test_tonal_distance_by_hand():
    c, g, f_sharp = (torch.eye(12)[k] for k in (0, 7, 6))
    assert metrics.tonal_distance(c, 5 * c) == pytest.approx(0, abs=1e-6)
    assert metrics.tonal_distance(c, g) < metrics.tonal_distance(c, f_sharp)
    # fifths and minor thirds: opposite, 2 each; major thirds: six semitones are four thirds of a turn, no distance
    assert metrics.tonal_distance(c, f_sharp) == pytest.approx(8**0.5, abs=1e-4)


def test_description_of_a_known_piece():
    pitches = piece(CHORD, CHORD)
    onsets = torch.zeros_like(pitches, dtype=torch.bool)
    onsets[:, ::4] = True
    onsets[:, 1, 0] = True  # the note before it lasts a sixteenth
    found = metrics.describe(pitches, onsets)
    assert found["empty bars"] == 0
    assert found["pitch classes"] == 1
    assert found["notes"] == pytest.approx(17 / 4)
    assert found["qualified notes"] == pytest.approx(16 / 17)


def test_copies_are_nearest_to_themselves(drawn):
    bars = to_classes(drawn.pitches, drawn.onsets).flatten(0, 1)
    assert (metrics.nearest_bar(bars[:10], bars) == 0).all()
    changed = bars[:1].clone()
    changed[0, 1, :2] = 5
    assert metrics.nearest_bar(changed, bars[:1]).item() == 2


def test_sound_has_the_pitch_that_is_asked_for():
    pitches = torch.full((16, 1), 69)
    onsets = torch.zeros(16, 1, dtype=torch.bool)
    onsets[0] = True
    samples = sound.wave(pitches, onsets, seconds_a_step=0.1)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.fft.rfftfreq(len(samples), 1 / sound.RATE)[spectrum.argmax()] == pytest.approx(440, abs=1)
    assert np.abs(samples).max() <= 1


def test_a_clip_is_a_wav_file_with_a_label(drawn):
    clip = sound.Clip("a <piece>", drawn.pitches[0], drawn.onsets[0])
    with wave.open(io.BytesIO(clip.wav())) as file:
        assert file.getframerate() == sound.RATE
        assert file.getnframes() == len(clip.samples)
    assert 'aria-label="a &lt;piece&gt;"' in clip._repr_html_()


def test_midi_is_read_by_others_note_for_note(drawn, tmp_path):
    file = mido.MidiFile(midi.write(tmp_path / "piece.mid", drawn.pitches[0], drawn.onsets[0], 120))
    assert file.type == 1
    assert file.length == pytest.approx(8.0)
    for voice, track in enumerate(file.tracks[1:]):
        now, found = 0, []
        for message in track:
            now += message.time
            if message.type == "note_on":
                found.append((now // midi.TICKS, message.note))
        wanted = sound.notes_of(drawn.pitches[0][:, voice : voice + 1], drawn.onsets[0][:, voice : voice + 1])
        assert found == [(start, pitch) for start, _, pitch in wanted]


def test_small_piano_rolls_show_each_note(drawn):
    pictures = roll.pictures(to_classes(drawn.pitches, drawn.onsets)[:3])
    assert pictures.shape == (3, 3, 40, 64)
    shown = (pictures[0] > -0.8).any(0).sum(0)
    assert (shown == torch.tensor([len(set(step.tolist())) for step in drawn.pitches[0]])).all()


def test_networks_have_the_shapes_they_promise():
    generator, critic = ChoraleGenerator(BarGenerator(8, CLASSES, 8), 4), ChoraleCritic(CLASSES, width=8)
    made = generator(torch.randn(3, 8))
    assert made.shape == (3, 4, 16, 4, CLASSES)
    assert torch.allclose(made.sum(-1), torch.ones(3, 4, 16, 4))
    assert critic(made).shape == (3, 1)


def test_new_noise_of_the_song_changes_every_bar():
    torch.manual_seed(0)
    generator = ChoraleGenerator(BarGenerator(8, CLASSES, 8), 4).eval()
    z = torch.randn(1, 8)
    changed = (generator(z) - generator(z + torch.tensor([1.0] * 4 + [0.0] * 4))).abs().flatten(2).sum(2)
    assert (changed > 0).all()


def test_a_hard_generator_chooses_what_the_soft_one_finds_likeliest_and_keeps_its_gradient():
    torch.manual_seed(0)
    bar, z = BarGenerator(8, CLASSES, 8), torch.randn(2, 8)
    soft = ChoraleGenerator(bar, 4).eval()
    hard = ChoraleGenerator(bar, 4, hard=True).eval()
    hard.load_state_dict(soft.state_dict())
    assert torch.equal(hard(z).argmax(-1), soft(z).argmax(-1))
    torch.testing.assert_close(hard(z).max(-1).values, torch.ones(2, 4, 16, 4))
    weights = torch.randn(CLASSES)
    found = [torch.autograd.grad((g(z) * weights).sum(), bar.start.weight)[0] for g in (hard, soft)]
    torch.testing.assert_close(*found)


def test_the_rival_learns_one_chorale_by_heart(drawn):
    torch.manual_seed(0)
    one = to_classes(drawn.pitches, drawn.onsets)[:1].expand(4, -1, -1, -1)
    model = ChoraleRNN(CLASSES, hidden=48)
    optimiser = torch.optim.Adam(model.parameters(), 2e-2)
    for _ in range(60):
        loss = model(one)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss < 0.1
    assert (model.sample(2) == one[:2]).float().mean() > 0.9
