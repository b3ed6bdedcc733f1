"""Device, seeds, and whether somebody is watching."""

import base64
import contextlib
import html
import operator
import os
import random

import numpy as np
import torch


def device() -> torch.device:
    """The fastest device that this PyTorch can use: ``cuda``, else ``cpu``. ``COURSE_DEVICE`` overrides it."""
    chosen = os.environ.get("COURSE_DEVICE", "").strip()
    if chosen:
        return torch.device(chosen)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's global generators. On a CPU the same seed gives the same run."""
    seed = operator.index(seed)  # one of NumPy's integers is an integer, too
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def seeded(seed: int) -> torch.Generator:
    """Random numbers of their own, on the CPU; one of NumPy's integers is a seed, too."""
    return torch.Generator().manual_seed(operator.index(seed))


def device_chance() -> dict[str, list[torch.Tensor]]:
    """The random states of the accelerators in use, by their type; ``torch.manual_seed`` changes these, too."""
    kind, there = _accelerator()
    return {} if there is None else {kind: [there.get_rng_state(i) for i in range(there.device_count())]}


def set_device_chance(states: dict[str, list[torch.Tensor]]) -> None:
    """Put back what ``device_chance`` gave, where this machine has as many accelerators of that type."""
    kind, there = _accelerator()
    if there is not None and len(states.get(kind, ())) == there.device_count():
        for i, state in enumerate(states[kind]):
            there.set_rng_state(state, i)


def _accelerator():
    """The type and PyTorch's module of the accelerator, (None, None) where none is in use that draws random numbers."""
    found = torch.accelerator.current_accelerator()
    there = None if found is None else torch.get_device_module(found)
    in_use = getattr(there, "is_initialized", getattr(there, "is_available", lambda: False))  # Apple's is always ready
    return (found.type, there) if hasattr(there, "get_rng_state") and in_use() else (None, None)


@contextlib.contextmanager
def chance_kept():
    """PyTorch's random numbers drawn inside, and seeds set there, change nothing outside, on the CPU or elsewhere."""
    there = device_chance()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        set_device_chance(there)


def in_notebook() -> bool:
    """True inside a Jupyter kernel (watched or not)."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")


def show(shown) -> None:
    """Display something in a notebook, print it as plain lines elsewhere."""
    if in_notebook():
        from IPython.display import display

        display(shown)
    else:
        print(shown)


def picture(png: bytes, alt: str, width: int | None = None) -> dict:
    """A PNG file for a notebook, ``width`` pixels wide at most; ``alt`` says what it shows to those who cannot see it.

    It is HTML, because JupyterLab gives a plain picture no alternative text.
    """
    size = f' width="{width}"' if width else ""
    source = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return {"text/html": f'<img alt="{html.escape(alt)}"{size} src="{source}">', "text/plain": alt}


def publish(bundle: dict) -> None:
    """Display what is given for each MIME type. Needs IPython."""
    from IPython.display import display

    display(bundle, raw=True)


def headless() -> bool:
    """True when there is no front end that somebody watches: outside a notebook, or where ``unattended``.

    Live displays stay quiet then and show their last state once.
    """
    return unattended() or not in_notebook()


def unattended() -> bool:
    """True under a test runner, in CI, or with ``COURSE_HEADLESS=1``."""
    if os.environ.get("COURSE_HEADLESS", "") not in ("", "0"):
        return True
    return "PYTEST_CURRENT_TEST" in os.environ or os.environ.get("CI", "").lower() == "true"
