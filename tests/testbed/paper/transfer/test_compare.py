"""Gains and losses of pairs, on results made up to fall either way."""

from dataclasses import replace
from random import Random

import pandas as pd
import pytest
from scipy import stats

from testbed.paper.claims import MARGIN
from testbed.paper.training.arms import Arm
from testbed.paper.training.trials import TrialResult
from testbed.paper.transfer import compare
from testbed.paper.transfer.compare import Pairing, welch
from tests.testbed.paper.small_trials import TRIAL, trained

ALONE = [50.0, 51.0, 49.0, 50.5, 49.5]


def result(tasks: tuple[str, ...], *shares: float) -> TrialResult:
    return trained(replace(TRIAL, seed=1), dict(zip(tasks, shares, strict=True)))


def pairing(
    task: str, partner: str, beside: list[float], alone: list[float] = ALONE, missing: str = ""
) -> Pairing:
    arms = (dict(enumerate(values)) for values in (alone, beside))
    one, other = (Arm(values, (missing,) if missing else ()) for values in arms)
    return Pairing(task, partner, one, other)


def moved(by: float) -> list[float]:
    return [value + by for value in ALONE]


def test_both_of_a_pair_are_compared_with_themselves_alone() -> None:
    made = [
        result(("scale",), 0.5),
        result(("shape",), 0.8),
        result(("scale", "shape"), 0.6, 0.75),
        result(("scale", "random"), 0.4, 0.1),
    ]
    found = compare.transfers(
        compare.pairings(made, ("scale", "shape"), ("scale", "shape", "random"))
    )
    assert found.set_index(["task", "partner"])["gain"].round(6).to_dict() == {
        ("scale", "shape"): 10.0,
        ("shape", "scale"): -5.0,
        ("scale", "random"): -10.0,
    }
    assert set(found["standing"]) == {"undertrained"}  # one seed


def test_the_interval_is_welchs_and_each_cells_own() -> None:
    wide = [40.0, 60.0, 45.0, 55.0, 50.0]
    low, high, _ = welch(wide, ALONE)
    theirs = stats.ttest_ind(wide, ALONE, equal_var=False).confidence_interval()
    assert (low, high) == pytest.approx(tuple(theirs), rel=1e-9)


def test_p_is_that_of_more_than_the_margin() -> None:
    wide = [56.0, 50.0, 54.0, 52.0, 53.0]  # 3 points more
    within = [value - MARGIN for value in wide]
    side = stats.ttest_ind(within, ALONE, equal_var=False, alternative="greater").pvalue
    assert welch(wide, ALONE)[2] == pytest.approx(2 * side, rel=1e-9)
    assert welch([50.4, 50.6, 50.0, 50.2, 50.3], ALONE)[2] == 1.0


@pytest.mark.parametrize(
    ("by", "standing"),
    [(-20.0, "loses"), (20.0, "gains"), (-0.04, "undecided"), (0.0, "undecided")],
)
def test_what_a_cell_is_called(by: float, standing: str) -> None:
    (found,) = compare.transfers([pairing("scale", "shape", moved(by))])["standing"]
    assert found == standing


def test_a_certain_loss_within_the_margin_is_none() -> None:
    exact = [50.0] * 5
    found = compare.transfers([pairing("scale", "shape", [49.96] * 5, exact)])
    assert list(found["standing"]) == ["neither"]
    assert list(compare.transfers([pairing("a", "b", [48.0] * 5, exact)])["standing"]) == ["loses"]


def test_nothing_is_claimed_of_what_has_not_learnt_or_sits_at_its_ceiling() -> None:
    high = [99.0, 99.1, 99.2, 99.0, 99.1]
    found = compare.transfers(
        [
            pairing("scale", "shape", moved(-20), missing="still gains"),
            pairing("shape", "scale", [70.0, 71.0, 70.0, 71.0, 70.0], high),
        ]
    )
    assert list(found["standing"]) == ["undertrained", "at ceiling"]


def test_where_nothing_happens_a_map_with_a_mark_is_rarer_than_promised() -> None:
    random = Random(5)
    marked = 0
    for _ in range(100):
        cells = [
            pairing("scale", f"partner {n}", _around(50, random), _around(50, random))
            for n in range(7)
        ]
        marked += bool(compare.transfers(cells)["standing"].isin(["gains", "loses"]).any())
    assert marked <= 5


def test_losses_of_just_the_margin_are_marked_as_rarely_as_promised() -> None:
    random = Random(6)
    marked = 0
    for _ in range(400):
        cells = [pairing("scale", "one", _around(49, random), _around(50, random))]
        marked += bool((compare.transfers(cells)["standing"] == "loses").any())
    assert 0.005 < marked / 400 < 0.05  # one side of a two-sided 5 %


@pytest.mark.parametrize(
    ("natural", "made", "expected"),
    [
        (5.0, -20.0, ["holds", "holds"]),
        (-20.0, 5.0, ["does not hold", "does not hold"]),
        (-0.5, -0.5, ["undecided", "undecided"]),
    ],
)
def test_the_verdicts_follow_the_figures(natural: float, made: float, expected: list[str]) -> None:
    frame = compare.transfers(
        [pairing("scale", "shape", moved(natural)), pairing("scale", "random", moved(made))]
    )
    assert _words(frame) == expected
    rehearsal = compare.verdicts(frame, quick=True)
    assert {verdict.word for verdict in rehearsal} == {"not testable here"}


def test_that_nothing_loses_is_not_said_while_some_have_not_learnt() -> None:
    frame = compare.transfers(
        [
            pairing("scale", "shape", moved(5)),
            pairing("shape", "scale", moved(0), missing="still gains"),
            pairing("scale", "random", moved(-20), missing="still gains"),
        ]
    )
    assert _words(frame) == ["undertrained", "undertrained"]


def _words(frame: pd.DataFrame) -> list[str]:
    return [verdict.word for verdict in compare.verdicts(frame, quick=False)]


def _around(mean: float, random: Random) -> list[float]:
    return [random.gauss(mean, 1) for _ in range(5)]
