"""Loss in the long run, in bursts, and at the edges. Seeds are fixed: nothing is left to luck."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from scipy.stats import binom

from emulation.lane.loss import NEVER, loss_gaps
from emulation.spec import GilbertElliott

PACKETS = 200_000


def losses(gaps: Iterator[int], packets: int = PACKETS) -> list[int]:
    """Positions of the lost packets among the first `packets`."""
    lost: list[int] = []
    position = -1
    while True:
        position += next(gaps, NEVER) + 1
        if position >= packets:
            return lost
        lost.append(position)


@pytest.mark.parametrize("probability", [1e-4, 0.01, 0.3, 0.9])
def test_bernoulli_loses_the_configured_fraction(probability: float) -> None:
    lost = losses(loss_gaps(probability, np.random.default_rng(5)))
    low, high = binom.interval(0.999, PACKETS, probability)
    assert low <= len(lost) <= high


def test_bernoulli_gaps_are_geometric() -> None:
    gaps = np.array(list(islice(loss_gaps(0.2, np.random.default_rng(5)), 20_000)))
    for length in range(5):
        expected = 0.2 * 0.8**length
        assert np.mean(gaps == length) == pytest.approx(expected, abs=0.01)


def test_certain_loss_and_no_loss() -> None:
    rng = np.random.default_rng(0)
    assert losses(loss_gaps(1.0, rng), 100) == list(range(100))
    assert list(loss_gaps(0.0, rng)) == []
    assert list(loss_gaps(GilbertElliott(0.1, 0.1, loss_bad=0.0), rng)) == []


@pytest.mark.parametrize(
    "spec",
    [
        GilbertElliott(0.01, 0.3),
        GilbertElliott(0.01, 0.1, loss_bad=0.5),
        GilbertElliott(0.05, 0.5, loss_bad=0.9, loss_good=0.01),
        GilbertElliott(1.0, 1.0, loss_bad=0.3, loss_good=0.1),
    ],
)
def test_two_states_lose_their_long_run_mean(spec: GilbertElliott) -> None:
    lost = losses(loss_gaps(spec, np.random.default_rng(3)))
    assert len(lost) / PACKETS == pytest.approx(spec.mean, rel=0.1)


def test_two_states_lose_in_bursts_of_the_bad_state() -> None:
    spec = GilbertElliott(0.01, 0.25)
    lost = np.array(losses(loss_gaps(spec, np.random.default_rng(3))))
    bursts = np.split(lost, np.flatnonzero(np.diff(lost) > 1) + 1)
    lengths = [len(burst) for burst in bursts]
    assert np.mean(lengths) == pytest.approx(1 / spec.r, rel=0.05)


def test_two_states_agree_with_a_decision_per_packet() -> None:
    """The kernel's loop, packet by packet, has the same distribution of gaps."""
    spec = GilbertElliott(0.1, 0.4, loss_bad=0.6, loss_good=0.02)
    rng = np.random.default_rng(8)
    bad, slow = False, []
    for packet in range(PACKETS):
        if rng.random() < (spec.loss_bad if bad else spec.loss_good):
            slow.append(packet)
        if rng.random() < (spec.r if bad else spec.p):
            bad = not bad
    fast_gaps = np.diff(losses(loss_gaps(spec, np.random.default_rng(9))))
    slow_gaps = np.diff(slow)
    for length in (1, 2, 3, 5, 10, 30):
        assert np.mean(fast_gaps <= length) == pytest.approx(np.mean(slow_gaps <= length), abs=0.02)


def test_first_packets_meet_the_good_state() -> None:
    stays = [
        next(loss_gaps(GilbertElliott(0.01, 0.5), np.random.default_rng(seed)))
        for seed in range(2000)
    ]
    assert np.mean(stays) == pytest.approx(100, rel=0.1)


@pytest.mark.parametrize(
    "spec", [GilbertElliott(0.0, 0.5), GilbertElliott(0.5, 0.0, loss_bad=0.0, loss_good=0.0)]
)
def test_a_loss_that_cannot_happen_never_does(spec: GilbertElliott) -> None:
    assert losses(loss_gaps(spec, np.random.default_rng(1)), NEVER) == []


def test_rarest_of_losses_does_not_stall() -> None:
    spec = GilbertElliott(0.5, 0.5, loss_bad=1e-300)
    assert losses(loss_gaps(spec, np.random.default_rng(1)), NEVER) == []
