"""Diagrams of the course: hand-written SVG, the same at every call, with nothing but the standard library.

    diagrams.draw("gan_game")          # shows itself at the end of a cell
    diagrams.draw("gan_game").svg      # its text

A lesson shows one below a markdown cell: ``# %% [markdown] diagram="gan_game" caption="..."``. One file a topic; a diagram is a
function without arguments that draws on a ``Sheet`` of ``ink`` and says, as ``alt``, what is to be learned from it.
"""

from collections.abc import Callable

from course_utils.diagrams import (
    arena,
    augmenting,
    autoencoders,
    basics,
    batches,
    bias,
    captions,
    chart,
    critic,
    debias,
    evaluation,
    game,
    growing,
    inpainting,
    labels,
    latent,
    molecules,
    music,
    networks,
    parts,
    pix2pix,
    privacy,
    segmentation,
    semi_supervised,
    style,
    super_resolution,
    tables,
    text,
    transfer,
    translation,
)
from course_utils.diagrams.ink import Diagram

DIAGRAMS: dict[str, Callable[[], Diagram]] = {
    function.__name__: function
    for function in (
        autoencoders.narrow_place,
        autoencoders.clean_target,
        game.gan_game,
        game.discriminator_step,
        game.generator_step,
        game.averaged_generator,
        game.training_rounds,
        networks.mlp_pair,
        networks.dcgan_pair,
        networks.transposed_stamp,
        critic.critic_with_penalty,
        critic.interpolates,
        critic.spectral_norm,
        labels.conditioning,
        labels.q_head,
        latent.classifier_steers_z,
        latent.latent_directions,
        latent.mapping_w,
        bias.bias_stations,
        bias.judge_shrinks,
        debias.debias_three_places,
        debias.reversal_game,
        batches.relativistic_pairing,
        batches.packing,
        evaluation.frechet_two_clouds,
        evaluation.knn_balls,
        evaluation.authentic_or_not,
        arena.four_ways,
        arena.reparameterised,
        arena.straight_line,
        style.style_generator,
        style.synthesis_block,
        style.style_mixing,
        parts.droplet,
        parts.path_length,
        parts.conditional_norm,
        parts.two_truncations,
        growing.growing_stages,
        growing.fading,
        augmenting.augmented_game,
        augmenting.half_turns,
        augmenting.arms_and_digits,
        semi_supervised.three_kinds,
        semi_supervised.logit_of_fake,
        privacy.membership_attack,
        privacy.private_step,
        translation.two_cycles,
        translation.image_pool,
        transfer.pixels_learn,
        transfer.gram_forgets,
        pix2pix.translation_game,
        pix2pix.patch_sees,
        super_resolution.upscaler_losses,
        super_resolution.one_small_many_large,
        inpainting.composed_picture,
        inpainting.two_fills,
        molecules.molecule_tensors,
        molecules.molgan_game,
        segmentation.u_net,
        segmentation.border_distances,
        music.hold_symbol,
        music.tonal_circles,
        music.two_noises,
        text.text_game,
        text.roll_outs,
        captions.shared_space,
        captions.matching_game,
        chart.curve_chart,
        basics.broadcasting,
        basics.kernel_on_image,
        basics.one_step,
        tables.row_as_numbers,
        tables.asked_rows,
    )
}


def draw(name: str) -> Diagram:
    """The diagram of this name. Raises ``ValueError`` that lists the names there are."""
    if name not in DIAGRAMS:
        raise ValueError(f"there is no diagram {name!r}; the diagrams are: {', '.join(DIAGRAMS)}")
    return DIAGRAMS[name]()
