"""Scripts in which the edge falls back on its own whole network."""

from testbed.lifecycle.asks import Rules
from testbed.lifecycle.reasons import (
    BUSY,
    LINK_DOWN,
    OTHER_TASKS,
    OVERDUE,
    SERVER_GONE,
    SLOW,
    UNSENT,
)
from tests.testbed.lifecycle.cases import Case, Ended
from tests.testbed.lifecycle.scripted import Back, Script

CLOSED = Rules(deadline_s=0.1, timeout_s=0.5, fallback_after_s=0.15)
OPEN = Rules(deadline_s=0.1, timeout_s=0.5, closed=False, fallback_after_s=0.15)


def here(
    index: int, issued_s: float, fell_back_s: float, answered_s: float, why: str, late: bool = False
) -> Ended:
    """Answered by the edge in the server's stead."""
    return Ended(index, issued_s, answered_s, why, late, fell_back_s)


CASES: dict[str, Case] = {
    "an outage: the edge answers, at once while the link is down, and tries again": Case(
        Script(
            CLOSED,
            [0.0, 0.2, 0.2, 0.2, 0.0],
            head_s=0.01,
            encode_s=0.001,
            rest_s=0.03,
            back={3: [Back(0.05)]},
        ),
        [
            here(0, 0, 0.15, 0.18, SLOW, late=True),
            here(1, 0.38, 0.38, 0.42, LINK_DOWN),
            here(2, 0.62, 0.62, 0.66, LINK_DOWN),
            Ended(3, 0.86, 0.921),
            here(4, 0.921, 1.071, 1.101, SLOW, late=True),
        ],
    ),
    "a late answer that comes while the edge computes shows that the link carries": Case(
        Script(
            CLOSED,
            [0.0, 0.1, 0.1],
            head_s=0.01,
            rest_s=0.03,
            back={0: [Back(0.29)], 2: [Back(0.05)]},
        ),
        [
            here(0, 0, 0.15, 0.18, SLOW, late=True),
            here(1, 0.28, 0.28, 0.32, LINK_DOWN),
            Ended(2, 0.42, 0.48),
        ],
        strays=1,
    ),
    "a late answer that comes while the edge waits shows that the link carries": Case(
        Script(CLOSED, [0.0, 0.1], rest_s=0.03, back={0: [Back(0.2)], 1: [Back(0.05)]}),
        [here(0, 0, 0.15, 0.18, SLOW, late=True), Ended(1, 0.28, 0.33)],
        strays=1,
    ),
    "a late answer shows it while requests come without a pause": Case(
        Script(
            CLOSED,
            [0.0] * 4,
            head_s=0.01,
            rest_s=0.03,
            back={0: [Back(0.2)], 3: [Back(0.02)]},
        ),
        [
            here(0, 0, 0.15, 0.18, SLOW, late=True),
            here(1, 0.18, 0.18, 0.22, LINK_DOWN),
            here(2, 0.22, 0.37, 0.40, SLOW, late=True),
            here(3, 0.40, 0.40, 0.44, LINK_DOWN),
        ],
        strays=1,
    ),
    "an answer just before the edge falls back, and one just after": Case(
        Script(CLOSED, [0.0] * 3, rest_s=0.03, back={0: [Back(0.1499)], 1: [Back(0.1501)]}),
        [
            Ended(0, 0, 0.1499, late=True),
            here(1, 0.1499, 0.2999, 0.3299, SLOW, late=True),
            here(2, 0.3299, 0.4799, 0.5099, SLOW, late=True),
        ],
        strays=1,
    ),
    "several under way: each falls back in its turn": Case(
        Script(OPEN, [0.0, 0.05, 0.1, 0.4], head_s=0.01, rest_s=0.03),
        [
            here(0, 0, 0.15, 0.18, SLOW, late=True),
            here(1, 0.05, 0.2, 0.23, SLOW, late=True),
            here(2, 0.1, 0.25, 0.28, SLOW, late=True),
            here(3, 0.4, 0.4, 0.44, LINK_DOWN),
        ],
    ),
    "an answer that comes while the edge computes another is taken": Case(
        Script(OPEN, [0.0, 0.02], head_s=0.01, rest_s=0.03, back={1: [Back(0.13)]}),
        [here(0, 0, 0.15, 0.18, SLOW, late=True), Ended(1, 0.02, 0.18, late=True)],
    ),
    "an edge that is behind gives the link its time": Case(
        Script(OPEN, [0.0, 0.01], head_s=0.09, rest_s=0.03, back={1: [Back(0.05)]}),
        [here(0, 0, 0.18, 0.21, SLOW, late=True), Ended(1, 0.09, 0.23, late=True)],
    ),
    "an edge that is behind, and answers at once": Case(
        Script(OPEN, [0.0, 0.16, 0.17], head_s=0.01, rest_s=0.03),
        [
            here(0, 0, 0.15, 0.18, SLOW, late=True),
            here(1, 0.18, 0.18, 0.22, LINK_DOWN),
            here(2, 0.22, 0.22, 0.26, LINK_DOWN),
        ],
    ),
    "refused, or answered for other tasks: the edge does it, and the link is not down": Case(
        Script(
            CLOSED,
            [0.0] * 3,
            head_s=0.01,
            rest_s=0.03,
            back={0: [Back(0.05, "fault")], 1: [Back(0.05, "other tasks")], 2: [Back(0.02)]},
        ),
        [
            here(0, 0, 0.06, 0.09, "no"),
            here(1, 0.09, 0.15, 0.18, OTHER_TASKS),
            Ended(2, 0.18, 0.21),
        ],
    ),
    "the transport is full: the edge does it": Case(
        Script(
            OPEN,
            [0.0, 0.1],
            head_s=0.01,
            rest_s=0.03,
            back={1: [Back(0.05)]},
            full_for=frozenset({0}),
        ),
        [here(0, 0, 0.01, 0.04, UNSENT), Ended(1, 0.1, 0.16)],
    ),
    "the server goes: what waits is answered here, and so is the rest": Case(
        Script(OPEN, [0.0, 0.05, 0.3], head_s=0.01, rest_s=0.03, gone_s=0.1),
        [
            here(0, 0, 0.1, 0.13, SERVER_GONE, late=True),
            here(1, 0.05, 0.13, 0.16, SERVER_GONE, late=True),
            here(2, 0.3, 0.3, 0.34, SERVER_GONE),
        ],
    ),
    "the server goes, closed loop": Case(
        Script(CLOSED, [0.0] * 3, head_s=0.01, rest_s=0.03, gone_s=0.1),
        [
            here(0, 0, 0.1, 0.13, SERVER_GONE, late=True),
            here(1, 0.13, 0.13, 0.17, SERVER_GONE),
            here(2, 0.17, 0.17, 0.21, SERVER_GONE),
        ],
    ),
    "an edge too slow for its own answers": Case(
        Script(OPEN, [0.0, 0.01, 0.02], rest_s=0.6, gone_s=0.1),
        [
            Ended(0, 0, fault=OVERDUE, fell_back_s=0.1),
            Ended(1, 0.01, fault=BUSY),
            Ended(2, 0.02, fault=BUSY),
        ],
    ),
    "an edge so slow that others wait long for their turn": Case(
        Script(OPEN, [0.0, 0.1], rest_s=0.3),
        [
            here(0, 0, 0.15, 0.45, SLOW, late=True),
            Ended(1, 0.1, fault=OVERDUE, fell_back_s=0.45),
        ],
    ),
    "what the edge computes as a slower device": Case(
        Script(CLOSED, [0.0, 0.0], head_s=0.01, rest_s=0.03, slowdown=2.0),
        [
            here(0, 0, 0.15, 0.21, SLOW, late=True),
            here(1, 0.21, 0.21, 0.29, LINK_DOWN),
        ],
    ),
    "local has nothing to fall back from": Case(
        Script(CLOSED, [0.0] * 2, head_s=0.2, crosses_link=False),
        [Ended(0, 0, 0.2, late=True), Ended(1, 0.2, 0.4, late=True)],
    ),
}
