"""`testbed plot`: which folders hold what, and which kinds of figure suit them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console

from testbed.errors import BadInput, TestbedError, one_line
from testbed.figures import kinds as figure_kinds
from testbed.figures.axis import CannotDraw
from testbed.runs import folder as run_folder
from testbed.storage.files import refusal, shown, writing
from testbed.sweep.folder import PLAN, is_sweep, load_sweep

OF_SEVERAL = ("cdf",)


def plot(folders: Sequence[Path], kinds: Sequence[str] | None, out: Path | None) -> None:
    """Draw, and print where to. Raises BadInput with one line."""
    known = (*figure_kinds.RUN_KINDS, *figure_kinds.SWEEP_KINDS)
    for kind in kinds or ():
        if kind not in known:
            raise BadInput(f"--kind: found {kind}, allowed: {', '.join(known)}")
    with writing(out or folders[0]):
        several = len(folders) > 1
        written = _several(folders, kinds, out) if several else _one(folders[0], kinds, out)
    typer.echo(shown(written))


def _one(folder: Path, kinds: Sequence[str] | None, out: Path | None) -> Path:
    if is_sweep(folder):
        return _sweep(folder, kinds, out)
    if run_folder.is_unfinished(folder):
        run_folder.finish_later(folder, lambda line: typer.echo(f"testbed: {line}", err=True))
    if not run_folder.is_run(folder):
        raise BadInput(
            f"{folder}: found no {run_folder.SUMMARY} and no {PLAN}, "
            "allowed: the folder of a run or of a sweep"
        )
    _check(folder, kinds, figure_kinds.RUN_KINDS, "a run")
    target = out or folder / run_folder.FIGURES
    with _drawing(folder):
        finished = run_folder.load(folder)
        figure_kinds.draw_all(finished.summary, finished.requests, target, kinds)
    return target


def _sweep(folder: Path, kinds: Sequence[str] | None, out: Path | None) -> Path:
    _check(folder, kinds, figure_kinds.SWEEP_KINDS, "a sweep")
    if not show_sweep(folder, kinds, out):
        raise BadInput(
            f"{folder}: found no axis that a figure shows, allowed: a sweep over "
            "link.uplink.rate, link.uplink.loss, any two axes, or both clocks"
        )
    return out or folder / figure_kinds.FIGURES


def show_sweep(
    folder: Path, kinds: Sequence[str] | None = None, out: Path | None = None
) -> list[Path]:
    """As `draw_sweep`; where deployments change places is printed too, if it was drawn."""
    from testbed.figures.latency_curves import crossings_of
    from testbed.terminal.tables import print_crossings

    with _drawing(folder):
        found = load_sweep(folder)
        with writing(out or folder):
            written = figure_kinds.draw_sweep(found, kinds, out)
        if any(path.stem == "latency-vs-bandwidth" for path in written):
            print_crossings(Console(), crossings_of(found))
    return written


def _several(folders: Sequence[Path], kinds: Sequence[str] | None, out: Path | None) -> Path:
    from testbed.figures.cdf import NamedRun

    words = f"{len(folders)} folders"
    for folder in folders:
        if is_sweep(folder):
            raise BadInput(f"{folder}: found a sweep among {words}, allowed: one sweep, or runs")
    _check(folders[0], kinds, OF_SEVERAL, f"one of {words}")
    if out is None:
        raise BadInput(f"--out: found none, allowed for {words}: a folder to write to")
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        names = [str(folder) for folder in folders]
    with _drawing(words):
        loaded = [run_folder.load(folder) for folder in folders]
        figure_kinds.draw_runs(
            [NamedRun(n, run.summary, run.requests) for n, run in zip(names, loaded, strict=True)],
            out,
        )
    return out


@contextmanager
def _drawing(folder: Path | str) -> Iterator[None]:
    """Within, what cannot be drawn becomes BadInput in one line, whatever it ends in.

    Others may have changed what is in a folder, and only who uses a number knows what it must be.
    """
    try:
        yield
    except CannotDraw as error:
        raise BadInput(f"{shown(folder)}: {error}") from None
    except (TestbedError, OSError):
        raise
    except Exception as error:
        found = f"damaged or foreign ({type(error).__name__}: {one_line(error)})"
        raise refusal(folder, found, "its files as they were saved") from error


def _check(folder: Path, kinds: Sequence[str] | None, allowed: Sequence[str], what: str) -> None:
    for kind in kinds or ():
        if kind not in allowed:
            raise BadInput(f"{folder}: found {what}, for which --kind allows: {', '.join(allowed)}")
