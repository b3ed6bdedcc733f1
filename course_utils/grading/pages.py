"""The grades as pages to read: one for each student, one over the class. Whatever was submitted is shown as text."""

import collections
import hashlib
import html
import re
import unicodedata

from course_utils.checks.report import html_of
from course_utils.grading.catalogue import Lesson
from course_utils.grading.grade import Result
from course_utils.grading.table import by_student, graded, points_by_difficulty

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #1b7f5c; --bad: #b8500a; --dim: #666; }
@media (prefers-color-scheme: dark) { :root { --good: #4cc79a; --bad: #ff9a55; --dim: #aaa; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
@media (max-width: 40rem) { .wide table { font-size: 85%; } td, th { overflow-wrap: anywhere; min-width: 3.5rem; } }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.passed { color: var(--good); } .wrong, .raised, .not-graded { color: var(--bad); } .not-attempted { color: var(--dim); }
pre { overflow: auto; max-height: 20rem; padding: .5rem; border: 1px solid var(--line); white-space: pre-wrap; }
section { border-left: 4px solid var(--line); padding-left: 1rem; margin: 1.2rem 0; }
.bar { background: var(--good); height: .7rem; min-width: 1px; }
"""
MOST_MISTAKES, MOST_NAMES = 12, 8


def file_name(student: str) -> str:
    """A file name for a student, made of plain letters, that no other student's is equal to."""
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    short = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")[:40] or "student"
    return f"{short}-{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:8]}.html"


def student_pages(results: list[Result], lessons: dict[str, Lesson]) -> dict[str, str]:
    """``{file name: HTML}``, a page for every student."""
    return {file_name(name): _student(name, theirs, lessons) for name, theirs in by_student(results).items()}


def _page(title: str, body: list[str]) -> str:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    title = html.escape(title)
    parts = "\n".join(body)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}{policy}<title>{title}</title><style>{_STYLE}</style></head>\n'
        f"<body><main>\n<h1>{title}</h1>\n{parts}\n</main></body></html>\n"
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    """``rows`` are HTML already."""
    top = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in head)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>\n{body}\n</tbody></table></div>'


def _student(student: str, results: list[Result], lessons: dict[str, Lesson]) -> str:
    body = [f"<p>{html.escape(r.file)}: not graded, {html.escape(r.problem)}.</p>" for r in results if r.problem]
    levels = points_by_difficulty(results, lessons)
    if levels:
        total = tuple(map(sum, zip(*levels.values(), strict=True)))
        rows = [[str(n), f"{got} of {possible}"] for n, (got, possible) in levels.items()]
        body.append(f"<p><strong>{total[0]} of {total[1]} points.</strong></p>")
        body.append(_table(["difficulty", "points"], rows))
    for result in graded(results):
        body += _lesson(result, lessons[result.lesson])
    return _page(student, body)


def _lesson(result: Result, lesson: Lesson) -> list[str]:
    rows = [
        [
            f'<a href="#{html.escape(e.id)}">{html.escape(e.name)}</a>',
            _verdict(result.verdicts[e.id]),
            f"{e.points * result.passed(e.id)} of {e.points}",
        ]
        for e in lesson.exercises
    ]
    head = f"<h2>{html.escape(lesson.title)} ({html.escape(lesson.id)})</h2>"
    parts = [head, _table(["exercise", "verdict", "points"], rows)]
    return [*parts, *(_exercise(result, e.id, e.name) for e in lesson.exercises), _quiz(result.quiz)]


def _verdict(report: dict) -> str:
    said = html.escape(report["verdict"])
    return f'<span class="{said.replace(" ", "-")}">{said}</span>'


def _exercise(result: Result, exercise: str, name: str) -> str:
    report = result.verdicts[exercise]
    texts = [result.notes.get(exercise, "")] if result.notes.get(exercise) != report["summary"] else []
    texts += [*report["details"], report["summary"]]
    parts = [f"<p>{html_of(text)}</p>" for text in texts if text]
    if report["numbers"]:
        parts.append("<ul>" + "".join(f"<li>{html_of(text)}</li>" for text in report["numbers"]) + "</ul>")
    if report["printed"]:
        parts.append(f"<p>It printed:</p><pre>{html.escape(report['printed'])}</pre>")
    if result.code.get(exercise):
        shown = html.escape(result.code[exercise].strip("\n")[:8000])
        parts.append(f"<details><summary>What was judged</summary><pre>{shown}</pre></details>")
    title = f"<h3>{html.escape(name)}: {_verdict(report)}</h3>"
    return f'<section id="{html.escape(exercise)}">{title}{"".join(parts)}</section>'


def _quiz(answers: list[dict]) -> str:
    if not any(answer["chosen"] for answer in answers):
        return "<p>Quiz: the notebook keeps no answers (JupyterLab saves them with <em>Save Widget State</em> on).</p>"
    rows = [
        [html_of(a["question"]), html_of(a["chosen"] or "no answer"), "right" if a["right"] else "not right"]
        for a in answers
    ]
    return "<h3>Quiz</h3>" + _table(["question", "chosen", ""], rows)


# --- the class ---------------------------------------------------------------------------------------------------------


def class_page(results: list[Result], lessons: dict[str, Lesson], limits: list[str]) -> str:
    """What to say on Monday: which exercises went how, which mistakes are frequent; ``limits`` say how safely it ran."""
    students = by_student(results)
    counted = [result for theirs in students.values() for result in graded(theirs)]
    body = [f"<p>{len(students)} students, {len(results)} notebooks, {len(counted)} graded.</p>"]
    body += [_mistakes(counted, lessons), _shares(counted, lessons), _everybody(students, lessons)]
    body.append("<h2>How it ran</h2><ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in limits) + "</ul>")
    return _page("The class", body)


def frequent_mistakes(results: list[Result]) -> list[tuple[str, str, str, list[str]]]:
    """(exercise, mistake, what it says, who has it), the most frequent first."""
    found: dict[tuple[str, str], list] = collections.defaultdict(list)
    said: dict[tuple[str, str], str] = {}
    for result in results:
        for exercise, report in result.verdicts.items():
            texts = report["details"] or [report["summary"]]
            for number, name in enumerate(report["mistakes"]):
                found[exercise, name].append(result.student)
                said.setdefault((exercise, name), texts[min(number, len(texts) - 1)])
    order = sorted(found, key=lambda key: (-len(found[key]), key))
    return [(*key, said[key], found[key]) for key in order]


def _mistakes(results: list[Result], lessons: dict[str, Lesson]) -> str:
    rows = []
    for exercise, name, text, who in frequent_mistakes(results)[:MOST_MISTAKES]:
        names = ", ".join(who[:MOST_NAMES]) + (f" and {len(who) - MOST_NAMES} more" if len(who) > MOST_NAMES else "")
        known = html.escape(f"{exercise}, {name.replace('_', ' ')}")
        rows.append([str(len(who)), known, html_of(text), html.escape(names)])
    title = "<h2>What to say on Monday</h2>"
    if not rows:
        return f"{title}<p>No mistake was recognised by name.</p>"
    return title + _table(["students", "exercise and mistake", "what it is", "who"], rows)


def _shares(results: list[Result], lessons: dict[str, Lesson]) -> str:
    rows = []
    for lesson in lessons.values():
        theirs = [result for result in results if result.lesson == lesson.id]
        for exercise in lesson.exercises if theirs else ():
            counts = collections.Counter(result.verdicts[exercise.id]["verdict"] for result in theirs)
            share = counts["passed"] / len(theirs)
            bar = f'<div class="bar" style="width:{100 * share:.0f}%" role="img" aria-label="{share:.0%} passed"></div>'
            said = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
            rows.append([html.escape(exercise.id), str(exercise.points), f"{bar}{share:.0%}", html.escape(said)])
    return "<h2>Exercises</h2>" + _table(["exercise", "difficulty", "passed", "verdicts"], rows) if rows else ""


def _everybody(students: dict[str, list[Result]], lessons: dict[str, Lesson]) -> str:
    rows = []
    for student, theirs in students.items():
        got = sum(result.points for result in graded(theirs))
        possible = sum(lessons[result.lesson].points for result in graded(theirs))
        problems = "; ".join(f"{result.file}: {result.problem}" for result in theirs if result.problem)
        link = f'<a href="students/{file_name(student)}">{html.escape(student)}</a>'
        rows.append([link, f"{got} of {possible}", html.escape(problems)])
    return "<h2>Students</h2>" + _table(["student", "points", "problem"], rows)
