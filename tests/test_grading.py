"""``course grade``: hostile and broken notebooks cost nobody else anything, and nothing but an answer brings points."""

import contextlib
import csv
import io
import json
import os
import socket
import sys
from pathlib import Path

import grading_notebooks as made
import pytest
from grading_forgeries import BEFORE, FORGERIES, READS_FILES, smuggled

from course_utils.grading import command, confine, export, pages, table
from course_utils.grading.assignment import assignments
from course_utils.grading.catalogue import read_catalogue
from course_utils.grading.grade import Limits, find_submissions, grade, student_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="grading needs processes that Windows does not have")

SECONDS, MARK = 2.0, "GRADED_IN_A_TEST"
STOPPED = {  # what happens in the answer's process, and a word of what its learner is told
    "loop_in_the_body": ("def to_float(images):\n    while True: pass", "did not finish within 2 seconds"),
    "loop_at_the_top": (
        "import itertools\nx = [i for i in itertools.count()]\ndef to_float(images): pass",
        "Memory|memory|finish",
    ),
    "loop_that_catches": (
        "def to_float(images):\n while True:\n  try:\n   while True: pass\n  except BaseException: pass",
        "did not",
    ),
    "sleeps": ("import time\ndef to_float(images):\n    time.sleep(10**6)", "did not finish"),
    "computes_in_one_go": ("def to_float(images):\n    return 9 ** 10 ** 9", "in time|Memory"),
    "exits": ("import os\ndef to_float(images):\n    os._exit(0)", "ended its process"),
    "exits_at_the_top": ("import os\nx = os._exit(0)\ndef to_float(images): pass", "ended its process"),
    "system_exit": ("def to_float(images):\n    raise SystemExit", "SystemExit"),
    "crashes": ("import ctypes\ndef to_float(images):\n    ctypes.string_at(0)", "crashed"),
    "ten_gigabytes": ("def to_float(images):\n    return bytearray(10 * 2**30)", "MemoryError"),
    "ten_gigabytes_of_torch": ("def to_float(images):\n    return torch.ones(10 * 2**28)", "memory"),
    "many_processes": (
        "import os\ndef to_float(images):\n    for n in range(10**6):\n        try: os.fork()\n        except OSError: pass",
        "processes|time|finish",
    ),
    "recursion": ("def to_float(images):\n    return to_float(images)", "RecursionError"),
    "big_file": ("def to_float(images):\n    open('x', 'wb').write(bytes(2**27))\n    return 1", "OSError|File|too large"),
    "many_files": (
        "def to_float(images):\n    for n in range(10**5): open(str(n), 'w').write('x' * 20000)\n    return 1",
        "OSError|files",
    ),
}


def _others(port: int, folder: Path) -> dict:
    """Notebooks of other kinds, by the names of their files."""
    no_cell, twice = made.answered(), made.answered("def to_float(images):\n    return images", made.RIGHT)
    renamed = made.answered(made.RIGHT.replace("to_float", "to_floats"))
    bare = {"cells": [made.code("import torch"), made.code(made.RIGHT), made.code('check(to_float, "00.to_float")')]}
    deep = json.dumps(made.answered(made.RIGHT)).replace('"metadata": {"tags"', '"metadata": {"x": ' + "[" * 9**5 + '"tags"', 1)
    peeks = f"import json\ncells = json.load(open({str(folder / 'honest_000.ipynb')!r}))['cells']\n"
    peeks += "text = next(''.join(c['source']) for c in cells if 'def to_float' in ''.join(c['source']))\n"
    peeks += "space = {'torch': torch}\nx = exec(text, space)\n"
    late = "def to_float(images):\n    " + peeks.replace("\n", "\n    ") + "return space['to_float'](images)\n"
    spoils = f"import shutil\nx = shutil.rmtree({str(folder)!r}, ignore_errors=True)\n" + made.RIGHT
    calls = f"import socket\ndef to_float(images):\n    socket.create_connection(('127.0.0.1', {port}), 2)\n    return 1"
    helper = made.answered("def to_float(images):\n    return scaled(images)\n")
    helper["cells"].append(made.code("LEAST = 0\n" + made.RIGHT.replace("to_float", "scaled")))
    (assignment,) = assignments(made.ROOT, made.LESSON)
    naming = "from course_utils.lessons.c1w3b.exercises import diagnose as answer\ndef diagnose(run):\n    return answer(run)"
    network = "from course_utils.models.dense.mlp import Generator as Answer\nclass Generator(Answer):\n    pass"
    return {
        "names.ipynb": made.solved("c1w3b"),
        "names_of_the_course.ipynb": made.answered(naming, exercise="c1w3b.diagnose"),
        "network_of_the_course.ipynb": made.answered(network, exercise="c1w1.generator"),
        "handed_in_to_another_grader.ipynb": export.nbgrader(assignment),
        "deleted.ipynb": no_cell,
        "twice.ipynb": twice,
        "renamed.ipynb": renamed,
        "without_metadata.ipynb": bare,
        "in_another_cell.ipynb": {**made.given(), "cells": [*made.given()["cells"], made.code(made.RIGHT)]},
        "helper.ipynb": helper,
        "magic.ipynb": made.answered("%%time\n" + made.RIGHT + "\n!ls\n%matplotlib inline\n"),
        "not_python.ipynb": made.answered("def to_float(images)\n    return images"),
        "not_json.ipynb": "{'cells': [",
        "conflict.ipynb": "<<<<<<< HEAD\n" + json.dumps(made.given()),
        "empty.ipynb": "",
        "bytes.ipynb": bytes(range(256)),
        "a_list.ipynb": "[1, 2]",
        "no_cells.ipynb": '{"cells": 3}',
        "odd_cells.ipynb": {"cells": [3, None, {"cell_type": "code", "source": [1, {}], "metadata": 7}, *bare["cells"]]},
        "nested.ipynb": deep,
        "nested_code.ipynb": made.answered("x = " + "(" * 10**4 + ")" * 10**4 + made.RIGHT),
        "another_course.ipynb": {"cells": [made.code("print('hello')")]},
        "another_lesson.ipynb": made.solved("c1w1"),
        "Zoë Ångström 名前 😀.ipynb": made.answered(made.RIGHT),
        "=cmd|' <script>alert(1)</script>.ipynb": made.answered(made.RIGHT),
        "much_output.ipynb": made.answered("def to_float(images):\n    print('x' * 10**8)\n    return images"),
        "peeks.ipynb": made.answered(peeks + "to_float = space['to_float']\n"),
        "peeks_in_the_body.ipynb": made.answered(late),
        "spoils.ipynb": made.answered(spoils),
        "calls_the_network.ipynb": made.answered(calls),
    }


@pytest.fixture(scope="module")
def server():
    """A port of this machine at which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture(scope="module")
def submitted(tmp_path_factory, server):
    """A folder with everything, and what came of each file: ``{name: Result}``."""
    folder = tmp_path_factory.mktemp("submitted")
    for number in range(60):
        texts = (made.RIGHT, made.WRONG, None)[number % 3]
        made.write(folder, f"honest_{number:03}.ipynb", made.answered(texts) if texts else made.given())
    for name, text in FORGERIES.items():
        made.write(folder, f"forged_{name}.ipynb", made.answered(text))
        made.write(folder, f"forged_{name}_smuggled.ipynb", made.answered(smuggled(text)))
    for name, text in BEFORE.items():
        made.write(folder, f"forged_{name}.ipynb", made.answered("def to_float(images):\n    return images", before=text))
    for name, (text, _) in STOPPED.items():
        if name != "many_processes" or confine.namespaces() or os.getuid():  # nothing else limits root's processes
            made.write(folder, f"stopped_{name}.ipynb", made.answered("import torch\n" + text))
    for name, notebook in _others(server, folder).items():
        made.write(folder, name, notebook)
    made.write(folder, "course_utils/__init__.py", "raise SystemExit('a fake')")
    made.write(folder, "torch.py", "raise SystemExit('a fake')")
    lessons = read_catalogue(made.ROOT)
    os.environ[MARK] = str(folder)  # every process that this grading starts is known by it
    try:
        results = grade(folder, lessons, jobs=2, limits=Limits(SECONDS, 1000))
    finally:
        del os.environ[MARK]
    return folder, lessons, {result.file: result for result in results}


def report(submitted, name: str) -> dict:
    result = submitted[2][name]
    assert result.problem == ""
    return result.verdicts[made.EXERCISE]


# --- honest ------------------------------------------------------------------------------------------------------------


def test_sixty_honest_notebooks_get_what_they_deserve_beside_all_the_others(submitted):
    for number in range(60):
        found = report(submitted, f"honest_{number:03}.ipynb")
        assert found["verdict"] == ("passed", "wrong", "not attempted")[number % 3], found
        if number % 3 == 1:
            assert found["mistakes"] == ["range_0_1"]
            assert "tanh" in found["details"][0]


@pytest.mark.parametrize("name", [
    "twice", "without_metadata", "in_another_cell", "helper", "magic", "odd_cells", "Zoë Ångström 名前 😀", "spoils",
    "handed_in_to_another_grader",
])  # fmt: skip
def test_a_right_answer_counts_wherever_it_stands(submitted, name):
    assert report(submitted, f"{name}.ipynb")["verdict"] == "passed"


def test_two_answers_are_told(submitted):
    assert "2 cells define `to_float`; the last one counts" in submitted[2]["twice.ipynb"].notes[made.EXERCISE]


@pytest.mark.parametrize(("name", "verdict", "words"), [
    ("deleted", "not attempted", "No cell defines `to_float`"),
    ("renamed", "not attempted", "No cell defines `to_float`"),
    ("not_python", "raised", "not Python yet"),
    ("nested_code", "raised", "nested too deep|not Python yet"),
    ("much_output", "wrong", ""),
])  # fmt: skip
def test_what_is_no_answer_is_explained(submitted, name, verdict, words):
    found = report(submitted, f"{name}.ipynb")
    assert found["verdict"] == verdict
    assert any(word in found["summary"] for word in words.split("|"))
    assert len(found["printed"]) <= 2000


@pytest.mark.parametrize(("name", "words"), [
    ("not_json", "not JSON"), ("conflict", "not JSON"), ("empty", "empty"), ("bytes", "not JSON"), ("a_list", "no cells"),
    ("no_cells", "no cells"), ("nested", "not JSON"), ("another_course", "no exercise of this course"),
])  # fmt: skip
def test_a_file_that_is_no_notebook_of_the_course_is_said_to_be_none(submitted, name, words):
    result = submitted[2][f"{name}.ipynb"]
    assert words in result.problem
    assert (result.points, result.verdicts) == (0, {})


def test_another_lesson_is_graded_for_what_it_is(submitted):
    result = submitted[2]["another_lesson.ipynb"]
    assert (result.lesson, result.points) == ("c1w1", submitted[1]["c1w1"].points)


def test_with_a_lesson_named_others_are_not_graded(submitted, tmp_path):
    made.write(tmp_path, "other.ipynb", made.solved("c1w1"))
    (result,) = grade(tmp_path, submitted[1], "00")
    assert result.problem == "it is the notebook of another lesson, c1w1"
    with pytest.raises(ValueError, match="there is no lesson 'c9' with exercises; there are: 00, c0w0"):
        grade(tmp_path, submitted[1], "c9")


# --- hostile -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FORGERIES, *(f"{name}_smuggled" for name in FORGERIES), *BEFORE])
def test_nothing_but_an_answer_brings_points(submitted, name):
    if name.removesuffix("_smuggled") in READS_FILES and not confine.landlock():
        pytest.skip("this kernel has no Landlock: the course's files can be read")
    result = submitted[2][f"forged_{name}.ipynb"]
    assert result.points == 0, result.verdicts
    assert result.verdicts[made.EXERCISE]["verdict"] in ("wrong", "raised", "not graded")
    assert not Path("/tmp/course-grade-was-here").exists()


def test_classes_and_tables_of_names_are_not_there_to_be_called(submitted):
    _, lessons, results = submitted
    assert results["names.ipynb"].points == lessons["c1w3b"].points
    assert results["names_of_the_course.ipynb"].points == results["network_of_the_course.ipynb"].points == 0
    assert "AnswerKey" in results["names_of_the_course.ipynb"].verdicts["c1w3b.diagnose"]["summary"]
    assert "AnswerKey" in results["network_of_the_course.ipynb"].verdicts["c1w1.generator"]["summary"]


@pytest.mark.parametrize("name", STOPPED)
def test_what_does_not_end_well_is_ended_and_told(submitted, name):
    if f"stopped_{name}.ipynb" not in submitted[2]:
        pytest.skip("not tried as root without namespaces")
    found = report(submitted, f"stopped_{name}.ipynb")
    assert found["verdict"] in ("raised", "wrong")
    told = " ".join([found["summary"], *found["details"], *found["numbers"]])
    assert any(word in told for word in STOPPED[name][1].split("|")), told


@pytest.mark.skipif(not confine.landlock(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("name", ["peeks", "peeks_in_the_body"])
def test_nobody_reads_what_others_submitted(submitted, name):
    assert report(submitted, f"{name}.ipynb")["verdict"] in ("raised", "wrong")


@pytest.mark.skipif(not confine.landlock(), reason="this kernel has no Landlock")
def test_nobody_deletes_what_others_submitted(submitted):
    assert len(find_submissions(submitted[0])) == len(submitted[2])


@pytest.mark.skipif(not (confine.namespaces() or confine.landlock() >= 4), reason="nothing here closes the network")
def test_there_is_no_network(submitted):
    found = report(submitted, "calls_the_network.ipynb")
    assert found["verdict"] == "raised"
    assert "Error" in found["summary"]


def test_no_process_is_left(submitted):
    if sys.platform != "linux":
        pytest.skip("what leaves its group is ended on Linux only")
    left = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it has ended, or is another's
            left += [file] if f"{MARK}={submitted[0]}".encode() in file.read_bytes() else []
    assert left == []


# --- what is written ---------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_a_student_and_no_formula(submitted):
    _, lessons, results = submitted
    rows = list(csv.DictReader(io.StringIO(table.as_csv(list(results.values()), lessons))))
    assert len(rows) == len(results)
    by_name = {row["student"]: row for row in rows}
    assert by_name["honest_000"] | {"points": "1", "of": "1", "00.to_float": "passed"} == by_name["honest_000"]
    assert by_name["honest_001"]["00.to_float"] == "wrong"
    assert "not JSON" in by_name["not_json"]["problem"]
    assert not [row["student"] for row in rows if row["student"].startswith("=")]
    assert by_name["another_lesson"]["difficulty 3"] == str(
        sum(e.points for e in lessons["c1w1"].exercises if e.points == 3)
    )


def test_pages_show_submitted_text_as_text(submitted):
    _, lessons, results = submitted
    made_pages = pages.student_pages(list(results.values()), lessons)
    assert len(made_pages) == len(results)
    assert not [name for name, text in made_pages.items() if "<script" in text.lower()]
    page = made_pages[pages.file_name("honest_001")]
    assert "0 of 1 points" in page
    assert "tanh" in page


def test_the_class_page_begins_with_the_most_frequent_mistake(submitted):
    _, lessons, results = submitted
    frequent = pages.frequent_mistakes([result for result in results.values() if "honest" in result.file])
    assert [(exercise, mistake, len(who)) for exercise, mistake, _, who in frequent] == [("00.to_float", "range_0_1", 20)]
    page = pages.class_page(list(results.values()), lessons, ["network: off"])
    assert page.index("What to say on Monday") < page.index("range 0 1")
    assert "<script" not in page


def test_a_folder_is_a_student_and_the_better_of_two_notebooks_counts(tmp_path, submitted):
    for name, text in (("old", made.WRONG), ("new", made.RIGHT), ("newer", made.WRONG)):
        made.write(tmp_path, f"Ada/{name}.ipynb", made.answered(text))
    made.write(tmp_path, "__MACOSX/Ada/._new.ipynb", b"\x00")
    files = find_submissions(tmp_path)
    assert [student_of(file, tmp_path) for file in files] == ["Ada"] * 3
    results = grade(tmp_path, submitted[1])
    (row,) = csv.DictReader(io.StringIO(table.as_csv(results, submitted[1])))
    assert (row["student"], row["points"], row["of"]) == ("Ada", "1", "1")


def test_the_command_writes_its_files(tmp_path, capsys):
    made.write(tmp_path / "in", "ada.ipynb", made.answered(made.RIGHT))
    lines = command.grade_and_write(made.ROOT, tmp_path / "in", tmp_path / "out")
    assert "ada.ipynb: 00, 1 of 1 passed, 1 points" in capsys.readouterr().out
    assert lines[-1].startswith("wrote ")
    assert (tmp_path / "out" / "grades.csv").read_text().startswith("student,lessons,points,of,difficulty 1")
    assert (tmp_path / "out" / "class.html").is_file()
    assert len(list((tmp_path / "out" / "students").iterdir())) == 1


@pytest.mark.parametrize(("folder", "changed", "message"), [
    ("in", {"jobs": 0}, "--jobs must be at least 1, but it is 0"),
    ("in", {"limits": Limits(0.0)}, "--seconds must be at least 1, but it is 0.0"),
    ("in", {"limits": Limits(1.0, 5)}, "--memory must be at least 200, but it is 5"),
    ("nowhere", {}, "FOLDER must be a folder of submitted notebooks"),
    ("empty", {}, "FOLDER must hold submitted notebooks"),
])  # fmt: skip
def test_arguments_that_cannot_be_are_refused(tmp_path, folder, changed, message):
    (tmp_path / "in").mkdir()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=message):
        command.grade_and_write(made.ROOT, tmp_path / folder, tmp_path / "out", **changed)


def test_quiz_answers_are_read_where_the_notebook_keeps_them():
    from course_utils.grading import quizzes

    question = quizzes.questions_of("c1w1")[0]
    labels = [option.replace("`", "") for option in question.options]
    right = list(question.options).index(question.answer)
    model = {"model_name": "RadioButtonsModel", "state": {"_options_labels": labels, "index": right}}
    notebook = {"metadata": {"widgets": {quizzes.STATE: {"state": {"a": model}}}}}
    answers = quizzes.chosen(notebook, "c1w1")
    assert (answers[0]["chosen"], answers[0]["right"], answers[1]["chosen"]) == (question.answer, True, "")
    assert not any(a["chosen"] for a in quizzes.chosen({"metadata": {"widgets": 3}}, "c1w1"))
