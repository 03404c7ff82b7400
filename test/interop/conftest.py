# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a stack of each flavor, with namespaces (`stack`, `net`), without devices (`dummy`), or both at once (`both`)."""
import contextlib
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

import known  # noqa: E402
import library  # noqa: E402
from net import Net  # noqa: E402
from stack import ORACLE, WEFT, Stack  # noqa: E402

DUMMY = ("--enable-dummy=override", "--disable-system")
FLAVORS = {"oracle": ORACLE, "weft": WEFT}


def pytest_collection_modifyitems(items):
    known.mark(items)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "call" and report.failed:
        report.sections += [(f"logs of {s.folder}", s.logs()) for s in getattr(item, "stacks", [])]
    item.failed = getattr(item, "failed", False) or report.failed


@pytest.fixture
def make_stack(request):
    """Starts stacks that end with the test; a complaint in the log of ours fails it, unless in stack.allowed."""
    request.node.stacks = []
    with contextlib.ExitStack() as ends:
        def start(server, switch=None, **options):
            stack = ends.enter_context(Stack(server, switch, **options))
            request.node.stacks.append(stack)
            return stack
        yield start
        failed = getattr(request.node, "failed", False)
        complaints = [c for s in request.node.stacks for c in s.complaints()]
        logs = "\n".join(s.logs() for s in request.node.stacks) if complaints else ""
    assert failed or not complaints, "the log complains:\n" + "\n".join(complaints) + "\n" + logs


@pytest.fixture(params=FLAVORS)
def flavor(request):
    return FLAVORS[request.param]


@pytest.fixture
def net():
    with Net() as made:
        yield made


@pytest.fixture
def stack(flavor, net, make_stack):
    """A switch in the namespace of `net`, on the datapath that bridges have by default (Debian's: netdev)."""
    return make_stack(flavor, net=net)


@pytest.fixture
def ours(net, make_stack):
    """As `stack`, for what Debian's switch does not do at all."""
    return make_stack(WEFT, net=net)


@pytest.fixture
def dummy(flavor, make_stack):
    """A switch without devices: bridges and ports are made of memory."""
    return make_stack(flavor, switch_options=DUMMY)


@pytest.fixture(scope="module")
def both():
    """Debian's switch and ours, each a bridge br0 of three dummy ports; shared by the module's cases, to compare what they print."""
    with contextlib.ExitStack() as ends:
        stacks = [ends.enter_context(Stack(f, switch_options=DUMMY)) for f in (ORACLE, WEFT)]
        for stack in stacks:
            stack.add_dummy()
        yield stacks


@pytest.fixture(scope="module")
def servers():
    """A server of each flavor with the library's database, no switch; shared by the module's cases."""
    with contextlib.ExitStack() as ends:
        made = {f.name: ends.enter_context(contextlib.closing(Stack(f, ORACLE, schema=library.SCHEMA))) for f in (ORACLE, WEFT)}
        for stack in made.values():
            stack.start_server()
        yield made


@pytest.fixture(params=["oracle", "weft"])
def server(request, servers):
    return servers[request.param]
