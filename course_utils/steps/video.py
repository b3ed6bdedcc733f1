"""The game of a video generator against two critics: one sees a frame, the other the whole video."""

import torch
from torch import Tensor

from course_utils.losses import discriminator_loss, generator_loss, r1_penalty
from course_utils.training import GAN


def one_frame(videos: Tensor, picks: Tensor) -> Tensor:
    """One frame of each video: videos (B, T, H, W) and their places in time, int64 (B,), to (B, 1, H, W)."""
    return videos[torch.arange(len(videos)), picks].unsqueeze(1)


def video_round(
    gan: GAN,
    videos: Tensor,
    content: Tensor,
    motion: Tensor,
    picks: Tensor,
    gamma: float = 0.05,
    video_weight: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """One round on real videos (B, T, H, W) in [-1, 1]: both critics learn, then the generator.

    ``gan.generator(content, motion)`` gives fake videos (B, T, H, W). ``gan.discriminator.image`` gives a logit (B, 1) for a
    frame (B, 1, H, W), ``gan.discriminator.video`` for a whole video (B, T, H, W). ``picks`` says which frame of each video the
    image critic sees, of the real video and of the fake one: ``one_frame(videos, picks)``.

    1. The fakes are made once, before the critics' step, and serve in both steps.
    2. The critics' step: the ``discriminator_loss`` of each critic, added, plus ``gamma / 2`` times the ``r1_penalty`` of each.
       For R1, a real video becomes a variable; both penalties are gradients with respect to this whole video. One ``backward``,
       one step of ``gan.opt_d``, which holds both critics. No gradient reaches the generator.
    3. The generator's step, against both critics as they are *after* their step: ``generator_loss`` of the image critic plus
       ``video_weight`` times that of the video critic. One step of ``gan.opt_g``.

    Each step clears the gradients of its own optimiser before ``backward``. ``videos`` stays as it is. Returns two scalars
    without a graph: the critics' losses, added, without R1; and the loss on which the generator learned.
    """
    fake = gan.generator(content, motion)  # (B, T, H, W)
    real = videos.detach().clone().requires_grad_()  # (B, T, H, W)
    real_image = gan.discriminator.image(one_frame(real, picks))  # (B, 1)
    real_video = gan.discriminator.video(real)  # (B, 1)
    cut = fake.detach()
    image_loss = discriminator_loss(real_image, gan.discriminator.image(one_frame(cut, picks)))
    video_loss = discriminator_loss(real_video, gan.discriminator.video(cut))
    penalty = r1_penalty(real_image, real) + r1_penalty(real_video, real)
    gan.opt_d.zero_grad()
    (image_loss + video_loss + gamma / 2 * penalty).backward()
    gan.opt_d.step()
    image_part = generator_loss(gan.discriminator.image(one_frame(fake, picks)))
    g_loss = image_part + video_weight * generator_loss(gan.discriminator.video(fake))
    gan.opt_g.zero_grad()
    g_loss.backward()
    gan.opt_g.step()
    return (image_loss + video_loss).detach(), g_loss.detach()
