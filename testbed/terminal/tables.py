"""What a person sees on the terminal: results as tables, progress as a bar.

Readable at 80 columns and without colour: colour only repeats what the words say. The numbers
come from `summary.py` and are not computed here.
"""

from typing import Any

import pandas as pd
from rich import progress as bars
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from testbed.results.aggregates import PERCENTILES
from testbed.results.crossover import NEARLY_PARALLEL
from testbed.results.estimates import enough_for
from testbed.results.wording import UNKNOWN, digits, milliseconds, percent, rate, size
from testbed.terminal.energy import energy_parts
from testbed.terminal.plain import in_two, plain_table

SHOWN = ("p50", "p95", "p99")
FEW_TASKS = 3
"""So many find room in the table of latencies; more have a table of their own."""
NOT_OUR_LINK = "halves started by hand: the link is not emulated, and was not measured"
NO_CROSSINGS = "no crossovers: at every rate the deployments come in the same order"
VERDICTS = {
    None: ("tolerance not checked", "yellow"),
    True: ("within tolerance", ""),
    False: ("OUT OF TOLERANCE: these numbers are not of the link asked for", "bold red"),
}
"""What is said of the link, and its style, by whether it was within tolerance."""
HOSTS = {
    True: ("hosts within tolerance", ""),
    False: ("HOSTS OUT OF TOLERANCE: slower than the devices they stood for", "bold red"),
}
"""The same of the hosts of both halves, where these stood for devices."""
HERE = "; here: among those answered, by the edge in the server's stead"
MEGA = 1e6


def print_summary(console: Console, summary: dict[str, Any]) -> None:
    """Print the deployments, the link and the floor; `summary` is from `summary.summarise`."""
    deployments: RenderableType = _first_that_fits(
        console, [_deployments(summary, squeeze) for squeeze in range(3)]
    )
    untrained = summary["weights"]["untrained"]
    said = [Text(line) for line in summary["answer"]]
    parts: list[RenderableType] = [*said, deployments, *_own_accuracy_table(summary)]
    parts += [Text(untrained, style="yellow")] if untrained else []
    if summary["link"]["configured"] is None:
        parts.append(Text(NOT_OUR_LINK, style="yellow"))
    else:
        p50, p99 = (milliseconds(summary["floor_ms"][which]) for which in ("p50", "p99"))
        floor = Text(f"floor (null model, unshaped link): p50 {p50}, p99 {p99}")
        parts += [_link(summary), Text(*VERDICTS[summary["link"]["within_tolerance"]])]
        parts += [floor] if summary["floor_ms"]["p50"] is not None else []
    if "compute" in summary:
        parts.append(Text(*HOSTS[summary["compute"]["within_tolerance"]]))
    parts += [Text(_device(*named)) for named in (summary.get("devices") or {}).items()]
    parts += energy_parts(summary)
    console.print(*parts, sep="\n")


def _device(half: str, device: dict[str, Any]) -> str:
    """One line on the device that a half stands for, with how sure its speed is."""
    scale = device["scales"]["compute"]
    lowest, highest = digits(scale["lowest"]), digits(scale["highest"])
    sure = "one figure" if lowest == highest else f"{lowest} to {highest}"
    own = device["name"] == device["like"]
    of = f"{digits(scale['times'])} times {device['like']} ({sure}), "
    return f"{half}: {device['name']}, {'' if own else of}{scale['basis']}"


def print_crossings(console: Console, table: pd.DataFrame) -> None:
    """Print a row a crossover, those in bold at which the fastest deployment changes.

    table: from `latency_curves.crossings_of`.
    """
    if table.empty:
        console.print(Text(NO_CROSSINGS))
        return
    further = list(table.columns[: table.columns.get_loc("faster_below")])
    shown = plain_table(
        "Crossovers",
        "*: the fastest of all changes; ~: nearly parallel, a latency 1 % off moves it by 10 %; "
        "interval: 95 % of repeats, for all that the devices may be, open where the sweep ends",
    )
    for name in further:
        shown.add_column(name, justify="right")
    shown.add_column("faster below")
    shown.add_column("faster above")
    for heading in ("Mbit/s", "interval", "ms"):
        shown.add_column(heading, justify="right", no_wrap=True)
    shown.add_column("")
    for row in table.to_dict("records"):
        fastest = bool(row["fastest"])
        shown.add_row(
            *(f"{row[name]:g}" if isinstance(row[name], float) else row[name] for name in further),
            row["faster_below"],
            row["faster_above"],
            digits(row["rate_bps"] / MEGA),
            _interval(row["rate_low_bps"], row["rate_high_bps"]),
            digits(row["latency_ms"]),
            ("*" if fastest else "") + ("~" if row["sensitivity"] >= NEARLY_PARALLEL else ""),
            style="bold" if fastest else "",
        )
    console.print(shown)


def _first_that_fits(console: Console, tables: list[Table]) -> Table:
    """The first table no wider than the console, else the last."""
    boundless = console.options.update_width(10_000)
    for table in tables[:-1]:
        if Measurement.get(console, boundless, table).maximum <= console.width:
            return table
    return tables[-1]


def progress(console: Console, quiet: bool = False) -> bars.Progress:
    """A bar for `add_task(deployment, total=requests)`; silent when quiet or not on a terminal."""
    return bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=None),
        bars.MofNCompleteColumn(),
        bars.TaskProgressColumn(),
        bars.TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def _deployments(summary: dict[str, Any], squeeze: int) -> Table:
    """One row a deployment; squeezed by 1 long names take two lines, by 2 each task takes one."""
    deadline = milliseconds(summary["deadline_ms"])
    table = plain_table(
        f"{summary['scenario']}: latency in ms, deadline {deadline}",
        "in time/late/lost: all requests; mean: of those answered; \N{PLUS-MINUS SIGN}: half of "
        f"its 95 % interval; up: payload of one request{_too_few(summary['deployments'])}"
        f"{HERE if any(d['fell_back'] for d in summary['deployments']) else ''}",
    )
    tasks = _tasks(summary) if len(_tasks(summary)) <= FEW_TASKS else []
    table.add_column("deployment", no_wrap=True)
    for heading in ("in time/\nlate/lost", *SHOWN, "mean", "up"):
        table.add_column(heading, justify="right", no_wrap=True)
    if tasks:
        heading = "right, %\n" + "/\n".join(tasks)
        table.add_column(heading, justify="right", overflow="fold")
    by_name = {deployment["name"]: deployment for deployment in summary["deployments"]}
    for name in (*summary["ranking"]["order"], *summary["ranking"]["unranked"]):
        table.add_row(*_row(by_name[name], tasks, squeeze))
    return table


def _row(deployment: dict[str, Any], tasks: list[str], squeeze: int) -> list[RenderableType]:
    latency = deployment["latency_ms"]
    cells: list[RenderableType] = [
        in_two(deployment["name"]) if squeeze else deployment["name"],
        _outcomes(deployment),
        *(_percentile(latency[which], deployment["requests"], which) for which in SHOWN),
        _mean(latency),
        size(deployment["payload_bytes"]["up"]),
    ]
    if tasks:
        between = "/\n" if squeeze > 1 else "/"
        cells.append(between.join(_share(deployment, task) for task in tasks))
    return cells


def _share(deployment: dict[str, Any], task: str) -> str:
    share = deployment["accuracy"].get(task)
    return UNKNOWN if share is None else f"{share * 100:.1f}"


def _own_accuracy_table(summary: dict[str, Any]) -> list[Table]:
    """One row a deployment, one column a task, where there are many."""
    tasks = _tasks(summary)
    if len(tasks) <= FEW_TASKS:
        return []
    table = plain_table()
    table.add_column("right, %", no_wrap=True)
    for task in tasks:
        table.add_column(task.replace("_", "_\n"), justify="right", no_wrap=True)
    for deployment in summary["deployments"]:
        table.add_row(in_two(deployment["name"]), *(_share(deployment, task) for task in tasks))
    return [table]


def _outcomes(deployment: dict[str, Any]) -> Text:
    late, lost, fell_back = (deployment[which] for which in ("late", "lost", "fell_back"))
    return Text.assemble(
        f"{deployment['answered']}/",
        (str(late), "yellow" if late else ""),
        "/",
        (str(lost), "bold red" if lost else ""),
        (f"\n{fell_back} here" if fell_back else "", "yellow"),
    )


def _percentile(value: float | None, requests: int, which: str) -> str:
    """A dash where there are too few requests for an interval around it."""
    if requests < enough_for(PERCENTILES[which]):
        return UNKNOWN
    return "lost" if value is None else digits(value)


def _too_few(deployments: list[dict[str, Any]]) -> str:
    """Which percentiles have a dash somewhere, and how many requests they take."""
    fewest = min((d["requests"] for d in deployments), default=0)
    needed = {which: enough_for(PERCENTILES[which]) for which in SHOWN}
    lacking = [f"{which} takes {count}" for which, count in needed.items() if fewest < count]
    return f"; {UNKNOWN}: too few requests, {', '.join(lacking)}" if lacking else ""


def _mean(latency: dict[str, Any]) -> str:
    low, high = latency["ci95"]
    if low is None or high is None:
        return digits(latency["mean"])
    return f"{digits(latency['mean'])} \N{PLUS-MINUS SIGN}{(high - low) / 2:.2g}"


def _tasks(summary: dict[str, Any]) -> list[str]:
    """Tasks any deployment has an accuracy for, in their order."""
    return list(dict.fromkeys(task for d in summary["deployments"] for task in d["accuracy"]))


def _link(summary: dict[str, Any]) -> Table:
    asked, found = summary["link"]["configured"], summary["link"]["achieved"]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(f"{summary['backend']} link, {summary['clock']} clock")
    for heading in ("uplink", "downlink", "RTT", "loss up", "loss down"):
        table.add_column(heading, justify="right")
    name = "configured (mean over time)" if asked["varies"] else "configured"
    for who, of, rtt_ms, no_rate in (
        (name, asked, asked["rtt_ms"], "unlimited"),
        ("measured", found, found["rtt_ms"]["p50"], UNKNOWN),
    ):
        rates = (of["uplink_rate_bps"], of["downlink_rate_bps"])
        losses = (of["uplink_loss"], of["downlink_loss"])
        shown = (no_rate if bps is None else rate(bps) for bps in rates)
        table.add_row(who, *shown, milliseconds(rtt_ms), *map(percent, losses))
    return table


def _interval(low: Any, high: Any) -> str:
    """3.10..4.25; an end that is missing is left open."""
    ends = ("" if pd.isna(end) else digits(end / MEGA) for end in (low, high))
    return "..".join(ends)
