"""The checks of the lesson on generators in the world: a spectrum, evidence, a card, an export, a diagnosis."""

from course_utils.checks import exercise
from course_utils.checks.cases import call, normal
from course_utils.checks.naming import Naming
from course_utils.lessons.c4w3c.exercises import CASES, NAMES, diagnose

exercise("c4w3c.azimuthal_log_spectrum", "course_utils.metrics.spectrum:azimuthal_log_spectrum", cases=(call(normal(3, 1, 8, 8)),), mistakes=())
exercise("c4w3c.evidence", "course_utils.world.evidence:evidence", cases=(call(normal(3, 8), (normal(8) > 0).long()),), mistakes=())
exercise("c4w3c.measured_part", "course_utils.world.card:measured_part", cases=(call({"a": [1.0]}, {}),), mistakes=())
exercise("c4w3c.export_generator", "course_utils.world.export:export_generator", cases=(), mistakes=())
_NAMED = Naming("report", CASES, NAMES, diagnose)
exercise("c4w3c.diagnose", "course_utils.lessons.c4w3c.exercises:diagnose", cases=(_NAMED.case,), mistakes=_NAMED.mistakes(against=lambda a, b: ""))
