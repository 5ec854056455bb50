"""`testbed codecs` over a grid of image sizes and qualities."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from testbed.commands.codecs import list_codecs
from testbed.config.scenario_file import dump_scenario
from tests.testbed.choice.test_choose import scenario


def test_a_grid_is_judged_written_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "tiny.yaml", tmp_path / "out"
    file.write_text(dump_scenario(scenario()))
    list_codecs(file, None, 4, False, out, tmp_path / "kept", "16,24", "10,90")
    rows = pd.read_csv(out / "codecs.csv").to_dict("records")
    written = {str(row["deployment"]): row for row in rows}
    sides = {16, 24}
    names = {f"remote-{codec}-{side}px" for side in sides for codec in ("png", "jpeg-q10")}
    assert {*names, "local"} <= written.keys()
    assert len(written) == 1 + len(sides) * 3
    small = written["remote-jpeg-q10-16px"]
    assert (small["side_px"], small["quality"]) == (16, 10)
    assert np.isnan(written["local"]["side_px"])
    assert (out / "accuracy.png").stat().st_size > 1000
    assert str(out / "accuracy.svg") in capsys.readouterr().out.replace("\n", "")
    assert len(list((tmp_path / "kept").iterdir())) == 1
