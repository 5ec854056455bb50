"""What the machine of an edge half really draws, by whatever counter it has.

Processors count their joules (powercap), sensors on a board tell watts at a moment (hwmon), and a
phone's fuel gauge tells what is left in its battery.
"""

from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from time import perf_counter
from typing import Protocol

from testbed.config.scenario import CounterSection
from testbed.errors import BadInput

SYS = Path("/sys/class")
PERIOD_S = 0.1
"""Between looks at a sensor that tells watts."""
_MICRO = 1e-6
_JOULES = {"uj": _MICRO, "uwh": 3600 * _MICRO}
_WATTS = {"uw": _MICRO, "mw": 1e-3}
_SENSORS = ("ina219", "ina220", "ina226", "ina230", "ina231", "ina3221")


class EnergyCounter(Protocol):
    """Counts what is drawn between `start` and `stop`. name: what it is."""

    name: str

    def start(self) -> None:
        """Count from now on."""
        ...

    def stop(self) -> float | None:
        """Joules since `start`; None where they cannot be told."""
        ...


class Counters:
    """Files whose numbers count joules, together.

    A battery's number falls; one that counts up and falls has begun anew, after its range.
    """

    def __init__(self, name: str, files: Iterable[Path], joules: float) -> None:
        """joules: what one of their number is worth."""
        self.name = name
        self._files, self._joules = tuple(files), joules
        self._falls = joules == _JOULES["uwh"]
        self._before: list[float] = []

    def start(self) -> None:
        """Read them."""
        self._before = _numbers(self._files)

    def stop(self) -> float | None:
        """Read them again."""
        after = _numbers(self._files)
        if not len(self._before) == len(after) == len(self._files):
            return None
        total = 0.0
        for file, start, end in zip(self._files, self._before, after, strict=True):
            grown = start - end if self._falls else end - start
            if grown < 0 and not self._falls:
                if not (ranges := _numbers([file.with_name("max_energy_range_uj")])):
                    return None
                grown += ranges[0]
            total += grown * self._joules
        return total


class Sensor:
    """A file that tells watts, looked at ten times a second, straight lines between."""

    def __init__(self, name: str, files: Iterable[Path], watts: float) -> None:
        """watts: what one of their number is worth. Several are summed."""
        self.name = name
        self._files, self._watts = tuple(files), watts
        self._looks: list[tuple[float, float]] = []
        self._over = Flag()
        self._looker = Thread()

    def start(self) -> None:
        """Look at it from now on."""
        self._looks, self._over = [], Flag()
        self._looker = Thread(target=self._look_on, daemon=True)
        self._looker.start()

    def stop(self) -> float | None:
        """Look no more."""
        self._over.set()
        self._looker.join()
        self._look()
        if len(self._looks) < 2:
            return None
        return sum(
            (before_w + after_w) / 2 * (after_s - before_s)
            for (before_s, before_w), (after_s, after_w) in pairwise(self._looks)
        )

    def _look_on(self) -> None:
        self._look()
        while not self._over.wait(PERIOD_S):
            self._look()

    def _look(self) -> None:
        found = _numbers(self._files)
        if len(found) == len(self._files):
            self._looks.append((perf_counter(), sum(found) * self._watts))


def open_counter(asked: CounterSection | None, sys: Path = SYS) -> EnergyCounter | None:
    """The counter that a scenario names, or one that is found; None where there is none.

    Found are the packages of Intel's and AMD's processors, then INA2xx and INA3221 sensors. sys:
    the folder of Linux's device classes. Raises BadInput for a file without a number.
    """
    if asked is not None:
        if not _numbers([asked.file]):
            raise BadInput(
                f"edge.energy_counter.file: found {asked.file}, allowed: a file with a number"
            )
        name, unit = str(asked.file), asked.unit
        if unit in _JOULES:
            return Counters(name, [asked.file], _JOULES[unit])
        return Sensor(name, [asked.file], _WATTS[unit])
    packages = sorted((sys / "powercap").glob("intel-rapl:*/energy_uj"))
    packages = [file for file in packages if file.parent.name.count(":") == 1]
    if packages and len(_numbers(packages)) == len(packages):
        return Counters("powercap", packages, _JOULES["uj"])
    sensors = [
        file
        for folder in sorted((sys / "hwmon").glob("hwmon*"))
        if _text(folder / "name") in _SENSORS
        for file in sorted(folder.glob("power*_input"))
    ]
    if sensors and len(_numbers(sensors)) == len(sensors):
        return Sensor("hwmon", sensors, _WATTS["uw"])
    return None


def _text(file: Path) -> str:
    """What it says; nothing where it cannot be read."""
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii").strip()
    return ""


def _numbers(files: Iterable[Path]) -> list[float]:
    """Those of the files that have one."""
    found = []
    for file in files:
        with suppress(ValueError):
            found.append(float(_text(file)))
    return found
