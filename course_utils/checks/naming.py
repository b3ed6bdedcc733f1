"""Exercises in which a learner names cases one after the other: "run A", "run B", ... each get one of several names.

A function of a case returns its name. What is told is which cases have no name yet, how many names are right, and what speaks
against a wrong one; never which name is right.
"""

import dataclasses
import inspect
from collections.abc import Callable, Collection

from course_utils.checks.cases import KIND, Case, scenario
from course_utils.checks.engine import exercise
from course_utils.checks.mistakes import Mistake, Record, mistake
from course_utils.checks.observe import NothingYet, Seen
from course_utils.checks.symptoms import returns

_WORDS = "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"
_NO_ENTRY = LookupError, UnboundLocalError  # of a table without the case, of a chain of `if` without its branch


@dataclasses.dataclass(frozen=True)
class Naming:
    """``noun``: what a case is, "run"; ``names``: those to choose from; ``right(case)``: the name of a case."""

    noun: str
    cases: tuple[str, ...]
    names: Collection[str]
    right: Callable[[str], str]

    @property
    def case(self) -> Case:
        return dataclasses.replace(scenario(self._label, self._seen), asks=self.cases)

    @property
    def _label(self) -> str:
        return f"called with each of the {_WORDS[len(self.cases)]} {self.noun}s"

    def _seen(self, candidate) -> Seen:
        """What is no name (``...``, "", None, nothing found) is an answer that is missing; None alone is a missing `return`."""
        answers, error = {}, None
        for case in self.cases:
            try:
                answers[case] = candidate(case)
            except _NO_ENTRY as found:
                error = error or found
        given = {case: a for case, a in answers.items() if a is not None and a is not ... and not _empty(a)}
        if not given and error is not None:
            raise error
        if not given and not all(a is None for a in answers.values()):
            raise NothingYet(
                f"There is nothing to judge yet: none of the {_WORDS[len(self.cases)]} {self.noun}s has a name."
            )
        known = {case: a if isinstance(a, str) else None for case, a in given.items()}
        return Seen(
            {
                self._right: sum(known[case] == self.right(case) for case in known),
                self._unnamed: tuple(case for case in self.cases if case not in given) if given else (),
                KIND: ", ".join(sorted({type(a).__name__ for a in given.values()})) or "None",
            },
            known,
        )

    @property
    def _right(self) -> str:
        return f"the number of {self.noun}s with the right name"

    @property
    def _unnamed(self) -> str:
        return f"{self.noun}s without a name"

    def given(self, record: Record) -> dict:
        """The name of each case that has an answer; None where it is no text."""
        return {} if record.got[self._label].error else record.got[self._label].trace

    def wrong(self, record: Record) -> list[str]:
        """The cases that have another name than theirs."""
        return [case for case, name in self.given(record).items() if name != self.right(case)]

    def all_alike(self, record: Record) -> bool:
        """Do all cases have one name?"""
        given = self.given(record)
        return len(given) == len(self.cases) and len(set(given.values())) == 1 and None not in given.values()

    def mistakes(self, *own: Mistake, against: Callable[[str, str], str]) -> tuple[Mistake, ...]:
        """What can go wrong in any such exercise, then ``own``, then one for each case that has the name of another.

        ``against(case, name)`` says in a sentence or two what speaks against that name.
        """
        noun, count = self.noun, _WORDS[len(self.cases)]
        argument = next(iter(inspect.signature(self.right).parameters))
        usual = (
            mistake("no_return",
                f"The function returns None for every {noun}. Is there an answer for each of the {count}, and a `return`?",
                symptom=lambda r: returns(r, "None")),
            mistake("whole_table",
                f"All the names came back at once. Asked for is the name of one {noun}: look it up, as in `names[{argument}]`.",
                symptom=lambda r: returns(r, "dict")),
            mistake("no_text",
                f"The answer is of the type `VALUE`. Asked for is the name of one {noun}: the text alone, in quotation marks.",
                symptom=lambda r: next((g for g, _ in r.pairs(KIND) if g in ("list", "tuple", "set", "int", "float")), ""),
                explains=(KIND, self._right)),
            mistake("no_such_key",
                f"The table of names has no entry VALUE. The function gets the whole name of a {noun}, and there are {count}, "
                f"{self.cases[0][-1]} to {self.cases[-1][-1]}.",
                symptom=lambda r: next((str(error) for error in r.errors() if isinstance(error, KeyError)), "")),
            mistake("no_name_yet", "VALUE", symptom=self._so_far, explains=(self._unnamed,)),
            mistake("unknown_name",
                f"VALUE is not among the {_WORDS[len(self.names)]} names of the docstring. They are compared letter by letter: "
                "copy them from there.",
                symptom=self._unknown, explains=(self._right,)),
        )  # fmt: skip
        return (*usual, *own, *(self._called_something_else(case, against) for case in self.cases))

    def _so_far(self, record: Record) -> str:
        missing = record.got[self._label].facts.get(self._unnamed)
        if not missing:
            return ""
        *others, last = missing
        who = f"{', '.join(others)} and {last} have" if others else f"{last} has"
        named = len(self.given(record))
        right = named - len(self.wrong(record))
        if named == 1:
            so_far = f"The one that has a name is {'right' if right else 'wrong'}."
        else:
            how_many = ("both" if named == 2 else "all") if right == named else _WORDS[right]
            so_far = f"Of the {_WORDS[named]} that have one, {how_many} {'is' if right < 2 else 'are'} right."
        return f"{_capital(who)} no name yet. {so_far}"

    def _unknown(self, record: Record) -> str:
        return next((f"“{name[:60]}”" for name in self.given(record).values() if name and name not in self.names), "")

    def _called_something_else(self, case: str, against: Callable) -> Mistake:
        def seen(record: Record) -> str:
            name = self.given(record).get(case)
            if name not in self.names or name == self.right(case):
                return ""
            wrong, complete = len(self.wrong(record)), len(self.given(record)) == len(self.cases)
            how_many = f"{_capital(_WORDS[wrong])} of the {_WORDS[len(self.cases)]} names are wrong; here is one. "
            return (how_many if wrong > 1 and complete else "") + against(case, name)

        name = f"{case} called something else".replace(" ", "_")
        return mistake(name, "VALUE", symptom=seen, explains=(self._right,))


def diagnosis(exercise_id: str, reference: str, named: Naming, clues: dict[str, str]) -> None:
    """Register an exercise of naming. ``clues[case]`` says what to look at when that case has the name of another."""

    def against(case: str, name: str) -> str:
        return f"{_capital(case)} is not “{name}”: {clues[case]}"

    exercise(exercise_id, reference, cases=(named.case,), mistakes=named.mistakes(against=against))


def _empty(answer) -> bool:
    return isinstance(answer, str) and not answer.strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
