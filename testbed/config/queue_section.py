"""`queue:` of a direction: its limit, `100ms` or `64kb`, or a policy with its parameters.

`queue: {codel: {target: 5ms, limit: 200ms}}`. Which policies there are, and their parameters, is
for `emulation.queues` to say: a parameter `target_s` there is the key `target` here, a time.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, create_model

from emulation import units
from emulation.errors import SpecError
from emulation.queues import POLICIES, QueuePolicy
from emulation.queues.drop_tail import DropTail
from emulation.spec import MTU_BYTES
from testbed.config.quantity import Duration, Rate
from testbed.config.section import Section, bare_names, name_in, one_of

UNLIMITED_BYTES = 4_000_000
"""What a limit given as a time means on a lane without a rate: there it never fills."""
DEFAULT_LIMIT = "100ms"
_ALLOWED = "a time or a size, such as 100ms or 64kb"
_UNITS: Mapping[str, Any] = {"s": Duration, "bps": Rate}
"""How a parameter's name ends -> what is written in a scenario; any other is a plain number."""


def limit_bytes(text: str, rate_bps: float | None) -> int:
    """A limit in bytes: a size as it is, a time at the lane's mean rate, but at least a packet.

    Raises SpecError.
    """
    try:
        duration_s = units.parse_time(text)
    except SpecError:
        try:
            return int(units.parse_size(text))
        except SpecError:
            raise SpecError(f"found {text!r}, allowed: {_ALLOWED}") from None
    if rate_bps is None:
        return UNLIMITED_BYTES
    return max(MTU_BYTES, int(duration_s * rate_bps / 8))


def _has_a_unit(value: object) -> str:
    text = str(value)
    limit_bytes(text, rate_bps=1e6)
    return text


Limit = Annotated[str, BeforeValidator(_has_a_unit)]


class Parameters(Section):
    """Of one policy; every queue has a limit as well."""

    limit: Limit = DEFAULT_LIMIT


class PolicySection(Section):
    """A mapping of one policy's name to its parameters."""


def _parameter(name: str) -> tuple[str, Any]:
    """The key of a policy's parameter, and the type of its value."""
    key, _, unit = name.rpartition("_")
    return (key, _UNITS[unit]) if unit in _UNITS else (name, float)


def _section(name: str, kind: type[Any]) -> type[PolicySection]:
    """The section of one policy, made from the policy's own fields."""
    keys: dict[str, Any] = {}
    for field in fields(kind):
        key, value = _parameter(field.name)
        keys[key] = (value, field.default)
    parameters = create_model(f"{kind.__name__}Parameters", __base__=Parameters, **keys)
    taken: dict[str, Any] = {name: (parameters, ...)}
    return create_model(kind.__name__, __base__=PolicySection, __doc__=kind.__doc__, **taken)


def _kind_of(value: object) -> str | None:
    return "limit" if isinstance(value, str | int | float) else name_in(value, POLICIES)


if TYPE_CHECKING:
    Queue = str | PolicySection
else:
    Queue = Annotated[
        one_of(
            {"limit": Limit} | {name: _section(name, kind) for name, kind in POLICIES.items()},
            _kind_of,
            "queue",
            f"{_ALLOWED}, or one of " + ", ".join(f"{{{name}: ...}}" for name in POLICIES),
        ),
        BeforeValidator(bare_names(*POLICIES)),
    ]


def queue_of(queue: Queue, rate_bps: float | None) -> tuple[int, QueuePolicy]:
    """The limit in bytes and the policy. Raises SpecError for parameters no policy can have."""
    if isinstance(queue, str):
        return limit_bytes(queue, rate_bps), DropTail()
    ((name, parameters),) = queue
    kind: type[Any] = POLICIES[name]
    values = {field.name: getattr(parameters, _parameter(field.name)[0]) for field in fields(kind)}
    policy: QueuePolicy = kind(**values)
    return limit_bytes(parameters.limit, rate_bps), policy
