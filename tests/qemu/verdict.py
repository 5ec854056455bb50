"""What to think of a run of pytest, from its output: not having run is no success."""

import re

CLOSING = re.compile(r"^=+ (.+) in [\d.]+s(?: \([\d:]+\))? =+$", re.MULTILINE)
COUNT = re.compile(r"(\d+) (\w+)")
SKIPPED_FOR_NETEM = re.compile(r"^SKIPPED .*?((?:no netem link|backend netem).*)$", re.MULTILINE)


def passed(output: str) -> int:
    """How many tests passed, by pytest's closing line."""
    return (_counts(output) or {}).get("passed", 0)


def complaints(output: str) -> list[str]:
    """Why the run proves nothing, or something bad; empty when it is fine."""
    counts = _counts(output)
    if counts is None:
        return ["pytest did not come to its end"]
    found = [f"{counts[kind]} {kind}" for kind in ("failed", "error", "errors") if counts.get(kind)]
    if not counts.get("passed"):
        found.append("not one test ran")
    skipped = SKIPPED_FOR_NETEM.search(output)
    if skipped is not None:
        found.append(f"skipped what was to be run: {skipped[1]}")
    return found


def _counts(output: str) -> dict[str, int] | None:
    """By kind, from the last closing line; None when there is none."""
    closing = CLOSING.findall(output)
    return {kind: int(count) for count, kind in COUNT.findall(closing[-1])} if closing else None
