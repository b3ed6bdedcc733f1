"""What runs on an accelerator makes no tensor without its device, and no float64 where there is none (Apple's MPS)."""

import copy

import pytest
import torch
from torch import nn

backend = pytest.importorskip("torch.utils.backend_registration")
if not hasattr(backend, "_setup_privateuseone_for_python_backend"):
    pytest.skip("this PyTorch cannot imitate a device from Python", allow_module_level=True)

from imitated_device import Imitated, imitation, operations  # noqa: E402

from course_utils import augment, latent, losses, plotting  # noqa: E402
from course_utils.callbacks import History, Score, generate  # noqa: E402
from course_utils.captions.measure import right_by_attribute  # noqa: E402
from course_utils.checkpoints import digits_dcgan, portraits_classifier, portraits_dialled, portraits_generator  # noqa: E402
from course_utils.checks.sandbox import undisturbed  # noqa: E402
from course_utils.colour_transfer import match_colours  # noqa: E402
from course_utils.datasets import molecules  # noqa: E402
from course_utils.datasets.gaussians import ring  # noqa: E402
from course_utils.datasets.molecules import Molecules  # noqa: E402
from course_utils.datasets.near_duplicates import differing_bits  # noqa: E402
from course_utils.diffusion import (  # noqa: E402
    FlowMatching,
    floors,
    linear_betas,
    signal_left,
)
from course_utils.diffusion.ddpm import ddpm_sample, noise_loss  # noqa: E402
from course_utils.fair_sampling import fair_latents  # noqa: E402
from course_utils.game import Game  # noqa: E402
from course_utils.lessons.c1w4c import measure as c1w4c  # noqa: E402
from course_utils.lessons.c2w2b import guide  # noqa: E402
from course_utils.lessons.c3w1a.exercises import Scores, choose  # noqa: E402
from course_utils.lessons.c3w3a import starts  # noqa: E402
from course_utils.lessons.c4w1b.measure import graphs_of  # noqa: E402
from course_utils.lessons.c4w2b.view import Sentences  # noqa: E402
from course_utils.metrics import (  # noqa: E402
    accuracy,
    bias,
    conditional,
    fd_infinity,
    frechet,
    kid,
    manifold,
    membership,
    modes,
    motion,
    odds,
    paired,
    plane,
    segmentation,
    transport,
)
from course_utils.metrics.path_length import perceptual_path_length, slerp  # noqa: E402
from course_utils.metrics.reweighing import effective_sample_size, reweighing  # noqa: E402
from course_utils.models import cyclegan, molgan, text  # noqa: E402
from course_utils.models.conditional import class_labels, infogan  # noqa: E402
from course_utils.models.conv import cpu_dcgan  # noqa: E402
from course_utils.models.dense import mlp  # noqa: E402
from course_utils.models.growing.progressive import GrowingDiscriminator, GrowingGenerator  # noqa: E402
from course_utils.models.inpainting import LinearFill  # noqa: E402
from course_utils.models.music import ChoraleRNN  # noqa: E402
from course_utils.models.pix2pix import PatchDiscriminator, Translator  # noqa: E402
from course_utils.models.smiles_gru import LetterGRU  # noqa: E402
from course_utils.models.style.generator import Generator  # noqa: E402
from course_utils.models.style.mapping import MappingNetwork  # noqa: E402
from course_utils.models.style.styles import mean_code  # noqa: E402
from course_utils.models.text import TextGenerator  # noqa: E402
from course_utils.models.time_unet import TimeUNet  # noqa: E402
from course_utils.models.vae import VAE, negative_elbo  # noqa: E402
from course_utils.molecules import letters, scores  # noqa: E402
from course_utils.music import metrics as music  # noqa: E402
from course_utils.music import roll, sound, theory  # noqa: E402
from course_utils.music.tensors import CLASSES, to_notes  # noqa: E402
from course_utils.rivals import gaussian_of_pixels  # noqa: E402
from course_utils.runs import Run  # noqa: E402
from course_utils.segmentation_losses import border_weights  # noqa: E402
from course_utils.steps.acgan import AuxiliaryFakes  # noqa: E402
from course_utils.steps.conditional import ConditionalGame  # noqa: E402
from course_utils.steps.cycle import CycleGame, Translators  # noqa: E402
from course_utils.steps.fair_fakes import FairFakes, pair_adversary  # noqa: E402
from course_utils.steps.growing import GrowingGame  # noqa: E402
from course_utils.steps.info import InfoSteps  # noqa: E402
from course_utils.steps.pix2pix import Translation  # noqa: E402
from course_utils.steps.r1 import discriminator_step_r1  # noqa: E402
from course_utils.steps.relativistic import relativistic_step  # noqa: E402
from course_utils.steps.shared_fakes import SharedFakes  # noqa: E402
from course_utils.steps.wasserstein import critic_step  # noqa: E402
from course_utils.tables.modes import Modes, fit_modes, one_mode, responsibilities, restore  # noqa: E402
from course_utils.training import GAN, discriminator_step, fit, generator_step  # noqa: E402
from course_utils.widgets.latent_explorer import LatentExplorer  # noqa: E402
from course_utils.world import disturb, evidence  # noqa: E402


@pytest.fixture(autouse=True)
def there():
    """The device; it is Apple's kind, without float64."""
    return imitation(refuse_float64=True)


def on(device, *shape):
    return torch.randn(*shape).to(device)


@pytest.mark.parametrize(
    "planted",
    [
        lambda x: x + torch.zeros(3),
        lambda x: torch.zeros(3) * x,
        lambda x: torch.cat([x, torch.zeros(1)]),
        lambda x: torch.stack([x, torch.zeros(3)]),
        lambda x: torch.where(torch.ones(3) > 0, x, x),
        lambda x: torch.ones(3)[torch.zeros(2, dtype=torch.int64, device=x.device)],
        lambda x: torch.zeros(()).add_(x.sum()),  # a number of the CPU is read, and not written into
        lambda x: nn.Linear(3, 1)(x),
    ],
)
def test_a_tensor_without_its_device_is_found(planted, there):
    with pytest.raises(RuntimeError, match="same device"):
        planted(on(there, 3))


@pytest.mark.parametrize(
    "planted",
    [
        lambda x: x.double(),
        lambda x: torch.zeros(3, dtype=torch.float64, device=x.device),
        lambda x: torch.zeros(3, dtype=torch.float64).to(x.device),
        lambda x: x.to("cpu", torch.float64),  # the device converts, then sends
        lambda x: nn.Linear(3, 1).double().to(x.device),
    ],
)
def test_a_float64_is_found(planted, there):
    with pytest.raises(TypeError, match="float64"):
        planted(on(there, 3))


def test_numpy_and_generators_of_the_cpu_are_refused(there):
    with pytest.raises(TypeError, match="numpy"):
        on(there, 3).numpy()
    with pytest.raises(RuntimeError, match="generator"):
        torch.randn(3, generator=torch.Generator().manual_seed(0), device=there)


def test_matrices_of_whole_numbers_are_not_multiplied(there):
    whole = torch.ones(2, 2, dtype=torch.int64).to(there)
    with pytest.raises(RuntimeError, match="not implemented for matrices of int64"):
        whole @ whole


@pytest.mark.parametrize(
    "allowed",
    [
        lambda x: x * torch.tensor(2.0),
        lambda x: x[torch.tensor([0, 2])],
        lambda x: x.clone().copy_(torch.zeros(3)),
        lambda x: x + torch.zeros_like(x),
        lambda x: copy.deepcopy(nn.Linear(3, 3).to(x.device))(x),
    ],
)
def test_what_a_real_device_takes_is_taken(allowed, there):
    assert isinstance(allowed(on(there, 3)), Imitated)
    assert on(there, 3).cpu().double().device.type == "cpu"


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_networks_with_a_memory_learn_the_same_as_on_the_cpu(kind, there):
    network, x = kind(3, 4, num_layers=2), torch.randn(5, 2, 3)
    gradients = []
    for copied in (network, copy.deepcopy(network).to(there)):
        made, _ = copied(x.to(next(copied.parameters()).device))
        made.square().sum().backward()
        gradients.append([p.grad.cpu() for p in copied.parameters()])
    torch.testing.assert_close(*gradients)


def test_a_gan_trains_and_learns_the_same_as_on_the_cpu(there):
    def weights(device):
        torch.manual_seed(0)
        images = torch.randint(0, 255, (64, 1, 28, 28), dtype=torch.uint8)
        gan = GAN.with_adam(mlp.Generator(8).to(device), mlp.Discriminator().to(device), ema=0.9)
        torch.manual_seed(1)
        game = Game(discriminator_step, generator_step, lambda n: torch.randn(n, 8, device=device))
        fit(gan, images, game, steps=3, batch_size=8)
        assert next(gan.shown.parameters()).device.type == torch.device(device).type
        return torch.cat([p.flatten().cpu() for p in gan.shown.parameters()])

    torch.testing.assert_close(weights(there), weights("cpu"), rtol=1e-3, atol=1e-5)


@pytest.fixture
def chance(monkeypatch, there):
    """The random state of the device, one number: ``torch.manual_seed`` sets it."""
    state, module = [7], torch.get_device_module(there)
    for name, function in {
        "manual_seed_all": lambda seed: state.__setitem__(0, seed),
        "get_rng_state": lambda device: torch.tensor(state),
        "set_rng_state": lambda new, device: state.__setitem__(0, new.item()),
    }.items():
        monkeypatch.setattr(module, name, function, raising=False)
    return state


def watched(gan, there):
    """Everything that looks at a training, called once."""
    history = History(step=[1], seconds=[0.0], total_steps=10)
    Score(lambda images: images.mean(), lambda n: torch.randn(n, 8, device=there), n=2, every=0.0)(gan, history)
    c1w4c.WatchInformation(lambda n: infogan.sample_latent(n, there), 2)
    writer = GAN.with_adam(TextGenerator(9, 3, 4, 4).to(there), mlp.Discriminator().to(there))
    Sentences(lambda tokens: ["" for _ in tokens], lambda tokens: torch.zeros(len(tokens)))(writer, history)
    graphs_of(GAN.with_adam(molgan.GraphGenerator().to(there), molgan.GraphReader().to(there)), 2)
    LatentExplorer(gan.generator, lambda n: torch.randn(n, 8, device=there))


def test_watching_leaves_the_random_numbers_of_the_device_alone(there, chance):
    torch.manual_seed(3)
    assert chance == [3]
    gan = GAN.with_adam(mlp.Generator(8).to(there), mlp.Discriminator().to(there))
    watched(gan, there)
    assert chance == [3]
    game = Game(discriminator_step, generator_step, lambda n: torch.randn(n, 8, device=there))
    fit(gan, torch.zeros(64, 1, 28, 28, dtype=torch.uint8), game, steps=2, batch_size=8, log_every=1)
    text.oracle()
    with undisturbed():
        torch.manual_seed(4)
    assert chance == [3]


def test_a_resumed_run_has_the_random_numbers_of_the_device(there, chance, monkeypatch, tmp_path):
    def train(steps, stop):
        gan = GAN.with_adam(mlp.Generator(8).to(there), mlp.Discriminator().to(there))
        game = Game(discriminator_step, generator_step, lambda n: torch.randn(n, 8, device=there))

        def ask(gan, history):
            history.stop_requested = stop

        data = torch.zeros(64, 1, 28, 28, dtype=torch.uint8)
        return fit(gan, data, game, steps=steps, batch_size=8, callbacks=(ask,), run=Run("cut"), log_every=1).step

    monkeypatch.setenv("COURSE_RUNS", str(tmp_path))
    torch.manual_seed(5)
    assert train(9, stop=True)[-1] < 9
    torch.manual_seed(6)
    assert train(9, stop=False)[-1] == 9
    assert chance == [5]


def test_losses(there):
    real, fake = on(there, 5, 1), on(there, 5, 1)
    assert isinstance(losses.discriminator_loss(real, fake), Imitated)
    assert isinstance(losses.generator_loss(fake), Imitated)
    critic = nn.Sequential(nn.Flatten(), nn.Linear(16, 1)).to(there)
    penalty = losses.gradient_penalty(critic, on(there, 5, 1, 4, 4), on(there, 5, 1, 4, 4))
    penalty.backward()
    assert isinstance(critic[1].weight.grad, Imitated)


def test_latent(there):
    z, directions = on(there, 30, 6), on(there, 2, 6)
    found = latent.direction_by_regression(z, z[:, :2])
    assert isinstance(latent.orthogonalise(found[0], directions), Imitated)
    assert isinstance(latent.penalised_score(z, z + 1, 0, 0.5), Imitated)
    assert isinstance(latent.entanglement(lambda x: x[:, :2], z, directions, 1.0), Imitated)
    moved = z.clone().requires_grad_()
    latent.noise_step(moved, lambda x: x.sum(1))
    assert isinstance(slerp(z[:1], z[1:2], 0.5), Imitated)


def test_metrics_take_features_from_any_device(there):
    x, y = on(there, 40, 3), on(there, 40, 3)
    assert frechet.frechet_distance(x, y) >= 0
    kid.kernel_distance(x, y)
    manifold.density_coverage(x, y)
    net = nn.Linear(4, 5).to(there)
    perceptual_path_length(net, lambda made: made, lambda n: on(there, n, 4), n=20)


def test_metrics_take_points_from_any_device(there):
    mixture, points = ring(), on(there, 200, 2)
    modes.mode_statistics(mixture, points)
    plane.HistogramJS(mixture)(points)
    transport.wasserstein_distance(points, on(there, 200, 2))
    mixture.log_density(points)


def test_generating_augmenting_and_plotting(there):
    images = generate(cpu_dcgan.Generator(8).to(there), on(there, 4, 8))
    assert images.device.type == "cpu"
    import matplotlib.pyplot as plt

    plotting.image_grid(on(there, 4, 1, 8, 8).clamp(-1, 1), "four")
    plt.close("all")
    assert isinstance(augment.DiffAugment()(on(there, 4, 1, 8, 8)), Imitated)


def test_measures_of_labelled_images(there):
    features, labels = on(there, 40, 3), (torch.arange(40) % 2).to(there)
    assert conditional.class_frechet(features, labels, features.cpu(), labels.cpu()).shape == (2,)
    assert conditional.class_frechet(features.cpu(), labels, features, labels).shape == (2,)
    assert conditional.class_spread(features, labels).shape == (2,)
    assert accuracy.accuracy(nn.Linear(3, 2).to(there), features, labels) <= 1
    assert accuracy.nearest_neighbour_accuracy((features, labels), features, labels) == 1
    assert odds.balanced_accuracy(labels, labels)[0] == 1
    assert effective_sample_size(torch.ones(5).to(there)) == 5


def test_helpers_that_count_in_float64(there):
    maps, rows = torch.arange(18).view(2, 3, 3).to(there), on(there, 9, 3)
    assert segmentation.count_error(maps, maps) == 0
    assert right_by_attribute(maps[0], maps[0]).tolist() == [1, 1, 1]
    assert floors.linear_code_cost(rows, rows, 2, 0.5) == floors.linear_code_cost(rows.cpu(), rows.cpu(), 2, 0.5)
    assert differing_bits(rows > 0, rows > 0).diag().tolist() == [0] * 9


ROWS = torch.tensor([[0.0, 1], [1, 1], [1, 0], [0, 0], [1, 1]])
LABELS = torch.tensor([[0, 1, 1], [0, 0, 0], [2, 2, 0]])
MODES = Modes(*torch.tensor([[-1.0, 1], [0.5, 0.5], [0.5, 0.5]], dtype=torch.float64))
SPENT = torch.linspace(-2, 3, 40)


@pytest.mark.parametrize(
    ("reference", "arguments"),
    [
        (bias.attributes_together, (ROWS,)),
        (bias.amplification, (ROWS[:, 0], 0.25)),
        (lambda answers: bias.correct_for_judge(answers, (0.9, 0.95), (1.0, 0.9)), (ROWS,)),
        (bias.parity_gap, (ROWS[:, 0], ROWS[:, 1].long())),
        (reweighing, (ROWS[:, 0], ROWS[:, 1])),
        (lambda table: choose((1, 2), Scores(table, table)), (ROWS[:2],)),
        (paired.paired_comparison, (ROWS[:, 0], ROWS.sum(dim=1))),
        (segmentation.overlap, (ROWS - 0.5, ROWS)),
        (border_weights, (LABELS,)),
        (fd_infinity.extrapolate, (torch.tensor([100, 200, 400]), ROWS[:3, 0])),
        (membership.roc, (ROWS.flatten(), SPENT)),
        (evidence.evidence, (ROWS - 0.5, ROWS[0])),
        (evidence.p_values_if_pooled, (ROWS - 0.5, ROWS)),
        (lambda rows: restore(rows, MODES), (ROWS @ torch.ones(2, 3),)),
        (lambda values: responsibilities(values, MODES), (SPENT,)),
        (one_mode, (SPENT,)),
        (lambda values: fit_modes(values, most=2), (SPENT,)),
    ],
)
def test_what_learners_compute_in_float64_takes_tensors_from_there(reference, arguments, there):
    moved = (x.to(there) if isinstance(x, torch.Tensor) else x for x in arguments)
    torch.testing.assert_close(tuple_of(reference(*moved)), tuple_of(reference(*arguments)), rtol=0, atol=0)


def tuple_of(result):
    return tuple(result) if isinstance(result, tuple) else (result,)


def test_fair_latents_are_read_there(there):
    z, share = fair_latents(20, lambda n: on(there, n, 3), lambda z: z[:, :2] > 0, pilot=200, batch_size=50)
    assert isinstance(z, Imitated)
    assert z.shape == (20, 3)
    assert 0 < share <= 1


def test_paths_of_videos(there):
    paths = motion.track(on(there, 2, 4, 8, 8))
    assert isinstance(paths, Imitated)
    assert motion.kept(torch.ones(2, 3).to(there)) == 1


def test_rivals(there):
    images = torch.randint(0, 256, (20, 1, 6, 6), dtype=torch.uint8)
    assert isinstance(gaussian_of_pixels(images.to(there), 3, rank=4), Imitated)
    mask = torch.zeros(1, 1, 6, 6)
    mask[..., 2:4, 2:4] = 1
    fill = LinearFill(on(there, 20, 1, 6, 6), mask.to(there), on(there, 10, 1, 6, 6))
    assert isinstance(fill(on(there, 2, 1, 6, 6), on(there, 2, 3)), Imitated)


def test_codes_and_colours(there):
    mapping = MappingNetwork(4, 4)
    torch.manual_seed(0)
    here = mean_code(mapping, 4, 1000)
    torch.manual_seed(0)
    torch.testing.assert_close(mean_code(mapping.to(there), 4, 1000).cpu(), here)
    assert isinstance(match_colours(on(there, 1, 3, 8, 8), on(there, 1, 3, 8, 8)), Imitated)


def test_music(there):
    classes = torch.randint(0, CLASSES, (3, 2, 16, 4)).to(there)
    pitches, onsets = to_notes(classes)
    assert set(theory.violations(pitches)) == set(theory.RULES)
    assert "notes" in music.describe(pitches, onsets)
    assert isinstance(roll.pictures(classes), Imitated)
    assert len(sound.wave(pitches[0], onsets[0]))
    rival = ChoraleRNN(CLASSES, hidden=8, bars=1)
    here = copy.deepcopy(rival)(classes[:, :1].cpu())
    torch.testing.assert_close(rival.to(there)(classes[:, :1]).cpu(), here)
    assert isinstance(rival.sample(2), Imitated)


def test_molecules(there):
    train, held_out = molecules.load("train"), molecules.load("held-out")
    first = [Molecules(half.atoms[:200], half.bonds[:200], half.smiles[:200]) for half in (train, held_out)]
    ruler, here = scores.Ruler(*first), scores.Ruler(*first)
    atoms, bonds = held_out.atoms[100:300], held_out.bonds[100:300]
    assert ruler.measure(atoms.to(there), bonds.to(there)) == here.measure(atoms, bonds)
    assert len(ruler.novel_ones(atoms.to(there), bonds.to(there))[0]) == 200
    assert isinstance(scores.ring_reward(atoms.to(there), bonds.to(there)), Imitated)
    scores.which_filters(atoms.to(there), bonds.to(there))
    model = LetterGRU(12, width=8).to(there)
    assert letters.sample(model, 3)[0].shape == (3, 6)


@pytest.mark.parametrize("way", [disturb.eight_bits, disturb.blur, disturb.crop, disturb.noise, disturb.jpeg])
def test_what_happens_to_pictures_on_their_way(way, there):
    images = on(there, 2, 3, 32, 32).clamp(-1, 1)
    seeded = {"seed": 0} if way is disturb.noise else {}
    done = way(images, **seeded)
    assert isinstance(done, Imitated)
    torch.testing.assert_close(done.cpu(), way(images.cpu(), **seeded))


@pytest.mark.parametrize("module", [digits_dcgan, portraits_classifier, portraits_dialled, portraits_generator])
def test_recipes_train_there_and_give_a_network_on_the_cpu(module, there, monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", str(there))
    monkeypatch.setattr(module, "DRAWN", 64, raising=False)
    before = operations()
    if module is portraits_dialled:
        images = torch.randint(0, 256, (64, 3, 32, 32), dtype=torch.uint8)
        made, _ = module.train_one(images, seed=0, steps=1)
    elif module is portraits_classifier:
        made = module.train(1, seed=0, drawn=64)
        module.probabilities(torch.zeros(2, 3, 48, 48), made)
    else:
        made = module.train(1, seed=0)
        generate(made, torch.randn(2, 64))
    assert operations() > before
    assert {p.device.type for p in made.parameters()} == {"cpu"}


def test_helpers_of_lessons(there, monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", str(there))
    images = on(there, 3, 1, 28, 28).clamp(-1, 1)
    assert isinstance(c1w4c.distort(images), Imitated)
    assert all(isinstance(read(images), Imitated) for read in (c1w4c.ink, c1w4c.slant, c1w4c.width))
    assert next(starts.with_pairs(1, seed=0, batch_size=2).parameters()).device == there


def small_digits(there):
    """A batch of four images and labels on the device, at every call."""
    return lambda: (on(there, 4, 1, 28, 28).clamp(-1, 1), torch.arange(4).to(there))


def test_a_round_of_infogan(there):
    gan = GAN.with_adam(cpu_dcgan.Generator(infogan.LATENT_DIM).to(there), infogan.Discriminator().to(there), ema=0.9)
    game = InfoSteps(lambda n: infogan.sample_latent(n, there), distort=c1w4c.distort, every=1)
    game.round(gan, lambda: small_digits(there)()[:1])


@pytest.mark.parametrize(
    ("critic", "game"),
    [
        (class_labels.ConcatenationDiscriminator, ConditionalGame),
        (class_labels.ProjectionDiscriminator, ConditionalGame),
        (class_labels.AuxiliaryDiscriminator, AuxiliaryFakes),
    ],
)
def test_a_round_with_labels(critic, game, there):
    generator = class_labels.Generator(8, 10).to(there)
    gan = GAN.with_adam(generator, critic(10).to(there), ema=0.9)
    game(lambda n: on(there, n, 8), gamma=0.5, every=1).round(gan, small_digits(there))


def test_a_round_that_grows(there):
    networks = GrowingGenerator(8, (8, 8, 4), 4).to(there), GrowingDiscriminator((8, 8, 4), 4).to(there)
    gan = GAN.with_adam(*networks, ema=0.9)
    game = GrowingGame(lambda n: on(there, n, 8), 2, (0.5, 0.5), every=1)
    for _ in range(2):
        game.round(gan, lambda: (on(there, 4, 3, 16, 16).clamp(-1, 1),))
        gan.average()


def test_rounds_that_translate(there):
    pictures = on(there, 2, 3, 32, 32).clamp(-1, 1)
    judge = PatchDiscriminator(2, 4).to(there)
    Translation().round(GAN.with_adam(Translator(4).to(there), judge, ema=0.9), lambda: (pictures, pictures.flip(0)))
    makers, judges = (cyclegan.Generator().to(there) for _ in "ab"), (cyclegan.Discriminator(8).to(there) for _ in "ab")
    CycleGame(rounds=1).round(Translators.with_adam(tuple(makers), tuple(judges)), lambda: (pictures, pictures.flip(0)))


def test_diffusion_flow_and_vae(there):
    images, betas = on(there, 2, 1, 28, 28).clamp(-1, 1), linear_betas(3).to(there)
    network, flow = TimeUNet().to(there), FlowMatching(TimeUNet()).to(there)
    (noise_loss(network, images, signal_left(betas)) + flow.loss(images)).backward()
    assert isinstance(ddpm_sample(network, images, betas), Imitated)
    assert isinstance(flow.sample(images, 2), Imitated)
    sum(negative_elbo(VAE().to(there), images)).backward()


def test_rounds_of_fakes_that_are_shared(there):
    def draw_z(n):
        return on(there, n, 8)

    style = Generator(8, 32, (8, 8, 8, 4)).to(there)
    faces = on(there, 4, 3, 32, 32).clamp(-1, 1)
    judge = cpu_dcgan.Discriminator(4, 32, channels=3).to(there)
    SharedFakes(draw_z, gamma=0.5, every=1).round(GAN.with_adam(style, judge, ema=0.9), lambda: (faces,))
    fair = FairFakes(draw_z, guide.network().to(there), pair_adversary().to(there), total=2)
    generator, judge = cpu_dcgan.Generator(8, 4, 32, channels=3).to(there), cpu_dcgan.Discriminator(4, 32, channels=3)
    fair.round(GAN.with_adam(generator, judge.to(there), ema=0.9), lambda: (faces,))


def test_steps_of_critics(there):
    gan = GAN.with_adam(mlp.Generator(8).to(there), mlp.Discriminator().to(there))
    real, z = on(there, 4, 1, 28, 28), on(there, 4, 8)
    for step in (critic_step, relativistic_step, discriminator_step_r1):
        assert isinstance(step(gan, real, z), Imitated)
