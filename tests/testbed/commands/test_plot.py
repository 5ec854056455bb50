"""`testbed plot` on folders of runs and sweeps, and what it says of any other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from testbed.commands.plot import plot
from testbed.errors import BadInput
from tests.testbed import synthetic
from tests.testbed.command_line import run_testbed
from tests.testbed.figures import sweeps

RATE = {"link.uplink.rate": [float(bps) for bps in np.geomspace(1e6, 100e6, 5)]}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("folders")
    made = {name: synthetic.save(root / name, root) for name in ("run", "other")}
    made["sweep"] = sweeps.write(root / "sweep", sweeps.sweep(RATE))
    made["unfinished"] = sweeps.write(root / "unfinished", sweeps.sweep(RATE))
    (made["unfinished"] / "sweep.parquet").unlink()
    made["useless"] = sweeps.write(root / "useless", sweeps.sweep({"edge.slowdown": [1.0, 2.0]}))
    made["damaged"] = synthetic.save(root / "damaged", root)
    summary = made["damaged"] / "summary.json"
    text = summary.read_text()
    assert '"requests": 60' in text
    summary.write_text(text.replace('"requests": 60', '"requests": null'))
    made["changed"] = sweeps.write(root / "changed", sweeps.sweep(RATE))
    pd.read_parquet(made["changed"] / "sweep.parquet").drop(columns="mean_ms").to_parquet(
        made["changed"] / "sweep.parquet"
    )
    made["empty"] = root / "empty"
    made["empty"].mkdir()
    made["absent"] = root / "absent"
    return made


def test_the_command_draws_a_sweep_and_prints_its_crossovers(folders: dict[str, Path]) -> None:
    folder = folders["sweep"]
    ended = run_testbed(folder.parent, "plot", str(folder), "--kind", "latency-vs-bandwidth")
    assert ended.code == 0, ended.err
    assert "Crossovers" in ended.out and "local" in ended.out
    assert ended.out.rstrip().endswith("figures")
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names >= {"latency-vs-bandwidth.png", "latency-vs-bandwidth.svg", "crossovers.csv"}


def test_a_run_is_drawn_elsewhere_if_asked(folders: dict[str, Path], tmp_path: Path) -> None:
    plot([folders["run"]], ["waterfall", "cdf"], tmp_path / "mine")
    names = {path.name for path in (tmp_path / "mine").iterdir()}
    assert names == {"waterfall.png", "waterfall.svg", "cdf.png", "cdf.svg"}


def test_several_runs_are_one_figure(folders: dict[str, Path], tmp_path: Path) -> None:
    plot([folders["run"], folders["other"]], None, tmp_path / "both")
    assert {path.name for path in (tmp_path / "both").iterdir()} == {"cdf.png", "cdf.svg"}


@pytest.mark.parametrize(
    ("names", "kinds", "words"),
    [
        (["run"], ["pie"], "--kind: found pie, allowed: stages, cdf, waterfall, energy, "),
        (["run"], ["validation"], "run: found a run, for which --kind allows: stages"),
        (["sweep"], ["cdf"], "sweep: found a sweep, for which --kind allows: latency-vs"),
        (["sweep"], ["best-deployment"], "best-deployment: found link.uplink.rate"),
        (["unfinished"], None, "found a sweep with 0 of 5 points done, allowed: a finished sweep"),
        (["useless"], None, "found no axis that a figure shows"),
        (["damaged"], ["cdf"], "damaged: damaged or foreign (TypeError: unsupported operand"),
        (["changed"], None, "changed: damaged or foreign (KeyError: "),
        (["empty"], None, "empty: found no summary.json and no sweep.json, allowed: the folder"),
        (["absent"], None, "absent: found no summary.json and no sweep.json, allowed: the folder"),
        (["run", "sweep"], None, "sweep: found a sweep among 2 folders"),
        (["run", "other"], ["stages"], "found one of 2 folders, for which --kind allows: cdf"),
        (["run", "other"], None, "--out: found none, allowed for 2 folders: a folder to write"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    folders: dict[str, Path], names: list[str], kinds: list[str] | None, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        plot([folders[name] for name in names], kinds, None)
    assert words in str(refused.value) and "\n" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_one_line(folders: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="allowed: a place that can be written"):
        plot([folders["run"]], None, tmp_path / "file" / "below")
