"""Makes network namespaces, holds them, and takes them down when nobody needs them any more.

    python -m emulation.host.keeper [--rootless] NAME...

makes the namespaces, keeps in them what it is asked to, and removes them when its standard input
ends: because its owner closed it, or because the owner died, however that came about. Taking down
after a crash is thus the same code as taking down in order. `--rootless` says that it runs in user
and mount namespaces of its own (unshare -Urm), where the names are seen by those who enter it only.
See ip-netns(8) for what a name is: a file in /run/netns on which the namespace is mounted.
"""

import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from select import select
from typing import Any

from emulation.errors import CommandFailed, EmulationError
from emulation.host.child import obey
from emulation.host.kept import Kept
from emulation.host.owned import lock
from emulation.host.shell import run

NAMES = Path("/run/netns")
OURS = re.compile(r"testbed-(?P<owner>\d+)-\d+-[a-z]+")
"""testbed-<process id of the owner>-<a number of its own>-<end>."""
_CONTROL = 0
"""Standard input. The owner asks again only when answered, so reads never take two commands."""
_COMMAND_BYTES = 4096


def main(arguments: Sequence[str]) -> int:
    """Keep the namespaces named in `arguments` until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, who will tell us
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    rootless = arguments[0] == "--rootless"
    names = arguments[1:] if rootless else arguments
    try:
        with contextlib.ExitStack() as made:
            if rootless:
                run(("mount", "-t", "tmpfs", "tmpfs", "/run"))
            else:
                remove_leftovers()
            for name in names:
                run(("ip", "netns", "add", name))  # refused if there is one of that name
                made.callback(remove, name)
                made.enter_context(owning(name))
            _keep()
    except (EmulationError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _keep() -> None:
    """Do what the owner asks for until there is no owner any more."""
    kept: dict[int, Kept] = {}

    def keep(name: str, commands: Sequence[str]) -> dict[str, Any]:
        new = Kept(NAMES / name, commands)
        kept[new.fileno()] = new
        return {}

    while True:
        for descriptor in select([_CONTROL, *kept], (), ())[0]:
            if descriptor in kept:
                kept[descriptor].look()
            elif command := os.read(_CONTROL, _COMMAND_BYTES):
                obey(command, {"made": dict, "keep": keep})
            else:
                return


@contextlib.contextmanager
def owning(name: str) -> Iterator[None]:
    """Within, nobody takes this namespace for left over. Owners may be several."""
    with (NAMES / name).open("rb") as namespace:
        lock(namespace, shared=True)
        yield


def remove(name: str) -> None:
    """Remove a namespace and end what still runs in it; nothing happens if there is none."""
    if not (NAMES / name).exists():
        return
    with contextlib.suppress(CommandFailed):  # another keeper may be removing it, too
        for process_id in run(("ip", "netns", "pids", name)).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process_id), signal.SIGKILL)
        run(("ip", "netns", "delete", name))


def remove_leftovers() -> None:
    """Remove namespaces that nobody owns and nobody lives in: keepers can be killed as well."""
    for path in NAMES.glob("testbed-*"):
        found = OURS.fullmatch(path.name)
        if found is None or Path("/proc", found["owner"]).exists():
            continue
        with contextlib.suppress(OSError, CommandFailed):  # gone meanwhile
            if _is_free(path) and not run(("ip", "netns", "pids", path.name)).split():
                remove(path.name)


def _is_free(name: Path) -> bool:
    """Whether no owner lives, in any PID namespace.

    A name that stands for a namespace in another mount namespace alone is a plain file here, of
    which nothing can be told.
    """
    mounted = name.stat().st_dev != name.parent.stat().st_dev
    with name.open("rb") as namespace:
        return mounted and lock(namespace)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
