"""Which laboratory belongs to which cell, so that running the cell again goes on where it was."""

from course_utils.widgets.comms import running_cell

KEPT = 12  # laboratories that are remembered; the oldest goes

_LABS: dict[str, object] = {}


def remembered(key: str | None):
    """The laboratory that was last shown under this key, or None."""
    return _LABS.get(key)


def remember(key: str | None, lab) -> None:
    """Show ``lab`` under this key from now on; one too many is closed."""
    if key is None:
        return
    _LABS.pop(key, None)
    _LABS[key] = lab
    while len(_LABS) > KEPT:
        _LABS.pop(next(iter(_LABS))).close()


def cell_key() -> str | None:
    """The id of the cell that runs, where the front end tells it (JupyterLab, Notebook 7, VS Code), else None."""
    cell, _ = running_cell()
    return f"cell {cell}" if cell else None
