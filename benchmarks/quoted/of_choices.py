"""What to choose, what choosing gives away, and what the paper claims."""

from pathlib import Path

from benchmarks.quoted.tables import plain, read_json, table
from benchmarks.rules import NEAR, RULES, regrets, summed_up
from testbed.paper.report import VERDICTS
from testbed.paper.studies import STUDIES
from testbed.results.wording import UNKNOWN, milliseconds, percent, size


def decision(folder: Path) -> str:
    """What to choose for each link and device, beside what the field compares."""
    rows = []
    for row in read_json(folder / "decision.json")["rows"]:
        takes, field, chosen = row["takes"], row["field"], row["takes"][row["chosen"]]
        split = takes[row["best_of"]["split"]]["mean_ms"] if "split" in row["best_of"] else None
        behind = None if split is None else split - chosen["mean_ms"]
        rows.append(
            (
                f"{row['scenario']}, {row['device']}",
                row["chosen"],
                f"{milliseconds(chosen['mean_ms'])} ({plain(chosen['low_ms'])} to "
                f"{plain(chosen['high_ms'])})",
                *(milliseconds(takes[name]["mean_ms"]) for name in field.values()),
                UNKNOWN if behind is None else f"+{milliseconds(behind)}" if behind else "chosen",
                size(chosen["bytes"]),
                f"{chosen['loss'] * 100:.2f} ({chosen['loss_low'] * 100:.2f} to "
                f"{chosen['loss_high'] * 100:.2f})",
            )
        )
    heads = (
        "link, device",
        "choose",
        "mean (95 %)",
        *read_json(folder / "decision.json")["rows"][0]["field"],
    )
    return table((*heads, "fastest split", "sent", "points lost (95 %)"), rows)


def regret(folder: Path) -> str:
    """What each rule gives away, by the clock on which it was judged."""
    rows, cells = [], read_json(folder / "regret.json")["rows"]
    for clock, said in (("virtual", ""), ("wall", ", measured")):
        for rule in RULES:
            if of_rule := regrets(cells, rule, clock):
                near, middle, worst = summed_up(of_rule)
                rows.append(
                    (
                        f"{rule}{said}",
                        f"{near} of {len(of_rule)}",
                        *(f"{milliseconds(ms)}, {percent(share)}" for ms, share in (middle, worst)),
                    )
                )
    heads = ("rule", f"within {percent(NEAR)} of the best", "given away: median", "worst")
    return table(heads, rows)


def paper(folder: Path) -> str:
    """The paper's claims, each with its verdict in the words of its report."""
    rows, shown = [], f"results/reference/{folder.name}"
    for study in STUDIES:
        file = folder / study / VERDICTS
        for said in read_json(file)["verdicts"] if file.exists() else []:
            link = f"[{study}]({shown}/{study}/{study}.md)"
            rows.append((said["claim"], f"**{said['word']}**", said["found"], said["sure"], link))
    return table(("claim", "verdict", "found", "how sure", "report"), rows)
