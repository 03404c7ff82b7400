# SPDX-License-Identifier: Apache-2.0
"""Fixtures: `switch`, one of each flavor for the whole run, with its tables emptied for each case; `results`, what passed."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "harness")]

import known  # noqa: E402
from bench import Switch  # noqa: E402
from stack import ORACLE, WEFT  # noqa: E402

FLAVORS = {f.name: f for f in (ORACLE, WEFT)}


def pytest_collection_modifyitems(items):
    known.mark(items)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.failed and "used" in item.funcargs:
        report.sections.append(("logs", item.funcargs["used"].stack.logs()))


@pytest.fixture(scope="session", params=FLAVORS)
def used(request):
    with Switch(FLAVORS[request.param]) as switch:
        yield switch
    complaints = switch.stack.complaints()
    assert not complaints, "the log complains:\n" + "\n".join(complaints)


@pytest.fixture
def switch(used):
    used.clear()
    return used


@pytest.fixture(scope="session")
def results():
    """{(flavor, kind): [cases that did what the specification says, cases]}"""
    return {}
