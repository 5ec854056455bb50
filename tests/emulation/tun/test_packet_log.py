import json
from pathlib import Path

import numpy as np
import pytest

from emulation.errors import SpecError
from emulation.lane import Lane
from emulation.spec import LaneSpec
from emulation.tun.packet_log import (
    CARRIED,
    DOWNLINK,
    LOST,
    OVERFLOWED,
    UPLINK,
    PacketLog,
    Packets,
    read_packet_log,
)

OPENED_S = 100.0


def written(path: Path) -> Packets:
    """Two packets fill the uplink's queue, a third finds no room; the downlink loses all."""
    uplink = Lane[bytes](LaneSpec(rate_bps=8000, delay_s=1, queue_bytes=2000), 1, OPENED_S)
    downlink = Lane[bytes](LaneSpec(loss=1.0), 1, OPENED_S)
    with PacketLog(path, OPENED_S) as log:
        up, down = log.watch(uplink, UPLINK), log.watch(downlink, DOWNLINK)
        assert [up(OPENED_S, 1000, b"x") for _ in range(3)] == [OPENED_S + 2, OPENED_S + 3, None]
        assert down(OPENED_S + 0.5, 40, b"y") is None
    return read_packet_log(path)


def test_every_packet_and_its_fate(tmp_path: Path) -> None:
    packets = written(tmp_path / "packets")
    assert packets["time_s"].tolist() == [0, 0, 0, 0.5]
    assert packets["size_bytes"].tolist() == [1000, 1000, 1000, 40]
    assert packets["direction"].tolist() == [UPLINK, UPLINK, UPLINK, DOWNLINK]
    assert packets["verdict"].tolist() == [CARRIED, CARRIED, OVERFLOWED, LOST]
    assert packets["departs_at_s"][:2].tolist() == [2, 3]
    assert np.isnan(packets["departs_at_s"][2:]).all()


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    written(tmp_path / "packets")
    header = json.loads((tmp_path / "packets").read_bytes().split(b"\n")[0])
    assert header["format"] == "emulation packet log"
    assert header["version"] == 1
    assert [name for name, _ in header["columns"]] == list(header["units"]) == [
        "time_s", "departs_at_s", "size_bytes", "direction", "verdict",
    ]  # fmt: skip


def test_a_file_cut_short_keeps_its_whole_records(tmp_path: Path) -> None:
    path = tmp_path / "packets"
    sizes = written(path)["size_bytes"].tolist()
    path.write_bytes(path.read_bytes()[:-5])
    assert read_packet_log(path)["size_bytes"].tolist() == sizes[:3]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "another kind of file"),
        (b"\x7fELF\n", "another kind of file"),
        (b"[]\n", "another kind of file"),
        (b'{"format": "emulation packet log", "version": 2}\n', "version 2, allowed: 1"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(SpecError, match=complaint):
        read_packet_log(path)
