"""The diagnosis of the arena: five sick samplers and trainings."""

PATIENTS = ("patient A", "patient B", "patient C", "patient D", "patient E")


def diagnose(patient: str) -> str:
    """The name of the mistake of ``patient``, which is "patient A", "patient B", ... or "patient E".

    Returns one of these, spelled as here:

        "beta in place of its root"   "schedule too short"     "times run backwards"
        "average too long"            "code hardly counts"     "code counts too much"

    No two patients have the same mistake, so one of the six names is left over.
    """
    # BEGIN SOLUTION
    names = {
        "patient A": "schedule too short",
        "patient B": "average too long",
        "patient C": "code hardly counts",
        "patient D": "beta in place of its root",
        "patient E": "times run backwards",
    }
    # END SOLUTION
    return names[patient]
