"""The answers to a lesson's quiz, where a notebook keeps them: JupyterLab saves the state of widgets on request."""

from course_utils.checks.quiz import questions_of as asked_in

STATE = "application/vnd.jupyter.widget-state+json"


def questions_of(lesson: str) -> tuple:
    """The lesson's questions; none where it has no quiz."""
    try:
        return asked_in(lesson)
    except ValueError:
        return ()


def chosen(notebook: dict, lesson: str) -> list[dict]:
    """For each question its text, the answer that was chosen ("" for none that is kept) and whether it is right."""
    groups = _radio_buttons(notebook)
    found = []
    for question in questions_of(lesson):
        shown = [option.replace("`", "") for option in question.options]  # as the radio buttons are labelled
        index = next((index for labels, index in groups if labels == shown), None)
        answer = list(question.options)[index] if isinstance(index, int) and 0 <= index < len(shown) else ""
        found.append({"question": question.text, "chosen": answer, "right": answer == question.answer})
    return found


def _radio_buttons(notebook: dict) -> list[tuple[list, object]]:
    """(labels, index of the chosen one) of every group of radio buttons whose state the notebook holds, the last first."""
    try:
        models = notebook["metadata"]["widgets"][STATE]["state"].values()
        states = [m["state"] for m in models if m.get("model_name") == "RadioButtonsModel"]
        return [(s.get("_options_labels"), s.get("index")) for s in reversed(states)]
    except (KeyError, TypeError, AttributeError):
        return []
