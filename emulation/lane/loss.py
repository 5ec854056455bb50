"""Which packets are lost at random.

A process answers one question, "how many packets pass before the next one is lost?", so that a
lane pays for a random number per *lost* packet and only counts down for every other.
"""

from math import floor, log1p
from typing import Protocol

from numpy.random import Generator

from emulation.spec import GilbertElliott

NEVER = 1 << 60
"""A gap no run will see the end of."""
LOOKAHEAD_CHANGES = 1 << 17
"""Changes of state the two-state process looks ahead for a loss; rarer ones count as never."""


class LossProcess(Protocol):
    """A stream of gaps between losses."""

    def gap(self) -> int:
        """Packets that pass before the next lost one; NEVER when none will be lost."""
        ...


class Bernoulli:
    """Every packet is lost with the same probability, whatever happened before."""

    def __init__(self, probability: float, rng: Generator) -> None:
        self._probability = probability
        self._rng = rng

    def gap(self) -> int:
        """Geometrically distributed."""
        return _trials(self._probability, self._rng) - 1


class GilbertElliottLoss:
    """Two states, each with its own loss probability; starts in the good one, as netem does.

    As in the kernel's `loss_gilb_ell`, a packet is judged in the state it finds and the state
    changes after it. Both the stay in a state and the gap to a loss within it are geometric and
    hence without memory, so a whole stay is drawn at once instead of a number per packet.
    """

    def __init__(self, spec: GilbertElliott, rng: Generator) -> None:
        self._spec = spec
        self._rng = rng
        self._bad = False
        self._stay = _trials(spec.p, rng)

    def gap(self) -> int:
        """Packets passed over, through as many changes of state as it takes."""
        spec, passed = self._spec, 0
        for _ in range(LOOKAHEAD_CHANGES):
            until_loss = _trials(spec.loss_bad if self._bad else spec.loss_good, self._rng)
            if until_loss <= self._stay and until_loss < NEVER:
                self._stay -= until_loss
                if self._stay == 0:
                    self._change_state()
                return passed + until_loss - 1
            passed += self._stay
            if passed >= NEVER:
                break
            self._change_state()
        return NEVER

    def _change_state(self) -> None:
        self._bad = not self._bad
        self._stay = _trials(self._spec.r if self._bad else self._spec.p, self._rng)


def loss_process(loss: float | GilbertElliott, rng: Generator) -> LossProcess | None:
    """The process that `LaneSpec.loss` describes; None when nothing is ever lost."""
    if isinstance(loss, GilbertElliott):
        return GilbertElliottLoss(loss, rng) if max(loss.loss_good, loss.loss_bad) > 0 else None
    return Bernoulli(loss, rng) if loss > 0 else None


def _trials(probability: float, rng: Generator) -> int:
    """Trials up to and including the first success, at least 1; NEVER for probability 0."""
    if probability >= 1:
        return 1
    if probability <= 0:
        return NEVER
    return min(NEVER, 1 + floor(log1p(-rng.random()) / log1p(-probability)))
