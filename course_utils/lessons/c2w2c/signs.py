"""What each mistake of the diagnosis shows, in the order in which one looks."""

SIGNS = {
    "beta in place of its root": {
        "the kind": "is diffusion",
        "the shown loss": "is that of the sound run",
        "the mean of the pixels": "is nearer to that of the sound run than to 0",
        "the share of grey pixels": "is below that of the sound run",
    },
    "schedule too short": {
        "the kind": "is diffusion",
        "the shown loss": "is that of the sound run",
        "the mean of the pixels": "is far above that of the sound run",
        "the share of grey pixels": "is more than twice that of the sound run",
    },
    "times run backwards": {
        "the kind": "is flow",
        "the shown loss": "is that of the sound run",
        "the mean of the pixels": "is above 0, where digits have about -0.7",
        "the share of grey pixels": "is not far from that of the sound run",
    },
    "average too long": {
        "the kind": "is flow",
        "the shown loss": "is several times that of the sound run",
        "the mean of the pixels": "lies between that of digits and 0",
        "the share of grey pixels": "is about half, as in noise",
    },
    "code hardly counts": {
        "the kind": "is VAE",
        "the shown loss": "is well above that of the sound run",
        "the mean of the pixels": "is well above that of the sound run",
        "the share of grey pixels": "is above that of the sound run",
    },
    "code counts too much": {
        "the kind": "is VAE",
        "the shown loss": "is well above that of the sound run",
        "the mean of the pixels": "is that of the sound run, since an average digit is as bright",
        "the share of grey pixels": "is several times that of the sound run",
    },
}
