import pytest

from tests.qemu.verdict import complaints, passed

FINE = """\
collected 45 items / 30 deselected / 15 selected
tests/contract/test_link_contract.py::test_order[netem] PASSED [100%]
====================== 15 passed, 30 deselected in 27.56s ======================
guest: exit status 0
"""
LONG = "================== 20 passed, 1 skipped in 124.46s (0:02:04) ==================="
FAILED = "=========== 1 failed, 36 passed, 2 errors in 61.33s (0:01:01) ============"
SKIPPED = """\
=========================== short test summary info ============================
SKIPPED [1] tests/emulation/netem/test_in_kernel.py:25: no netem link: kernel 6.1 has no sch_netem
SKIPPED [3] tests/contract/test_link_contract.py:43: backend netem: kernel 6.1 has no sch_netem
============================== 4 skipped in 0.80s ==============================
"""
SKIPPED_IN_PART = """\
SKIPPED [1] tests/contract/test_link_contract.py:43: backend netem: no program 'tc'
============================== 5 passed, 1 skipped in 0.80s ==============================
"""


@pytest.mark.parametrize(("output", "count"), [(FINE, 15), (LONG, 20)])
def test_a_run_that_is_fine(output: str, count: int) -> None:
    assert complaints(output) == []
    assert passed(output) == count


def test_failures() -> None:
    assert complaints(FAILED) == ["1 failed", "2 errors"]


@pytest.mark.parametrize(
    "output",
    ["", "guest: cannot load 9p.ko", "Kernel panic - not syncing", "= test session starts ="],
)
def test_no_closing_line(output: str) -> None:
    assert complaints(output) == ["pytest did not come to its end"]
    assert passed(output) == 0


@pytest.mark.parametrize("told", ["30 deselected", "no tests ran", "1 skipped"])
def test_nothing_ran(told: str) -> None:
    assert complaints(f"===== {told} in 0.10s =====") == ["not one test ran"]


def test_skipped_for_lack_of_netem() -> None:
    assert complaints(SKIPPED) == [
        "not one test ran",
        "skipped what was to be run: no netem link: kernel 6.1 has no sch_netem",
    ]
    assert complaints(SKIPPED_IN_PART) == [
        "skipped what was to be run: backend netem: no program 'tc'"
    ]
