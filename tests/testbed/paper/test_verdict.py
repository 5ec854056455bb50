"""A verdict follows the figures, whichever way they point."""

import io
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from testbed.paper.links import ASSUMED
from testbed.paper.memory.verdicts import saved_shares
from testbed.paper.memory.verdicts import verdicts as memory_verdicts
from testbed.paper.sizes import FACES_CAMERA, PUBLISHED_INPUT
from testbed.paper.traffic.verdicts import verdicts as traffic_verdicts
from testbed.paper.verdict import Claim, Verdict, Word, held, print_verdicts

CLAIM = Claim("it is so", "section 1", "57 %", "more than half", "less")


@pytest.mark.parametrize(
    ("confirmed", "refuted", "word"),
    [
        (True, False, "holds"),
        (False, True, "does not hold"),
        (False, False, "undecided"),
        (True, True, "undecided"),
    ],
)
def test_what_the_figures_say_is_the_word(confirmed: bool, refuted: bool, word: Word) -> None:
    assert held(confirmed, refuted) == word


def test_the_terminal_shows_all_of_it_in_80_columns() -> None:
    verdict = Verdict(CLAIM, "56 % " * 30, "does not hold", "because", "quite")
    console = Console(file=io.StringIO(), width=80)
    print_verdicts(console, [verdict])
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("does not hold: it is so")
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for part in (
        "published: 57 %",
        "would confirm it: more than half",
        "would refute it: less",
        "found: 56 %",
        "how sure: quite",
        "why: because",
        "source: section 1",
    ):
        assert part in text


def usual(sc: float, mtl: float, stl: float) -> pd.DataFrame:
    """The memory study's table for the one case that its second verdict is about."""
    rows: list[dict[str, Any]] = [
        {
            "workload": "faces",
            "backbone": "vgg16",
            "deployment": deployment,
            "weights_bytes": weights,
            "measured_above_torch_bytes": measured,
        }
        for deployment, weights, measured in (("sc", 43, sc), ("mtl", 100, mtl), ("stl", 200, stl))
    ]
    return pd.DataFrame(rows)


def full(measured: float | None) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "backbone": "efficientnet_b0",
                "deployment": "sc",
                "computed_bytes": 5e8,
                "measured_above_torch_bytes": measured,
            }
        ]
    )


def test_a_measured_gigabyte_and_a_half_is_gigabytes_and_half_of_one_is_not() -> None:
    for needed, word in ((2.5e9, "holds"), (1e9, "holds"), (0.99e9, "does not hold")):
        found = memory_verdicts(usual(43.0, 100.0, 200.0), full(needed))[2]
        assert found.word == word
    assert "at fp16" in memory_verdicts(usual(43.0, 100.0, 200.0), full(2.5e9))[2].found


def test_memory_holds_when_the_process_saves_what_was_published() -> None:
    words = [v.word for v in memory_verdicts(usual(43.0, 100.0, 200.0), full(6.9e9))]
    assert words == ["holds", "holds", "holds"]


def test_memory_does_not_hold_when_the_process_saves_little_or_nothing() -> None:
    assert [v.word for v in memory_verdicts(usual(80.0, 100.0, 200.0), full(5e8))] == [
        "holds",
        "does not hold",
        "does not hold",
    ]
    assert memory_verdicts(usual(110.0, 100.0, 200.0), full(None))[0].word == "does not hold"


def test_memory_that_was_not_measured_is_not_judged() -> None:
    unmeasured = usual(1, 1, 1).assign(measured_above_torch_bytes=None)
    words = [v.word for v in memory_verdicts(unmeasured, full(None))]
    assert words[:2] == ["not testable here", "not testable here"]


def test_shares_saved_are_of_the_larger_one() -> None:
    shares = saved_shares(usual(25.0, 100.0, 200.0), "measured_above_torch_bytes", "sc", "mtl")
    assert shares.to_dict() == {("faces", "vgg16"): 0.75}


def traffic(features: float, image: float, jpeg: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        {"size": str(size), "who": who, "coding": coding, "payload_bytes": payload}
        for size in (PUBLISHED_INPUT, FACES_CAMERA)
        for who, coding, payload in (
            ("remote", "float32", 4 * image),
            ("remote", "uint8", image),
            ("remote", "JPEG, rendered", jpeg),
            ("vgg16", "float32", features),
        )
    ]
    payloads = pd.DataFrame(rows)
    return payloads, payloads.assign(link=ASSUMED, transfer_ms=payloads["payload_bytes"] / 125)


def test_traffic_holds_when_features_are_few() -> None:
    words = [v.word for v in traffic_verdicts(*traffic(1.5e6, 3e7, 2e6))]
    assert words == ["holds", "holds", "holds"]


def test_traffic_does_not_hold_when_features_are_many() -> None:
    words = [v.word for v in traffic_verdicts(*traffic(2e7, 3e7, 1e6))]
    assert words == ["does not hold", "does not hold", "does not hold"]
