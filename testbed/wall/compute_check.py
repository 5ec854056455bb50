"""Were the hosts as fast as the devices they stood for? Written down as a run goes on, and judged.

The edge half finds out (`halves/host_check.py`); where it found a host too slow before the first
request, it ended the run. `link_check.py` is the same for the link.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from testbed.config.link_section import ToleranceSection
from testbed.config.scenario import HOST, Scenario
from testbed.devices.find import find_device
from testbed.errors import HostOutOfTolerance
from testbed.halves.events import HostsProbed
from testbed.halves.overruns import ATTEMPTS, BlockHosts, disturbed, excess, pooled
from testbed.halves.probe import HostStage
from testbed.runs.recording import Recording, Say
from testbed.storage.files import shown


@dataclass
class ComputeCheck:
    """Of one run; hears nothing where the run's halves stand for no device.

    probes: how fast the hosts were, before the first block and after the last. blocks: how they did
    in each attempt at each.
    """

    scenario: Scenario
    recording: Recording
    say: Say
    probes: list[tuple[HostStage, ...]] = field(default_factory=list)
    blocks: list[BlockHosts] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asked = self.scenario.link.tolerance
        self._tolerance = (self._asked or ToleranceSection()).compute

    def take(self, event: HostsProbed | BlockHosts) -> None:
        """Write down what the edge half tells, and say it of a block that is run again.

        Raises BadInput where it cannot be written.
        """
        if isinstance(event, HostsProbed):
            self.probes.append(event.stages)
        else:
            self.blocks.append(event)
            found = disturbed(event, self._tolerance)
            if found and self._asked and event.attempt + 1 < ATTEMPTS:
                where = f"{event.deployment} in repeat {event.repeat}"
                self.say(f"{where} was disturbed and is run again: {'; '.join(found)}")
        self.recording.keep_compute(self._facts())

    def require(self) -> None:
        """Raise HostOutOfTolerance where a host was, unless the scenario turns tolerance off."""
        violations = self._violations()
        for line in violations:
            self.say(f"out of tolerance: {line}")
        for stage in self.probes[-1] if len(self.probes) > 1 else ():
            if stage.too_slow:
                self.say(f"after the run {stage.told()}")
        if violations and self._asked:
            raise HostOutOfTolerance(
                f"the host was too slow for its devices, first in {violations[0]}; what was "
                f"measured is in {shown(self.recording.folder)}; leave the machine to the run, or "
                "`testbed run --virtual` (--set link.tolerance.compute=5% allows more)"
            )

    def _violations(self) -> list[str]:
        """Of each deployment: its first block that no attempt got right, or all together."""
        lines = []
        for name, blocks in _last_attempts(self.blocks).items():
            for block in blocks:
                if found := disturbed(block, self._tolerance):
                    where = f"{name} in repeat {block.repeat}, attempt {block.attempt + 1}"
                    lines += [f"{where}: {line}" for line in found]
                    break
            else:
                lasted_s = sum(block.lasted_s for block in blocks)
                found = excess(pooled(blocks), lasted_s, self._tolerance)
                lines += [f"{name}: {line}" for line in found]
        return lines

    def _facts(self) -> dict[str, Any]:
        """Plain values for compute.json."""
        violations = self._violations()
        before, *after = self.probes or [()]
        return {
            "devices": {
                "edge": self.scenario.edge.device,
                "server": self.scenario.server.device,
            },
            "tolerance": self._tolerance if self._asked else None,
            "within_tolerance": not violations,
            "violations": violations,
            "before": [asdict(stage) for stage in before],
            "after": [asdict(stage) for stages in after for stage in stages],
            "blocks": [self._block(block) for block in self.blocks],
        }

    def _block(self, block: BlockHosts) -> dict[str, Any]:
        """What each half did in it, and what happened to it."""
        halves = {
            half: {
                "stages": {
                    stage: tally._asdict() for stage, tally in block.stages.get(half, {}).items()
                },
                **meanwhile._asdict(),
            }
            for half, meanwhile in block.meanwhile.items()
        }
        return {
            "deployment": block.deployment,
            "repeat": block.repeat,
            "attempt": block.attempt,
            "lasted_s": block.lasted_s,
            "excess": disturbed(block, self._tolerance),
            **halves,
        }


def device_facts(scenario: Scenario) -> dict[str, Any] | None:
    """What is known of the devices that a scenario names, for summary.json; None for the host."""
    named = {"edge": scenario.edge.device, "server": scenario.server.device}
    found = {half: find_device(name).facts() for half, name in named.items() if name != HOST}
    return found or None


def _last_attempts(blocks: Sequence[BlockHosts]) -> dict[str, list[BlockHosts]]:
    """Deployment -> its blocks that count, one a repeat."""
    last = {(block.deployment, block.repeat): block for block in blocks}
    names = dict.fromkeys(block.deployment for block in blocks)
    return {name: [b for (of, _), b in last.items() if of == name] for name in names}
