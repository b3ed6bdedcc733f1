"""A short quiz: radio buttons that explain every option in a live notebook, questions and answers as text elsewhere."""

import dataclasses
import importlib

from course_utils.checks.places import part_of
from course_utils.checks.report import card, html_of
from course_utils.runtime import headless, in_notebook


@dataclasses.dataclass(frozen=True)
class Question:
    """``options`` maps each offered answer to its explanation; ``answer`` is the right one."""

    text: str
    options: dict[str, str]
    answer: str

    def __post_init__(self):
        if self.answer not in self.options:
            raise ValueError(f"answer {self.answer!r} must be one of the options {list(self.options)}")

    def explain(self, chosen: str) -> str:
        """What to say to somebody who chose this option."""
        verdict = "Right." if chosen == self.answer else "Not this one."
        return f"{verdict} {self.options[chosen]}"


class _TextQuiz:
    """The questions with answers behind a fold, for pages without a kernel and for terminals."""

    def __init__(self, questions):
        self.questions = questions

    def __repr__(self):
        lines = []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            lines += [f"   - {option}" for option in question.options]
            lines.append(f"   Answer: {question.answer} {question.options[question.answer]}")
        return "\n".join(lines)

    def _repr_html_(self):
        return "".join(
            card(
                f"<b>{number}. {html_of(q.text)}</b><ul>"
                + "".join(f"<li>{html_of(option)}</li>" for option in q.options)
                + "</ul><details><summary>Answers explained</summary><ul>"
                + "".join(f"<li><i>{html_of(o)}</i> {html_of(q.explain(o))}</li>" for o in q.options)
                + "</ul></details>",
                "#7570b3",
            )
            + "<br>"
            for number, q in enumerate(self.questions, 1)
        )


def questions_of(lesson: str) -> tuple[Question, ...]:
    """The questions of a lesson, ``QUIZ`` in ``course_utils.lessons.<lesson>.quiz``.

    Raises ``ValueError`` when the lesson has none.
    """
    module = part_of(lesson, "quiz")
    try:
        return tuple(importlib.import_module(module).QUIZ)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.rpartition(".")[0]):
            raise
        raise ValueError(f"lesson {lesson!r} has no quiz") from None


def quiz(lesson: str) -> None:
    """Show the quiz of a lesson.

    Raises ``ValueError`` when the lesson has none.
    """
    questions = questions_of(lesson)
    if not in_notebook():
        print(_TextQuiz(questions))
        return
    from IPython.display import display

    if headless():
        display(_TextQuiz(questions))
    else:
        from course_utils.widgets.still import Still

        text = _TextQuiz(questions)
        Still(_live(questions), _AGAIN, {"text/html": text._repr_html_(), "text/plain": repr(text)})


_AGAIN = "The quiz needs its kernel. Run this cell again to answer it."


def _live(questions):
    import ipywidgets as widgets

    rows = [_live_question(number, question) for number, question in enumerate(questions, 1)]
    box = widgets.VBox(rows)
    box.add_class("course-quiz")
    return box


def _live_question(number: int, question: Question):
    import ipywidgets as widgets

    text = widgets.HTML(f"<b>{number}. {html_of(question.text)}</b>")
    wide = widgets.Layout(width="auto")
    plain = [(option.replace("`", ""), option) for option in question.options]  # a radio button's label shows no code
    choice = widgets.RadioButtons(options=plain, value=None, layout=wide)
    answer = widgets.HTML()

    def explain(change):
        colour = "#1b9e77" if change["new"] == question.answer else "#d95f02"
        answer.value = card(html_of(question.explain(change["new"])), colour)

    choice.observe(explain, names="value")
    return widgets.VBox([text, choice, answer], layout=widgets.Layout(margin="0 0 12px 0"))
