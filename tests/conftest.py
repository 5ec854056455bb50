"""What all tests share: the same examples every time, and signal handlers as they were before.

`--hypothesis-profile=search` looks for examples that no run before has tried.
"""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTBED = Path(__file__).parent / "testbed"
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background jobs inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # as nohup has it
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_configure(config: pytest.Config) -> None:
    """Where hypothesis takes part at all: loading it takes a slow guest a minute."""
    if config.pluginmanager.has_plugin("hypothesispytest"):
        from hypothesis import settings

        settings.register_profile("search")
        settings.register_profile("same", derandomize=True)
        settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the link measure to a fraction of a millisecond, and have the machine to themselves.

    But those of links on which all takes seconds (`patient`) may have company. What the testbed's
    own tests wait for is processes, which may be late. All of these come first: where several
    workers share the work, files that take long would else be what the others wait for.
    """
    items.sort(key=lambda item: item.get_closest_marker("realtime") is None)
    for item in items:
        quick = item.get_closest_marker("realtime") and not item.get_closest_marker("patient")
        if quick and TESTBED not in item.path.parents:
            item.add_marker("alone")


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    """The command line, run within a test, installs its own."""
    before = {number: signal.getsignal(number) for number in HANDLED}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
