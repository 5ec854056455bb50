"""Cuts as tables: what is marked, what is unknown, what a file holds."""

from math import inf

import pytest
from rich.console import Console
from rich.table import Table

from testbed.choice.cuts import Cut, Times
from testbed.results.wording import UNKNOWN
from testbed.terminal.cuts import bytes_table, cuts_frame, cuts_table, fastest

TIMES = Times(0.010, 0.005, 0.040, (0.038, 0.042))
IMAGE = Cut("resize", "remote", False, (64, 64, 3), 12288, {"raw": 12288.0}, 0, TIMES)
SPLIT = Cut(
    *("features.12", "split", True, (1, 576, 2, 2), 9216, {"fp16": 4608.0, "int8": 2304.0}),
    *(4_000_000, TIMES._replace(mean_s=0.030)),
)
LOCAL = Cut("heads", "local", False, (), 0, {}, 9_000_000, TIMES._replace(mean_s=0.035))
ROWS = [IMAGE, SPLIT, LOCAL]


def lines(table: Table) -> list[str]:
    """Of a narrow terminal, blanks between cells made one."""
    console = Console(width=80)
    with console.capture() as captured:
        console.print(table)
    shown = [" ".join(line.split()) for line in captured.get().splitlines()]
    return [line.replace(UNKNOWN, "-") for line in shown]


def test_the_published_and_the_fastest_are_marked() -> None:
    found = lines(cuts_table(ROWS, "made up"))
    assert "resize 64x64x3 12.3 kB 12.3 kB 10.0 5.00 40.0 2.00 0 B" in found
    assert "features.12 p* 576x2x2 9.22 kB 4.61 kB 10.0 5.00 30.0 2.00 4 MB" in found
    assert "heads - - - 10.0 5.00 35.0 2.00 9 MB" in found


def test_what_loses_too_much_has_no_mean_and_is_never_the_fastest() -> None:
    assert fastest(ROWS) is SPLIT
    lost = Cut("x", "split", False, (1, 2), 8, {"fp16": 4.0}, 8, TIMES._replace(mean_s=inf))
    assert fastest([lost]) is None
    assert "x 2 8 B 4 B 10.0 5.00 - - 8 B" in lines(cuts_table([lost], "made up"))


def test_without_devices_there_are_no_times() -> None:
    host = Cut("x", "split", False, (1, 2), 8, {"fp16": 4.0}, 8, None)
    assert fastest([host]) is None
    assert "x 2 8 B 4 B - - - - 8 B" in lines(cuts_table([host], "made up"))
    assert cuts_frame([host])["mean_s"].isna().all()


def test_each_codec_has_a_column_of_bytes() -> None:
    found = lines(bytes_table(ROWS))
    assert "cut uncoded raw fp16 int8" in found
    assert "resize 12.3 kB 12.3 kB" in found
    assert "features.12 9.22 kB 4.61 kB 2.3 kB" in found


def test_a_file_has_plain_numbers() -> None:
    frame = cuts_frame(ROWS)
    assert list(frame["cut"]) == ["resize", "features.12", "heads"]
    split = frame.iloc[1]
    assert (split["shape"], split["bytes_int8"], split["edge_bytes"]) == (
        "576x2x2",
        2304,
        4_000_000,
    )
    assert (split["mean_s"], split["mean_low_s"]) == pytest.approx((0.030, 0.038))
    assert frame["bytes_fp16"].isna().tolist() == [True, False, True]
