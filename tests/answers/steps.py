"""Training steps written as in the lesson, with one line replaced."""

from course_utils.losses import discriminator_loss, generator_loss


def d_step(
    fake=lambda gan, z: gan.generator(z).detach(),
    loss=lambda gan, real, fake: discriminator_loss(gan.discriminator(real), gan.discriminator(fake)),
    update="zero backward step",
    finish=lambda loss: loss.detach(),
):
    """A discriminator step written as in the lesson, with one line replaced; ``update`` gives the order of the last three."""

    def step(gan, real, z):
        images = fake(gan, z)
        value = loss(gan, real, images)
        _update(update, gan.opt_d, value)
        return finish(value)

    return step


def g_step(
    fake=lambda gan, z: gan.generator(z),
    loss=lambda gan, fake: generator_loss(gan.discriminator(fake)),
    update="zero backward step",
    finish=lambda loss: loss.detach(),
):
    """A generator step written as in the lesson, with one line replaced."""

    def step(gan, z):
        images = fake(gan, z)
        value = loss(gan, images)
        _update(update, gan.opt_g, value)
        return finish(value)

    return step


def _update(order, optimiser, value):
    for word in order.split():
        if word == "zero":
            optimiser.zero_grad()
        elif word == "backward":
            value.backward()
        elif word == "again":
            value.backward(retain_graph=True)
        else:
            optimiser.step()
