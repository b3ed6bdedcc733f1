"""Captions of portraits: words, frames, codes, and the measures of how well pictures follow them."""

import pytest
import torch
import torch.nn.functional as F

from course_utils.captions import people, wording
from course_utils.captions.learning import contrastive_loss, interpolate
from course_utils.captions.measure import r_precision, right_by_attribute, words_right
from course_utils.models.captions import CaptionDiscriminator, CaptionEncoder, CaptionGenerator, PictureEncoder


@pytest.fixture(scope="module")
def drawn():
    return people.draw(120, seed=3)


def test_people_are_drawn_with_the_values_of_their_table(drawn):
    assert drawn.images.shape == (120, 3, people.SIDE, people.SIDE)
    assert drawn.images.abs().max() <= 1
    assert (people.judged(drawn.images) == drawn.values).double().mean() > 0.97
    assert torch.equal(people.draw(120, seed=3).images, drawn.images)
    assert torch.equal(people.draw(5, seed=4, values=drawn.values[:5]).values, drawn.values[:5])


def test_a_caption_tells_two_attributes_at_least_and_nothing_false(drawn):
    said = wording.choose(drawn.values, seed=1)
    told = said != wording.SILENT
    assert told.sum(dim=1).min() >= 2
    assert 0.5 < told.double().mean() < 0.75
    assert torch.equal(said[told], drawn.values[told])
    always = torch.zeros_like(drawn.values, dtype=torch.bool)
    always[:, 5] = True
    assert (wording.choose(drawn.values, 1, always=always)[:, 5] == drawn.values[:, 5]).all()


def test_captions_say_what_was_told(drawn):
    silent = torch.full((1, 6), wording.SILENT)
    silent[0, 0], silent[0, 5] = 1, 2
    for seed in range(20):
        (text,) = wording.worded(silent, seed)
        assert any(word in text.split() for word in ("hat", "cap", "bonnet"))
        assert "no" not in text.split()
        assert any(word in text.split() for word in wording.COLOURS[2])
        assert not any(word in text for word in ("glasses", "beard", "hair", "smiling"))


def test_every_caption_of_every_frame_has_known_words_and_fits(drawn):
    full = drawn.values.repeat(10, 1)
    for frames in (wording.FRAMES, wording.NEW_FRAMES):
        texts = wording.worded(full, seed=1, frames=frames)
        assert max(len(text.split()) for text in texts) <= wording.LENGTH
        assert wording.tokens_of(texts).shape == (len(full), wording.LENGTH)
        assert all("  " not in text and "{" not in text for text in texts)


def test_tokens_are_words_and_zeros_follow():
    tokens = wording.tokens_of(["somebody with no hat", "a hat"])
    assert [wording.WORDS[i] for i in tokens[0, :4]] == ["somebody", "with", "no", "hat"]
    assert (tokens[0, 4:] == 0).all()
    assert (tokens[1, 2:] == 0).all()
    with pytest.raises(ValueError, match="'without'"):
        wording.tokens_of(["somebody without a hat"])
    with pytest.raises(ValueError, match="1 to 26 words"):
        wording.tokens_of([""])


def test_a_caption_is_true_of_pictures_that_it_does_not_contradict():
    said = torch.tensor([[1, -1, -1, -1, -1, -1], [-1, 0, -1, -1, -1, 4]])
    values = torch.tensor([[1, 0, 0, 0, 0, 4], [0, 0, 1, 1, 1, 4], [1, 1, 0, 0, 0, 4]])
    assert wording.true_of(said, values).tolist() == [[True, False, True], [True, True, False]]


def test_words_count_where_something_is_told():
    said = torch.tensor([[1, -1, -1, 0, -1, -1], [0, -1, -1, -1, -1, 3]])
    seen = torch.tensor([[1, 1, 1, 1, 1, 1], [0, 1, 1, 1, 1, 3]])
    assert words_right(seen, said) == pytest.approx(0.75)
    assert right_by_attribute(seen, said)[[0, 3, 5]].tolist() == [1.0, 0.0, 1.0]
    assert right_by_attribute(seen, said)[1].isnan()


def test_r_precision_is_one_for_own_codes_chance_for_random_ones_and_counts_no_true_caption_as_wrong(drawn):
    said = wording.choose(drawn.values, seed=1)
    codes = F.normalize(torch.randn(120, 16, generator=torch.Generator().manual_seed(0)), dim=1)
    others = F.normalize(torch.randn(120, 16, generator=torch.Generator().manual_seed(1)), dim=1)
    assert r_precision(codes, codes, said, drawn.values) == 1
    assert r_precision(codes, others, said, drawn.values) < 0.08
    same = torch.ones(3, 6).long()  # three pictures of one kind: each caption is true of all
    assert r_precision(codes[:3], codes[[0, 0, 0]], same, same) == 1
    assert r_precision(codes[:3], codes[[0, 0, 0]], same, same, strict=False) == 0


def test_the_loss_is_log_b_for_codes_that_say_nothing_and_low_for_pairs():
    alike = F.normalize(torch.ones(8, 4), dim=1)
    assert contrastive_loss(alike, alike).item() == pytest.approx(torch.tensor(8.0).log().item())
    eye = torch.eye(8)
    assert contrastive_loss(eye, eye).item() < 0.01
    assert contrastive_loss(eye, eye.roll(1, 0)).item() > 5


def test_codes_between_two_captions_have_length_one():
    first, second = (F.normalize(torch.randn(6, 8, generator=torch.Generator().manual_seed(s)), dim=1) for s in (0, 1))
    for share in (0.0, 0.3, torch.rand(6, 1), 1.0):
        assert torch.allclose(interpolate(first, second, share).norm(dim=1), torch.ones(6))
    assert torch.allclose(interpolate(first, second, 0.0), first)
    assert torch.allclose(interpolate(first, second, 1.0), second)


def test_a_code_does_not_depend_on_the_zeros_that_follow_and_does_on_the_order_of_words():
    torch.manual_seed(0)
    encoder = CaptionEncoder(len(wording.WORDS))
    texts = ["somebody with whiskers and no glasses", "somebody with no whiskers and glasses"]
    short, long = encoder(wording.tokens_of(texts, 8)), encoder(wording.tokens_of(texts, 20))
    assert torch.allclose(short, long, atol=1e-6)
    assert (short[0] - short[1]).abs().max() > 1e-3
    assert torch.allclose(short.norm(dim=1), torch.ones(2))


def test_networks_have_the_shapes_of_their_docstrings():
    torch.manual_seed(0)
    codes = F.normalize(torch.randn(4, 32), dim=1)
    pictures = CaptionGenerator()(torch.randn(4, 32), codes)
    assert pictures.shape == (4, 3, 32, 32)
    assert CaptionDiscriminator()(pictures, codes).shape == (4, 1)
    assert PictureEncoder()(pictures).shape == (4, 32)
