"""Pages of the library: one for each family of modules, each module with its docstring and its public names."""

from pathlib import Path

from course_utils.files import write_atomic

FAMILIES = {  # page: its title, and the rooms of course_utils that it shows
    "networks": ("Networks", ["models", "vgg_features", "latent"]),
    "losses": (
        "Losses and regularisers",
        ["losses", "regularisers", "inpainting_losses", "segmentation_losses", "semi_supervised_losses", "style_losses"],
    ),
    "training": (
        "Training",
        ["training", "game", "steps", "batches", "augment", "fair_sampling", "accountant", "callbacks", "runs"],
    ),
    "metrics": ("Metrics", ["metrics", "rivals", "processor_time"]),
    "data": ("Data sets", ["datasets", "tables", "molecules", "music"]),
    "diffusion": ("Diffusion and flow", ["diffusion"]),
    "style": ("Style and colour", ["style_transfer", "colour_transfer"]),
    "pictures": ("Figures and diagrams", ["plotting", "figures", "diagrams"]),
    "checks": ("Checks", ["checks"]),
    "widgets": ("Widgets", ["widgets"]),
    "shipped": ("Networks that ship", ["checkpoints"]),
    "machine": ("Machine and files", ["runtime", "budget", "paths", "files", "outline", "progress", "doctor"]),
    "authoring": ("Authoring", ["authoring"]),
}
OTHERS = ("more", "More of the library")  # rooms that stand in no family
BY_NAMES = {"checks", "widgets"}  # their packages list what is for others
NOT_SHOWN = {"lessons", "cli", "__init__", "__main__"}


def write(root: Path, out: Path, families: list[str] | None = None) -> None:
    """The pages of the families (by default all) and their contents, below ``out``."""
    pages = {page: parts for page, parts in families_of(root).items() if families is None or page in families}
    for page, (title, rooms) in pages.items():
        modules = [name for room in rooms for name in modules_of(root, room)]
        write_atomic(out / f"{page}.rst", _heading(title, "=") + "\n".join(map(_module, modules)))
    listed = "\n".join(f"   {page}" for page in pages)
    text = (
        "What the lessons import: every exercise is a function or a class of it. The tree of a family stands at the right, "
        "its modules in the order of the alphabet."
    )
    write_atomic(
        out / "index.rst", _heading("The library", "=") + f"{text}\n\n.. toctree::\n   :maxdepth: 1\n\n{listed}\n"
    )


def families_of(root: Path) -> dict[str, tuple[str, list[str]]]:
    """``FAMILIES``, and a page for the rooms that are in none of them."""
    named = {room for _, rooms in FAMILIES.values() for room in rooms}
    found = {p.stem for p in (root / "course_utils").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    others = sorted(found - named - NOT_SHOWN)
    return FAMILIES | ({OTHERS[0]: (OTHERS[1], others)} if others else {})


def modules_of(root: Path, room: str) -> list[str]:
    """Dotted names of the public modules of a room."""
    place = root / "course_utils" / room
    if not place.is_dir():
        return [f"course_utils.{room}"]
    if room in BY_NAMES:
        return [f"course_utils.{room}"]
    files = sorted(file for file in place.rglob("*.py") if not any(part.startswith("_") for part in _parts(place, file)))
    return [".".join(["course_utils", room, *_parts(place, file)]) for file in files]


def _parts(place: Path, file: Path) -> list[str]:
    parts = list(file.relative_to(place).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def _heading(text: str, line: str) -> str:
    return f"{text}\n{line * len(text)}\n\n"


def _module(name: str) -> str:
    whose = "imported-members" if name.split(".")[1] in BY_NAMES else "ignore-module-all"  # else what it defines itself
    options = ["   :members:", f"   :{whose}:"]
    return _heading(name.removeprefix("course_utils."), "-") + "\n".join([f".. automodule:: {name}", *options, ""])
