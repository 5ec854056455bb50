"""Both halves as real processes that stand for devices: they keep pace, or are refused."""

from pathlib import Path

import pytest

from emulation.link import LoopbackLink
from testbed.config.scenario import Scenario
from testbed.config.scenario_file import parse_scenario
from testbed.errors import HostOutOfTolerance
from testbed.halves.events import HostsProbed
from testbed.halves.overruns import BlockHosts
from testbed.results.record import RequestRecord
from testbed.results.table import table_of
from testbed.wall.session import Findings, Session
from tests.testbed.command_line import TINY
from tests.testbed.made_up_device import write

pytestmark = pytest.mark.realtime

BLOCK_S, HEADS_S, CODEC_S, TRANSPORT_S = 0.02, 0.005, 0.004, 0.002
REQUESTS = 8


def scenario(folder: Path, *changes: str, **seconds: float) -> Scenario:
    """Both halves as a device of these seconds; nothing is too slow but what is so from the start.

    A test may share its processors.
    """
    device = write(folder, **seconds)
    usual = ("repeats=1", "link.tolerance.compute=100%", f"edge.device={device}")
    return parse_scenario(TINY, "tiny", folder, [*usual, f"server.device={device}", *changes])


def test_a_device_slower_than_the_host_is_kept_pace_with(tmp_path: Path) -> None:
    asked = scenario(
        tmp_path, block_s=BLOCK_S, heads_s=HEADS_S, codec_s=CODEC_S, transport_s=TRANSPORT_S
    )
    records: list[RequestRecord] = []
    told: list[HostsProbed | BlockHosts] = []
    findings = Findings(records.append, on_hosts=told.append)
    with LoopbackLink() as link, Session(link, asked, findings) as session:
        session.run()
    assert findings.faults == []
    table = table_of(records)
    split = table[table["deployment"] == "split-fp16"]
    late_s = split["edge_overrun_s"] + split["server_overrun_s"]
    coding_s = CODEC_S + TRANSPORT_S
    for first, then, lasts_s in (("head", "encode", BLOCK_S), ("decode", "tail", coding_s)):
        # The second makes up for what the instrument took behind the first.
        both_s = split[f"stage_{first}_s"] + split[f"stage_{then}_s"]
        second_s = coding_s if then == "encode" else HEADS_S
        assert (split[f"stage_{first}_s"] > lasts_s - 1e-6).all()
        assert (both_s > lasts_s + second_s - 1e-6).all()
    device_s = BLOCK_S + HEADS_S + 2 * coding_s
    assert (split["latency_s"] - late_s).median() < device_s + 0.005
    assert set(table["attempt"]) == {0}
    before, *blocks, after = told
    assert isinstance(before, HostsProbed) and isinstance(after, HostsProbed)
    assert [stage.half for stage in before.stages] == ["edge"] * 4 + ["server"] * 4
    assert not any(stage.too_slow for stage in before.stages)
    for block in blocks:
        assert isinstance(block, BlockHosts)
        of_block = table[table["deployment"] == block.deployment]
        tallies = [tally for half in block.stages.values() for tally in half.values()]
        assert sum(tally.overruns for tally in tallies) == of_block["overruns"].sum()
        overrun_s = of_block["edge_overrun_s"].sum() + of_block["server_overrun_s"].sum()
        assert sum(tally.overrun_s for tally in tallies) == pytest.approx(overrun_s)
        assert {tally.stages for tally in tallies} - {0} == {REQUESTS}


def test_a_device_that_no_host_is_as_fast_as_is_refused(tmp_path: Path) -> None:
    lies = scenario(
        tmp_path, "edge.device=host", block_s=0.02, heads_s=0.02, codec_s=0.0, transport_s=0.0
    )
    records: list[RequestRecord] = []
    findings = Findings(records.append)
    with (
        LoopbackLink() as link,
        Session(link, lies, findings) as session,
        pytest.raises(HostOutOfTolerance) as refused,
    ):
        session.run()
    assert refused.value.exit_code == 3
    assert str(refused.value).startswith("too slow to stand for made-up.yaml: the server's host ")
    assert "the decoding of remote-jpeg-q90, the device 0 ms" in str(refused.value)
    assert records == []
