"""What the command line asks of a sweep, and where it goes; checked before anything takes time."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from testbed.errors import BadInput
from testbed.points.cluster import check_cluster
from testbed.storage.folders import check_writable, new_folder
from testbed.sweep.folder import is_sweep, progress_of, read_plan
from testbed.sweep.sweep_file import SweepFile

ONE_BY_ONE = (
    "one after the other: side by side each would take processor time from the others, "
    "and that would be measured"
)


@dataclass(frozen=True)
class SweepOptions:
    """What to do and by whom. out: None makes a new folder. dask: a scheduler's address."""

    file: Path
    out: Path | None = None
    resume: bool = False
    workers: int | None = None
    dask: str | None = None
    results_root: Path = Path("results")

    def check(self, sweep: SweepFile) -> None:
        """Raises BadInput when the folder or the cluster is not what it has to be."""
        if self.dask is not None:
            if "virtual" not in sweep.clocks:
                raise BadInput(
                    "--dask: found a sweep on the wall clock, whose points run here, "
                    f"{ONE_BY_ONE}; allowed: a sweep in virtual time"
                )
            check_cluster(self.dask)
        if self.resume:
            self._check_begun(sweep.name)
        else:
            self._check_new()

    def folder(self, name: str) -> Path:
        """The sweep's folder; a new one is made now, so that no other sweep takes it."""
        return self.out or new_folder(None, self.results_root, name)

    def again(self, folder: Path) -> str:
        """The command that goes on with the sweep in `folder`."""
        words = ["testbed", "sweep", str(self.file)]
        words += [] if self.workers is None else ["--workers", str(self.workers)]
        words += [] if self.dask is None else ["--dask", self.dask]
        return shlex.join([*words, "--out", str(folder), "--resume"])

    def _check_new(self) -> None:
        if self.out is not None and is_sweep(self.out):
            found = progress_of(self.out, read_plan(self.out))
            raise BadInput(f"{self.out}: {found}, allowed: --resume to go on, or a new folder")
        check_writable(self.out, self.results_root)

    def _check_begun(self, name: str) -> None:
        if self.out is None:
            raise BadInput(
                "--resume: found no --out, allowed: with --out, the folder to go on with"
            )
        begun = read_plan(self.out)["name"]
        if begun != name:
            raise BadInput(f"{self.out}: found the sweep {begun}, allowed: {name}")
