"""What is owned by a process: nobody else removes it, and once its owner is gone, anybody may.

Who owns a file or folder holds a lock on it (flock(2)). The kernel ends that with the process,
however it ends, and every other process sees it, also one in another PID namespace, where process
ids say nothing. So what a killed process left is removed by the next one.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Self

try:
    import fcntl
except ImportError:  # Windows: nobody's lock is seen, so nothing is ever taken for left over
    HAS_LOCKS = False
else:
    HAS_LOCKS = True

_SCRATCH = "testbed-scratch-"
_RANDOM = "?" * 8


def lock(file: IO[bytes] | int, *, shared: bool = False) -> bool:
    """Hold a lock on an open file until it is closed or this process ends, however it ends.

    shared: others may hold it too, who ask for it so. False when another process holds it. Where
    files have no locks nobody ever does.
    """
    if not HAS_LOCKS:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class OwnFolder:
    """A folder that `make` made, owned until it is closed, wherever it was moved meanwhile."""

    def __init__(self, make: Callable[[], Path]) -> None:
        """Make another one as long as somebody takes it for left over before it is owned."""
        while True:
            self.path = make()
            if not HAS_LOCKS:
                self._descriptor = os.open(os.devnull, os.O_RDONLY)
                return
            try:
                self._descriptor = os.open(self.path, os.O_RDONLY)
            except FileNotFoundError:
                continue
            if lock(self._descriptor) and _is_at(self.path, self._descriptor):
                return
            os.close(self._descriptor)

    def close(self) -> None:
        """Own it no more; it stays."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def remove_ownerless(folders: Iterable[Path]) -> None:
    """Remove those of this user's folders, all made by `OwnFolder`, that nobody owns any more."""
    for folder in folders if HAS_LOCKS else ():
        with suppress(OSError):  # gone meanwhile, or somebody else's
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_uid == os.geteuid() and lock(descriptor):
                    shutil.rmtree(folder)
            finally:
                os.close(descriptor)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new temporary folder, gone afterwards; those of processes that were killed go first."""
    root = Path(tempfile.gettempdir())
    remove_ownerless(root.glob(_SCRATCH + _RANDOM))

    def make() -> Path:
        folder = root / f"{_SCRATCH}{secrets.token_hex(len(_RANDOM) // 2)}"
        folder.mkdir(mode=0o700)
        return folder

    with closing(OwnFolder(make)) as own:
        try:
            yield own.path
        finally:
            shutil.rmtree(own.path, ignore_errors=True)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether that path is still what was opened."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
