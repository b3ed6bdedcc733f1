"""A run folder: checkpoints while training, and the averaged generator, numbers and pictures at the end.

``runs/<lesson>/`` holds ``checkpoint.pt`` (all that is needed to go on), ``generator.safetensors`` (the generator that
is shown and scored), ``metrics.json`` and ``samples.png``. Every file is written beside and moved into place, so a
stop, a killed kernel or a full disk leaves the last complete one.
"""

import contextlib
import copy
import decimal
import hashlib
import io
import json
import numbers
import os
import platform
import time
import types
import zlib

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from course_utils import __version__, paths
from course_utils.files import write_together
from course_utils.runtime import device_chance, set_device_chance

CHECKPOINT, GENERATOR, METRICS, SAMPLES = "checkpoint.pt", "generator.safetensors", "metrics.json", "samples.png"
_WRAPPED = ("_orig_mod.", "module.")  # what torch.compile and DataParallel put before each name


class Run:
    """One training run of a lesson. ``settings`` (plain values: seed, sizes, rates) decide what can be resumed."""

    def __init__(self, lesson: str, *, every: float = 15.0, fresh: bool = False, **settings):
        self.lesson, self.every, self.fresh, self.settings = lesson, every, fresh, plain_values(settings)
        self.folder, self._lock, failed = _claim(lesson)
        self._last, self._game, self._fingerprint, self._told = time.monotonic(), None, "", {failed} - {None}
        self.resumed_at, self.seconds = 0, 0.0  # the step that training went on from; its seconds, those before a stop, too

    def resume(self, gan, history, game, data=None) -> int:
        """Load an unfinished checkpoint of the same settings, networks, ``game`` and ``data`` into ``gan`` and ``history``.

        Returns the step to go on from, 0 for a new run, and says which in one line when there was an earlier run. What
        cannot be gone on with is kept as ``checkpoint.old.pt``. A finished one is begun again, unless ``COURSE_RESUME`` is
        set, as ``course run`` does for a lesson that was stopped.
        """
        self._game, self._fingerprint = game, _fingerprint(self.settings, gan, game, data)
        checkpoint = None if self.fresh else self._load()
        if checkpoint is None:
            return 0
        before = copy.deepcopy(_checkpoint(gan, history, game, ""))
        try:
            why = self._useless(checkpoint)
            if not why:
                _restore(checkpoint, gan, history, game)
                why = "" if _sound(gan) else "holds weights that are not finite"
        except (KeyError, IndexError, TypeError, ValueError, RuntimeError, AttributeError) as error:
            why = f"holds a checkpoint that does not fit ({type(error).__name__})"
        if why:
            _restore(before, gan, history, game)
            return self._from_the_start(why)
        step = self.resumed_at = checkpoint["step"]
        again = f'Run("{self.lesson}", fresh=True, ...) starts again'
        print(f"Resuming the run in {paths.shown(self.folder)} at step {step}; {again}.")
        return step

    def _load(self):
        path = self.folder / CHECKPOINT
        if not os.path.exists(path):  # which never raises, also where the folder may not be entered
            return None
        try:
            return torch.load(path, weights_only=True, map_location="cpu")
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, the run must start
            self._from_the_start(f"holds a checkpoint that cannot be read ({type(error).__name__})")
            return None

    def _useless(self, checkpoint) -> str:
        """Why a checkpoint is not gone on with; "" when it may be."""
        if not isinstance(checkpoint, dict) or not checkpoint.keys() >= {"fingerprint", "step", "parts", "history"}:
            return "holds a checkpoint of another version of the course"
        if checkpoint["fingerprint"] != self._fingerprint:
            return "holds a run of other settings or code"
        if checkpoint["step"] >= checkpoint["history"]["total_steps"] and not os.environ.get("COURSE_RESUME"):
            return "holds a finished run"
        return ""

    def _from_the_start(self, why: str) -> int:
        path = self.folder / CHECKPOINT
        try:
            path.replace(path.with_name(_old(CHECKPOINT)))
            kept = f"; its checkpoint is kept as {_old(CHECKPOINT)}"
        except OSError:
            kept = ""
        print(f"{paths.shown(self.folder)} {why}: this run starts at step 0{kept}.")
        return 0

    def keep(self, gan, history, now: bool = False) -> bool:
        """Write a checkpoint if the last one is more than ``every`` seconds old, or ``now``. Was it written?

        A failure (a full disk) is told once and does not stop training. Weights that are not finite are not kept: the last
        checkpoint before them stays. Numbers and pictures of an earlier run do not stay beside another's generator.
        """
        return self._keep(gan, history, now, {})

    def _keep(self, gan, history, now: bool, beside: dict[str, bytes | str]) -> bool:
        if not history.step or (not now and time.monotonic() - self._last < self.every):
            return False
        self._last, self.seconds = time.monotonic(), history.seconds[-1]
        if not _sound(gan):
            self._tell("not finite", "Weights are no longer finite numbers; the checkpoint before them stays.")
            return False
        data = io.BytesIO()
        torch.save(_checkpoint(gan, history, self._game, self._fingerprint), data)
        generator = save(_plain(gan.shown.state_dict()))
        written = self._write({CHECKPOINT: data.getvalue(), GENERATOR: generator, **beside})
        for name in {METRICS, SAMPLES} - beside.keys() if written else ():
            with contextlib.suppress(OSError):
                (self.folder / name).replace(self.folder / _old(name))
        return written

    def finish(self, gan, history, figure=None, **numbers):
        """Write ``metrics.json`` (``numbers`` beside losses, settings, versions) and ``samples.png``. Returns the folder.

        A failure is told and stops nothing; all files are written together, so that numbers stand only beside the
        generator that they were measured on.
        """
        metrics = {
            **numbers,
            "lesson": self.lesson,
            "settings": self.settings,
            "seconds": round(history.seconds[-1], 2),
            "steps": history.step[-1],
            "versions": versions(),
            "curves": history.columns(),
        }
        content = {METRICS: json.dumps(_for_json(metrics), sort_keys=True, indent=1) + "\n"}
        if figure is not None:
            data = io.BytesIO()
            figure.savefig(data, format="png", dpi=110)
            content[SAMPLES] = data.getvalue()
        self._keep(gan, history, True, content)
        return self.folder

    def _write(self, files: dict[str, bytes | str]) -> bool:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_together({self.folder / name: content for name, content in files.items()})
        except OSError as error:
            self._tell(error.errno, f"{' and '.join(files)} could not be written, the lesson goes on: {error}")
            return False
        return True

    def _tell(self, what, line: str) -> None:
        """Print a line, but none twice on the same trouble: the next files that meet a full disk have other names."""
        if what not in self._told:
            print(line)
        self._told.add(what)


def _old(name: str) -> str:
    """What a file of an earlier run is called when it makes way: checkpoint.old.pt."""
    return name.replace(".", ".old.")


def _checkpoint(gan, history, game, fingerprint: str) -> dict:
    checkpoint = {
        "fingerprint": fingerprint,
        "step": history.step[-1] if history.step else 0,
        "parts": {name: part.state_dict() for name, part in gan.parts().items()},
        "updates": {name: average.updates for name, average in gan.averages().items()},
        "game": game.state_dict() if game else {},
        "history": history.columns(),
        "snapshots": history.snapshots,
        "rng": torch.get_rng_state(),
        "device_rng": device_chance(),
    }
    return plain_values(checkpoint)


def _restore(checkpoint: dict, gan, history, game) -> None:
    """Put all of a checkpoint where it was taken from. Raises whatever PyTorch and Python raise where it does not fit."""
    parts = gan.parts()
    if parts.keys() != checkpoint["parts"].keys():
        raise KeyError(f"parts: expected {sorted(parts)}, got {sorted(checkpoint['parts'])}")
    for name, part in parts.items():
        part.load_state_dict(checkpoint["parts"][name])
    for name, average in gan.averages().items():
        average.updates = checkpoint["updates"][name]
    game.load_state_dict(checkpoint["game"])
    for name, value in checkpoint["history"].items():
        setattr(history, name, value)
    history.snapshots, history.stopped = list(checkpoint["snapshots"]), False
    torch.set_rng_state(checkpoint["rng"])
    set_device_chance(checkpoint.get("device_rng", {}))  # checkpoints of earlier versions have none


def _sound(gan) -> bool:
    """Are all weights finite, averaged ones too, and is no buffer NaN? (A mask may hold infinity.)"""
    networks = [*gan.networks().values(), *(average.module for average in gan.averages().values())]
    return not any(
        (weight.detach() - weight.detach()).isnan().any() for network in networks for weight in network.parameters()
    ) and not any(buffer.isnan().any() for network in networks for buffer in network.buffers())


def _for_json(tree):
    """What JSON holds: names as text, numbers of every kind as Python's, tensors as lists, and all else as its text."""
    tree = plain_values(tree.tolist() if isinstance(tree, torch.Tensor) else tree)
    if isinstance(tree, dict):
        return {str(key): _for_json(value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return [_for_json(value) for value in tree]
    if isinstance(tree, (numbers.Real, decimal.Decimal)) and not isinstance(tree, (int, float)):
        return float(tree)
    return tree if tree is None or isinstance(tree, (str, int, float)) else str(tree)


def plain_values(tree):
    """Nested dictionaries, lists and tuples with NumPy's numbers and arrays as Python's own; all else as it is."""
    if isinstance(tree, np.generic):
        return float(tree) if isinstance(tree, np.longdouble) else tree.item()
    if isinstance(tree, np.ndarray):
        return tree.tolist()
    if isinstance(tree, dict):
        return {plain_values(key): plain_values(value) for key, value in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)(map(plain_values, tree))
    return tree


def load_generator(generator, lesson: str):
    """Fill ``generator`` with the weights that the last run of ``lesson`` kept; returns it in evaluation mode.

    It may have been compiled or wrapped when it was trained. Raises ``FileNotFoundError`` where no run kept one, and
    ``ValueError`` for a file that cannot be read.
    """
    path = paths.runs_root() / lesson / GENERATOR
    if not path.exists():
        raise FileNotFoundError(f"no generator in {path.parent}: run the lesson first")
    try:
        weights = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} cannot be read ({error}): delete it, and run the lesson again") from error
    wanted = generator.state_dict()
    if not wanted.keys() & weights.keys():
        weights, names = {_bare(name): t for name, t in weights.items()}, {_bare(name): name for name in wanted}
        weights = {names.get(name, name): tensor for name, tensor in weights.items()}
    generator.load_state_dict(weights)
    return generator.eval()


def _bare(name: str) -> str:
    """A weight's name without what compiling and wrapping put before it."""
    while prefix := next((prefix for prefix in _WRAPPED if name.startswith(prefix)), ""):
        name = name.removeprefix(prefix)
    return name


def versions() -> dict:
    """Versions that decide whether a number can be repeated, and the machine it was measured on."""
    return {
        "course": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"{platform.machine()}, {torch.get_num_threads()} threads",
    }


def _plain(state: dict) -> dict:
    """Tensors of their own: safetensors refuses two names for one."""
    return {name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in state.items()}


def _claim(lesson: str):
    """The run folder of a lesson, and a lock on it, held until the process ends.

    The same process gets the same folder again; a second notebook at the same time gets a folder of its own. The last of the
    three that come back is the ``errno`` of what kept the folder from being claimed, and was told; else None.
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
            return folder, None, error.errno
        if number > 1:
            print(f"Another notebook is training into {lesson}; this run goes to {paths.shown(folder)}.")
        for left in folder.glob(".*.tmp"):  # of a process that was killed while it wrote
            with contextlib.suppress(OSError):
                left.unlink()
        return folder, lock, None
    raise RuntimeError(f"no free run folder for {lesson!r} in {paths.runs_root()}: delete old ones")


def _fingerprint(settings: dict, gan, game, data=None) -> str:
    """A hash of settings, networks, optimisers' settings, data, the game's counts and the code of steps and networks."""
    networks = gan.networks()
    shapes = {name: [tuple(p.shape) for p in network.parameters()] for name, network in networks.items()}
    counts = [game.critic_steps, game.head_start, game.critic]
    rates = {
        name: [{key: value for key, value in group.items() if key != "params"} for group in part.param_groups]
        for name, part in gan.parts().items()
        if hasattr(part, "param_groups")
    }
    described = [settings, shapes, {name: repr(n) for name, n in networks.items()}, counts, rates, _described(data)]
    kinds = dict.fromkeys(type(module) for network in networks.values() for module in network.modules())
    forwards = [kind.forward for kind in kinds if not kind.__module__.startswith("torch.")]
    drawn = [one.sample for one in getattr(data, "sets", [data]) if hasattr(one, "sample")]
    code = b"".join(_code(function, set()) for function in (*game.functions(), *forwards, *drawn))
    return hashlib.sha256(json.dumps(_for_json(described), sort_keys=True).encode() + code).hexdigest()


def _described(data) -> list:
    """What a source of batches holds: shapes and a checksum of its tensors."""
    if hasattr(data, "sets"):
        return [_described(one) for one in data.sets]
    tensors = [tensor.detach().cpu().contiguous() for tensor in getattr(data, "tensors", ())]
    return [(tuple(t.shape), str(t.dtype), zlib.crc32(t.view(torch.uint8).numpy())) for t in tensors]


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
    codes = _with_inner(function.__code__)
    constants = [[_in_order(c) for c in code.co_consts if not isinstance(c, types.CodeType)] for code in codes]
    names = [code.co_names for code in codes]
    called = [function.__globals__.get(name) for several in names for name in several]
    own = b"".join(code.co_code for code in codes) + repr(constants).encode() + repr(names).encode()
    return own + b"".join(_code(f, seen) for f in called)


def _with_inner(code: types.CodeType) -> list[types.CodeType]:
    """The code of a function, then that of the functions written inside it."""
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return [code, *(found for c in inner for found in _with_inner(c))]


def _in_order(constant):
    """A set has another order in each process."""
    return sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant
