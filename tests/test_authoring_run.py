"""Solutions are executed, tidied, and turned into slides."""

import base64
import io
import json
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from toy_course import (
    LEARNER,
    PNG,
    SOLUTION,
    SOURCE,
    build_toy,
    cell_with,
    change,
    notebook,
    pretend_executed,
    snapshot,
)

from course_utils import runtime
from course_utils.authoring import history, pictures, run, slides
from course_utils.authoring.source import find_lesson, read_lessons
from course_utils.checks.quiz import Question, _TextQuiz

# --- run


def test_run_keeps_the_executed_notebook_and_leaves_the_solution(course, tmp_path):
    build_toy(course)
    before = snapshot(course)
    path = run.run(course, "c1w1", "smoke", package="toy")
    assert path.name == "lesson.ipynb"
    assert path.parent.parent == tmp_path / "runs" / "executed"
    assert path.parent.name.endswith("-c1w1-smoke")
    assert snapshot(course) == before
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    counts = [cell.execution_count for cell in nb.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert cell_with(nb, "= check(area").outputs[0].text == "checked c1w1.area\n"
    executed = nb.metadata.executed
    assert executed.budget == "smoke"
    assert executed.seconds > 0
    assert executed.processor_seconds > 0
    assert executed.machine.cores >= 1
    assert executed.modules == []  # it imports only what judges answers
    assert executed.code == history.code_hash(course, nb, [])


def test_run_with_update_writes_the_solution_and_then_learners_get_the_figures(course, tmp_path):
    change(course / SOURCE, "import base64\n", "import base64\nimport os\n")
    change(
        course / SOURCE,
        "print(area(1.0) > 3, object())",
        "print(os.getcwd(), object())\nprint(*(os.environ[f'COURSE_{k}'] for k in ('BUDGET', 'HEADLESS', 'STRICT')))",
    )
    text = run.run_and_report(course, "c1w1", "smoke", update=True, package="toy")
    assert f"wrote {LEARNER}" in text
    assert "ran with smoke" in text
    assert "attachment:dot.png" in (course / LEARNER).read_text()
    printed = cell_with(notebook(course, SOLUTION), "b64decode").outputs[-1].text
    assert printed.splitlines() == ["notebooks/solutions/course1 <object object at 0x...>", "smoke 1 1"]
    report = build_toy(course, check=True)
    assert report.problems == []
    assert not any("c1w1" in note for note in report.notes)
    assert str(tmp_path / "runs" / "executed") in text


def test_a_failing_lesson_names_the_cell_and_the_error_and_leaves_the_solution(course, tmp_path):
    build_toy(course)
    pretend_executed(course)
    change(course / "toy" / "lib.py", "    return math.pi * square", "    return math.pie * square")
    build_toy(course)
    before = snapshot(course)
    with pytest.raises(run.LessonFailed) as failure:
        run.run(course, "c1w1", "smoke", update=True, package="toy")
    message = str(failure.value)
    assert "\n" not in message
    assert message.startswith(
        "c1w1: cell 14 (The area) failed with AttributeError: module 'math' has no attribute 'pie'"
    )
    (failed,) = (tmp_path / "runs" / "executed").glob("*-c1w1-smoke/failed.ipynb")
    assert str(failed) in message
    nb = nbformat.read(failed, as_version=4)
    assert cell_with(nb, "b64decode").outputs[-1].output_type == "error"
    assert cell_with(nb, "= check(area").outputs != []
    assert snapshot(course) == before


def test_a_kernel_that_dies_is_reported(course):
    change(course / SOURCE, "print(area(1.0) > 3, object())", "import os\nos._exit(1)")
    with pytest.raises(run.LessonFailed, match=r"cell 14 \(The area\) did not finish: the kernel died"):
        run.run(course, "c1w1", "smoke", package="toy")


def test_a_file_that_hides_a_module_is_named_before_the_kernel_starts(course):
    folder = course / "notebooks" / "solutions" / "course1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "random.py").write_text("1 / 0\n")
    with pytest.raises(run.LessonFailed, match=r"random\.py hides the module random from the notebooks beside it; rename it"):
        run.run(course, "c1w1", "smoke", package="toy")


def dies_once(course, tmp_path) -> None:
    """Build a lesson whose kernel dies in its first run and shows in the next what the environment tells trainings."""
    flag = (tmp_path / "died").as_posix()
    dying = f"import os\nfirst = not os.path.exists({flag!r})\nopen({flag!r}, 'w').close()\nif first:\n    os._exit(1)"
    change(course / SOURCE, "print(area(1.0) > 3, object())", f"{dying}\nprint('resumed', os.environ['COURSE_RESUME'])")
    with pytest.raises(run.LessonFailed, match="the kernel died"):
        run.run(course, "c1w1", "smoke", package="toy")


def test_a_stopped_run_is_taken_up_in_its_folder_and_a_whole_one_is_not(course, tmp_path, capsys):
    dies_once(course, tmp_path)
    (folder,) = (tmp_path / "runs" / "executed").iterdir()
    again = run.run(course, "c1w1", "smoke", package="toy")
    assert again.parent == folder
    assert "Taking up the stopped run" in capsys.readouterr().out
    assert "resumed 1" in again.read_text(encoding="utf-8")
    third = run.run(course, "c1w1", "smoke", package="toy")
    assert third.parent != folder
    assert "resumed 1" not in third.read_text(encoding="utf-8")
    assert "Taking up" not in capsys.readouterr().out


def test_a_run_that_is_kept_for_readers_or_is_another_ones_work_is_a_new_one(course, tmp_path):
    dies_once(course, tmp_path)
    (folder,) = (tmp_path / "runs" / "executed").iterdir()
    assert run.stopped_folder("c1w1-cpu") == (None, None)
    with FileLock(folder / run.LOCK):
        assert run.stopped_folder("c1w1-smoke") == (None, None)
    executed = run.run(course, "c1w1", "smoke", update=True, package="toy")
    assert executed.parent != folder


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{broken", "cannot be read"),
        ('{"argv": ["/no/such/python", "-f"]}', "names /no/such/python"),
        (json.dumps({"argv": [sys.executable, "-c", "1 / 0"], "display_name": "", "language": ""}), "Kernel died .* starts "),
    ],
)
def test_a_broken_kernelspec_is_named_with_the_remedy(course, tmp_path, monkeypatch, content, told):
    build_toy(course)
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(content)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setattr("jupyter_client.kernelspec.jupyter_path", lambda *a: [str(spec.parents[1])])
    with pytest.raises(run.LessonFailed, match=told) as caught:
        run.run(course, "c1w1", "smoke", package="toy")
    assert str(spec) in str(caught.value)
    assert "ipykernel install" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_solution_over_the_limit_is_refused(course):
    build_toy(course)
    before = snapshot(course)
    change(course / SOURCE, "print(area(1.0) > 3, object())", "print('x' * 700_000)")
    with pytest.raises(ValueError, match=r"c1w1_circles.ipynb has 70. kB, more than 700 kB"):
        run.run(course, "c1w1", "smoke", update=True, package="toy")
    assert snapshot(course) == before


def test_run_refuses_unknown_budgets_and_lessons(course):
    with pytest.raises(ValueError, match="budget must be one of smoke, cpu, gpu, but it is 'big'"):
        run.run(course, "c1w1", "big", package="toy")
    with pytest.raises(ValueError, match="no lesson 'c5w5'"):
        run.run(course, "c5w5", "smoke", package="toy")


def tidied(course, source, *outputs):
    """The outputs of a code cell of the first lesson, or of another, after ``tidy``."""
    lesson = find_lesson(read_lessons(course), "c1w1")
    text = next((cell.text for cell in lesson.cells if source in cell.text), source)
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text, outputs=list(outputs))])
    run.tidy(nb, course, lesson)
    return nb.cells[0].outputs


def drawn(pixels) -> str:
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=0)
    return base64.b64encode(data.getvalue()).decode()


def pixels_of(output) -> np.ndarray:
    picture = pictures.IMAGE.fullmatch(output.data["text/html"])["png"]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGBA"))


@pytest.mark.parametrize("alpha", [255, 100])
def test_tidy_packs_few_colours_without_changing_a_pixel(course, alpha):
    pixels = np.zeros((40, 40, 4), dtype=np.uint8)
    pixels[..., 0], pixels[..., 3] = np.arange(40)[:, None] * 5, alpha
    before = drawn(pixels)
    (output,) = tidied(course, "x", nbformat.v4.new_output("display_data", data={"image/png": before}))
    assert len(output.data["text/html"]) < len(before)
    assert "image/png" not in output.data
    assert (pixels_of(output) == pixels).all()


def test_many_colours_become_few_and_a_gradient_stays_smooth():
    side = np.linspace(0, 255, 300)
    smooth = np.stack([side[None].repeat(200, 0), side[:200, None].repeat(300, 1), np.full((200, 300), 128)], axis=-1)
    pixels = np.concatenate([smooth, np.full((200, 300, 1), 255)], axis=-1).astype(np.uint8)
    packed = base64.b64decode(pictures.packed(drawn(pixels)))
    picture = Image.open(io.BytesIO(packed))
    assert picture.mode == "P"
    error = np.asarray(picture.convert("RGBA")).astype(float) - pixels
    assert np.abs(error).max() < 32
    assert (error**2).mean() ** 0.5 < 5
    assert np.abs(np.diff(error[..., 0], axis=1)).max() < 40  # no dots beside each other, as dithering makes them


def test_small_marks_keep_their_colours():
    """Marks of a plot are few pixels; blue and green ones among many colours are not mixed to one."""
    side = np.linspace(0, 255, 300)
    pixels = np.stack([side[None].repeat(200, 0), side[:200, None].repeat(300, 1), np.full((200, 300), 128)], axis=-1)
    marks = {"blue": (0, 114, 178), "green": (0, 158, 115), "red": (213, 94, 0), "orange": (230, 159, 0)}
    for number, colour in enumerate(marks.values()):
        pixels[10:17, 20 + 30 * number : 27 + 30 * number] = colour
    packed = base64.b64decode(pictures.packed(drawn(pixels.astype(np.uint8))))
    shown = np.asarray(Image.open(io.BytesIO(packed)).convert("RGB"))
    for number, colour in enumerate(marks.values()):
        assert (shown[10:17, 20 + 30 * number : 27 + 30 * number] == colour).all()


def test_pictures_say_what_their_cell_or_their_figure_says(course):
    def image(alt):
        return nbformat.v4.new_output("display_data", data=runtime.picture(base64.b64decode(PNG), alt, 30))

    plain = nbformat.v4.new_output("display_data", data={"image/png": PNG, "text/plain": "<Image>"})
    (captioned,) = tidied(course, "b64decode", plain)
    assert captioned.data["text/html"].startswith('<img alt="One dot, and it is [black]." src=')
    assert captioned.data["text/plain"] == "One dot, and it is [black]."
    first, second = tidied(course, "b64decode", image("one"), image('"two"'))
    assert first.data["text/html"].startswith('<img alt="one" width="30" src=')
    assert second.data["text/html"].startswith('<img alt="&quot;two&quot;" width="30" src=')
    assert pictures.of({"outputs": [first, plain]})[1] == PNG
    change(course / SOURCE, '# %% figure="dot" caption', '# %% figure="dot" alt="A dot." caption')
    assert '<img alt="A dot."' in tidied(course, "b64decode", image("one"))[0].data["text/html"]


def test_tidy_removes_what_changes_from_run_to_run(course, tmp_path):
    output = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell(
        "x",
        metadata={"execution": {"iopub.execute_input": "now"}},
        outputs=[
            output("display_data", data={run.WIDGET: {"model_id": "1"}, "text/plain": "VBox()"}),
            output("execute_result", data={"text/plain": f"<f at 0x7f00deadbeef> {tmp_path}/runs/a"}),
            output("stream", text="10 %\r50 %\r"),
            output("stream", text=f"100 %\nsaved {tmp_path}/runs by {sys.prefix}/bin/python\r\n"),
        ],
    )
    nb = nbformat.v4.new_notebook(cells=[cell])
    run.tidy(nb, tmp_path, find_lesson(read_lessons(course), "c1w1"))
    assert "execution" not in cell.metadata
    assert [output.get("text") or output.data["text/plain"] for output in cell.outputs] == [
        "<f at 0x...> runs/a",
        "100 %\nsaved runs by .venv/bin/python\n",
    ]


# --- slides


def test_slides_hold_pictures_and_leave_out_what_the_build_wrote(course):
    build_toy(course)
    pretend_executed(course)
    (file,) = slides.make_slides(course, "c1w1")
    assert file == course / "build" / "slides" / "c1w1_circles.html"
    page = file.read_text(encoding="utf-8")
    assert "Circles: the first" in page
    assert PNG in page
    for hidden in ("Start here", "%pip", "Hint 1 of 2", "c1w1.area", "import functools", "Exercise 1 of"):
        assert hidden not in page
    needed = re.findall(r'(?:href|src)="(vendor/[^"]+)"', page)
    assert len(needed) == 5
    assert all((file.parent / name).is_file() for name in needed)
    assert not re.search(r'(?:href|src)="https?:', page)
    written = [file.name for file in slides.make_slides(course)]
    assert written == ["00_start_here.html", "c1w1_circles.html", "c1w2_second.html"]


def test_answers_have_a_slide_of_their_own_and_stay_folded():
    text = "## Why\n\nThink first.\n\n<details>\n<summary>Answer</summary>\n\nBecause **so**.\n\n</details>\n\nOn."
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    titles, bodies = zip(*slides.slides_of(nb), strict=True)
    assert titles == ("Why", "Why", "Why")
    assert bodies[1].startswith("<details><summary>Answer</summary>\n<p>Because <strong>so</strong>.</p>")
    assert "Think first" in bodies[0]


def test_long_text_and_long_code_are_cut_to_what_fits():
    paragraphs = "\n\n".join(["word " * 60] * 3)
    code = 'def f():\n    """One line."""\n    x = """a\n    b"""\n' + "    y = 1\n" * 30
    made = [nbformat.v4.new_markdown_cell(paragraphs), nbformat.v4.new_code_cell(code)]
    *texts, shown = slides.slides_of(nbformat.v4.new_notebook(cells=made))
    assert len(texts) == 3
    plain = re.sub(r"<[^>]+>", "", shown[1]).strip()
    assert len(plain.splitlines()) == slides.MOST_LINES
    assert "One line" in plain
    assert plain.endswith("# ... the rest is in the notebook")


def test_what_was_printed_is_shown_to_its_end():
    text = "a  b\n" * 15 + "\n" + "c  d\n" * 20
    printed = nbformat.v4.new_code_cell("show()", outputs=[nbformat.v4.new_output("stream", text=text)])
    code, *shown = (body for _, body in slides.slides_of(nbformat.v4.new_notebook(cells=[printed])))
    assert "show" in code
    assert [body.count("a  b") + body.count("c  d") for body in shown] == [15, 20]
    assert all(body.startswith('<pre class="shown columns">') for body in shown)


def test_a_formula_stays_with_the_text_above_it():
    text = "\n\n".join(["word " * (slides.MOST_WORDS - 20), "So for every attack:", "$$a \\le b$$", "word " * 50])
    (_, first), (_, second) = slides.slides_of(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)]))
    assert "So for every attack:" in first
    assert "$$" in first
    assert "$$" not in second


def test_an_answer_is_shown_to_its_end():
    code = "def f():\n" + "    y = 1\n" * 15 + "\n" + "    y = 2\n" * 20 + "    return y\n"
    answer = nbformat.v4.new_code_cell(code, metadata={"tags": ["course-exercise"]})
    shown = [re.sub(r"<[^>]+>", "", body).strip("\n") for _, body in slides.slides_of(nbformat.v4.new_notebook(cells=[answer]))]
    assert [len(page.splitlines()) for page in shown] == [16, 21]
    assert "\n".join([shown[0], "", shown[1]]) == code.strip("\n")


def test_the_quiz_has_a_slide_a_question_with_the_answer_folded_away():
    two = (Question("Is `a` 1?", {"Yes": "It is.", "No, 2": "One."}, "Yes"), Question("And b?", {"1": "x", "2": "y"}, "2"))
    shown = nbformat.v4.new_output("display_data", {"text/plain": repr(_TextQuiz(two))})
    made = [nbformat.v4.new_markdown_cell("## Quiz"), nbformat.v4.new_code_cell('quiz("c1w1")', outputs=[shown])]
    titles, bodies = zip(*slides.slides_of(nbformat.v4.new_notebook(cells=made)), strict=True)
    assert titles == ("Quiz", "Quiz")
    asked, folded = bodies[0].split("<details>")
    assert "<code>a</code>" in asked
    assert re.findall("<li>(.+)</li>", asked) == ["Yes", "No, 2"]
    assert "Yes It is." in folded
    assert "2 y" in bodies[1].split("<details>")[1]


@pytest.mark.parametrize(
    ("printed", "kind"), [("one   two\n  1     2", "shown columns"), ("A sentence.", "shown"), ("a  b" * 50, "shown")]
)
def test_columns_stay_below_one_another_and_sentences_are_wrapped(printed, kind):
    cell = nbformat.v4.new_code_cell("show()", outputs=[nbformat.v4.new_output("stream", text=printed)])
    ((_, body),) = slides.slides_of(nbformat.v4.new_notebook(cells=[cell]))
    assert f'<pre class="{kind}">' in body


def test_slides_of_a_lesson_that_was_never_built(course):
    with pytest.raises(FileNotFoundError, match="run `course build` first"):
        slides.make_slides(course, "c1w1")


def test_notebook_files_are_valid_json_with_sorted_keys(course):
    build_toy(course)
    text = (course / LEARNER).read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n" == text


def test_what_a_cell_printed_stands_below_its_code_and_outcomes_stand_without():
    shown = [
        nbformat.v4.new_output("stream", text="one\n"),
        nbformat.v4.new_output("display_data", {"text/plain": "two"}),
    ]
    made = [
        nbformat.v4.new_code_cell(text, outputs=shown) for text in ("print(1)\nshow(2)", "outcome('a', 1, below=2)")
    ]
    folded = nbformat.v4.new_code_cell("secret()", outputs=shown, metadata={"jupyter": {"source_hidden": True}})
    first, second, third = (body for _, body in slides.slides_of(nbformat.v4.new_notebook(cells=[*made, folded])))
    assert "print" in first
    assert second == third == '<pre class="shown">one\ntwo</pre>'
    assert second in first


def test_the_picture_that_a_text_announces_is_on_its_slide(tmp_path):
    (file,) = slides.make_slides(Path(__file__).parents[1], "c1w4a", tmp_path)
    sections = file.read_text(encoding="utf-8").split("<section>")
    (announced,) = [section for section in sections if "What you are about to make" in section]
    assert announced.count("<img") == 1


def _drawn(source: str, tags=()):
    picture = nbformat.v4.new_output("display_data", {"image/png": "AAAA", "text/plain": "<Figure>"})
    return nbformat.v4.new_code_cell(source, outputs=[picture], metadata={"tags": list(tags)})


def test_a_line_that_only_draws_makes_way_for_its_picture():
    made = [_drawn("show()"), _drawn("show()", ["course-exercise"]), _drawn("x = 1\ny = 2\nshow()")]
    bodies = [body for _, body in slides.slides_of(nbformat.v4.new_notebook(cells=made))]
    assert ["<img" in body for body in bodies] == [True, False, True, False, True]


def test_a_heading_with_something_below_it_is_no_slide_of_its_own():
    texts = ("## Read it", "Slowly.", "## The end")
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text) for text in texts])
    assert slides.slides_of(nb) == [("Read it", "<p>Slowly.</p>"), ("The end", "")]
