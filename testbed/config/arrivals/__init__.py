"""When requests are due. To add an arrival: a class like these in a file, its import below."""

from typing import TYPE_CHECKING

from testbed.config.arrivals.arrival import Arrival as AnyArrival
from testbed.config.arrivals.closed import Closed as Closed
from testbed.config.arrivals.pause import Pause as Pause
from testbed.config.arrivals.periodic import Periodic as Periodic
from testbed.config.arrivals.poisson import Poisson as Poisson
from testbed.config.arrivals.trace import Trace as Trace
from testbed.config.section import name_in, one_of

ARRIVALS: tuple[type[AnyArrival], ...] = tuple(AnyArrival.__subclasses__())
"""All of them, in the order of their imports."""


def _kind_of(value: object) -> str | None:
    """Which arrival is meant: by its word, or by its key."""
    for kind in ARRIVALS:
        by_word = value == kind.example or isinstance(value, kind)
        if by_word or name_in(value, kind.model_fields):
            return kind.__name__
    return None


if TYPE_CHECKING:
    Arrival = AnyArrival
else:
    Arrival = one_of(
        {kind.__name__: kind for kind in ARRIVALS},
        _kind_of,
        "arrival",
        ", ".join(kind.example for kind in ARRIVALS),
    )
