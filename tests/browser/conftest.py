"""Browser tests: a JupyterLab started for them, Debian's Chromium, a screenshot of what failed.

They run when they are asked for, ``pytest -m browser``; other runs skip all of them with one line. Those marked ``clock``
ask how fast something is: they run alone.
"""

import os
import re
import shutil

import pytest
from harness import ARTIFACTS, BUILT, CHROMIUM, ROOT, SCREENSHOTS, chromium, start_lab

from course_utils.authoring.build import build


def asked_for(config) -> bool:
    return config.option.markexpr.startswith("browser")


def pytest_sessionstart(session):
    if asked_for(session.config) and not hasattr(session.config, "workerinput"):
        shutil.rmtree(BUILT, ignore_errors=True)
        build(ROOT, out=BUILT)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


def pytest_runtest_setup(item):
    if asked_for(item.config):
        return
    if chromium() is None:
        pytest.skip("no Chromium found (apt-get install chromium), so no browser tests")
    pytest.skip("browser tests run with `make test-browser`")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed_in_browser = report.failed
    return report


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    path = chromium()
    assert path, f"none of {', '.join(CHROMIUM)} is installed; Debian and Ubuntu: apt-get install chromium"
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if as_root else [])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory, worker_id):
    """A running JupyterLab (``harness.Lab``) whose root holds the built notebooks; one for each process of the tests."""
    lab = start_lab(tmp_path_factory.mktemp("lab"), ARTIFACTS / f"jupyterlab-{worker_id}.log")
    yield lab
    lab.stop()


@pytest.fixture(scope="session")
def window(browser):
    """The window of all pages of JupyterLab: what one has loaded, the next takes from the cache."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(window, lab, request):
    """A fresh page. ``page.problems`` collects exceptions that no script caught."""
    page = window.new_page()
    page.set_default_timeout(120_000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    if getattr(request.node, "failed_in_browser", False):
        name = re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
        page.screenshot(path=SCREENSHOTS / f"failed-{name}.png")
    page.close()
    lab.theme("light")
    lab.shut_kernels_down()
