"""What JupyterLab does when it saves a notebook of the course: `tools/jupyter` tells it to call this."""

from course_utils.authoring import cells


def as_built(model: dict, **_) -> None:
    """Put a notebook's metadata back to what the build writes, just before it is saved.

    JupyterLab notes which Python it ran with. Without this, opening and saving a notebook would change it in git.
    """
    content = model.get("content")
    if model.get("type") != "notebook" or "course" not in content.get("metadata", {}):
        return
    metadata = content["metadata"]
    if metadata.get("kernelspec", {}).get("name") == cells.KERNELSPEC["name"]:
        metadata["kernelspec"] = dict(cells.KERNELSPEC)
        metadata["language_info"] = dict(cells.LANGUAGE_INFO)
