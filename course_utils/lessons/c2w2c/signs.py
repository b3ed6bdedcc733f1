"""What each mistake of the diagnosis shows, in the order in which one looks."""

SIGNS = {
    "beta in place of its root": {
        "the kind": "is diffusion",
        "the shown loss": "is that of the sound run",
        "the mean of the pixels": "is a little below that of the sound run",
        "the deviation of the pixels": "is far below that of the sound run",
    },
    "schedule too short": {
        "the kind": "is diffusion",
        "the shown loss": "is that of the sound run",
        "the mean of the pixels": "is far above that of the sound run",
        "the deviation of the pixels": "is below that of the sound run",
    },
    "times run backwards": {
        "the kind": "is flow",
        "the shown loss": "is that of the sound run",
        "the mean of the pixels": "is near 0, as that of noise",
        "the deviation of the pixels": "is far above that of the sound run",
    },
    "average too long": {
        "the kind": "is flow",
        "the shown loss": "is several times that of the sound run",
        "the mean of the pixels": "is near 0, as that of noise",
        "the deviation of the pixels": "is above that of the sound run",
    },
    "code hardly counts": {
        "the kind": "is VAE",
        "the shown loss": "is far above that of the sound run",
        "the mean of the pixels": "is far above that of the sound run",
        "the deviation of the pixels": "is near that of the sound run",
    },
    "code counts too much": {
        "the kind": "is VAE",
        "the shown loss": "is far above that of the sound run",
        "the mean of the pixels": "is that of the sound run",
        "the deviation of the pixels": "is that of one average digit, about half of the sound run's",
    },
}
