"""Cases of the matrix that are one `testbed run`, disturbed while it goes on."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT
from time import monotonic

from emulation.link import load_backend
from testbed.commands.app import INTERRUPTED
from testbed.commands.run import requests_in
from testbed.config.scenario_file import load_scenario
from testbed.runs.folder import COMPUTE, is_unfinished
from tests.faults import injections
from tests.faults.injections import Injection
from tests.faults.outcome import Outcome, counted_in, flags_of, records_in
from tests.faults.running import Running, running
from tests.testbed.command_line import SCENARIOS, run_testbed
from tests.testbed.run_files import RUN_FILES

WIFI = SCENARIOS / "wifi.yaml"
SETTINGS = {
    "edge.device": "host",
    "server.device": "host",
    "link.tolerance": "off",  # two cases share the machine
    "model.backbone": '"null"',
    "model.feature_bytes": "5000",
    "workload.camera_px": "64",
    "workload.requests": "6",
    "workload.warmup": "1",
    "workload.deadline": "500ms",
    "workload.timeout": "1s",
    "deployments": "[local, {remote: {codec: jpeg, resize: model}}, split]",
    "repeats": "2",
}
"""Over `wifi.yaml`: a run of seconds."""
UNTOUCHED_S = 0.5
"""A request that took less was not disturbed by a process that stood still for seconds."""


@dataclass(frozen=True)
class RunCase:
    """Who is disturbed, when, and how.

    settings: over SETTINGS. disk: makes the results' place, where it is a special one. codes: exit
    codes that are right. flagged: whether the results must tell of it.
    """

    name: str
    inject: Injection = injections.nothing
    who: str = "main"
    when: str = "running"
    backend: str = "tun"
    settings: tuple[tuple[str, str], ...] = ()
    disk: Callable[[Path], None] | None = None
    codes: tuple[int, ...] = (0, 1)
    flagged: bool = False

    def missing(self) -> str | None:
        """Why it cannot be played here; None if it can."""
        by_root = self.disk is not None or self.inject is injections.link_down
        if by_root and os.geteuid() != 0:
            return "only root may mount a disk or take another's link down"
        return load_backend(self.backend).missing()

    def play(self, folder: Path) -> Outcome:
        """In a folder that is new."""
        results = folder / "results"
        if self.disk is not None:
            self.disk(results)
        try:
            return self._played(folder)
        finally:
            injections.unmounted(results)

    def _played(self, folder: Path) -> Outcome:
        settings = SETTINGS | dict(self.settings)
        changes = changes_of(settings)
        arguments = ("run", str(WIFI), "--backend", self.backend, *changes)
        planned = requests_in(load_scenario(WIFI, changes[1::2]))
        began_s = monotonic()
        with running(folder, arguments, planned) as command:
            injected = self._injected(command)
            seen = records_in(command.run)
            code = command.end()
            taken_s = monotonic() - began_s
            if self.disk is not None:
                injections.writable_again(command.results)
            against = [*self._against(command, code, injected), *_finished(command)]
            if self.who == "main" and code < 0:
                against += _started_again(folder, arguments)
            run = command.run
            flags = flags_of(run, code, UNTOUCHED_S) if self.flagged else ""
            if self.flagged and not flags:
                against.append("the results do not tell of it")
            lines = command.err.splitlines() or [""]
            return Outcome(
                case=self.name,
                injected=injected,
                exit_code=code,
                counted=counted_in(run, planned, seen, code != 0),
                left_behind=[*command.left_behind(), *_odd_files(folder, run)],
                said=lines[-1] if code else "",
                flagged=flags,
                against=against,
                seconds=taken_s,
            )

    def _injected(self, command: Running) -> int:
        if self.inject is injections.nothing:
            return 1
        if self.who != "main" and not command.wait_for("loading", self.who):
            return 0
        return self.inject(command) if command.wait_for(self.when, self.who) else 0

    def _against(self, command: Running, code: int, injected: int) -> list[str]:
        """What it says, and how it ends."""
        found = []
        if not injected and self.when != "saving":  # when who has no more to do may have ended
            found.append("the fault did not come about")
        if code not in self.codes:
            found.append(f"exit code {code}, not one of {self.codes}: {command.err[-500:]}")
        if "Traceback" in command.err:
            found.append(f"a traceback: {command.err[-1500:]}")
        if code > 0 and not command.err.splitlines()[-1].startswith("testbed: "):
            found.append(f"its last line does not say why: {command.err[-500:]}")
        return found


def changes_of(settings: Mapping[str, str]) -> list[str]:
    """As options of the command line, each two words."""
    return [word for pair in settings.items() for word in ("--set", "=".join(pair))]


def _finished(command: Running) -> list[str]:
    """Finish what an early end left, as it says one can; what goes wrong with that."""
    run = command.run
    if run is None or not is_unfinished(run) or not records_in(run):
        return []
    ended = run_testbed(command.folder, "plot", str(run))
    wrong = ended.code != 0 or is_unfinished(run)
    return [f"testbed plot does not finish it: {ended.err[-500:]}"] if wrong else []


def _started_again(folder: Path, arguments: tuple[str, ...]) -> list[str]:
    """Begin the next run, which removes what the killed one left, and end it once it has begun."""
    with running(folder, arguments, 0) as following:
        if following.wait_for("loading", "server"):
            following.signal("main", SIGINT)
        code = following.end()
        return [] if code == INTERRUPTED else [f"the next run: {following.err[-500:]}"]


def _odd_files(folder: Path, run: Path | None) -> Sequence[str]:
    """What is neither a finished run's nor was there before."""
    odd = [path for path in folder.glob("results/*") if path != run]
    if run is not None and not records_in(run):
        odd.append(run)
    elif run is not None:
        odd += [path for path in run.iterdir() if path.name not in {*RUN_FILES, COMPUTE}]
        odd += [run / name for name in RUN_FILES if not (run / name).exists()]
    return [str(path.relative_to(folder)) for path in odd]
