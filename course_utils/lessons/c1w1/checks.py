"""The checks of the first lesson."""

import torch

from course_utils.checks import exercise, mistake, networks
from course_utils.checks.networks import network
from course_utils.checks.cases import normal
from course_utils.checks.steps import Watch, case_set, usual

_D, _G = Watch("discriminator"), Watch("generator")

_BLOCKS = tuple(network(a, b, inputs=(normal(64, a, scale=3.0) + 1,)) for a, b in ((7, 12), (64, 128), (5, 3)))

exercise(
    "c1w1.generator_block",
    "course_utils.models.dense.mlp:generator_block",
    cases=_BLOCKS,
    usual=networks.USUAL,
    mistakes=(
        mistake(
            "swapped_features",
            ("nn.Linear(in_features, out_features)", "nn.Linear(out_features, in_features)"),
            "The block takes `out_features` numbers instead of `in_features`: the two are swapped in the linear layer.",
        ),
        mistake(
            "missing_activation",
            ("        nn.ReLU(),\n", ""),
            ("        nn.BatchNorm1d(out_features),\n        nn.ReLU(),\n", ""),
            "The block's output is linear in its input (up to normalisation): there is no activation. A stack of such "
            "blocks is one linear layer, however deep. End the block with `nn.ReLU()`.",
        ),
        mistake(
            "no_batchnorm",
            ("        nn.BatchNorm1d(out_features),\n", ""),
            ("        nn.BatchNorm1d(out_features),\n", "", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "Multiplying the whole batch by 3 changes the output: nothing normalises. Put `nn.BatchNorm1d(out_features)` "
            "between the linear layer and the ReLU; without it this generator trains much more slowly.",
        ),
        mistake(
            "norm_after_activation",
            ("        nn.BatchNorm1d(out_features),\n        nn.ReLU(),\n", "        nn.ReLU(),\n        nn.BatchNorm1d(out_features),\n"),
            "Normalisation comes after the ReLU: the output has negative values. The order is linear, BatchNorm, ReLU.",
        ),
        mistake(
            "eps_as_momentum",
            ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, 0.8)"),
            ("nn.BatchNorm1d(out_features)", "nn.BatchNorm1d(out_features, 0.8)", "nn.ReLU()", "nn.LeakyReLU(0.2)"),
            "BatchNorm divides by too much. The second argument of `nn.BatchNorm1d` is `eps`, a tiny number against division "
            "by zero, not the momentum. Write `nn.BatchNorm1d(out_features)`.",
        ),
        mistake(
            "wrong_activation",
            ("nn.ReLU()", "VALUE"),
            "There is an activation after BatchNorm, `VALUE`, but it is not ReLU: negative inputs must become exactly 0 and "
            "positive ones stay as they are.",
            values=("nn.LeakyReLU(0.2)", "nn.LeakyReLU()", "nn.Tanh()", "nn.Sigmoid()", "nn.ELU()", "nn.GELU()", "nn.SiLU()",
                "nn.LeakyReLU(0.1)", "nn.ReLU6()", "nn.Softplus()", "nn.SELU()"),
        ),
    ),
)

exercise(
    "c1w1.discriminator_step",
    "course_utils.training:discriminator_step",
    cases=case_set("real", "z", spared="generator"),
    usual=usual(
        "discriminator",
        "no_backward",
        "No gradient was computed: `loss.backward()` is missing, or something before it cut the graph.",
    ),
    mistakes=(
        mistake(
            "missing_zero_grad",
            ("    gan.opt_d.zero_grad()\n", ""),
            ("    gan.opt_d.zero_grad()\n", "", "gan.opt_d.step()", "gan.opt_d.step()\n    gan.opt_d.zero_grad()"),
            ("gan.opt_d.zero_grad()", "gan.opt_g.zero_grad()"),
            "The gradients of earlier steps are still in the sum (the generator's step leaves some in the discriminator, "
            "too). Call `gan.opt_d.zero_grad()` before `backward()`; after the step is too late.",
        ),
        mistake(
            "no_detach",
            (".detach()  # (B, C, H, W)", "  # (B, C, H, W)"),
            "Gradients reached the generator. The fakes were not detached, so `backward()` ran through the generator as well: "
            "wasted time, and gradients pointing the wrong way are left in it. Use `gan.generator(z).detach()`.",
            symptom=lambda r: "whether gradients reach the generator" in r.names and _D.stepped(r) == {"opt_d"} and not r.errors(),
            explains=("whether gradients reach", "the generator's"),
        ),
        mistake(
            "labels_swapped",
            ("gan.discriminator(real), gan.discriminator(fake)", "gan.discriminator(fake), gan.discriminator(real)"),
            ("discriminator_loss(gan", "-discriminator_loss(gan"),
            "Real and fake are swapped in the loss: the discriminator learns to call fakes real. The order is "
            "`discriminator_loss(real_logits, fake_logits)`.",
        ),
        mistake(
            "sigmoid_before_logits",
            (
                "gan.discriminator(real), gan.discriminator(fake)",
                "gan.discriminator(real).sigmoid(), gan.discriminator(fake).sigmoid()",
            ),
            "The discriminator's logits go through a sigmoid before the loss, which applies one itself. Pass them as they "
            "are.",
        ),
        mistake(
            "images_in_the_loss",
            ("gan.discriminator(real), gan.discriminator(fake)", "real, fake"),
            ("gan.discriminator(real)", "real"),
            ("gan.discriminator(fake)", "fake"),
            "The loss is given images where it wants logits: each batch has to go through `gan.discriminator` first.",
        ),
        mistake(
            "real_twice",
            ("gan.discriminator(fake)", "gan.discriminator(real)"),
            ("gan.discriminator(real)", "gan.discriminator(fake)"),
            "The same images are used on both sides: the loss compares real with real, or fakes with fakes.",
        ),
        mistake(
            "real_only",
            ("discriminator_loss(gan.discriminator(real), gan.discriminator(fake))", "generator_loss(gan.discriminator(real))"),
            ("gan.discriminator(fake)", "gan.discriminator(fake).detach()"),
            "Only the real images train the discriminator. Both parts of the loss need a `backward()`.",
        ),
        mistake(
            "fake_only",
            (
                "discriminator_loss(gan.discriminator(real), gan.discriminator(fake))",
                "generator_loss(-gan.discriminator(fake))",
            ),
            ("gan.discriminator(real)", "gan.discriminator(real).detach()"),
            "Only the fakes train the discriminator. Both parts of the loss need a `backward()`.",
        ),
        mistake(
            "loss_scaled",
            ("loss.backward()", "(VALUE * loss).backward()"),
            ("loss = discriminator_loss(", "loss = VALUE * discriminator_loss("),
            "The update has the right direction and the wrong size: the loss is multiplied by VALUE, summed over the batch, "
            "or `backward()` runs twice. Use the mean as `discriminator_loss` gives it, and one `backward()`.",
            values=(0.5, 2.0, 8.0),
        ),
        mistake(
            "averaged_images",
            ("gan.generator(z)", "gan.shown(z)"),
            "The fakes come from another generator than the one that learns: from the averaged one, or a copy. The "
            "discriminator must see what `gan.generator(z)` makes now.",
        ),
        mistake(
            "evaluation_mode",
            ("    fake =", "    gan.generator.eval()\n    fake =", "    return", "    gan.generator.train()\n    return"),
            "The fakes were made with the generator in evaluation mode, so they are not those that it is trained on. "
            "Leave both networks in training mode.",
            symptom=lambda r: "networks left in evaluation mode" in r.names,
        ),
    ),
)
