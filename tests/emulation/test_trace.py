"""Trace files: what is read, what is refused and how it is said."""

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulation.errors import SpecError
from emulation.trace import RateTrace, load_trace, save_trace

deliveries = st.lists(st.integers(0, 10_000), min_size=1).map(sorted).filter(lambda t: t[-1] > 0)


def test_a_file_becomes_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "lte.trace"
    path.write_text("0\n5\n5\n1000\n")
    trace = load_trace(path)
    assert trace == RateTrace("lte", (0, 5, 5, 1000))
    assert trace.period_ms == 1000
    assert trace.mean_rate_bps == 4 * 1500 * 8


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"", "", "no delivery"),
        (b"1\n-5\n", "line 2", "'-5'"),
        (b"1\n7\n3\n", "line 3", "3"),
        (b"0\n0\n", "line 2", "0"),
        (b"1\n2.5\n", "line 2", "'2.5'"),
        (b"1\n\n2\n", "line 2", "''"),
        (b"1\nten\n", "line 2", "'ten'"),
        (b"1\n1_000\n", "line 2", "'1_000'"),
        (b"9" * 5000, "line 1", "'999"),
        (b"\x01\x02", "line 1", "'\\x01"),
        (b"0.0 1.2\n1.0 3.4\n", "line 1", "`testbed trace import`"),
        (b"1.25\n2.5\n", "line 1", "`testbed trace import`"),
        (b"900\n850\n", "line 2", "`testbed trace import`"),
        ("1\n\u0662\n".encode(), "line 2", "'\u0662'"),
        (b"1\x002\n", "", "no text"),
        ("1\n2\n".encode("utf-16-le"), "", "no text"),
        (b"\xff12\n", "", "no text"),
        (b"\n\n", "", "no delivery"),
    ],
)
def test_refusals_name_file_line_found_and_allowed(
    tmp_path: Path, content: bytes, line: str, found: str
) -> None:
    path = tmp_path / "bad.trace"
    path.write_bytes(content)
    with pytest.raises(SpecError) as refused:
        load_trace(path)
    message = str(refused.value)
    for part in (str(path), line, found, "allowed: "):
        assert part in message
    assert "Mahimahi's format" in message
    assert len(message) < 400
    assert "\n" not in message


@pytest.mark.parametrize(
    "content",
    [
        b"1\n5",
        b"1\n5\n\n \n",
        b"1\r\n5\r\n",
        b"  1 \n\t5\n",
        b"\xef\xbb\xbf1\n5\n",
        "1\n5\n".encode("utf-16"),
    ],
)
def test_what_editors_and_systems_make_of_a_file_is_the_same_trace(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert load_trace(path) == RateTrace("a", (1, 5))


def test_one_line_is_a_steady_rate(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1\n")
    assert load_trace(path).mean_rate_bps == 12e6


def test_half_a_million_lines_take_no_time_worth_mentioning(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("".join(f"{number}\n" for number in range(1, 500_001)))
    began_s = perf_counter()
    assert load_trace(path).period_ms == 500_000
    assert perf_counter() - began_s < 5


def test_a_device_without_end_is_no_trace() -> None:
    with pytest.raises(SpecError, match="trace /dev/zero: found more than"):
        load_trace(Path("/dev/zero"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="No such file"):
        load_trace(tmp_path / "none")
    with pytest.raises(SpecError, match="directory"):
        load_trace(tmp_path)


def test_a_trace_built_in_code_is_checked_too() -> None:
    with pytest.raises(SpecError, match="never decrease"):
        RateTrace("made", (5, 4))
    with pytest.raises(SpecError, match="-1"):
        RateTrace("made", (-1, 4))


@given(deliveries)
def test_saved_and_loaded_again(tmp_path_factory: pytest.TempPathFactory, times: list[int]) -> None:
    path = tmp_path_factory.mktemp("traces") / "round.trace"
    trace = RateTrace("round", tuple(times))
    save_trace(trace, path)
    assert load_trace(path) == trace
