"""Folders of results: given by name or called after the time, and never mixed with older ones."""

import errno
import glob
import os
import secrets
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from emulation.host.owned import OwnFolder, remove_ownerless
from testbed.storage.files import WRITABLE, refusal, shown, writing

_TAKEN = {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR}


def new_folder(out: Path | None, results_root: Path, name: str) -> Path:
    """Make a folder for results that come bit by bit, and return it.

    `out` is the folder itself, new or empty; without it a new one is made in `results_root`, called
    after the time (UTC) and `name`. Raises BadInput when it cannot be made or written.
    """
    check_writable(out, results_root)
    with writing(out or results_root):
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            return out
        first = stamped(results_root, name)
        for suffix in ("", *(f"-{number}" for number in range(2, 10_000))):
            candidate = first.with_name(first.name + suffix)
            try:
                candidate.mkdir(parents=True)
            except FileExistsError:  # another run's
                continue
            return candidate
    raise refusal(candidate, "taken", "a new folder")


def write_folder(fill: Callable[[Path], None], out: Path) -> None:
    """Make the folder `out`, which is new or empty, and let `fill` write its files.

    It appears complete or, upon any error or interrupt, not at all. Raises BadInput when it cannot
    be written.
    """
    check_writable(out, out.parent)
    target = out.resolve()
    # Not made by tempfile: its folders are private to the user whatever the umask says.
    drafts = f".{target.name}.partial-"

    def make() -> Path:
        draft = target.with_name(drafts + secrets.token_hex(4))
        draft.mkdir()
        return draft

    with writing(out):
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_ownerless(target.parent.glob(glob.escape(drafts) + "*"))
        with OwnFolder(make) as own:
            try:
                fill(own.path)
                _publish(own.path, target)
            finally:
                shutil.rmtree(own.path, ignore_errors=True)  # once published it is not there


def check_writable(out: Path | None, results_root: Path) -> None:
    """Raise BadInput if a folder of results could not be written; leaves nothing behind."""
    if out is None:
        _try_to_write(results_root)
        return
    with writing(out):
        if out.exists() and not out.is_dir():
            raise refusal(out, "found a file", "a new or empty folder")
        if out.exists() and any(out.iterdir()):
            raise refusal(out, "found a folder that is not empty", "a new or empty one")
        if out.is_mount() or out.resolve() == Path.cwd():
            raise refusal(out, "found a mount point or the current folder", "a folder below it")
        _try_to_write(out.resolve().parent)


def stamped(results_root: Path, name: str) -> Path:
    """How a folder of results is called by default: after the time (UTC) and `name`."""
    return results_root / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}-{name}"


def _publish(draft: Path, target: Path) -> None:
    """Rename, in one step; rename(2) puts a folder in the place of an empty one at most."""
    try:
        draft.rename(target)
    except OSError as error:
        if error.errno not in _TAKEN:
            raise
        raise refusal(target, "filled by another run meanwhile", "a new or empty folder") from error


def _try_to_write(folder: Path) -> None:
    """Make and remove a folder where `folder` is or would be made. Raises BadInput."""
    with writing(folder):
        existing = folder.absolute()
        while not os.path.lexists(existing):
            existing = existing.parent
        if not existing.is_dir():
            raise refusal(folder, f"{shown(existing)} is no folder", WRITABLE)
        trial = existing / f".trial-{secrets.token_hex(4)}"
        trial.mkdir()
        trial.rmdir()
