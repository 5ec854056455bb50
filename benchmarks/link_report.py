"""The findings as files: fidelity.csv, fidelity.md, fidelity.json (where and when) and a figure."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from benchmarks.link_cells import Finding
from benchmarks.link_figure import draw

STEM = "fidelity"


def write_report(findings: Sequence[Finding], facts: dict[str, Any], out: Path) -> list[Path]:
    """Write everything below `out`; returns the files. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    table, page, where = (out / f"{STEM}.{kind}" for kind in ("csv", "md", "json"))
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Finding)])
        writer.writeheader()
        writer.writerows(asdict(finding) for finding in findings)
    page.write_text("\n".join(_page(findings, facts)) + "\n", encoding="utf-8")
    where.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return [table, page, where, *draw(findings, out / STEM)]


def line_of(finding: Finding) -> str:
    """One finding for the terminal."""
    configured, achieved, error = _cells(finding)
    return (
        f"{finding.instrument:<14} {finding.quantity:<8} {finding.direction:<4} "
        f"configured {configured:>12} achieved {achieved:>12} error {error:>10}"
        + (f"  ({finding.target}: {finding.verdict})" if finding.target else "")
    )


def _page(findings: Sequence[Finding], facts: dict[str, Any]) -> Iterable[str]:
    machine = facts["environment"]
    before, after = (facts[f"load_average_{when}"][0] for when in ("before", "after"))
    judged = [finding for finding in findings if finding.holds is not None]
    missed = [finding for finding in judged if not finding.holds]
    yield "# How close the links come to what was configured"
    yield ""
    yield f"`{facts['command']}`, {facts['seconds']} s, {machine['started_utc']}."
    yield (
        f"Load average (1 min) {before:.2f} before, {after:.2f} after. {machine['cpu']['model']}, "
        f"{machine['cpu']['count']} cores, {machine['os']}, {machine['kernel']}."
    )
    yield f"Of {len(judged)} figures with a target, {len(judged) - len(missed)} hold."
    for backend in dict.fromkeys(finding.backend for finding in findings):
        yield from ("", f"## {backend}", "")
        yield "| link | instrument | quantity | way | configured | achieved | error | target | |"
        yield "| --- | --- | --- | --- | ---: | ---: | ---: | --- | --- |"
        for finding in findings:
            if finding.backend == backend:
                yield _row(finding)
    if facts["failures"]:
        yield from ("", "## Not measured", "")
        yield from (f"- {failure}" for failure in facts["failures"])


def _row(finding: Finding) -> str:
    cells = (
        finding.link,
        finding.instrument,
        finding.quantity,
        finding.direction,
        *_cells(finding),
        finding.target,
        f"**{finding.verdict}**" if finding.holds is False else finding.verdict,
    )
    return f"| {' | '.join(cells)} |"


def _cells(finding: Finding) -> tuple[str, str, str]:
    """Configured, achieved, error, each with its unit; a share with its interval."""
    if finding.unit == "ms":
        return _each(finding, 1.0, "ms", 2)
    if finding.unit == "bit/s":
        configured, achieved, _ = _each(finding, 1e-6, "Mbit/s", 2)
        return configured, achieved, _percentage(finding)
    configured, achieved, error = _each(finding, 100.0, "%", 2)
    if finding.low is not None and finding.high is not None:
        achieved += f" [{finding.low * 100:.2f}, {finding.high * 100:.2f}]"
    return configured, achieved, error.replace("%", "pp")


def _each(finding: Finding, factor: float, unit: str, places: int) -> tuple[str, str, str]:
    values = (finding.configured, finding.achieved, finding.error)
    signs = ("", "", "+")
    return tuple(  # type: ignore[return-value]
        "" if value is None else f"{value * factor:{sign}.{places}f} {unit}"
        for value, sign in zip(values, signs, strict=True)
    )


def _percentage(finding: Finding) -> str:
    if finding.error is None or not finding.configured:
        return ""
    return f"{finding.error / finding.configured * 100:+.2f} %"
