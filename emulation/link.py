"""What a link is, whoever provides it, and how one is chosen and opened.

A backend is one object with a name, a capability check and `open`. To add one, write its module
and name it in `BACKENDS`; `tests/contract/` then runs over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from emulation.errors import LinkUnavailable, SpecError
from emulation.spec import LinkSpec

BackendName = Literal["auto", "netem", "tun", "simpy"]
Transport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a link: where its programs run and the address they bind to.

    address: an IP address. argv_prefix: put before a command to run it at this end.
    """

    name: Literal["edge", "server"]
    address: str
    argv_prefix: tuple[str, ...] = ()


class Link(Protocol):
    """An open link. Closing it leaves nothing behind: no process, device, namespace or file."""

    backend: str
    edge: Endpoint
    server: Endpoint
    meter_uri: str
    """For `meter.open_meter` at the edge end: IP bytes sent up and received down so far."""

    def expose(self, port: int, transport: Transport = "tcp") -> tuple[str, int]:
        """Make `port` at the server end reachable; returns the (address, port) the edge dials.

        Raises LinkFault when the link no longer runs.
        """
        ...

    def describe(self) -> dict[str, Any]:
        """Backend facts worth keeping beside the results (commands, versions, counters)."""
        ...

    def close(self) -> None:
        """Take the link down. Safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Backend(Protocol):
    """A way of providing links."""

    name: str

    def missing(self) -> str | None:
        """None when this machine can give the backend, else what is missing and how to get it."""
        ...

    def open(self, spec: LinkSpec, seed: int) -> Link:
        """Open a link that obeys `spec`; the same seed loses the same packets where possible.

        Raises LinkUnavailable or LinkFault.
        """
        ...


PREFERENCE = ("netem", "tun", "simpy")
"""Best first: a kernel's own queueing, exact timers under the kernel's TCP, no privileges."""

BACKENDS: Mapping[str, str] = {
    "netem": "emulation.netem.link",
    "tun": "emulation.tun.link",
    "simpy": "emulation.userspace.link",
}
"""Backend name -> module holding `backend`. Modules are imported only when asked for."""


def load_backend(name: str) -> Backend:
    """The backend called `name`. Raises LinkUnavailable when there is none of that name."""
    module = BACKENDS.get(name)
    if module is None:
        if name not in PREFERENCE:
            raise SpecError(f"backend: found {name!r}, allowed: auto, {', '.join(PREFERENCE)}")
        raise LinkUnavailable(f"backend {name}: not part of this version")
    loaded: Backend = import_module(module).backend
    return loaded


def choose_backend(name: BackendName | str = "auto") -> tuple[Backend, str]:
    """Pick a backend by capability; returns it and the reason, in words.

    Raises LinkUnavailable when `name` (or, for auto, every backend) cannot be had here.
    """
    if name != "auto":
        backend = load_backend(name)
        why = backend.missing()
        if why is not None:
            raise LinkUnavailable(f"backend {name}: {why}")
        return backend, "asked for by name"
    passed_over: list[str] = []
    for candidate in PREFERENCE:
        try:
            backend = load_backend(candidate)
            why = backend.missing()
        except LinkUnavailable as error:
            why = str(error).removeprefix(f"backend {candidate}: ")
        if why is None:
            reason = "first choice" if not passed_over else "; ".join(passed_over)
            return backend, reason
        passed_over.append(f"{candidate}: {why}")
    raise LinkUnavailable("no backend works here: " + "; ".join(passed_over))
