"""What each mistake of the diagnosis shows."""

SIGNS = {  # what each mistake shows, in the order in which one looks
    "beta in place of its root": {
        "the kind": "is diffusion",
    },
    "schedule too short": {
        "the kind": "is diffusion",
    },
    "times run backwards": {
        "the kind": "is flow",
    },
    "average too long": {
        "the kind": "is flow",
    },
    "code hardly counts": {
        "the kind": "is VAE",
    },
    "code counts too much": {
        "the kind": "is VAE",
    },
}
