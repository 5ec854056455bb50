"""Tables of rates, as others publish them, become traces that carry as much at the same time."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulation.errors import SpecError
from emulation.trace import PACKET_BITS, RateTrace, load_trace, save_trace
from emulation.traces.table import Columns, RateTable, read_rates, trace_of

UCC = """Timestamp,Longitude,Latitude,Speed,NetworkMode,DL_bitrate,UL_bitrate,State
2019.12.14_10.16.30,-8.4,51.8,0,5G,24000,120,D
2019.12.14_10.16.31,-8.4,51.8,0,5G,12000,120,D
2019.12.14_10.16.31,-8.4,51.8,0,5G,6000,120,D
2019.12.14_10.16.33,-8.4,51.8,0,5G,0,120,D
"""


def table(folder: Path, content: str | bytes) -> Path:
    file = folder / "table"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(
    "content",
    [
        "0.0 1.2\n1.0 3.4\n2.0 0.0\n",
        "0,1.2\n1,3.4\n2,0\n",
        "0\t1.2\n1\t3.4\n\n2\t0\n",
        "0; 1.2\r\n1; 3.4\r\n2; 0\r\n",
        "\ufefftime,rate\n100,1.2\n101,3.4\n102,0\n",
        '"t","Mbit/s"\n"2024-03-01T10:00:00+01:00","1.2"\n2024-03-01T10:00:01+01:00,3.4\n'
        "2024-03-01T10:00:02+01:00,0\n",
        "# Mbit/s, a second each\n1.2\n3.4\n0.0\n",
        "seconds and rates".replace(" ", "_") + "\n1.2\n3.4\n0\n",
        "0 1.2\n1 3.4\n2 0\n".encode("utf-16"),
    ],
)
def test_three_seconds_however_they_are_written(tmp_path: Path, content: str | bytes) -> None:
    found = read_rates(table(tmp_path, content))
    assert found.edges_s.tolist() == [0, 1, 2, 3]
    assert found.rates_bps.tolist() == pytest.approx([1.2e6, 3.4e6, 0])


def test_columns_by_name_or_number_in_any_unit(tmp_path: Path) -> None:
    file = table(tmp_path, UCC)
    by_name = read_rates(file, Columns("DL_bitrate", "Timestamp"), 1e3)
    by_number = read_rates(file, Columns("6", "1"), 1e3)
    for found in (by_name, by_number):
        assert found.edges_s.tolist() == [0, 1, 1, 3, 4]
        assert found.rates_bps.tolist() == [24e6, 12e6, 6e6, 0]
    assert read_rates(file, Columns("UL_bitrate")).edges_s.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("content", "columns", "message"),
    [
        ("", Columns(), "found no row, allowed: a table of rates"),
        ("# nothing\n", Columns(), "found no row"),
        ("time,rate\n", Columns(), "found names of columns alone"),
        ("1 2 3\n", Columns(), "found 3 columns, allowed: --rate-column with 1 to 3"),
        (UCC, Columns(), "or a name: Timestamp, Longitude"),
        (UCC, Columns("bitrate"), "--rate-column: found 'bitrate', allowed: 1 to 8 or a name"),
        (UCC, Columns("6", "9"), "--time-column: found '9', allowed: 1 to 8"),
        (UCC, Columns("0"), "--rate-column: found '0', allowed"),
        (UCC, Columns("State"), "line 2: found 'D', allowed: a rate, 0 or more"),
        (UCC, Columns("6", "NetworkMode"), "line 2: found '5G', allowed: seconds, or a moment"),
        ("1\n-2\n", Columns(), "line 2: found '-2', allowed: a rate"),
        ("1\nnan\n", Columns(), "line 2: found 'nan', allowed: a rate"),
        ("0 1\n1\n", Columns(), "line 2: found 1 columns, allowed: 2 or more"),
        ("0 1\n1 1\n0 1\n", Columns(), "line 3: found a time before that of the row above"),
        ("0 1\n1000 1\n2000 1\n", Columns(), "found rows 1000 s apart, allowed: up to 60 s"),
        (b"\xff\x00\x01", Columns(), "found bytes that are no text"),
    ],
)
def test_refusals_are_one_line(
    tmp_path: Path, content: str | bytes, columns: Columns, message: str
) -> None:
    file = table(tmp_path, content)
    with pytest.raises(SpecError) as refused:
        read_rates(file, columns)
    assert str(refused.value).startswith(str(file))
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="none: found No such file"):
        read_rates(tmp_path / "none")


def made(edges_s: list[float], rates_bps: list[float]) -> RateTrace:
    return trace_of(RateTable(np.array(edges_s), np.array(rates_bps)), "made")


def test_a_steady_rate_is_a_packet_at_each_of_its_times() -> None:
    assert made([0, 1], [12e6]).delivery_ms == tuple(range(1, 1001))
    assert made([0, 1], [12e3]).delivery_ms == (1000,)
    assert made([0, 0.5, 1], [24e3, 24e3]).delivery_ms == (500, 1000)


def test_packets_come_together_over_rows_and_wait_through_outages() -> None:
    assert made([0, 1, 2, 3, 4], [6e3, 0, 0, 6e3]).delivery_ms == (4000,)
    assert made([0, 1, 1, 12, 13], [12e3, 9e9, 0, 12e3]).delivery_ms == (1000, 13_000)


@pytest.mark.parametrize("outage_s", [2, 11, 78])
def test_an_outage_at_the_end_stays_as_long_as_it_was(outage_s: int) -> None:
    trace = made([0, 1, 1 + outage_s], [24e3, 0])
    assert trace.delivery_ms == (500, 1000, 1000 * (1 + outage_s))


@pytest.mark.parametrize(
    ("rates_bps", "message"),
    [([0.0], "less than one packet"), ([1e300], "allowed: up to"), ([1e18], "1e\\+14|8.33e\\+13")],
)
def test_what_makes_no_trace(rates_bps: list[float], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        made([0, 1], rates_bps)


rows = st.lists(st.tuples(st.floats(0.01, 5), st.floats(0, 5e6)), min_size=1, max_size=20)


@given(rows)
def test_at_any_moment_it_has_carried_what_the_table_has_to_a_packet(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float]]
) -> None:
    edges_s = np.cumsum([0.0, *(lasts_s for lasts_s, _ in rows)])
    rates_bps = np.array([rate_bps for _, rate_bps in rows])
    carried = np.concatenate([[0.0], np.cumsum(rates_bps * np.diff(edges_s))])
    if carried[-1] < 2 * PACKET_BITS:
        return
    trace = trace_of(RateTable(edges_s, rates_bps), "made")
    at_ms = np.array(trace.delivery_ms)
    for at_s in np.linspace(0, edges_s[-1] - 2e-3, 30):
        whole = np.count_nonzero(at_ms <= 1000 * at_s) * PACKET_BITS
        wanted = np.interp([at_s - 1e-3, at_s], edges_s, carried)
        assert wanted[0] - PACKET_BITS * 1.01 <= whole <= wanted[1] + 1
    assert abs(trace.period_ms - 1000 * edges_s[-1]) <= 1
    file = tmp_path_factory.mktemp("tables") / "made"
    save_trace(trace, file)
    assert load_trace(file) == trace
