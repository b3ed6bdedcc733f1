"""A run folder: checkpoints while training, and the averaged generator, numbers and pictures at the end.

``runs/<lesson>/`` holds ``checkpoint.pt`` (all that is needed to go on), ``generator.safetensors`` (the generator that
is shown and scored), ``metrics.json`` and ``samples.png``. Every file is written beside and moved into place, so a
stop, a killed kernel or a full disk leaves the last complete one.
"""

import hashlib
import io
import json
import platform
import time
import types

import torch
from safetensors.torch import load_file, save

from course_utils import __version__, paths
from course_utils.files import write_atomic, write_json

CHECKPOINT, GENERATOR, METRICS, SAMPLES = "checkpoint.pt", "generator.safetensors", "metrics.json", "samples.png"


class Run:
    """One training run of a lesson. ``settings`` (plain values: seed, sizes, rates) decide what can be resumed."""

    def __init__(self, lesson: str, *, every: float = 15.0, fresh: bool = False, **settings):
        self.lesson, self.every, self.fresh, self.settings = lesson, every, fresh, settings
        self.folder, self._lock = _claim(lesson)
        self._last, self._game, self._fingerprint, self._warned = time.monotonic(), None, "", False

    def resume(self, gan, history, game) -> int:
        """Load an unfinished checkpoint of the same settings, networks and ``game`` into ``gan`` and ``history``.

        Returns the step to go on from, 0 for a new run, and says which in one line when there was an earlier run.
        """
        self._game, self._fingerprint = game, _fingerprint(self.settings, gan, game)
        checkpoint = None if self.fresh else self._load()
        if checkpoint is None:
            return 0
        if checkpoint["fingerprint"] != self._fingerprint:
            print(f"{paths.shown(self.folder)} holds a run of other settings or code; this run starts at step 0.")
            return 0
        if checkpoint["step"] >= checkpoint["history"]["total_steps"]:
            print(f"{paths.shown(self.folder)} holds a finished run; this run starts again at step 0, in its place.")
            return 0
        for name, part in gan.parts().items():
            part.load_state_dict(checkpoint["parts"][name])
        for name, average in gan.averages().items():
            average.updates = checkpoint["updates"][name]
        game.load_state_dict(checkpoint["game"])
        for name, value in checkpoint["history"].items():
            setattr(history, name, value)
        history.snapshots, history.stopped = list(checkpoint["snapshots"]), False
        torch.set_rng_state(checkpoint["rng"])
        step = checkpoint["step"]
        again = f'Run("{self.lesson}", fresh=True, ...) starts again'
        print(f"Resuming the unfinished run in {paths.shown(self.folder)} at step {step}; {again}.")
        return step

    def _load(self):
        path = self.folder / CHECKPOINT
        if not path.exists():
            return None
        try:
            return torch.load(path, weights_only=True)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, the run must start
            print(f"{paths.shown(path)} cannot be read ({type(error).__name__}); this run starts at step 0.")
            return None

    def keep(self, gan, history, now: bool = False) -> None:
        """Write a checkpoint if the last one is more than ``every`` seconds old, or ``now``.

        A failure (a full disk) is told once and does not stop training.
        """
        if not history.step or (not now and time.monotonic() - self._last < self.every):
            return
        checkpoint = {
            "fingerprint": self._fingerprint,
            "step": history.step[-1],
            "parts": {name: part.state_dict() for name, part in gan.parts().items()},
            "updates": {name: average.updates for name, average in gan.averages().items()},
            "game": self._game.state_dict() if self._game else {},
            "history": history.columns(),
            "snapshots": history.snapshots,
            "rng": torch.get_rng_state(),
        }
        data = io.BytesIO()
        torch.save(checkpoint, data)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self.folder / CHECKPOINT, data.getvalue())
            write_atomic(self.folder / GENERATOR, save(_plain(gan.shown.state_dict())))
        except OSError as error:
            if not self._warned:
                print(f"The checkpoint could not be written, training goes on: {error}")
            self._warned = True
        self._last = time.monotonic()

    def finish(self, gan, history, figure=None, **numbers):
        """Write ``metrics.json`` (``numbers`` beside losses, settings, versions) and ``samples.png``. Returns the folder."""
        metrics = {
            **numbers,
            "lesson": self.lesson,
            "settings": self.settings,
            "seconds": round(history.seconds[-1], 2),
            "steps": history.step[-1],
            "versions": versions(),
            "curves": history.columns(),
        }
        self.keep(gan, history, now=True)
        write_json(self.folder / METRICS, metrics)
        if figure is not None:
            data = io.BytesIO()
            figure.savefig(data, format="png", dpi=110)
            write_atomic(self.folder / SAMPLES, data.getvalue())
        return self.folder


def load_generator(generator, lesson: str):
    """Fill ``generator`` with the weights that the last run of ``lesson`` kept; returns it in evaluation mode."""
    path = paths.runs_root() / lesson / GENERATOR
    if not path.exists():
        raise FileNotFoundError(f"no generator in {path.parent}: run the lesson, or `course run {lesson}`, first")
    generator.load_state_dict(load_file(path))
    return generator.eval()


def versions() -> dict:
    """Versions that decide whether a number can be repeated, and the machine it was measured on."""
    return {
        "course": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
    }


def _plain(state: dict) -> dict:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}


def _claim(lesson: str):
    """The run folder of a lesson, and a lock on it, held until the process ends.

    The same process gets the same folder again; a second notebook at the same time gets a folder of its own.
    """
    from filelock import FileLock, Timeout

    for number in range(1, 100):
        folder = paths.runs_root() / (lesson if number == 1 else f"{lesson}-{number}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(str(folder / ".lock"), is_singleton=True)
            lock.acquire(timeout=0)
        except Timeout:
            continue
        except OSError as error:
            print(f"{folder} cannot be written ({error}); this run keeps nothing. COURSE_RUNS names another folder.")
            return folder, None
        if number > 1:
            print(f"Another notebook is training into {lesson}; this run goes to {paths.shown(folder)}.")
        return folder, lock
    raise RuntimeError(f"no free run folder for {lesson!r} in {paths.runs_root()}: delete old ones")


def _fingerprint(settings: dict, gan, game) -> str:
    """A hash of settings, networks, the game's counts and the code of its steps, with the functions that they call."""
    networks = gan.networks()
    shapes = {name: [tuple(p.shape) for p in network.parameters()] for name, network in networks.items()}
    counts = [game.critic_steps, game.head_start, game.critic]
    described = [settings, shapes, {name: repr(network) for name, network in networks.items()}, counts]
    code = b"".join(_code(function, set()) for function in game.functions())
    return hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode() + code).hexdigest()


def _code(function, seen: set) -> bytes:
    """The bytecode of a function or method and of the Python functions that it calls by name.

    Values that are bound to it (the arguments of a partial, the object of a method) belong into ``settings``.
    """
    while not isinstance(function, types.FunctionType):
        inner = getattr(function, "__func__", None) or getattr(function, "func", None)  # a method, a partial
        if inner is None:
            return b""
        function = inner
    if function in seen:
        return b""
    seen.add(function)
    code = function.__code__
    constants = repr([c for c in code.co_consts if not isinstance(c, types.CodeType)])
    called = [function.__globals__.get(name) for name in code.co_names]
    return code.co_code + constants.encode() + repr(code.co_names).encode() + b"".join(_code(f, seen) for f in called)
