"""Tables: the shipped one, how columns become numbers and come back, conditions, rivals, measures, and the GAN of them."""

import numpy as np
import pandas as pd
import pytest
import torch

from course_utils.datasets import insurance
from course_utils.models.dense.table import MixedGenerator, PackedCritic
from course_utils.steps.table import condition_loss
from course_utils.tables import measure
from course_utils.tables.conditions import Rows, condition_vector, draw_conditions, rows_by_value
from course_utils.tables.encoder import Encoder
from course_utils.tables.gan import TableGAN
from course_utils.tables.modes import fit_modes, normalise, one_mode, responsibilities, restore
from course_utils.tables.pictures import heights, marginal_tiles
from course_utils.tables.rivals import GaussianCopula, IndependentColumns


@pytest.fixture(scope="module")
def table():
    return insurance.load()


@pytest.fixture(scope="module")
def train(table):
    return insurance.split(table)[0]


@pytest.fixture
def toy():
    rng = np.random.default_rng(0)
    kind = rng.choice(["a", "b", "c"], 600, p=[0.6, 0.3, 0.1])
    size = np.where(kind == "a", 0.0, rng.normal(10, 1, 600)).round(2)
    return pd.DataFrame({"kind": kind, "size": size, "count": rng.integers(0, 40, 600), "left": rng.random(600) < 0.5})


# --- the table ---------------------------------------------------------------------------------------------------------


def test_the_table_has_its_rows_persons_and_zeros(table):
    assert table.shape == (20_190, 15)
    assert table["person"].nunique() == 5_912
    assert not table.isna().any(axis=None)
    assert 0.21 < (table["spending"] == 0).mean() < 0.23
    assert table["spending"].max() == pytest.approx(39_182, abs=1)


def test_no_person_is_in_both_halves(table):
    numbered = table.assign(who=table["person"])
    one, other = insurance.split(numbered)
    assert not set(one["who"]) & set(other["who"])
    assert len(one) + len(other) == len(table)
    assert one["who"].nunique() == round(5_912 * 2 / 3)
    assert not insurance.split(numbered, seed=1)[0].equals(one)
    assert insurance.split(numbered)[0].equals(one)


@pytest.mark.parametrize("share", [0.0, 1.0, 2.0])
def test_a_split_with_an_empty_side_is_refused(table, share):
    with pytest.raises(ValueError, match="share"):
        insurance.split(table, share)


# --- modes -------------------------------------------------------------------------------------------------------------


def test_modes_are_found_where_they_are():
    rng = torch.Generator().manual_seed(0)
    values = torch.cat(
        [torch.zeros(500), torch.randn(700, generator=rng) + 20, 5 * torch.randn(300, generator=rng) + 90]
    )
    modes = fit_modes(values)
    assert modes.mean[0] == 0
    assert modes.weight[0] == pytest.approx(1 / 3)
    assert modes.weight.sum().item() == pytest.approx(1)
    assert min(abs(modes.mean - 20)) < 1
    assert min(abs(modes.mean - 90)) < 5


def test_a_column_of_one_value_has_one_mode():
    modes = fit_modes(torch.full((50,), 7.0))
    assert modes.mean.tolist() == [7.0]
    assert restore(normalise(torch.tensor([7.0]), modes, torch.tensor([0])), modes).item() == pytest.approx(7)


def test_infinite_numbers_are_refused():
    with pytest.raises(ValueError, match="finite"):
        fit_modes(torch.tensor([1.0, float("inf")]))


def test_one_mode_is_min_max_scaling():
    values = torch.tensor([2.0, 4.0, 10.0])
    alpha = normalise(values, one_mode(values), torch.zeros(3, dtype=torch.int64))[:, 0]
    assert alpha.tolist() == pytest.approx([-1, -0.5, 1])


def test_responsibilities_agree_with_scikit_learn():
    from sklearn.mixture import GaussianMixture

    values = torch.cat([torch.randn(100), 3 + 2 * torch.randn(100)]).double()
    mixture = GaussianMixture(2, random_state=0).fit(values.unsqueeze(1).numpy())
    modes = fit_modes(values)._replace(
        mean=torch.from_numpy(mixture.means_[:, 0]),
        std=torch.from_numpy(mixture.covariances_[:, 0, 0]).sqrt(),
        weight=torch.from_numpy(mixture.weights_),
    )
    expected = mixture.predict_proba(values.unsqueeze(1).numpy())
    np.testing.assert_allclose(responsibilities(values, modes).numpy(), expected, atol=1e-8)


# --- encoder -----------------------------------------------------------------------------------------------------------


def test_a_table_comes_back(toy):
    encoder = Encoder(toy)
    assert encoder.discrete == ["kind", "left"]
    encoded = encoder.encode(toy)
    assert encoded.shape == (600, sum(part.width for part in encoder.parts))
    back = encoder.decode(encoded)
    assert (back.dtypes == toy.dtypes).all()
    assert (back["kind"] == toy["kind"]).all()
    assert (back["left"] == toy["left"]).all()
    assert (back["size"] - toy["size"]).abs().quantile(0.99) < 0.02


def test_decoded_numbers_stay_in_their_range_and_decimals(toy):
    encoder = Encoder(toy)
    wild = encoder.decode(3 * torch.randn(200, sum(part.width for part in encoder.parts)))
    assert wild["size"].between(toy["size"].min(), toy["size"].max()).all()
    assert (wild["size"].round(2) == wild["size"]).all()


def test_missing_values_and_unknown_ones_are_refused(toy):
    with pytest.raises(ValueError, match="size"):
        Encoder(toy.assign(size=toy["size"].where(toy["size"] > 0)))
    with pytest.raises(ValueError, match="kind: 'd'"):
        Encoder(toy).encode(toy.assign(kind="d"))


# --- conditions and networks -------------------------------------------------------------------------------------------


def test_rows_of_a_batch_meet_their_conditions(toy):
    encoder = Encoder(toy)
    source = Rows(encoder.encode(toy), encoder.codes(toy), encoder.counts)
    rows, condition = source.draw(100)
    assert (condition.sum(dim=1) == 1).all()
    shown = torch.cat([rows[:, start:stop] for start, stop in encoder.places], dim=1)  # the discrete columns
    assert ((shown * condition).sum(dim=1) == 1).all()


def test_without_sampling_a_condition_is_a_value_of_its_row(toy):
    encoder = Encoder(toy)
    source = Rows(encoder.encode(toy), encoder.codes(toy), encoder.counts, sampling=False)
    rows, condition = source.draw(2000)
    shown = torch.cat([rows[:, start:stop] for start, stop in encoder.places], dim=1)
    assert ((shown * condition).sum(dim=1) == 1).all()
    rare = condition[:, 2].sum() / condition[:, :3].sum()
    assert 0.05 < rare < 0.16


def test_conditions_become_vectors():
    counts = [torch.ones(3), torch.ones(2)]
    vector = condition_vector(torch.tensor([0, 1]), torch.tensor([2, 0]), counts)
    assert vector.tolist() == [[0, 0, 1, 0, 0], [0, 0, 0, 1, 0]]
    assert rows_by_value(torch.tensor([[2, 0], [2, 1]]), counts)[0][2].tolist() == [0, 1]


def test_no_column_to_ask_for_is_refused():
    with pytest.raises(ValueError, match="counts"):
        draw_conditions([], 3)


def test_the_condition_loss_is_the_cross_entropy_of_the_column_asked_for():
    raw, counts = torch.randn(4, 6), [torch.ones(3), torch.ones(2)]
    columns, values = torch.tensor([0, 1, 1, 0]), torch.tensor([2, 0, 1, 1])
    places = [(0, 3), (4, 6)]
    found = condition_loss(raw, condition_vector(columns, values, counts), places)
    blocks = [raw[i, slice(*places[c])] for i, c in enumerate(columns.tolist())]
    expected = [torch.nn.functional.cross_entropy(block, value) for block, value in zip(blocks, values, strict=True)]
    torch.testing.assert_close(found, torch.stack(expected).mean())
    assert condition_loss(raw, torch.empty(4, 0), []) == 0


def test_the_generator_makes_each_part_of_its_kind():
    generator = MixedGenerator((("number", 1), ("choice", 3)), 2, 4, 8)
    rows = generator(torch.randn(50, 4), torch.rand(50, 2))
    assert rows[:, 0].abs().max() <= 1
    torch.testing.assert_close(rows[:, 1:].sum(dim=1), torch.ones(50))


def test_a_pack_is_judged_as_one():
    critic = PackedCritic(3, 2, pack=5, hidden=4)
    assert critic(torch.randn(20, 3), torch.randn(20, 2)).shape == (4, 1)
    with pytest.raises(ValueError, match="pack=5"):
        critic(torch.randn(7, 3), torch.randn(7, 2))


# --- the model ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{}, {"by_modes": False}, {"conditional": False}, {"sampling": False}, {"pack": 10}, {"wasserstein": False}],
)
def test_a_table_gan_gives_rows_like_those_it_got(toy, change):
    model = TableGAN(3, batch_size=50, hidden=8, latent_dim=4, **change).fit(toy)
    rows = model.sample(37)
    assert list(rows.columns) == list(toy.columns)
    assert (rows.dtypes == toy.dtypes).all()
    assert len(rows) == 37
    assert set(rows["kind"]) <= set(toy["kind"])


def test_a_table_without_discrete_columns_can_be_learned(toy):
    model = TableGAN(2, batch_size=50, hidden=8).fit(toy[["size", "count"]])
    assert len(model.sample(5)) == 5


def test_it_learns_a_column_and_can_be_asked(toy):
    torch.manual_seed(0)
    model = TableGAN(150, batch_size=100, hidden=32, latent_dim=8).fit(toy)
    drawn = model.sample(1000)
    assert measure.total_variation(toy["kind"], drawn["kind"]) < 0.15
    assert (model.sample(20, kind="c")["kind"] == "c").all()
    with pytest.raises(ValueError, match="kind='z'"):
        model.sample(3, kind="z")


def test_sampling_before_fitting_and_odd_sizes_are_refused():
    with pytest.raises(ValueError, match="fitted"):
        TableGAN().sample(3)
    with pytest.raises(ValueError, match="pack=10"):
        TableGAN(batch_size=55, pack=10)


def test_the_live_pictures_do_not_change_the_run(toy):
    def trained(picture):
        torch.manual_seed(3)
        return TableGAN(4, batch_size=50, hidden=8).fit(toy, picture=picture).gan.generator.last.weight

    tiles = marginal_tiles(toy, ["kind", "left"], 50)
    torch.testing.assert_close(trained(tiles), trained(None))


def test_heights_are_frequencies(toy):
    for name in toy.columns:
        bars = heights(toy[name], toy[name], name in ("kind", "left"))
        np.testing.assert_allclose(bars.sum(axis=1), 1)


# --- rivals and measures -----------------------------------------------------------------------------------------------


def test_the_copula_keeps_columns_and_correlations(train):
    drawn = GaussianCopula().fit(train).sample(len(train))
    assert max(measure.marginals(train, drawn, ["sex", "health", "limited", "deductible"]).values()) < 0.03
    names = ["age", "income", "visits", "spending"]
    difference = (train[names].rank().corr() - drawn[names].rank().corr()).abs()
    assert difference.max(axis=None) < 0.06


def test_independent_columns_are_independent(train):
    drawn = IndependentColumns().fit(train).sample(5000)
    assert abs(drawn["visits"].corr(drawn["spending"], method="spearman")) < 0.05
    assert train["visits"].corr(train["spending"], method="spearman") > 0.7


def test_ks_agrees_with_scipy():
    from scipy.stats import ks_2samp

    one, other = np.random.default_rng(0).normal(size=300), np.random.default_rng(1).normal(0.3, 1, 200).round(1)
    assert measure.ks(one, other) == pytest.approx(ks_2samp(one, other).statistic)


def test_total_variation_by_hand():
    assert measure.total_variation(pd.Series(list("aabb")), pd.Series(list("abcc"))) == pytest.approx(0.5)
    assert measure.total_variation(pd.Series(list("ab")), pd.Series(list("cd"))) == pytest.approx(1)


def test_a_copy_has_distance_0_and_equal_tables_no_error(train):
    few, discrete = train.head(300), ["sex", "health", "limited", "deductible"]
    assert measure.closest(few.head(20), few, discrete).max() == 0
    assert measure.closest(train.tail(20), few, discrete).max() > 0
    assert measure.pairs(few, few, discrete) == (0, 0)


def test_the_distance_by_hand():
    train = pd.DataFrame({"kind": ["a", "b"], "size": [1.0, 3.0]})
    found = measure.closest(pd.DataFrame({"kind": ["a"], "size": [3.0]}), train, ["kind"])
    assert found[0] == pytest.approx(0.25)  # the kind agrees, the size is half of the rows away


def test_auc_of_a_target_that_is_known(toy):
    assert measure.auc(toy, toy, target="size", above=5, without=()) > 0.95
    assert measure.auc(toy[toy["size"] == 0], toy, target="size", above=5, without=()) == 0.5
