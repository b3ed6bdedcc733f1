"""Named mistakes: wrong programs and symptoms, and which of them a wrong candidate has."""

import dataclasses
import functools
import itertools
import math
import time
from collections.abc import Callable, Iterator

import torch

from course_utils.checks.cases import DEVICE, DTYPE, KIND, RESULT
from course_utils.checks.errors import explain
from course_utils.checks.observe import RAISES, Seen, alike, differing, same, same_text, text_of
from course_utils.checks.one_more import one_more_or_less
from course_utils.checks.programs import Body, Program, Whole
from course_utils.checks.slips import slips

PAIRS = 400  # at most as many pairs of edits are tried
SLIPS, SECONDS = 2.0, 5.0  # of the processor, in which slips, and then pairs of edits, are tried for one candidate


@dataclasses.dataclass(frozen=True)
class Mistake:
    """``programs`` are edits of the reference, any of which is the mistake; ``symptom(record)`` says that it was seen.

    ``explains`` are beginnings of the names of facts that the symptom is about, "the exception" for whole cases in which one
    is missing or another: the other facts may hold a second mistake. So may cases with none of the words ``cases`` in their
    names. One that comes ``first`` is looked for before all own ones, one that comes ``last`` only says how the result looks,
    and is told where nothing says why, such as what most cases raise; one that is ``aside`` is not told alone where other
    facts, or cases, are wrong and remain unexplained.
    """

    id: str
    message: str
    programs: tuple = ()
    symptom: Callable | None = None
    explains: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    aside: bool = False
    first: bool = False
    last: bool = False


def mistake(
    name: str,
    *edits_and_message,
    symptom: Callable | None = None,
    explains: tuple = (),
    cases: tuple = (),
    values: tuple = (),
    aside: bool = False,
    first: bool = False,
    last: bool = False,
):
    """A named mistake: ``mistake(id, ("old text", "new text"), ..., "message")`` or ``mistake(id, "message", symptom=...)``.

    Each edit is a wrong program of its own: ("old", "new"), or ("old", "new", "old", "new") for two changes at once, or
    ``Body("...")`` for another body. With ``values`` the word VALUE in edits and message stands for each in turn, so that
    the message can say what was measured. ``symptom(record)`` is a predicate on what was observed; it may return a
    string, which takes the place of VALUE in the message. A beginning that calls the rest right stands in square brackets,
    "[The values are right, but] they have no graph": it is told only where this mistake is the only one.
    """
    *edits, message = edits_and_message
    if not isinstance(message, str) or not (edits or symptom):
        raise ValueError(f"{name}: expected edits or a symptom, and a message at the end")
    for edit in edits:
        if not isinstance(edit, Body | Whole) and (not isinstance(edit, tuple) or len(edit) % 2):
            raise ValueError(f'{name}: an edit is ("old", "new"), a new text for each old one, but this one is {edit!r}')
    texts = [text for edit in edits for text in ([edit] if isinstance(edit, str) else edit)]
    if not values and any("VALUE" in text for text in (*texts, *([] if symptom else [message]))):
        raise ValueError(f"{name}: VALUE stands in an edit or in the message, but nothing takes its place: give values=(...)")
    programs = [(_filled(edit, v), str(v)) for edit in edits for v in values] or [(edit, "") for edit in edits]
    words = " ".join(message.split())
    return Mistake(name, words, tuple(programs), symptom, tuple(explains), tuple(cases), aside, first, last)


def _filled(edit, value):
    if isinstance(edit, Body):
        return Body(edit.replace("VALUE", str(value)))
    return tuple(text.replace("VALUE", str(value)) for text in edit)


@dataclasses.dataclass(frozen=True)
class Found:
    """A mistake that a candidate has, with its message as it is to be shown."""

    id: str
    message: str


def as_told(named: tuple[Found, ...]) -> tuple[str, ...]:
    """The messages as a learner reads them: without brackets where one is alone, without what stands in them beside others."""
    told = []
    for message in (found.message for found in named):
        clause, end, rest = message[1:].partition("] ") if message.startswith("[") else ("", "", message)
        told.append(f"{clause}{end[1:]}{rest}" if len(named) == 1 else rest[:1].upper() + rest[1:])
    return tuple(told)


class Record:
    """All that was seen of a candidate, ``got``, and of the reference, ``wanted``: a ``Seen`` for each case, by its name."""

    def __init__(self, got: dict[str, Seen], wanted: dict[str, Seen]):
        self.got, self.wanted = got, wanted
        self.differing = {name: differing(seen, wanted[name]) for name, seen in got.items()}

    @property
    def names(self) -> set[str]:
        """The names of all facts that differ in some case."""
        return {name for names in self.differing.values() for name in names}

    def only(self, *beginnings: str) -> bool:
        """Do some facts differ, and all that do begin with one of these words?"""
        return bool(self.names) and all(name.startswith(beginnings) for name in self.names)

    def pairs(self, beginning: str) -> Iterator[tuple]:
        """(got, wanted) of each fact of each case whose name begins so, where both have it."""
        for case, seen in self.got.items():
            for name, value in seen.facts.items():
                if name.startswith(beginning) and name in self.wanted[case].facts:
                    yield value, self.wanted[case].facts[name]

    def traces(self, name: str) -> Iterator[tuple]:
        """(got, wanted) of each case's trace of this name, where both have it."""
        for case, seen in self.got.items():
            if name in seen.trace and name in self.wanted[case].trace:
                yield seen.trace[name], self.wanted[case].trace[name]

    def errors(self) -> list[Exception]:
        """What the candidate raised where the reference did not."""
        return [
            s.error for case, s in self.got.items() if s.error is not None and RAISES not in self.wanted[case].facts
        ]

    def raised(self, text: str) -> bool:
        """Did the candidate raise an exception with this in its message, where the reference raised none?"""
        return any(text in text_of(error) for error in self.errors())


class Book:
    """The mistakes of one exercise: its own, with their wrong programs made once, then the generic ones."""

    def __init__(self, reference: str, cases: tuple, own: tuple[Mistake, ...], generic: tuple[Mistake, ...]):
        self.cases, self.own, self.generic = cases, own, generic
        self.programs = [
            (m, Found(m.id, m.message.replace("VALUE", value)), Program(reference, (edit,)))
            for m in own
            for edit, value in m.programs
        ]
        self.reference, self._pairs, self._cost = reference, {}, {}

    def _running(self, program: Program) -> bool:
        """Does it run in some case? An exception that all cases raise alike says little about its cause."""
        return not self._raising(program)

    def _raising(self, program: Program) -> bool:
        return all(RAISES in program.look(case).facts for case in self.cases)

    def find(self, record: Record) -> tuple[Found, ...]:
        """The mistakes that explain what was seen; empty when none does, or when the search for it takes too long."""
        runs = any(RAISES not in seen.facts for seen in record.got.values())  # else no program that runs can be like it
        self._spent = {"slips": SLIPS * runs, "pairs": SECONDS * runs}
        return self._find(record)

    def _in_time(self, what: str, items) -> Iterator:
        """The items, until as much of the processor's time has been spent on them as there is for one candidate."""
        for item in items:
            began = time.thread_time()
            if self._spent[what] <= 0:
                return
            yield item
            self._spent[what] -= time.thread_time() - began

    def _find(self, record: Record) -> tuple[Found, ...]:
        return (
            self._exact(record, self._running)
            or self._symptom(record, tuple(m for m in self.generic if m.first))
            or self._elsewhere(record)
            or self._symptom(record, self.own)
            or self._exact(record, self._running, (DTYPE,))
            or self._exact(record, self._raising)
            or self._scaled(record)
            or self._symptom(record, tuple(m for m in self.generic if not m.last))
            or self._slip(record)
            or self._one_more_or_less(record)
            or self._partly(record)
            or self._two(record)
            or self._scaled(record, several=True)
            or self._symptom(record, tuple(m for m in self.generic if m.last))
            or self._where_it_ran(record)
        )

    def _elsewhere(self, record: Record) -> tuple[Found, ...]:
        """What is wrong on a GPU beside something else: two mistakes, each told from cases of its own."""
        trouble = [case for case, names in record.differing.items() if names and _device_trouble(record, case)]
        rest = Record({c: seen for c, seen in record.got.items() if c not in trouble}, record.wanted)
        if not trouble or not rest.names:
            return ()
        found = self._find(rest)  # without a name for the rest the device alone would send a learner the wrong way
        return (*found, *(Found(m.id, m.message) for m in self.generic if m.id == "wrong_device")) if found else ()

    def _where_it_ran(self, record: Record) -> tuple[Found, ...]:
        """The mistakes seen in the cases in which it ran, when it raised in others, but not in most."""
        ran = {case: seen for case, seen in record.got.items() if seen.error is None}
        rest = Record(ran, record.wanted)
        return self._find(rest) if len(record.got) / 2 < len(ran) < len(record.got) and rest.names else ()

    def _exact(self, record: Record, which: Callable, without: tuple = ()) -> tuple[Found, ...]:
        """The mistake whose program cannot be told from the candidate; the trace decides where facts fit several."""
        fitting = [(found, p) for _, found, p in self.programs if self._fits(p, record, without)]
        fitting = [(found, p) for found, p in fitting if which(p)]
        if len({found.id for found, _ in fitting}) > 1:
            fitting = [(found, p) for found, p in fitting if self._same_trace(p, record)] or fitting
        return (fitting[0][0],) if fitting else ()

    def _fits(self, program: Program, record: Record, without: tuple = ()) -> bool:
        """Can the two not be told apart? The texts of exceptions count where no other difference was seen: the same mistake
        fails with another text when it is written otherwise.
        """
        texts, elsewhere = True, False
        for case in sorted((c for c in self.cases if c.name in record.got), key=self._price):
            got, wanted = record.got[case.name], record.wanted[case.name]
            if RAISES in without and RAISES in record.differing[case.name] and RAISES in wanted.facts:
                continue
            ignored = frozenset(n for n in {*got.facts, *wanted.facts} if n.startswith(without))
            try:
                seen = self._look(program, case)
            except ValueError:  # two edits that do not go together
                return False
            if not alike(got, seen, without=ignored if without else frozenset()):
                return False
            if RAISES not in got.facts:
                elsewhere |= bool(set(record.differing[case.name]) - ignored)
            elif RAISES not in wanted.facts:
                texts &= same_text(got, seen)
        return texts or elsewhere

    def _price(self, case) -> float:
        """The fewest seconds that a program ran in a case. What is cheap is looked at first: it tells most programs apart."""
        return self._cost.get(case.name, 0.0)

    def _look(self, program: Program, case):
        if not program.fits_together or program.has_seen(case):
            return program.look(case)
        began = time.thread_time()
        seen = program.look(case)
        took = time.thread_time() - began
        if RAISES not in seen.facts:
            self._cost[case.name] = min(self._cost.get(case.name, took), took)
        return seen

    def _same_trace(self, program: Program, record: Record) -> bool:
        cases = [case for case in self.cases if case.name in record.got]
        return all(same(record.got[case.name].trace, program.look(case).trace) for case in cases)

    def _symptom(self, record: Record, mistakes: tuple[Mistake, ...]) -> tuple[Found, ...]:
        """The first symptom that was seen, with what else is wrong in the facts that it is not about."""
        mostly_fails = _mostly_fails(record)
        for m in mistakes:
            found = None if m.last and mostly_fails else _found(m, record)
            if not found:
                continue
            if m.cases and any(names and not _among(case, m.cases) for case, names in record.differing.items()):
                others = Record({c: seen for c, seen in record.got.items() if not _among(c, m.cases)}, record.wanted)
                more = self._exact(others, self._running) or self._scaled(others)
                if m.aside and not more:
                    continue
                return (*more, found)
            more = self._beside(record, m.explains) if m.explains and not record.only(*m.explains) else ()
            if m.aside and m.explains and not more and not record.only(*m.explains):
                continue
            return (found, *more)
        return ()

    def _beside(self, record: Record, explained: tuple[str, ...], most: int = 2) -> tuple[Found, ...]:
        """The mistakes in the facts that are not explained yet: a program, or further symptoms that leave nothing open."""
        exact = self._exact(record, self._running, explained)
        if exact or not most:
            return exact or self._slip(record, explained)
        for m in (*self.own, *self.generic):
            more = tuple(b for b in m.explains if not b.startswith(explained))
            found = _found(m, record) if more and any(n.startswith(more) for n in record.names) else None
            if found:
                both = (*explained, *more)
                rest = () if record.only(*both) else self._beside(record, both, most - 1)
                if rest or record.only(*both):
                    return (found, *rest)
        return self._slip(record, explained)

    def _scaled(self, record: Record, several: bool = False) -> tuple[Found, ...]:
        """The reference times a constant, or times one for each of ``several`` cases."""
        factors = _factors(record)
        if len(factors) > 1 and several:
            some = ", ".join(f"{factor:.4g}" for factor in factors[:4])
            why = "Is a sum taken where a mean is asked for, or is it divided by another number?"
            return (Found("other_factors", f"Everything is right but for a factor, another in each case: {some} ... {why}"),)
        if len(factors) != 1:
            return ()
        sign = "the opposite sign" if factors == [-1] else f"the constant factor {factors[0]:.4g}"
        return (Found("constant_factor", f"Everything is right but for {sign}, which is the same in every case."),)

    def _slip(self, record: Record, without: tuple[str, ...] = ()) -> tuple[Found, ...]:
        """One small thing that is otherwise in the reference, which no mistake of the table is about.

        An exception that is explained and names no sizes has many causes: then the explanation is told, and no slip.
        """
        if any(explain(error) and not any(map(str.isdigit, text_of(error))) for error in record.errors()):
            return ()
        for message, program in self._in_time("slips", self._slips):
            fits = program.fits_together and self._fits(program, record, without=without)
            if fits and self._running(program):
                return (Found("slip", f"Yours does what the solution would do with one thing changed: {message}."),)
        return ()

    def _one_more_or_less(self, record: Record) -> tuple[Found, ...]:
        """The right result put through one function too many, or too few, whichever way it is computed."""
        message = one_more_or_less(record.got, record.wanted)
        return (Found("one_more_or_less", message),) if message else ()

    def _partly(self, record: Record) -> tuple[Found, ...]:
        """The one mistake as which it is wrong wherever it is wrong, when it is right in cases in which that program is not."""
        wrong = [case for case in self.cases if record.differing.get(case.name)]
        got = {case.name: record.got[case.name] for case in wrong}
        if not any(_telling(got[c].facts.get(name)) for c in got for name in record.differing[c]):
            return ()
        here = Record(got, {c: record.wanted[c] for c in got})
        fitting = {found.id: found for _, found, p in self.programs if p.fits_together and self._fits(p, here)}
        if len(fitting) != 1 or len(wrong) == len(record.got):
            return ()
        found = next(iter(fitting.values()))
        return (Found(found.id, f"{found.message} That is so in {len(wrong)} of {len(record.got)} cases."),)

    @functools.cached_property
    def _slips(self) -> list[tuple[str, Program]]:
        made = (slip for slip in slips(self.reference) if not slip.in_loop)
        return [(slip.message, Program(self.reference, (Whole(slip.code),))) for slip in made]

    def _two(self, record: Record) -> tuple[Found, ...]:
        """Two edits of different mistakes at once, the first of each mistake before its others."""
        rank = {}
        ranked = [(rank.setdefault(m.id, itertools.count()).__next__(), m, found, p) for m, found, p in self.programs]
        pairs = sorted(itertools.combinations(ranked, 2), key=lambda pair: pair[0][0] + pair[1][0])
        tried = 0
        for (_, one, found, p), (_, other, also, q) in self._in_time("pairs", pairs):
            if one is other:
                continue
            orders = (*p.edits, *q.edits), (*q.edits, *p.edits)
            orders = (key for key in orders if not isinstance(key[-1], Body))  # another body would undo the edit before it
            made = (self._pairs.setdefault(key, Program(self.reference, key)) for key in orders)
            program = next((m for m in made if m.fits_together), None)
            if program is None:
                continue
            if self._fits(program, record) and self._running(program):
                return (found, also)
            tried += 1
            if tried >= PAIRS:
                break
        return ()


def _telling(value) -> bool:
    """Does it hold a number with a fraction, which no two mistakes have in common by chance?"""
    if isinstance(value, list | tuple):
        return any(map(_telling, value))
    if isinstance(value, torch.Tensor):
        return value.is_floating_point() and bool((value.isfinite() & (value != value.round())).any())
    return isinstance(value, float) and value % 1 != 0 and math.isfinite(value)


def _among(case: str, words: tuple[str, ...]) -> bool:
    return any(word in case for word in words)


def _found(m: Mistake, record: Record) -> Found | None:
    """The mistake, if its symptom was seen. A symptom that fails has not seen it."""
    try:
        word = m.symptom(record) if m.symptom else False
    except Exception:  # noqa: BLE001 - a predicate on what a wrong candidate did may break in any way
        return None
    return Found(m.id, m.message.replace("VALUE", word) if isinstance(word, str) else m.message) if word else None


def _mostly_fails(record: Record) -> bool:
    """Does it raise something that can be explained in most of the cases in which it is wrong?"""
    failed = sum(seen.error is not None and RAISES not in record.wanted[case].facts for case, seen in record.got.items())
    return 2 * failed > sum(map(bool, record.differing.values())) and bool(explain(record.errors()[0]))


def _device_trouble(record: Record, case: str) -> bool:
    """Is it the device that is wrong in this case?"""
    error = record.got[case].error
    if DEVICE not in record.wanted[case].facts or record.got[case].facts.get(DEVICE) == "":  # no tensor came back
        return False
    return error is None or any(word in text_of(error) for word in ("same device", "cuda"))


def _factors(record: Record) -> list[float]:
    """The factors by which result and gradients differ from the reference's, each once; empty when more does than a factor.

    Factors that differ from case to case count only where gradients of several numbers bear them out: any two numbers have a
    factor.
    """
    found, borne_out = [], 0
    for case, names in record.differing.items():
        got, wanted = record.got[case].facts, record.wanted[case].facts
        scaled = [n for n in wanted if n.startswith((RESULT, "the gradient"))]
        numbers = KIND in names and {got.get(KIND), wanted.get(KIND)} == {"int", "float"}
        right = next((n for n in scaled if n.startswith(RESULT) and _number(wanted[n])), None)
        mine = _number(got.get(right)) if right else None
        if not mine and not names:
            continue
        factor = mine / _number(wanted[right]) if mine else 0.0
        if not factor or set(names) - {*scaled, KIND if numbers else RESULT}:
            return []
        if not all(n in got and same(got[n], wanted[n], factor) for n in scaled):
            return []
        found.append(float(f"{factor:.4g}"))
        borne_out += any(torch.is_tensor(wanted[n]) and wanted[n].count_nonzero() > 1 for n in scaled)
    each = list(dict.fromkeys(found))
    return each if each != [1] and (len(each) == 1 or borne_out > 1) else []


def _number(value) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        return None
