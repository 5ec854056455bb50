"""Which packets are lost at random.

A process answers one question, "how many packets pass before the next one is lost?", so that a
lane pays for a random number per *lost* packet and only counts down for every other.
"""

from collections.abc import Iterator
from math import floor, log1p

from numpy.random import Generator

from emulation.spec import GilbertElliott

NEVER = 1 << 60
"""A gap no run will see the end of."""
LOOKAHEAD_CHANGES = 1 << 17
"""Changes of state the two-state process looks ahead for a loss; rarer ones count as never."""


def loss_gaps(loss: float | GilbertElliott, rng: Generator) -> Iterator[int]:
    """How many packets pass before the next lost one, for the loss that `LaneSpec.loss` describes.

    Ends where none will be lost any more.
    """
    if isinstance(loss, GilbertElliott):
        return _two_states(loss, rng) if max(loss.loss_good, loss.loss_bad) > 0 else iter(())
    return _independent(loss, rng) if loss > 0 else iter(())


def _independent(probability: float, rng: Generator) -> Iterator[int]:
    """Every packet is lost with the same probability, so that gaps are geometric."""
    while True:
        yield _trials(probability, rng) - 1


def _two_states(spec: GilbertElliott, rng: Generator) -> Iterator[int]:
    """Two states, each with its own loss probability; starts in the good one, as netem does.

    As in the kernel's `loss_gilb_ell`, a packet is judged in the state it finds and the state
    changes after it. Both the stay in a state and the gap to a loss within it are geometric and
    hence without memory, so a whole stay is drawn at once instead of a number per packet.
    """
    bad, passed, changes = False, 0, 0
    while passed < NEVER and changes < LOOKAHEAD_CHANGES:
        stay = _trials(spec.r if bad else spec.p, rng)
        loss = spec.loss_bad if bad else spec.loss_good
        while stay > 0 and (until_loss := _trials(loss, rng)) <= stay and until_loss < NEVER:
            yield passed + until_loss - 1
            stay -= until_loss
            passed = changes = 0
        passed += stay
        bad, changes = not bad, changes + 1


def _trials(probability: float, rng: Generator) -> int:
    """Trials up to and including the first success, at least 1; NEVER for probability 0."""
    if probability >= 1:
        return 1
    if probability <= 0:
        return NEVER
    return min(NEVER, 1 + floor(log1p(-rng.random()) / log1p(-probability)))
