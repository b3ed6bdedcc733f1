"""The checks of StyleGAN: mapping network, modulated convolution, noise, synthesis block, style mixing."""

import torch

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.cases import RESULT, call, draws, normal, on_gpu, scenario
from course_utils.checks.networks import network
from course_utils.checks.observe import Near
from course_utils.checks.programs import Body

# --- mapping network ---------------------------------------------------------------------------------------------------


def _spread(latent_dim, w_dim, layers, **options):
    """How far w varies over z in a network as it was made, and over z of another length: two numbers."""

    def run(make):
        torch.manual_seed(3)
        found = torch.stack([make(latent_dim, w_dim, layers, **options)(torch.randn(500, latent_dim)) for _ in range(6)])
        deviation = found.std(dim=1).mean().detach()
        return {"how far w varies with z in a new network": Near(deviation, 0.2 * deviation.item())}

    return scenario(f"a new network from {latent_dim} to {w_dim} numbers with {layers} layers", run)


def _codes(n, width, seed=0):
    """z of very different lengths."""
    return normal(n, width, seed=seed) * torch.linspace(0.2, 3, n)[:, None]


_LAYER = "EqualisedLinear(a, b, lr_multiplier=lr_multiplier)"
_UNIT = 'type("Unit", (nn.Module,), {"forward": lambda self, z: nn.functional.normalize(z, dim=1)})()'

exercise(
    "c2w3b.mapping_network",
    "course_utils.models.style.mapping:MappingNetwork",
    cases=(
        network(6, 6, inputs=(_codes(7, 6),)),
        network(5, 8, 3, inputs=(_codes(4, 5, 1),), lr_multiplier=0.01),
        network(8, 5, 1, inputs=(_codes(1, 8, 2),), lr_multiplier=0.5),
        network(4, 6, 4, inputs=(_codes(6, 4, 3),), lr_multiplier=1.0),
        _spread(64, 64, 2),
        _spread(32, 64, 8, lr_multiplier=0.01),
        _spread(16, 48, 2, lr_multiplier=1.0),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("other_name", ("self.layers = nn", "self.net = nn"),
            "The given `forward` calls `self.layers`, and there is none. Keep the layers under this name: "
            "`self.layers = nn.Sequential(...)`.",
            symptom=lambda r: r.raised("has no attribute 'layers'")),
        mistake("no_pixel_norm", ("parts = [PixelNorm()]", "parts = []"),
            "The length of z counts: there is no `PixelNorm` before the first layer. Two z in the same direction are to give "
            "the same w."),
        mistake("norm_at_the_end",
            ("parts = [PixelNorm()]", "parts = []", "nn.Sequential(*parts)", "nn.Sequential(*parts, PixelNorm())"),
            ("nn.Sequential(*parts)", "nn.Sequential(*parts, PixelNorm())"),
            "w is normalised. `PixelNorm` belongs before the first layer, on z; w may have any length, and truncation needs "
            "it to."),
        mistake("unit_length", ("PixelNorm()", _UNIT),
            "z is brought to the length 1, not to the length sqrt(latent_dim). Every number of it is then sqrt(latent_dim) "
            "times too small, and w hardly varies with z: 8 times less at 64 numbers. Use `PixelNorm`."),
        mistake("other_norm", ("PixelNorm()", "nn.LayerNorm(latent_dim)"), ("PixelNorm()", "nn.BatchNorm1d(latent_dim)"),
            "z is normalised in another way: LayerNorm takes the mean of each z off and has weights of its own, BatchNorm "
            "mixes the images of a batch. `PixelNorm` divides each z by its root mean square, and that is all."),
        mistake("multiplier_lost", (_LAYER, "EqualisedLinear(a, b)"),
            "`lr_multiplier` does not reach the layers, so the mapping network learns at the full rate. Hand it on: "
            "`EqualisedLinear(..., lr_multiplier=lr_multiplier)`."),
        mistake("plain_linear", (_LAYER, "nn.Linear(a, b)"),
            "The layers are plain `nn.Linear`: their weights start small and are used as they are, and no multiplier slows "
            "them down. Use `EqualisedLinear`."),
        mistake("scaled_down_and_not_up", (_LAYER, "nn.Linear(a, b)", "        self.layers = nn.Sequential(*parts)",
             "        self.layers = nn.Sequential(*parts)\n        for p in self.layers.parameters():\n"
             "            nn.init.normal_(p, std=lr_multiplier) if p.ndim == 2 else nn.init.zeros_(p)"),
            "The weights start from N(0, lr_multiplier) and are used like that: nothing makes up for the small start or for "
            "the number of inputs, so w hardly varies with z at this width. `EqualisedLinear` stores large weights and uses "
            "them small."),
        mistake("gain_of_one", ("lr_multiplier=lr_multiplier)", "lr_multiplier=lr_multiplier, gain=1.0)"),
            "The layers have gain 1. Each is followed by LeakyReLU, which takes about half of the variance, so w shrinks with "
            "every layer. Leave the gain at sqrt(2), the default."),
        mistake("no_last_activation", ("nn.Sequential(*parts)", "nn.Sequential(*parts[:-1])"),
            "The last layer has no activation. In this network LeakyReLU follows every layer, the last one, too."),
        mistake("no_activation", (f"[{_LAYER}, nn.LeakyReLU(0.2)]", f"[{_LAYER}]"),
            "There is no activation: several linear layers are one linear layer. LeakyReLU(0.2) follows each."),
        mistake("other_slope", ("nn.LeakyReLU(0.2)", "nn.LeakyReLU()"), ("nn.LeakyReLU(0.2)", "nn.ReLU()"),
            ("nn.LeakyReLU(0.2)", "nn.Tanh()"),
            "The activation is another one. LeakyReLU with slope 0.2 is asked for; `nn.LeakyReLU()` has 0.01."),
        mistake("one_layer_more", ("layers * [w_dim]", "(layers + 1) * [w_dim]"),
            "There is one layer more than `layers` says: the one from latent_dim to w_dim counts."),
        mistake("width_changes_late", ("[latent_dim] + layers * [w_dim]", "layers * [latent_dim] + [w_dim]"),
            "The layers keep latent_dim numbers until the last. All of them give w_dim numbers, from the first on."),
        mistake("always_two_layers", ("layers * [w_dim]", "2 * [w_dim]"),
            "There are two layers, whatever `layers` says."),
    ),
)

# --- modulated convolution ---------------------------------------------------------------------------------------------


def _modulated(batch, channels_in, channels_out, kernel, height, width, scale=1.0, **options):
    weight, style = normal(channels_out, channels_in, kernel, kernel, seed=1), normal(batch, channels_in, seed=2, scale=scale)
    return call(normal(batch, channels_in, height, width), weight, style, **options)


_PAD = "padding=weight.shape[-1] // 2)"

_D = "d = (style.square() @ squares.T + eps).rsqrt()"
_MULTIPLIED = "x = x * d[:, :, None, None]"
_ADAIN = """
normal = {}
x = {} * style[:, :, None, None]
return F.conv2d(x, weight, padding=weight.shape[-1] // 2)
"""
_BY_PICTURE = "(x - x.mean((2, 3), keepdim=True)) / (x.std((2, 3), keepdim=True) + eps)", "F.instance_norm(x)"


def _deviations_of_one(record) -> bool:
    """Do all maps come out with the deviation, or the root mean square, of 1, where they are wrong?"""
    results = [seen.facts.get(RESULT) for case, seen in record.got.items() if RESULT in record.differing[case]]
    sizes = [
        (x.std((2, 3), correction=0), x.std((2, 3)), x.square().mean((2, 3)).sqrt()) for x in results if x.ndim == 4
    ]
    ones = [any(torch.allclose(size, torch.ones_like(size), atol=1e-3) for size in kinds) for kinds in sizes]
    return sum(ones) > len(results) / 2


_ONE_BY_ONE = """
w = weight[None] * style[:, None, :, None, None]
if demodulate:
    w = w * (w.square().sum(dim=VALUE, keepdim=True) + eps).rsqrt()
return torch.cat([F.conv2d(one[None], v, padding=weight.shape[-1] // 2) for one, v in zip(x, w, strict=True)])
"""

exercise(
    "c2w3b.modulated_convolution",
    "course_utils.models.style.modulation:modulated_convolution",
    cases=(
        _modulated(3, 2, 5, 3, 4, 6),
        _modulated(2, 4, 4, 3, 5, 5),
        _modulated(2, 3, 4, 3, 4, 5, demodulate=False),
        _modulated(1, 3, 2, 1, 3, 4, demodulate=False),
        _modulated(2, 2, 3, 5, 6, 7),
        _modulated(2, 2, 3, 3, 4, 4, scale=20.0),
        _modulated(2, 3, 2, 3, 4, 4, eps=0.5),
        _modulated(2, 3, 2, 3, 4, 4, scale=0.0, label="called with styles that are all 0", gradients=False),
    ),
    mistakes=(
        mistake("style_unused", ("x = x * style[:, :, None, None]", "pass"),
            "The style does not reach the convolution. Scale the input channels of each image: `x * style[:, :, None, None]`."),
        mistake("style_added", ("x * style[", "x + style["),
            "The style is added. It multiplies: channel i of image b is scaled by `style[b, i]`."),
        mistake("one_plus_style", ("x * style[:, :, None, None]", "x * (1 + style[:, :, None, None])"),
            ("x = x * style[", "style = style + 1\n    x = x * style["),
            "The input is multiplied by 1 + style. The 1 is in the style already: the bias of its affine map starts at 1."),
        mistake("style_on_the_output", ("x = x * style[:, :, None, None]", "pass", _PAD, _PAD + " * style[:, :, None, None]"),
            "The style scales the outputs. It has a number for each *input* channel, and demodulation would be left to take "
            "it off again."),
        mistake("mean_style",
            ("x = x * style[", "style = style.mean(dim=0, keepdim=True).expand_as(style)\n    x = x * style["),
            "All images get the mean style of the batch. Row b of `style` belongs to image b."),
        mistake("first_style_for_all", ("x * style[:, :, None, None]", "x * style[:1, :, None, None]"),
            ("x = x * style[", "style = style[:1].expand_as(style)\n    x = x * style["),
            "Every image gets the style of the first. Row b of `style` belongs to image b."),
        mistake("always_demodulates", ("if demodulate", "if True"),
            "It demodulates although `demodulate=False`. The layer that draws colours needs its styles as they are."),
        mistake("never_demodulates", ("if demodulate", "if False"),
            "It never demodulates: a large style makes a large output. Multiply each output channel by d when `demodulate`."),
        mistake("demodulated_by_weights_alone", ("(style.square() @ squares.T", "(torch.ones_like(style) @ squares.T"),
            "d is computed from the weights without the style. A style of 20 then makes an output 20 times as large; the sum "
            "goes over (weight * style)^2."),
        mistake("style_not_squared", ("style.square()", "style"), ("style.square()", "style.abs()"),
            *(("style.square() @ squares.T", f"(style @ squares.T).{lifted}") for lifted in ("abs()", "clamp(min=0)")),
            (_D, "d = 1 / ((style @ squares.T).sqrt() + eps)"),
            "The style is not squared under the root: variances add, and the variance of s * x is s^2."),
        mistake("weight_not_squared", ("weight.square().sum", "weight.sum"), ("weight.square().sum", "weight.abs().sum"),
            "The weights are not squared under the root."),
        mistake("summed_over_a_part", Body(_ONE_BY_ONE),
            "The squares are summed over a part only. The sum of one output channel runs over the input channels *and* over "
            "both sides of the kernel.",
            values=("2", "(3, 4)")),
        mistake("eps_outside", (_D, "d = 1 / ((style.square() @ squares.T).sqrt() + eps)"),
            "`eps` is added outside the root. It belongs to the sum inside: there the gradient stays finite where all styles "
            "are 0."),
        mistake("fixed_eps", ("@ squares.T + eps)", "@ squares.T + 1e-8)"),
            "The argument `eps` is not used; another number is written in its place."),
        mistake("square_of_the_sum", (_D, "d = ((style @ weight.sum(dim=(2, 3)).T).square() + eps).rsqrt()"),
            "The products are summed first and squared then. Variances add: square each product, then sum."),
        mistake("mean_of_squares", ("sum(dim=(2, 3))", "mean(dim=(2, 3))"),
            ("@ squares.T + eps)", "@ squares.T / weight[0].numel() + eps)"),
            "The mean is taken instead of the sum. Every position adds its variance."),
        mistake("multiplied_by_the_root", ("rsqrt()", "sqrt()"),
            "The output is multiplied by the standard deviation instead of divided by it: `rsqrt` is 1 / sqrt."),
        mistake("divided_by_the_variance", ("rsqrt()", "reciprocal()"),
            "The output is divided by the variance, without a root."),
        mistake("no_eps", ("@ squares.T + eps)", "@ squares.T)"),
            "`eps` is not used: where all styles are 0, that is 0 / 0."),
        mistake("instance_norm", *((_MULTIPLIED, f"x = {by_picture}") for by_picture in _BY_PICTURE),
            (_MULTIPLIED, "x = x / (x.std(dim=(2, 3), keepdim=True) + eps)"),
            "The output is divided by the deviation that it happens to have: instance normalisation, as in AdaIN. "
            "Demodulation does not look at the image; d is computed from weights and style.",
            symptom=_deviations_of_one),
        mistake("adain",
            *(Body(_ADAIN.format(by_picture, which)) for by_picture in _BY_PICTURE
              for which in ("normal", "(normal if demodulate else x)")),
            "The input is divided by its own deviation before the style scales it: that is AdaIN, of the first StyleGAN. "
            "Demodulation does not look at the image. It multiplies the *output* by d, from weights and style."),
        mistake("size_shrinks", (_PAD, "padding=0)"), (_PAD, "padding=1)"),
            "The size does not stay the same for every kernel. k x k needs k // 2 zeros at each side."),
    ),
)

# --- noise -------------------------------------------------------------------------------------------------------------


def _alone(training):
    """The noise by itself: added to maps of 0, all strengths 1, as a table with a row an image."""

    def make(layer):
        made = layer(3).train(training)
        with torch.no_grad():
            for p in made.parameters():
                p.fill_(1.0)
            return made(torch.zeros(400, 3, 2, 4)).flatten(1)

    return make


def _twice(layer):
    """One layer, called two times."""
    made, x = layer(3), torch.zeros(2, 3, 4, 4)
    with torch.no_grad():
        for p in made.parameters():
            p.fill_(1.0)
        return {"whether the same layer draws anew at its next call": not torch.equal(made(x.clone()), made(x.clone()))}


_STRENGTH = "the shape of `strength` for 3 channels"


def _fresh(layer):
    made = layer(3)
    x = normal(4, 3, 5, 6, dtype=torch.float32)
    return {
        _STRENGTH: str(tuple(made.strength.shape)) if hasattr(made, "strength") else "there is none",
        "what a new layer gives": made(x).detach(),
        "how many numbers it learns": sum(p.numel() for p in made.parameters()),
    }


_NEW = "torch.randn(len(x), 1, *x.shape[2:], dtype=x.dtype, device=x.device)"
_START = "torch.zeros(channels)"

exercise(
    "c2w3b.noise_injection",
    "course_utils.models.style.noise:NoiseInjection",
    cases=(
        network(3, inputs=(normal(4, 3, 5, 6), normal(4, 1, 5, 6, seed=1))),
        network(5, inputs=(normal(3, 5, 2, 2), normal(1, 1, 2, 2, seed=2))),
        scenario("a new layer without noise of ours", _fresh),
        scenario("a layer called twice", _twice),
        draws(_alone(True), "noise added to maps of 0", of="the noise"),
        draws(_alone(False), "noise added to maps of 0 in evaluation mode", of="the noise"),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("starts_at_one", ("torch.zeros(channels)", "torch.ones(channels)"),
            ("torch.zeros(channels)", "torch.randn(channels)"),
            "The strengths do not start at 0: a new network draws noise before it has learned to draw anything."),
        mistake("other_strength",
            *((_START, f"torch.zeros({shape})", "self.strength[:, None, None]", "self.strength")
              for shape in ("1, channels, 1, 1", "channels, 1, 1")),
            ("self.strength = nn", "self.scale = nn", "self.strength[:", "self.scale[:"),
            "The docstring asks for `strength` (C,), a number a channel, and saved weights fit a layer of this name and shape "
            "only. Give it its other dimensions where it is used: `self.strength[:, None, None]`.",
            symptom=lambda r: networks.differs(r, _STRENGTH), explains=(_STRENGTH,)),
        mistake("one_strength", ("torch.zeros(channels)", "torch.zeros(1)"),
            "There is one strength for all channels. Each channel learns its own, (C,)."),
        mistake("not_learned", ("nn.Parameter(torch.zeros(channels))", "torch.zeros(channels)"),
            ("nn.Parameter(torch.zeros(channels))", "nn.Buffer(torch.zeros(channels))"),
            "The strength is no `nn.Parameter`, so no optimiser finds it and it stays 0."),
        mistake("noise_for_each_channel", (_NEW, "torch.randn_like(x)"),
            "Every channel gets noise of its own. One map of noise, (B, 1, H, W), is shared by all channels."),
        mistake("noise_shared_by_images", (_NEW, "torch.randn(1, 1, *x.shape[2:], dtype=x.dtype, device=x.device)"),
            (_NEW, "torch.randn_like(x[:1])"),
            "All images of the batch get the same noise. Draw a map for each, (B, 1, H, W), with B = len(x)."),
        mistake("one_number_an_image", (_NEW, "torch.randn(len(x), 1, 1, 1, dtype=x.dtype, device=x.device)"),
            "There is one random number for a whole image. Noise has one for each position: it is what differs from pixel to "
            "pixel, such as where a strand of hair lies."),
        mistake("uniform_noise", (_NEW, "torch.rand(len(x), 1, *x.shape[2:], dtype=x.dtype, device=x.device)"),
            "The noise is uniform between 0 and 1 and so has a mean of 0.5. Use `torch.randn`."),
        mistake("given_noise_ignored", ("if noise is None", "if True"),
            "Noise that is handed over is not used: new noise is drawn at every call. Draw only when `noise is None`."),
        mistake("off_in_evaluation", (_NEW, _NEW + " * self.training"),
            "There is no noise in evaluation mode. Noise is a part of the picture and no regularisation: it stays."),
        mistake("multiplied", ("x + self.strength[:, None, None] * noise", "x * (1 + self.strength[:, None, None] * noise)"),
            "The maps are multiplied by the noise. It is added: x + strength * noise."),
        mistake("maps_lost", ("x + self.strength[:, None, None] * noise", "self.strength[:, None, None] * noise"),
            ("x + self.strength[:, None, None] * noise", "self.strength[:, None, None] * noise.expand_as(x)"),
            "Only the noise comes out: the maps `x` are lost. Add the noise to them."),
        mistake("noise_without_strength", ("self.strength[:, None, None] * noise", "noise"),
            "The noise is added as it is. Multiply it by the channel's strength first."),
    ),
)

# --- synthesis block ---------------------------------------------------------------------------------------------------


def _block(channels_in, channels_out, w_dim, channels, batch=2, size=4, picture=True, grow=True, seed=0):
    """A block of these sizes, with noise that is handed over."""
    large = 2 * size if grow else size
    features, w = normal(batch, channels_in, size, size, seed=seed), normal(batch, w_dim, seed=seed + 1)
    so_far = normal(batch, channels, size, size, seed=seed + 2) if picture else None
    noise = tuple(normal(batch, 1, large, large, seed=seed + i, dtype=torch.float32) for i in (3, 4))
    return network(channels_in, channels_out, w_dim, channels, grow, inputs=(features, so_far, w, noise))


def _without_noise(block):
    """A new block called without noise: its strengths are 0, so that what it gives does not depend on chance."""
    torch.manual_seed(2)
    made = block(3, 5, 4)
    x, picture = made(torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4), torch.randn(2, 4))
    return {"the shape of the features": tuple(x.shape), "the shape of the picture": tuple(picture.shape)}


_NEAREST = 'F.interpolate(x, scale_factor=2, mode="nearest")'
_BILINEAR = 'F.interpolate(picture, scale_factor=2, mode="bilinear", align_corners=False)'
_ADD = f"            drawn = drawn + {_BILINEAR}"

exercise(
    "c2w3b.synthesis_block",
    "course_utils.models.style.synthesis:SynthesisBlock",
    cases=(
        _block(3, 5, 4, 2),
        _block(6, 4, 3, 3, batch=1, size=3, seed=10),
        _block(4, 4, 5, 1, batch=3, seed=20),
        _block(4, 6, 3, 3, picture=False, grow=False, seed=30),
        _block(4, 3, 3, 2, picture=False, seed=40),
        scenario("a new block, called without noise", _without_noise),
    ),
    usual=networks.USUAL,
    mistakes=(
        mistake("never_doubles", ("if self.grow", "if False"),
            "The features keep their size. A block with `grow` doubles them before its first layer."),
        mistake("always_doubles", ("if self.grow", "if True"),
            "The features are doubled although `grow=False`. The first block starts from the constant and keeps its 4 x 4."),
        mistake("doubles_after_the_first_layer", (f"            x = {_NEAREST}", "            pass",
             "x = self.first(x, w, noise[0])", f"x = self.first(x, w, noise[0])\n        x = {_NEAREST} if self.grow else x"),
            "The features are doubled after the first layer, which has noise of the doubled size. Double first."),
        mistake("features_bilinear", (_NEAREST, 'F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)'),
            'The features are doubled with "bilinear". They are repeated, "nearest"; the picture is what is interpolated.'),
        mistake("picture_nearest", (_BILINEAR, "F.interpolate(picture, scale_factor=2)"),
            'The picture is doubled with "nearest", the default of `F.interpolate`. "bilinear" is asked for: squares in the '
            "picture would have to be drawn away by the next block."),
        mistake("corners_aligned", ("align_corners=False", "align_corners=True"),
            "The picture is stretched so that its corner pixels stay in the corners (`align_corners=True`), which moves "
            "everything between them against the features."),
        mistake("picture_lost", (_ADD, "            pass"),
            "The picture so far is lost: each block draws a new one by itself. Add what came before, doubled in size."),
        mistake("picture_kept_small", (_ADD, "            drawn = picture"),
            "What this block draws is lost: the picture so far comes back."),
        mistake("picture_averaged", (_ADD, f"            drawn = (drawn + {_BILINEAR}) / 2"),
            "The two pictures are averaged. They are added, so that a block may draw nothing at all."),
        mistake("colours_before_the_second_layer", ("        x = self.second(x, w, noise[1])\n", "",
             "drawn = self.to_rgb(x, w)", "drawn = self.to_rgb(x, w)\n        x = self.second(x, w, noise[1])"),
            "The picture is made of the first layer's features. `to_rgb` sees those of the second."),
        mistake("second_layer_unused", ("        x = self.second(x, w, noise[1])\n", ""),
            "The second layer is made and not called."),
        mistake("same_noise_twice", ("noise[1]", "noise[0]"),
            "Both layers get the same noise. `noise` is a pair: the first for the first layer, the second for the second."),
        mistake("noise_not_handed_on",
            ("self.first(x, w, noise[0])", "self.first(x, w)", "self.second(x, w, noise[1])", "self.second(x, w)"),
            "The noise that is handed over does not reach the layers: they draw their own at every call."),
        mistake("widens_in_the_second_layer",
            ("self.first = StyledLayer(in_channels, out_channels", "self.first = StyledLayer(in_channels, in_channels",
             "self.second = StyledLayer(out_channels, out_channels", "self.second = StyledLayer(in_channels, out_channels"),
            "The number of channels changes in the second layer. The first goes from I to O, the second from O to O."),
        mistake("order_of_results", ("return x, drawn", "return drawn, x"),
            "The results are in the wrong order: first the features, then the picture."),
        mistake("picture_only", ("return x, drawn", "return drawn"),
            "Only the picture comes back. The next block needs the features as well."),
        mistake("tanh_in_every_block", ("drawn = self.to_rgb(x, w)", "drawn = self.to_rgb(x, w).tanh()"),
            ("return x, drawn", "return x, drawn.tanh()"), (_BILINEAR, f"{_BILINEAR}\n            drawn = drawn.tanh()"),
            "A tanh is in the block, on what it draws or on the sum. It comes once, after the last block: the next block adds "
            "to this picture, and the sum would leave [-1, 1]."),
    ),
)

# --- style mixing ------------------------------------------------------------------------------------------------------


def _mixed(batch, width, crossover, blocks, **options):
    return call(normal(batch, width), normal(batch, width, seed=1), crossover, blocks, **options)


_WHERE = "torch.where(first[:, None], w_first[:, None], w_second[:, None])"

exercise(
    "c2w3b.mix_styles",
    "course_utils.models.style.styles:mix_styles",
    cases=(
        _mixed(3, 4, 2, 5),
        _mixed(1, 6, 1, 3),
        _mixed(4, 4, 3, 4),
        _mixed(5, 2, 0, 3),
        _mixed(2, 3, 4, 4),
        _mixed(2, 3, 1, 1),
        on_gpu(normal(2, 3), normal(2, 3, seed=1), 1, 4, label="called with codes on a GPU"),
        *(_mixed(2, 3, crossover, 4, gradients=False) for crossover in (-1, 5, 1.5)),
    ),
    mistakes=(
        mistake("the_other_way_round", ("w_first[:, None], w_second[:, None]", "w_second[:, None], w_first[:, None]"),
            "The two codes are exchanged: the first belongs to the blocks *below* the crossover, the coarse ones."),
        mistake("one_block_more", ("< crossover", "<= crossover"),
            "The first code has one block more than it should. With crossover 2 it has the blocks 0 and 1; block 2 is the "
            "second code's already."),
        mistake("counted_from_the_end", ("torch.arange(blocks, device=w_first.device)", "torch.arange(blocks - 1, -1, -1)"),
            "The blocks are counted from the largest size. Block 0 is the smallest, 4 x 4."),
        mistake("only_the_crossover_block", ("< crossover", "!= crossover"),
            "Only one block gets the second code. From the crossover on *all* blocks do."),
        mistake("blended",
            (_WHERE, "(crossover * w_first + (blocks - crossover) * w_second)[:, None].expand(-1, blocks, -1) / blocks"),
            "The two codes are blended into one. Mixing keeps both as they are and hands each to its own blocks."),
        mistake("blocks_first", (_WHERE, _WHERE + ".transpose(0, 1)"),
            "The blocks come first. The result is (B, blocks, w_dim): images first, as everywhere."),
        mistake("numbers_cut",
            (_WHERE, "torch.cat([w_first[:, :crossover], w_second[:, crossover:]], 1)[:, None].expand(-1, blocks, -1)"),
            "The codes are cut in pieces: some numbers of w from one, some from the other. Each block gets a whole w."),
        mistake("no_dimension_for_blocks",
            *((_WHERE, f"torch.where({first}, w_first{codes}, w_second{codes})")
              for first in ("first", "first[:, None]", "first[None, :, None]") for codes in ("", "[None]")),
            "The codes (B, w_dim) meet the blocks without a dimension for them: the batch, or the numbers of w, are taken for "
            "blocks. Use `w_first[:, None]` (B, 1, w_dim) beside a condition (blocks, 1)."),
        mistake("first_only", (_WHERE, "w_first[:, None].expand(-1, blocks, -1)"),
            "The second code is not used."),
    ),
)
