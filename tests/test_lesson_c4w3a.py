"""What the lesson on text to image needs of its own: held-out pairs, arms, rivals, the text box."""

import pytest
import torch

from course_utils.captions import people, wording
from course_utils.captions.learning import contrastive_loss, interpolate, matching_round
from course_utils.lessons.c4w3a import arms, box, sick
from course_utils.models.captions import CaptionEncoder, MeanOfWords

TINY = arms.Settings(steps=2, rounds=2, batch_size=6)


@pytest.fixture(scope="module")
def learn():
    return arms.learning_set(160, seed=5)


@pytest.fixture(scope="module")
def trained(learn):
    captions, pictures, losses = arms.pretrain(learn, CaptionEncoder, contrastive_loss, TINY, seed=0)
    assert len(losses) == 2
    return captions, pictures, torch.stack([captions(tokens) for tokens in learn.tokens])


def test_no_learning_picture_has_a_held_out_pair_and_each_half_is_there(learn):
    values = learn.people.values
    assert not arms.held_out(values).any()
    for first, x, second, y in arms.HELD:
        assert (values[:, people.ATTRIBUTES.index(first)] == x).sum() > 5
        assert (values[:, people.ATTRIBUTES.index(second)] == y).sum() > 5


def test_captions_of_learning_pictures_are_true_of_them(learn):
    for said in learn.said:
        assert not arms.mismatched(said, learn.people.values).any()


def test_wrong_captions_are_false_and_own_ones_true(learn):
    torch.manual_seed(0)
    number = torch.arange(learn.said.shape[0] * learn.said.shape[1]).view(*learn.said.shape[:2], 1).float()
    real, own, wrong = arms.batch(learn, number, 40)  # codes that say which caption they are of
    said = learn.said.flatten(0, 1)
    values = torch.stack([learn.people.values[(learn.people.images == x).flatten(1).all(dim=1)][0] for x in real])
    assert not arms.mismatched(said[own[:, 0].long()], values).any()
    assert arms.mismatched(said[wrong[:, 0].long()], values).double().mean() > 0.95


def test_captions_of_a_held_out_pair_tell_both_halves():
    drawn = people.draw(200, seed=6)
    for k, (first, x, second, y) in enumerate(arms.HELD):
        said = arms.ask_held(drawn.values, k, seed=1).said
        assert (said[:, people.ATTRIBUTES.index(first)] == x).all()
        assert (said[:, people.ATTRIBUTES.index(second)] == y).all()


def test_the_nearest_picture_fits_an_ordinary_caption_and_never_shows_a_held_out_pair(learn):
    said = learn.said[0, :20]
    assert arms.right(arms.nearest(learn, said), arms.Asked(said, learn.tokens[0, :20])) > 0.9
    drawn = people.draw(200, seed=6)
    for k in range(3):
        assert arms.both(arms.nearest(learn, arms.ask_held(drawn.values, k, 1).said), k) < 0.1


def test_what_a_code_tells_can_be_read_by_a_line_and_noise_cannot(learn):
    told = learn.said != wording.SILENT
    plain = torch.cat([(learn.said == 1) & told, (learn.said[..., 5:] == 2), (learn.said[..., 5:] == 4)], dim=2).float()
    drawn = people.draw(200, seed=6)
    said = arms.ask_held(drawn.values, 0, 1).said
    asked = torch.cat([said == 1, said[:, 5:] == 2, said[:, 5:] == 4], dim=1).float()
    assert arms.readable(learn, plain, asked, 0) > 0.95
    noise = torch.randn(*plain.shape, generator=torch.Generator().manual_seed(0))
    assert arms.readable(learn, noise, torch.randn_like(asked), 0) < 0.6
    others = arms.ask_both_told(drawn.values, 0, 1).said
    other = torch.cat([others == 1, others[:, 5:] == 2, others[:, 5:] == 4], dim=1).float()
    assert arms.readable(learn, plain, other, 0) < 0.05
    assert arms.readable(learn, plain, asked, 0, shuffled=True) < 0.3


def test_captions_that_tell_both_attributes_never_tell_the_pair():
    drawn = people.draw(200, seed=6)
    for k, (first, x, second, y) in enumerate(arms.HELD):
        one, other = (arms.ask_both_told(drawn.values, k, 1).said[:, people.ATTRIBUTES.index(n)] for n in (first, second))
        assert (one != wording.SILENT).all()
        assert (other != wording.SILENT).all()
        assert not ((one == x) & (other == y)).any()


def test_a_sum_of_words_cannot_tell_what_no_belongs_to(learn):
    captions, pictures, _ = arms.pretrain(learn, MeanOfWords, contrastive_loss, TINY, seed=0)
    texts = "somebody with whiskers and no glasses", "somebody with no whiskers and glasses"
    first, second = (arms.search(captions, pictures, learn.people.images, text) for text in texts)
    assert torch.equal(first[:8], second[:8])
    assert sorted(first.tolist()) == list(range(len(learn.people.images)))
    tokens = wording.tokens_of(["a hat"])
    assert torch.allclose(captions(tokens), captions(torch.nn.functional.pad(tokens, (0, 3))))


def test_who_minds_the_wall_alone_is_told_nothing_else(learn):
    said = arms.wall_alone(learn.said[0])
    assert torch.equal(said[:, 5], learn.said[0, :, 5])
    assert (said[:, :5] == wording.SILENT).all()


@pytest.mark.parametrize("play", [matching_round, sick.without_wrong_pairs, sick.caption_hidden])
def test_every_arm_trains_and_repeats(learn, trained, play):
    codes = trained[2]
    runs = [arms.train(learn, codes, play, TINY, seed=0) for _ in range(2)]
    assert runs[0][1].shape == (2, 2)
    assert torch.equal(runs[0][1], runs[1][1])
    made = arms.pictures_of(runs[0][0], codes[0, :5])
    assert made.shape == (5, 3, 32, 32)
    assert arms.spread(made) > 0


def test_interpolated_codes_make_a_difference(learn, trained):
    codes = trained[2]
    plain, _ = arms.train(learn, codes, matching_round, TINY, seed=0)
    mixed, _ = arms.train(learn, codes, matching_round, TINY, seed=0, between=lambda a, b: interpolate(a, b, 0.5))
    pairs = zip(plain.parameters(), mixed.parameters(), strict=True)
    assert any(not torch.equal(a, b) for a, b in pairs)


def test_a_reading_tells_a_dead_noise_from_a_live_one(learn, trained):
    captions, pictures, codes = trained
    generator, _ = arms.train(learn, codes, matching_round, TINY, seed=0)
    asked = arms.Asked(learn.said[0, :30], learn.tokens[0, :30])
    real = learn.people.images[:30]
    made, same = arms.pictures_of(generator, codes[0, :30]), codes[0, :1].expand(20, -1)
    alive = sick.read(made, asked, arms.pictures_of(generator, same), real, (captions, pictures))
    dead = sick.read(made, asked, made[:1].expand(20, -1, -1, -1), real, (captions, pictures))
    assert alive.spread > 0
    assert dead.spread < 1e-4
    assert alive[:2] == dead[:2]


def test_the_box_names_unknown_words_and_draws_the_rest():
    seen = []

    def draw(tokens):
        seen.append(tokens)
        return torch.zeros(len(tokens), 3, 32, 32)

    images, sentence = box.drawing("A stern person, WITHOUT glasses.", draw)
    assert images.shape == (box.COUNT, 3, 32, 32)
    assert "Not known, and left out: without." in sentence
    assert [wording.WORDS[i] for i in seen[0][0] if i] == ["a", "stern", "person", "glasses"]
    images, sentence = box.drawing("xyzzy", draw)
    assert images is None
    assert "no word to draw" in sentence
    assert box.drawing("hat " * 30, draw)[0] is None


def test_a_run_that_nobody_watches_gets_a_figure(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HEADLESS", "1")
    fig = box.caption_box(lambda tokens: torch.zeros(len(tokens), 3, 32, 32), ("a hat", "no glasses and qwerty"))
    assert len(fig.axes) == 2
    assert "left out: qwerty" in capsys.readouterr().out
