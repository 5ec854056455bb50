"""How often intervals hold, how far virtual time is from the wall clock."""

from pathlib import Path

from benchmarks.quoted.tables import by_scenario, read_json, table
from testbed.results.wording import percent


def coverage(file: Path) -> str:
    """How often intervals hold the truth, by scenario."""
    found = read_json(file)
    rows = []
    for scenario, intervals in by_scenario(found["rows"]).items():
        shares = [each["covered"] for each in intervals]
        hold = sum(each["holds"] for each in intervals)
        reach = f"{percent(min(shares))} to {percent(max(shares))}"
        rows.append((scenario, f"{hold} of {len(intervals)}", reach))
    hold = sum(row["holds"] for row in found["rows"])
    low, high = (percent(end) for end in found["target"])
    heads = ("scenario", f"intervals that hold in {low} to {high} of runs", "least to most")
    return table(heads, [*rows, ("all", f"{hold} of {len(found['rows'])}", "")])


def prediction(folder: Path) -> str:
    """How far off predictions are: what stands in the report before its tables."""
    lines = (folder / "prediction.md").read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("- "))


def agreement(file: Path) -> str:
    """How far virtual time is from real runs, by scenario and over all."""
    found = read_json(file)
    rows = []
    for scenario, of in by_scenario(found["rows"]).items():
        if "refused" in of[0]:
            rows.append((scenario, f"refused: {of[0]['refused']}", ""))
            continue
        off = [row["deviation"] * 100 for row in of]
        sure = [(row["wall_high_ms"] - row["wall_low_ms"]) / 2 / row["wall_ms"] for row in of]
        least_to_most = f"{percent(min(sure))} to {percent(max(sure))}"
        rows.append((scenario, f"{min(off):+.1f} to {max(off):+.1f} %", least_to_most))
    of_all = (f"{name} {percent(off)}" for name, off in found["reached"].items())
    rows.append(("all, either way", ", ".join(of_all), ""))
    return table(("scenario", "virtual time's means, off by", "real means, 95 % within"), rows)
