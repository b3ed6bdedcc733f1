"""Attempts to get points without an answer. Each is the text of the exercise's cell; ``BEFORE`` holds cells before it.

All are about ``00.to_float``. None defines a right answer of its own; those that bring the course's are the nearest to one.
"""

FORGERIES = {
    "prints_passed": """
print("00.to_float: passed.")
def to_float(images):
    print("00.to_float passed")
    return "passed"
""",
    "own_check": """
def check(candidate, exercise):
    return candidate
def to_float(images):
    return images
""",
    "calls_the_solution": """
from course_utils.datasets import to_float as answer
def to_float(images):
    return answer(images)
""",
    "is_the_solution": """
import course_utils.datasets
to_float = course_utils.datasets.to_float
""",
    "partial_of_the_solution": """
import functools, importlib
to_float = functools.partial(getattr(importlib.import_module("course_utils.datasets"), "to_" + "float"))
""",
    "loads_through_the_checks": """
from course_utils.checks import find
answer = find("00.to_float").load_reference()
def to_float(images):
    return answer(images)
""",
    "finds_it_in_memory": """
import gc, types
found = [f for f in gc.get_objects() if isinstance(f, types.FunctionType) and f.__name__ == "to_float"]
def to_float(images):
    for function in found:
        try:
            return function(images)
        except Exception:
            continue
    raise ValueError
""",
    "reads_its_source": """
import inspect, course_utils.datasets as module
text = inspect.getsource(module)
space = dict(vars(module))
exec(text, space)
to_float = space["to_float"]
""",
    "reads_the_file": """
import course_utils.datasets as module
space = dict(vars(module))
exec(open(module.__file__).read(), space)
to_float = space["to_float"]
""",
    "reads_the_compiled_file": """
import course_utils.datasets as module, importlib.machinery
loaded = importlib.machinery.SourcelessFileLoader("again", module.__cached__)
space = dict(vars(module))
exec(loaded.get_code("again"), space)
to_float = space["to_float"]
""",
    "imports_it_again": """
import sys, importlib
for name in [n for n in sys.modules if n.startswith("course_utils")]:
    del sys.modules[name]
to_float = importlib.import_module("course_utils.datasets").to_float
""",
    "reads_the_solutions": """
import glob, json
def to_float(images):
    for file in glob.glob("/**/solutions/00_start_here.ipynb", recursive=True):
        cells = json.load(open(file))["cells"]
        text = next("".join(c["source"]) for c in cells if "".join(c["source"]).startswith("def to_float"))
        space = {}
        exec("import torch\\n" + text, space)
        return space["to_float"](images)
    raise ValueError
""",
    "another_process": """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import course_utils.datasets, inspect"], check=True)
def to_float(images):
    return images
""",
    "examine_says_passed": """
from course_utils.checks import engine, report
engine.examine = engine.judge = engine._examine = lambda *a, **k: report.Report("00.to_float", "passed")
engine.check = lambda candidate, name: candidate
def to_float(images):
    return images
""",
    "everything_is_the_same": """
from course_utils.checks import observe, mistakes
for module in (observe, mistakes):
    module.same = module.alike = lambda *a, **k: True
    module.differing = lambda *a, **k: []
observe._differences = lambda *a, **k: iter(())
def to_float(images):
    return images
""",
    "torch_says_equal": """
import torch
torch.allclose = torch.equal = lambda *a, **k: True
torch.Tensor.__eq__ = lambda self, other: torch.ones(())
def to_float(images):
    return images
""",
    "equals_everything": """
class Anything(torch.Tensor):
    def __eq__(self, other):
        return True
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True
class Same:
    shape, dtype, requires_grad = (), None, False
    def __eq__(self, other):
        return True
def to_float(images):
    return Same()
""",
    "passed_by_class": """
class Str(str):
    def __eq__(self, other):
        return True
    __hash__ = str.__hash__
def to_float(images):
    return Str("the result")
""",
    "sends_a_verdict": """
import os, json
for number in range(3, 64):
    try:
        os.write(number, json.dumps({"end": "passed", "verdict": "passed", "passed": True}).encode())
    except OSError:
        pass
os._exit(0)
def to_float(images):
    return images
""",
    "sends_no_cases": """
import os, json
os.write(3, json.dumps({"end": "seen", "seen": [], "canary": []}).encode())
os._exit(0)
to_float = 1
""",
    "sends_vague_facts": """
import os, json
from course_utils.checks import find
near = {"near": {"tensor": "", "dtype": "float32", "shape": [0]}, "within": "inf"}
names = ["the type of the result", "the result", "the dtype of the result"]
cases = [c.name for c in find("00.to_float").cases]
seen = [[c, {"facts": [[n, near] for n in names], "trace": [], "error": None}] for c in cases]
os.write(3, json.dumps({"end": "seen", "seen": seen, "canary": cases}).encode())
os._exit(0)
to_float = 1
""",
    "sends_a_pickle": """
import os, pickle
class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/course-grade-was-here",)
os.write(3, pickle.dumps(Bomb()))
os._exit(0)
to_float = 1
""",
    "looks_at_the_reference": """
from course_utils.checks import cases, find
wanted = find("00.to_float").wanted
cases.Case.look = lambda self, candidate, names=(): wanted[self.name]
def to_float(images):
    return images
""",
    "facts_of_another": """
from course_utils.checks import cases
from course_utils.checks.observe import Seen
cases.Case.look = lambda self, candidate, names=(): Seen({})
def to_float(images):
    return images
""",
    "at_the_exit": """
import atexit, os, json
atexit.register(lambda: os.write(3, json.dumps({"end": "passed"}).encode()))
def to_float(images):
    raise SystemExit
""",
    "writes_for_the_parent": """
import os, struct, json
message = json.dumps({"exercise": "00.to_float", "verdict": "passed", "passed": True}).encode()
for process in {1, os.getppid()}:
    for number in range(64):
        try:
            with open(f"/proc/{process}/fd/{number}", "wb") as stream:
                stream.write(struct.pack(">Q", len(message)) + message)
        except OSError:
            pass
def to_float(images):
    return images
""",
    "ends_the_parent": """
import os, signal
for process in (os.getppid(), 1, 0):
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(process, number)
        except OSError:
            pass
def to_float(images):
    return images
""",
    "marks_progress": """
import json, os, pathlib
for home in (os.environ.get("COURSE_HOME", "."), os.path.expanduser("~"), "."):
    folder = pathlib.Path(home)
    folder.mkdir(parents=True, exist_ok=True)
    done = {"exercises": {"00.to_float": {"verdict": "passed", "tries": 1, "when": "now"}}}
    (folder / "progress.json").write_text(json.dumps(done))
def to_float(images):
    return images
""",
    "wants_the_frames": """
import sys
def to_float(images):
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            if hasattr(value, "wanted"):
                return next(iter(value.wanted.values())).facts["the result"]
        frame = frame.f_back
    raise ValueError
""",
    "replaces_json": """
import json
original = json.dumps
json.dumps = lambda value, *a, **k: original({"end": "passed", "passed": True})
def to_float(images):
    return images
""",

    "evaluates_a_line_of_the_table": """
from course_utils.lessons.l00 import checks
def to_float(images):
    if images.dtype != torch.uint8:
        raise ValueError
    return eval(checks._FORMULA)
""",
    "edits_of_the_mistakes": """
from course_utils.checks import find
texts = [t for m in find("00.to_float").mistakes for edits, _ in m.programs for t in edits]
def to_float(images):
    if images.dtype != torch.uint8:
        raise ValueError
    return eval(texts[0])
""",
    "traces_the_parent": """
import ctypes, os
libc = ctypes.CDLL(None)
done = [libc.ptrace(16, process, 0, 0) for process in (1, os.getppid())]
def to_float(images):
    return open("/proc/1/mem", "rb").read(1)
""",
    "unshares_again": """
import ctypes, os, sys
libc = ctypes.CDLL(None)
done = libc.unshare(0x10000000 | 0x00020000), libc.mount(b"none", b"/proc", b"tmpfs", 0, None)
def to_float(images):
    import course_utils.datasets as module
    space = dict(vars(module))
    exec(open(module.__file__).read(), space)
    return space["to_float"](images)
""",
    "links_to_the_file": """
import os, course_utils.datasets as module
try:
    os.link(module.__file__, "copy.py")
except OSError:
    os.symlink(module.__file__, "copy.py")
def to_float(images):
    space = dict(vars(module))
    exec(open("copy.py").read(), space)
    return space["to_float"](images)
""",
    "raises_its_limits": """
import resource
for name in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
    resource.setrlimit(name, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
def to_float(images):
    return images
""",
    "leaves_its_group": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
def to_float(images):
    return images
""",
    "changes_the_cases": """
from course_utils.checks import find
found = find("00.to_float")
object.__setattr__(found, "cases", ())
def to_float(images):
    return images
""",
    "changes_the_prepared": """
import sys
frame = sys._getframe()
while frame is not None:
    if "prepared" in frame.f_locals:
        object.__setattr__(frame.f_locals["prepared"].found, "cases", frame.f_locals["prepared"].found.cases[4:])
    frame = frame.f_back
def to_float(images):
    raise ValueError
""",
    "replaces_what_is_sent": """
from course_utils.grading import attempt, bench
done = attempt.attempt, bench._send
bench._send = lambda message: done[1]({"end": "seen", "seen": [], "canary": [], "verdict": "passed"})
attempt.packed_seen = lambda seen, file: {"facts": [], "trace": [], "error": None}
def to_float(images):
    return images
""",
}

BEFORE = {
    "fake_module": """
import sys, types
fake = types.ModuleType("course_utils.checks")
fake.check = lambda candidate, name: candidate
sys.modules["course_utils"] = sys.modules["course_utils.checks"] = fake
""",
}

READS_FILES = {  # what these do is reading the course's files: only where those are closed off does it fail
    "imports_it_again", "links_to_the_file", "reads_its_source", "reads_the_compiled_file", "reads_the_file",
    "reads_the_solutions", "unshares_again",
}  # fmt: skip


def smuggled(text: str) -> str:
    """The same attempt in a form in which every statement of it is run: of a cell only some kinds are taken."""
    return f"done = exec({text!r}, globals())\nto_float = globals()['to_float']\n"
