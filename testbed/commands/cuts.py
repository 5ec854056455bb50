"""`testbed cuts`: every cut of a scenario's network, as a table, a file and a figure."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from testbed.choice.cuts import Cut, cuts
from testbed.choice.subject import real_network
from testbed.codecs import CODECS
from testbed.config.scenario_file import read_scenario
from testbed.errors import BadInput, nearest
from testbed.storage.files import replacing, shown, writing
from testbed.terminal.cuts import bytes_table, cuts_frame, cuts_table, fastest, labels_of
from testbed.virtual.from_devices import names_devices

UNCODED = "uncoded"
FIGURE_ENDINGS = (".png", ".svg")


def list_cuts(
    path: Path,
    overrides: list[str] | None,
    codecs: Sequence[str],
    csv: Path | None,
    figure: Path | None,
) -> None:
    """The table, with several codecs their bytes too; then what files are asked for."""
    scenario, _ = read_scenario(path, overrides)
    chosen = [{"codec": _known(name)} for name in codecs]
    if figure is not None:
        _check_figure(figure, names_devices(scenario))
    network = real_network(scenario)
    rows = cuts(scenario, network, chosen)
    console = Console()
    where = f"{scenario.name} on {scenario.edge.device} and {scenario.server.device}"
    coded = " and ".join(dict.fromkeys(next(iter(row.coded_bytes)) for row in rows if row.shape))
    about = f"{network.backbone}, coded as {coded}, {where}"
    console.print(cuts_table(rows, about))
    if len(chosen) > 1:
        console.print(bytes_table(rows))
    if csv is not None:
        with writing(csv), replacing(csv) as draft:
            cuts_frame(rows).to_csv(draft, index=False, lineterminator="\n")
        sys.stdout.write(f"{shown(csv)}\n")
    if figure is not None:
        for file in _draw(rows, about, figure):
            sys.stdout.write(f"{shown(file)}\n")


def _known(name: str) -> str:
    if name not in CODECS:
        raise BadInput(
            f"--codec: found {name!r}{nearest(name, CODECS)}, allowed: {', '.join(CODECS)}"
        )
    return name


def _check_figure(figure: Path, has_times: bool) -> None:
    """Before the seconds that all else takes."""
    if figure.suffix not in FIGURE_ENDINGS:
        allowed = " or ".join(FIGURE_ENDINGS)
        raise BadInput(f"--figure: found {figure}, allowed: a file that ends in {allowed}")
    if not has_times:
        allowed = "where edge.device and server.device are named: a host takes what it takes"
        raise BadInput(f"--figure: found {figure}, allowed: {allowed}")


def _draw(rows: Sequence[Cut], about: str, figure: Path) -> list[Path]:
    from testbed.figures import cut_bars, style

    best = fastest(rows)
    bars = [
        cut_bars.CutBar(
            row.name,
            row.published,
            row is best,
            {UNCODED: row.uncoded_bytes, **row.coded_bytes} if row.shape else {},
            row.times.edge_s,
            row.times.server_s,
            row.times.mean_s,
        )
        for row in rows
        if row.times is not None
    ]
    with style.applied(), writing(figure):
        return style.write(
            cut_bars.draw(bars, (UNCODED, *labels_of(rows)), about), figure.with_suffix("")
        )
