"""What the widgets' scripts and styles share, and how they are joined."""

import re

import pytest

from course_utils.widgets import web
from course_utils.widgets.dashboard_live import Front as Dashboard
from course_utils.widgets.explorer_live import Front as Explorer
from course_utils.widgets.gan_lab.view import LabView


@pytest.mark.parametrize("widget", [Dashboard, Explorer, LabView])
def test_the_scripts_are_joined_into_one_module(widget):
    text = str(widget._esm)
    assert "import " not in "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    assert text.count("export default") == 1
    assert text.count("export ") == 1
    names = re.findall(r"(?m)^(?:const|let|class|function) (\w+)", text)
    assert len(names) == len(set(names)) > 20
    assert {"make", "keepKeys", "sharp", "bytesOf"} <= set(names)


@pytest.mark.parametrize("widget", [Dashboard, Explorer])
def test_the_theme_comes_before_the_widgets_own_style(widget):
    text = str(widget._css)
    own = re.search(r"(?m)^\.gan-(?:dashboard|explorer) \{", text)
    assert 0 <= text.index(".gan-widget {") < own.start()
    assert text.count("{") == text.count("}")
    used = set(re.findall(r"var\((--\w+)\)", text))
    assert used <= set(re.findall(r"(--\w+):", text))
    assert 'class: "gan-widget gan-' in str(widget._esm)  # or the theme would not reach it


def test_every_shared_script_is_joined():
    assert sorted(web.SCRIPTS) == sorted(file.name for file in web.FOLDER.glob("*.js"))
