"""A further figure of a request is one declaration; everything else follows from it.

The declaration is put into a copy of the package's `record.py`, as whoever needs it would do.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import testbed

BEFORE = "    fault: str = column("
DECLARATION = """
    demo_j: float = column(
        unit="J", doc="energy the edge used", default=nan, aggregate=Aggregate.MEAN
    )
"""

USE = """
import json, sys
from pathlib import Path
import pyarrow.parquet as pq
from testbed.results.record import Outcome, RequestRecord, record_from_json, record_to_json
from testbed.results.summary import summarise
from testbed.results.table import read_table, table_of, write_table
from testbed.sweep.columns import rows_of, table_of_rows
from testbed.sweep.folder import TABLE, write_rows
from testbed.terminal.columns import columns_markdown
from tests.testbed import synthetic

folder = Path(sys.argv[1])
records = [
    RequestRecord("local", 0, i, 0, i, i, i + 0.1, i + 0.1, answered_s=i + 0.1, demo_j=j,
                  outcome=Outcome.ANSWERED)
    for i, j in enumerate([1.0, 2.0, 6.0])
]
line = json.dumps(record_to_json(records[2]))
write_table(table_of(records), folder / "requests.parquet")
table = read_table(folder / "requests.parquet")
scenario = synthetic.scenario(["local"])
summary = summarise(scenario, table, synthetic.link_facts(), synthetic.TRAINED)
point = {"point": "p", "index": 0, "backend": "tun", "clock": "wall"}
swept = table_of_rows(rows_of(summary, point), [])
write_rows(folder, swept)

def field(file):
    metadata = pq.read_schema(folder / file).field("demo_j").metadata
    return {key.decode(): value.decode() for key, value in metadata.items()}

print(json.dumps({
    "record": record_from_json(json.loads(line)).demo_j,
    "table": table["demo_j"].tolist(),
    "parquet": field("requests.parquet"),
    "summary": summary["deployments"][0]["demo_j"],
    "sweep": swept["demo_j"].tolist(),
    "sweep.parquet": field(TABLE),
    "page": [line for line in columns_markdown().splitlines() if "demo_j" in line],
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    package = Path(testbed.__file__).parent
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(package, copy / "testbed", ignore=shutil.ignore_patterns("__pycache__"))
    file = copy / "testbed" / "results" / "record.py"
    text = file.read_text(encoding="utf-8")
    assert text.count(BEFORE) == 1
    file.write_text(text.replace(BEFORE, DECLARATION.lstrip("\n") + BEFORE), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", USE, str(copy)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(copy), str(package.parent)])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_is_in_the_record_and_its_json(found: Any) -> None:
    assert found["record"] == 6.0


def test_it_is_in_the_table_and_its_file_says_what_it_means(found: Any) -> None:
    assert found["table"] == [1.0, 2.0, 6.0]
    assert found["parquet"] == {"unit": "J", "doc": "energy the edge used"}


def test_it_is_in_the_summary_and_in_the_table_of_a_sweep(found: Any) -> None:
    assert found["summary"] == 3.0
    assert found["sweep"] == [3.0]
    assert found["sweep.parquet"] == {"unit": "J", "doc": "energy the edge used"}


def test_it_is_on_the_reference_page(found: Any) -> None:
    assert found["page"] == 2 * ["| demo_j | J | float64 | mean | energy the edge used |"]
