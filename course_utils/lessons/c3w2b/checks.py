"""The checks of Pix2Pix: receptive field by arithmetic and by gradient, PatchGAN, the losses of both players."""

import torch
from torch import nn

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import Fixed, call, normal, of, on_gpu, scenario, seeded
from course_utils.checks.naming import Naming, diagnosis
from course_utils.checks.networks import network
from course_utils.checks.observe import RAISES
from course_utils.checks.programs import Body
from course_utils.lessons.c3w2b.exercises import CASES, NAMES, diagnose
from course_utils.models.pix2pix import PatchDiscriminator

# --- receptive field, by arithmetic ------------------------------------------------------------------------------------



def _field(*layers):
    """A call with a list of its own, so that what one candidate does to it is not seen by the next."""
    return of(lambda candidate: lambda layers: candidate(list(layers)), call(list(layers), number=True), "layers")


def _list_afterwards(receptive_field) -> dict:
    layers = [(5, 2), (3, 1)]
    receptive_field(layers)
    return {"`layers` afterwards": layers}


_LOOP = "for kernel, stride in reversed(layers):"
_BACK = "seen = (seen - 1) * stride + kernel"

exercise(
    "c3w2b.receptive_field",
    "course_utils.models.pix2pix:receptive_field",
    cases=(
        _field((4, 2), (4, 2), (4, 2), (4, 1), (4, 1)),
        _field((4, 2), (4, 2), (4, 1), (4, 1)),
        _field((4, 2), (4, 1), (4, 1)),
        _field((1, 1), (1, 1), (1, 1)),
        _field((7, 1), (3, 2), (5, 3)),
        _field((3, 3), (2, 1)),
        _field((5, 2)),
        _field(),
        _field((3, 1), (0, 1)),
        _field((3, 1), (3, 0)),
        scenario("called with a list that is looked at afterwards", _list_afterwards),
    ),
    mistakes=(
        mistake("from_the_picture", ("reversed(layers)", "layers"),
            "The layers are taken from the picture to the output. Start from *one output* and go back: the last layer comes "
            "first. The order matters as soon as strides differ: `reversed(layers)`."),
        mistake("strides_forgotten", (_BACK, "seen = seen - 1 + kernel"),
            "The strides are not used. Behind a layer of stride 2, two neighbours are 2 pixels apart in what it read, so the "
            "part that was seen so far counts twice."),
        mistake("no_gap", ("(seen - 1) * stride + kernel", "seen * stride + kernel"),
            "All r positions are multiplied by the stride. Between r positions there are r - 1 steps; the kernel covers the "
            "last one."),
        mistake("kernel_minus_stride", ("(seen - 1) * stride + kernel", "(seen - 1) * stride + kernel - stride"),
            ("(seen - 1) * stride + kernel", "(seen - 1) * stride + kernel - 1"),
            "Too little is added for the kernel. One position sees all `kernel` inputs, whatever the stride."),
        mistake("starts_at_zero", ("seen = 1", "seen = 0"),
            "It starts from 0 outputs. One output is what the question is about: an empty chain sees 1."),
        mistake("strides_alone", (_BACK, "seen = seen * stride"),
            "Only the strides are multiplied. That is how far two neighbouring outputs are apart, not how much one sees."),
        mistake("kernels_multiplied", (_BACK, "seen = seen * kernel"),
            "The kernels are multiplied. The fields of neighbouring positions overlap, so they do not add up like this."),
        mistake("sum_of_kernels", (_BACK, "seen = seen + kernel"),
            "The kernels are added up. The first adds `kernel - 1` to the one pixel, and strides count as well."),
        mistake("changes_input", (_LOOP, "layers.reverse()\n    for kernel, stride in layers:"),
            "The list that was handed in is changed, as by `reverse()`, `pop()` or `sort()`. `reversed(layers)` and "
            "`list(layers)` leave it alone.",
            symptom=lambda r: "`layers` afterwards" in r.names, explains=("`layers` afterwards",)),
        mistake("kernel_and_stride_exchanged", (_LOOP, "for stride, kernel in reversed(layers):"),
            "Kernel and stride are exchanged. Each pair is (kernel, stride)."),
        mistake("jump_too_early", Body(
            "if any(kernel < 1 or stride < 1 for kernel, stride in layers):\n    raise ValueError(layers)\n"
            "seen = jump = 1\nfor kernel, stride in layers:\n    jump *= stride\n    seen += (kernel - 1) * jump\nreturn seen"),
            "A layer's own stride already counts for its own kernel. The kernel lies on the layer's inputs; only the strides "
            "of the layers before it widen it."),
        mistake("return_in_the_loop", ("stride + kernel\n    return seen", "stride + kernel\n        return seen"),
            "Only one layer is counted: the `return` stands inside the loop. An empty chain returns nothing at all."),
        mistake("squared", ("return seen", "return seen**2"),
            "It is the number of pixels in the square. How many *a side* is asked for."),
        mistake("no_layers",
            "Only an empty list goes wrong. A chain without layers sees 1 pixel.",
            symptom=lambda r: [c for c, names in r.differing.items() if names] == ["called with []"]),
        mistake("nothing_refused", ("any(kernel < 1 or stride < 1 for kernel, stride in layers)", "False"),
            "A kernel or a stride of 0 is not refused. The docstring asks for a ValueError."),
        mistake("strides_unchecked", ("kernel < 1 or stride < 1", "kernel < 1"),
            "A stride of 0 is not refused. The docstring asks for a ValueError."),
    ),
)

# --- receptive field, by gradient --------------------------------------------------------------------------------------


def _chain(*layers, channels=3, seed=0):
    """Convolutions without activation, (kernel, stride, padding) each."""

    def make():
        widths = [channels, *[2] * (len(layers) - 1), 1]
        return nn.Sequential(
            *(nn.Conv2d(a, b, *shape) for a, b, shape in zip(widths, widths[1:], layers, strict=False))
        )

    return seeded(make, seed)


def _one_channel(channel):
    """Reads one channel only."""
    made = _chain((3, 1, 1))
    with torch.no_grad():
        made[0].weight *= torch.eye(3)[channel][:, None, None]
    return made


def _opposite():
    """The gradients of its channels add up to 0."""
    made = _chain((3, 1, 0), channels=2)
    with torch.no_grad():
        made[0].weight[:, 1] = -made[0].weight[:, 0]
    return made


def _look(net, side, row, column, channels=3, **options):
    height, width = side
    return call(net, Fixed(normal(1, channels, height, width)), row, column, **options)


def _faint():
    """Its gradients are far below any threshold, and not 0."""
    made = _chain((3, 1, 1))
    with torch.no_grad():
        made[0].weight *= 1e-12
    return made


_TINY = "called where all gradients are tiny"
_COPY = "image = image.detach().clone().requires_grad_()"
_GRADIENT = "(gradient,) = torch.autograd.grad(output, image)"
_MASK = "(gradient[0] != 0).any(dim=0)"

exercise(
    "c3w2b.seen_by",
    "course_utils.models.pix2pix:seen_by",
    cases=(
        _look(_chain((4, 2, 1), (4, 1, 1), (4, 1, 1)), (24, 28), 4, 6),
        _look(_chain((4, 2, 1), (4, 1, 1)), (12, 16), 0, 6),
        _look(_one_channel(1), (6, 7), 2, 3),
        _look(_one_channel(0), (6, 5), 2, 3),
        _look(_opposite(), (6, 7), 1, 3, channels=2),
        _look(_chain((1, 1, 0)), (4, 5), 3, 2),
        _look(_chain((3, 2, 1)), (9, 8), 4, 0, stale=True),
        _look(_faint(), (6, 7), 2, 3, label=_TINY),
        _look(nn.Sequential(_chain((3, 2, 1)), nn.ReLU(), _chain((3, 1, 1), channels=1, seed=3)), (9, 8), 2, 1,
            label="called with a ReLU that is closed in places"),
        call(_chain((3, 1, 1)), normal(1, 3, 5, 6), 2, 1, leaf=True, gradients=True),
    ),
    mistakes=(
        mistake("row_and_column_swapped", ("[0, 0, row, column]", "[0, 0, column, row]"),
            "Row and column are swapped. In (B, C, H, W) the row comes first."),
        mistake("all_outputs", ("network(image)[0, 0, row, column]", "network(image).sum()"),
            "All outputs are summed before the gradient is taken, so that everything that any of them sees is marked. Take "
            "the one output at `row` and `column`."),
        mistake("asks_for_no_gradient", (_COPY, "image = image.detach().clone()"), (f"    {_COPY}\n", ""),
            "The image does not ask for a gradient, so none can be taken. Make a copy that does: `requires_grad_()`."),
        mistake("threshold", (_MASK, "(gradient[0].abs() > 1e-3).any(dim=0)"), (_MASK, "(gradient[0].abs() > 1e-6).any(dim=0)"),
            "Small gradients are taken for none. Ask whether a gradient is 0, not whether it is below a threshold.",
            symptom=lambda r: [c for c, names in r.differing.items() if names] == [_TINY] and not r.errors()),
        mistake("first_output", ("[0, 0, row, column]", "[0, 0, 0, 0]"),
            "It is always the output in the corner. Take the one at `row` and `column`."),
        mistake("positive_only", ("gradient[0] != 0", "gradient[0] > 0"),
            "Only pixels with a positive gradient count. A negative gradient changes the output as well."),
        mistake("channels_summed", (_MASK, "gradient[0].sum(dim=0) != 0"), (_MASK, "gradient[0].mean(dim=0) != 0"),
            "The channels are summed before it is asked whether there is a gradient; opposite ones cancel. Ask each channel "
            "first."),
        mistake("all_channels", ("any(dim=0)", "all(dim=0)"),
            "A pixel counts only when *all* its channels have a gradient. One is enough: `any`."),
        mistake("first_channel", (_MASK, "gradient[0, 0] != 0"),
            "Only the first channel is looked at."),
        mistake("gradient_itself", (_MASK, "gradient[0].abs().amax(dim=0)"), (_MASK, "gradient[0].abs().sum(dim=0)"),
            (_MASK, "gradient[0].norm(dim=0)"),
            "What comes back is the size of the gradient. A mask of True and False is asked for."),
        mistake("inverted", (_MASK, "(gradient[0] == 0).all(dim=0)"),
            "True and False are exchanged: True is where a pixel can change the output."),
        mistake("backward", (_GRADIENT, "output.backward(); gradient = image.grad"),
            "`backward` leaves gradients in the network's weights, which somebody may still need. "
            "`torch.autograd.grad(output, image)` leaves none."),
        mistake("changes_input", ("image.detach().clone().requires_grad_()", "image.requires_grad_()"),
            "The image that was handed in is changed, or made to ask for a gradient. Work on a copy: `image.detach().clone()`.",
            symptom=lambda r: bool(r.names & {"`image` afterwards", "whether `image` asks for a gradient afterwards"}),
            explains=("`image`", "whether `image`", "the gradients left in `image`")),
    ),
)

# --- PatchGAN ----------------------------------------------------------------------------------------------------------


def _judge(n_layers, base=2, side=(24, 20), batch=2, condition=3, image=3, **options):
    height, width = side
    pictures = normal(batch, image, height, width), normal(batch, max(condition, 1), height, width, seed=1)
    return network(n_layers, base, image, condition, inputs=pictures, **options)


def _its_layers(make) -> dict:
    """A later cell takes the convolutions alone."""
    made = make(1, 2, 3, 0)
    found = getattr(made, "layers", None)
    weights = {id(p) for p in found.parameters()} if isinstance(found, nn.Sequential) else set()
    return {"whether `layers` is an `nn.Sequential` of all layers": weights == {id(p) for p in made.parameters()}}


_SHAPES = "[(1, 1, 0)] * 2 if n_layers == 0 else [(4, 2, 1)] * n_layers + [(4, 1, 1)]"


def _four_for_pixels(record):
    """Are there kernels of 4 x 4 where each patch is a pixel, or do such not fit there, and is all else right?"""
    pixels = [case for case in record.got if case.startswith("made with (0,")]
    sizes = [size for case in pixels for size in record.got[case].facts.get(networks.LAYERS, ())]
    wrong = [case for case, names in record.differing.items() if names]
    four = any(size.endswith("x4x4") for size in sizes) or record.raised("Kernel size: (4 x 4)")
    return four and all(case in pixels for case in wrong)


_PATCH = "[(4, 2, 1)] * n_layers + [(4, 1, 1)]"
_LAST = "nn.Conv2d(channels, 1, *shapes[-1])"
_OWN_LAST = "nn.Conv2d(channels, 1, *(shapes[-1] if n_layers == 0 else (4, 1, 1)))"
_CONV = "nn.Conv2d(channels, width, kernel, stride, padding)"
_CAT = "torch.cat([condition, image], dim=1)"

exercise(
    "c3w2b.patch_discriminator",
    "course_utils.models.pix2pix:PatchDiscriminator",
    cases=(
        _judge(2),
        _judge(1, 3),
        _judge(0, 4, (5, 4)),
        _judge(3, 2, (40, 32), 1),
        _judge(4, 1, (64, 64), 1),
        _judge(1, 2, condition=0),
        _judge(0, 2, (4, 5), condition=0, image=1),
        _judge(1, 2, condition=2, image=1),
        _judge(1, 2, condition=1),
        _judge(-1),
        _judge(1, condition=-1),
        _judge(1, 0),
        scenario("made to read its `layers`", _its_layers),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("condition_unused", (_CAT, "torch.cat([image, image], dim=1)"),
            "The condition does not reach the convolutions: the same picture gets the same logits for any condition. Join both "
            "along the channels."),
        mistake("picture_unused", (_CAT, "torch.cat([condition, condition], dim=1)"),
            "The picture does not reach the convolutions, only its condition."),
        mistake("picture_first", (_CAT, "torch.cat([image, condition], dim=1)"),
            "The picture stands before its condition. Either can be learned, but saved weights fit one order: the docstring "
            "asks for the condition first."),
        mistake("added", (_CAT, "condition + image"),
            "Picture and condition are added. Join them along the channels, so that the convolutions can weigh each."),
        mistake("always_joined", ("if self.reads_condition:", "if True:"),
            "With `condition_channels=0` the condition is joined nevertheless. Then nothing of it may be looked at."),
        mistake("one_number_a_picture", ("self.layers(image)", "self.layers(image).mean(dim=(2, 3), keepdim=True)"),
            ("self.layers(image)", "self.layers(image).mean(dim=(2, 3))"),
            "The logits are averaged to one for each picture. A PatchGAN returns the whole map; the loss takes the mean, after "
            "`softplus`, and that is not the same."),
        mistake("sigmoid", ("self.layers(image)", "self.layers(image).sigmoid()"),
            "There is a sigmoid at the end. Logits are asked for; the loss knows what to do with them."),
        mistake("activation_at_the_end", (_LAST, _LAST + ", nn.LeakyReLU(0.2)"),
            "The last convolution is followed by LeakyReLU. A logit may be as negative as it likes."),
        mistake("stride_everywhere", (_PATCH, "[(4, 2, 1)] * (n_layers + 1)"),
            (_PATCH, "[(4, 2, 1)] * (n_layers + 1)", _LAST, _OWN_LAST),
            "The convolution before the last has stride 2. With three layers a logit would see 94 pixels, not 70: "
            "only `n_layers` convolutions halve the size."),
        mistake("one_layer_less", (_PATCH, "[(4, 2, 1)] * n_layers"),
            (_PATCH, "[(4, 2, 1)] * n_layers", _LAST, _OWN_LAST),
            "The convolution of stride 1 between the halvings and the last one is missing."),
        mistake("three_by_three", (_PATCH, "[(3, 2, 1)] * n_layers + [(3, 1, 1)]"),
            "The kernels are 3 x 3. With 4 x 4 a stride of 2 treats all pixels alike, and patches have the paper's sizes."),
        mistake("no_padding", (_PATCH, "[(4, 2, 0)] * n_layers + [(4, 1, 0)]"),
            (_LAST, "nn.Conv2d(channels, 1, *shapes[-1][:2])"),
            "A 4 x 4 convolution has no padding, so there are fewer logits. All of them have padding 1."),
        mistake("padded_pixels", ("[(1, 1, 0)] * 2", "[(1, 1, 1)] * 2"),
            "With `n_layers=0` there is padding, so that a frame of logits judges no pixel. A 1 x 1 convolution needs none."),
        mistake("six_channels", ("channels, parts = image_channels + condition_channels, []", "channels, parts = 6, []"),
            "The first convolution always takes 6 channels. It takes those of the picture and those of the condition."),
        mistake("sizes_unchecked",
            "Sizes that cannot be are accepted: a ValueError is due when it is VALUE.",
            symptom=lambda r: next((c for c, s in r.wanted.items() if RAISES in s.facts and RAISES not in r.got[c].facts), ""),
            explains=(RAISES,), aside=True),
        mistake("kernel_four_for_pixels", ("[(1, 1, 0)] * 2 if n_layers == 0 else ", ""),
            "With `n_layers=0` the kernels are 4 x 4. A patch is then one pixel: all three convolutions are 1 x 1.",
            symptom=_four_for_pixels),
        mistake("one_halving_less", (_PATCH, "[(4, 2, 1)] * max(n_layers - 1, 1) + [(4, 1, 1)]"),
            (_PATCH, "[(4, 2, 1)] * (n_layers - 1) + [(4, 1, 1)]"),
            "There is one convolution of stride 2 too few. There are `n_layers` of them, then one of stride 1, then the last."),
        mistake("other_name", ("self.layers = nn", "self.model = nn", "self.layers(image)", "self.model(image)"),
            "[The network is right, but] its `layers` is not an `nn.Sequential` of all of them, and later cells read it. Keep "
            "it as `self.layers`.",
            symptom=lambda r: r.only("whether `layers`")),
        mistake("without_bias", (_CONV, _CONV[:-1] + ", bias=False)", _LAST, _LAST[:-1] + ", bias=False)"),
            (_CONV, _CONV[:-1] + ", bias=False)"),
            "Convolutions have no bias. Without a norm behind them nothing else can shift their outputs."),
        mistake("no_limit", ("min(2**i, 8)", "2**i"),
            "The channels are doubled without end. No layer has more than 8 times `base`."),
        mistake("same_width", ("base * min(2**i, 8)", "base"),
            "All layers have `base` channels. Each has twice as many as the one before."),
        mistake("doubles_too_early", ("min(2**i, 8)", "min(2 ** (i + 1), 8)"),
            "The first convolution has 2 `base` channels already. It has `base`."),
        mistake("norms", ("nn.LeakyReLU(0.2)]", "nn.InstanceNorm2d(width), nn.LeakyReLU(0.2)]"),
            ("nn.LeakyReLU(0.2)]", "nn.BatchNorm2d(width), nn.LeakyReLU(0.2)]"),
            "There are norms between the layers, as in the paper. They mix all positions (a batch norm all pictures), so a "
            "logit depends on more than its patch. The docstring asks for none."),
        mistake("plain_relu", ("nn.LeakyReLU(0.2)", "nn.ReLU()"), ("nn.LeakyReLU(0.2)", "nn.LeakyReLU()"),
            "The activation is another one. LeakyReLU with slope 0.2 is asked for; `nn.LeakyReLU()` has 0.01."),
    ),
)

# --- the discriminator's loss ------------------------------------------------------------------------------------------


def _reader(n_layers=1, condition=3, seed=0):
    return seeded(lambda: PatchDiscriminator(n_layers, 2, 3, condition), seed)


def _loud():
    """Logits of hundreds, whose probabilities are 0 and 1 in any precision."""
    made = _reader(1, 3, 5)
    with torch.no_grad():
        made.layers[-1].weight *= 1e4
    return made


def _pictures(batch, side=12):
    return tuple(normal(batch, 3, side, side, seed=k) for k in range(3))


_REAL, _FAKE = "discriminator(real, condition)", "discriminator(fake.detach(), condition)"
_D = "discriminator_loss(real_logits, fake_logits)"

exercise(
    "c3w2b.conditional_discriminator_loss",
    "course_utils.steps.pix2pix:conditional_discriminator_loss",
    cases=(
        call(_reader(), *_pictures(3)),
        call(_reader(0), *_pictures(1, 5), label="called with patches of one pixel and one pair"),
        call(
            _reader(1, 3, 4), *_pictures(2, 8), stale=True, label="called where gradients of an earlier step are left"
        ),
        call(_loud(), *_pictures(2), label="called with large logits"),
        on_gpu(_reader(), *_pictures(2)),
    ),
    mistakes=(
        mistake("not_detached", ("fake.detach()", "fake"),
            "The gradient of this loss reaches what made the fakes: they are not detached. The generator would be taught to "
            "be seen through, and the way back through it costs time."),
        mistake("all_detached", (_REAL, "discriminator(real, condition).detach()"),
            "No gradient comes from the real pictures: their logits are detached. The discriminator has to learn from both."),
        mistake("logits_detached", (_FAKE, "discriminator(fake, condition).detach()"),
            "The *logits* of the fakes are detached, not the fakes: the discriminator learns nothing from them either. Cut "
            "before the discriminator: `fake.detach()`."),
        mistake("condition_instead_of_fake", (_FAKE, "discriminator(condition, condition)"),
            "The condition is judged in the place of the fake."),
        mistake("real_as_condition", (_FAKE, "discriminator(fake.detach(), real)"),
            "Fakes are judged beside the real picture. The discriminator may look at what the generator was given."),
        mistake("conditions_shuffled", (_FAKE, "discriminator(fake.detach(), condition.roll(1, 0))"),
            (_REAL, "discriminator(real, condition.roll(1, 0))"), (_FAKE, "discriminator(fake.detach(), condition.flip(0))"),
            "Pictures are judged with the conditions of other pairs. Row b of all three belongs together."),
        mistake("arguments_swapped",
            (_REAL, "discriminator(condition, real)", _FAKE, "discriminator(condition, fake.detach())"),
            "Picture and condition are swapped on the way to the discriminator. It is called as "
            "`discriminator(pictures, condition)`."),
        mistake("joined_by_hand",
            "The discriminator is called with one argument. It takes two, `discriminator(pictures, condition)`, and joins "
            "them itself.",
            symptom=lambda r: r.raised("missing 1 required positional argument: 'condition'")),
        mistake("labels_swapped", (_D, "discriminator_loss(fake_logits, real_logits)"),
            "Real and fake are swapped: the discriminator is taught to call fakes real."),
        mistake("probabilities", (_D, "-real_logits.sigmoid().log().mean() - (1 - fake_logits.sigmoid()).log().mean()"),
            (_D, "-real_logits.sigmoid().log().mean() - (-fake_logits).sigmoid().log().mean()"),
            "Where logits get large, the loss is infinite: `exp` overflows, or a probability is rounded to 0 before its "
            "logarithm. `discriminator_loss` takes the logits themselves."),
        mistake("cut_off", (_D, "nn.functional.binary_cross_entropy(real_logits.sigmoid(), torch.ones_like(real_logits)) + "
                "nn.functional.binary_cross_entropy(fake_logits.sigmoid(), torch.zeros_like(fake_logits))"),
            "A cross-entropy of probabilities never exceeds 100, and teaches nothing beyond. `discriminator_loss` takes the "
            "logits themselves."),
        mistake("least_squares", (_D, "(real_logits - 1).square().mean() + fake_logits.square().mean()"),
            (_D, "((real_logits - 1).square().mean() + fake_logits.square().mean()) / 2"),
            "This is the least squares loss of LSGAN. `discriminator_loss` is asked for."),
        mistake("fakes_called_real", (_D, "generator_loss(real_logits) + generator_loss(fake_logits)"),
            "Fakes are taught to be called real as well. That is the generator's aim."),
        mistake("summed", (_D, "nn.functional.softplus(-real_logits).sum() + nn.functional.softplus(fake_logits).sum()"),
            "The losses of the patches are summed. Take their mean: log 4 is to mean the same for any number of patches."),
        mistake("halved", (_D, "discriminator_loss(real_logits, fake_logits) / 2"),
            "The loss is halved. The paper does so, to slow the discriminator; here its rate is chosen instead, and a loss of "
            "log 4 means that it cannot tell."),
        mistake("fakes_only", (_D, "nn.functional.softplus(fake_logits).mean()"),
            "Only the fakes count. Then calling everything fake is the best answer."),
        mistake("logits_averaged_first", (_D, "discriminator_loss(real_logits.mean(), fake_logits.mean())"),
            (_D, "discriminator_loss(real_logits.mean(dim=(1, 2, 3)), fake_logits.mean(dim=(1, 2, 3)))"),
            "The logits are averaged before the loss. The loss is taken of each patch, and averaged then."),
        mistake("no_condition",
            (_REAL, "discriminator(real, torch.zeros_like(condition))", _FAKE,
             "discriminator(fake.detach(), torch.zeros_like(condition))"),
            "The discriminator gets an empty condition. It cannot ask whether a picture fits its map."),
    ),
)

# --- the generator's loss ----------------------------------------------------------------------------------------------


def _made(batch, side=6, **options):
    pictures = normal(batch, 3, side, side, seed=1), normal(batch, 3, side, side, seed=2)
    return call(normal(batch, 1, 3, 2), *pictures, **options)


_L1 = "F.l1_loss(fake, real)"
_GAN = "generator_loss(fake_logits)"

exercise(
    "c3w2b.translator_loss",
    "course_utils.steps.pix2pix:translator_loss",
    cases=(
        _made(3),
        _made(2, l1_weight=10.0),
        _made(2, l1_weight=0.0),
        _made(1, l1_weight=3.0, gan_weight=0.5),
        _made(2, gan_weight=0.0),
        call(
            normal(2, 1, 3, 3, scale=2000.0),
            normal(2, 3, 4, 4),
            normal(2, 3, 4, 4, seed=1),
            label="called with large logits",
        ),
        on_gpu(normal(2, 1, 3, 2), normal(2, 3, 6, 6, seed=1), normal(2, 3, 6, 6, seed=2)),
    ),
    mistakes=(
        mistake("l1_summed", (_L1, 'F.l1_loss(fake, real, reduction="sum")'),
            (_L1, "(fake - real).abs().sum() / len(fake)"),
            "The absolute differences are summed. With thousands of numbers a picture, a weight of 100 becomes a weight of "
            "hundreds of thousands, and the game no longer counts. Take the mean."),
        mistake("squared", (_L1, "F.mse_loss(fake, real)"),
            "The differences are squared. The paper takes absolute values (L1): squares blur more."),
        mistake("smooth", (_L1, "F.smooth_l1_loss(fake, real)"),
            "This is the smooth L1 loss, which is quadratic near 0. `F.l1_loss` is meant."),
        mistake("signed", (_L1, "(fake - real).mean()"),
            "The differences keep their signs, so that too bright and too dark cancel."),
        mistake("distance_of_the_means", (_L1, "(fake.mean() - real.mean()).abs()"),
            "This is the distance of the means. Two pictures of the same mean brightness have none, whatever they show. Take "
            "the mean of the distances."),
        mistake("least_squares", (_GAN, "(fake_logits - 1).square().mean()"),
            "The game's part is the least squares loss of LSGAN. Use `generator_loss`."),
        mistake("logits_averaged_first", (_GAN, "generator_loss(fake_logits.mean())"),
            "The logits are averaged before the loss. The loss is taken of each patch, and averaged then."),
        mistake("log_of_a_probability", (_GAN, "-fake_logits.sigmoid().log().mean()"),
            "Where logits get very negative, the loss is infinite: a probability is rounded to 0 before its logarithm. "
            "`generator_loss` takes the logits themselves."),
        mistake("game_summed", (_GAN, "F.softplus(-fake_logits).sum()"),
            "The game's part is summed over patches and pictures. `generator_loss` takes their mean."),
        mistake("on_logits", (_L1, "fake_logits.abs().mean()"),
            "The distance is taken of the logits. It is between pictures."),
        mistake("minimax", (_GAN, "-F.softplus(fake_logits).mean()"),
            "This is the minimax form, which saturates when fakes are seen through. Use `generator_loss`."),
        mistake("wrong_side", (_GAN, "F.softplus(fake_logits).mean()"),
            "The sign of the logits is wrong: the generator is taught to be called fake."),
        mistake("weights_swapped",
            ("gan_weight * generator_loss(fake_logits) + l1_weight * F.l1_loss(fake, real)",
             "l1_weight * generator_loss(fake_logits) + gan_weight * F.l1_loss(fake, real)"),
            "The two weights are swapped."),
        mistake("weight_fixed", ("l1_weight * F", "100 * F"), ("gan_weight * generator", "1.0 * generator"),
            ("l1_weight * F", "100 * F", "gan_weight * generator", "1.0 * generator"),
            "A weight that is handed in is not used."),
        mistake("fake_detached", (_L1, "F.l1_loss(fake.detach(), real)"),
            "The fakes are detached in the L1 term: it has a value and no gradient, so it teaches nothing."),
        mistake("game_left_out", ("gan_weight * generator_loss(fake_logits) + ", ""),
            "The game is missing: what comes back is L1 alone."),
        mistake("l1_left_out", (" + l1_weight * F.l1_loss(fake, real)", ""),
            "The L1 term is missing: what comes back is the game alone."),
    ),
)

# --- the diagnosis ----------------------------------------------------------------------------------------------------------

CLUES = {  # what the numbers of a run say against every other name
    "run A": "look at both losses, then at the walls. Who decides here, and who has nothing to say?",
    "run B": "how many of its pixels fit the map, beside the other runs? Which term says at once where things are?",
    "run C": "one column is 0 to the last digit. What does the discriminator not use?",
    "run D": "compare each of its numbers with those of the game with L1 further up.",
}

diagnosis("c3w2b.diagnose", "course_utils.lessons.c3w2b.exercises:diagnose", Naming("run", CASES, NAMES, diagnose), CLUES)
