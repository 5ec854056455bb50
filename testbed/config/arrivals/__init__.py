"""When requests are due. To add an arrival: a class like these in a file, its import below."""

from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Discriminator, Tag

from testbed.config.arrivals.arrival import Arrival as AnyArrival
from testbed.config.arrivals.closed import Closed as Closed
from testbed.config.arrivals.pause import Pause as Pause
from testbed.config.arrivals.periodic import Periodic as Periodic
from testbed.config.arrivals.poisson import Poisson as Poisson
from testbed.config.arrivals.trace import Trace as Trace

ARRIVALS: tuple[type[AnyArrival], ...] = tuple(AnyArrival.__subclasses__())
"""All of them, in the order of their imports."""


def _tag(kind: type[AnyArrival]) -> str:
    return f"<{kind.__name__.lower()}>"


def _tag_of(value: object) -> str | None:
    """Which arrival is meant: by its word, or by its key."""
    for kind in ARRIVALS:
        keyed = isinstance(value, dict) and not kind.model_fields.keys().isdisjoint(value)
        if keyed or value == kind.example or isinstance(value, kind):
            return _tag(kind)
    return None


if TYPE_CHECKING:
    Arrival = AnyArrival
else:
    Arrival = Annotated[
        Union[tuple(Annotated[kind, Tag(_tag(kind))] for kind in ARRIVALS)],  # noqa: UP007
        Discriminator(
            _tag_of,
            custom_error_type="arrival",
            custom_error_message=f"allowed: {', '.join(kind.example for kind in ARRIVALS)}",
        ),
    ]
