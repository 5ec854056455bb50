"""Counters of what a machine draws, in a folder like the kernel's."""

from pathlib import Path
from time import sleep

import pytest

from testbed.config.scenario import CounterSection
from testbed.errors import BadInput
from testbed.halves.energy_counter import Counters, Sensor, open_counter


def put(file: Path, content: object) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{content}\n")
    return file


def packages(sys: Path, *microjoules: int) -> list[Path]:
    """Each with a domain below it, whose joules are among its own."""
    for number in range(len(microjoules)):
        put(sys / "powercap" / f"intel-rapl:{number}:0" / "energy_uj", 5)
        put(sys / "powercap" / f"intel-rapl:{number}" / "max_energy_range_uj", 10_000_000)
    return [
        put(sys / "powercap" / f"intel-rapl:{number}" / "energy_uj", value)
        for number, value in enumerate(microjoules)
    ]


def test_packages_are_summed(tmp_path: Path) -> None:
    files = packages(tmp_path, 1_000_000, 2_000_000)
    counter = open_counter(None, tmp_path)
    assert isinstance(counter, Counters) and counter.name == "powercap"
    counter.start()
    put(files[0], 1_500_000)
    put(files[1], 4_000_000)
    assert counter.stop() == pytest.approx(2.5)


def test_a_counter_begins_anew_after_its_range(tmp_path: Path) -> None:
    (file,) = packages(tmp_path, 9_000_000)
    counter = open_counter(None, tmp_path)
    assert counter is not None
    counter.start()
    put(file, 500_000)
    assert counter.stop() == pytest.approx(1.5)


def test_a_counter_that_is_gone_tells_nothing(tmp_path: Path) -> None:
    (file,) = packages(tmp_path, 9_000_000)
    counter = open_counter(None, tmp_path)
    assert counter is not None
    counter.start()
    file.unlink()
    assert counter.stop() is None


def test_a_battery_falls(tmp_path: Path) -> None:
    file = put(tmp_path / "energy_now", 20_000_000)
    counter = open_counter(CounterSection(file=file, unit="uwh"), tmp_path)
    assert counter is not None
    counter.start()
    put(file, 19_999_000)
    assert counter.stop() == pytest.approx(3.6)


def test_a_sensors_watts_are_added_up_over_time(tmp_path: Path) -> None:
    put(tmp_path / "hwmon" / "hwmon0" / "name", "coretemp")
    put(tmp_path / "hwmon" / "hwmon0" / "power1_input", 99_000_000)
    put(tmp_path / "hwmon" / "hwmon1" / "name", "ina219")
    put(tmp_path / "hwmon" / "hwmon1" / "power1_input", 4_000_000)
    counter = open_counter(None, tmp_path)
    assert isinstance(counter, Sensor) and counter.name == "hwmon"
    counter.start()
    sleep(0.25)
    joules = counter.stop()
    assert joules is not None and 0.9 < joules < 8.0


def test_where_there_is_none_nothing_is_counted(tmp_path: Path) -> None:
    assert open_counter(None, tmp_path) is None


def test_a_file_without_a_number_is_refused(tmp_path: Path) -> None:
    file = put(tmp_path / "counter", "much")
    with pytest.raises(BadInput, match=r"edge\.energy_counter\.file: found .*, allowed: a file wi"):
        open_counter(CounterSection(file=file, unit="uj"))
