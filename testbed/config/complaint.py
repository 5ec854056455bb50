"""What pydantic has against a file of ours, in one line for people who know nothing of Python."""

import re
from typing import Any

from pydantic import ValidationError

from testbed.config.section import UNKNOWN_KEY
from testbed.errors import nearest
from testbed.storage.files import shown

_SHOWN = 60
"""Characters of a wrong value worth repeating."""
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping",
    "string_unicode": "text in UTF-8",
    "string": "a word",
    "path": "a path",
}
"""The type of an error, or its beginning -> what would have been allowed."""
_NO_KIND = ("_pattern_mismatch", "_too_long")
"""How types of errors end that say more than what kind of value is meant."""


def first_line(error: ValidationError, whole: str = "scenario") -> str:
    """The first problem as `key: found X, allowed: Y`, and how many more there are.

    whole: stands for the key when a problem is with all of it.
    """
    problems = error.errors()
    problem = problems[0]
    parts = [str(part) for part in problem["loc"]]
    if problem["type"] == UNKNOWN_KEY:
        parts.append(problem["ctx"]["key"])
    key = ".".join(part for part in parts if not part.startswith("<")) or whole  # see `one_of`
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{key}: {_explain(problem)}{more}"


def _explain(problem: Any) -> str:
    kind, found = str(problem["type"]), problem["input"]
    message = str(problem["msg"]).removeprefix("Value error, ")
    if kind == UNKNOWN_KEY or "found" in message:
        return message
    if kind == "missing":
        return "missing, and it is required"
    return f"found {_brief(found)}{_hint(problem)}, allowed: {_allowed(kind, message, problem)}"


def _allowed(kind: str, message: str, problem: Any) -> str:
    if kind.endswith("too_short"):
        return f"at least {problem['ctx']['min_length']}"
    word = _KINDS.get(kind) or _KINDS.get(kind.partition("_")[0])
    if word and not kind.endswith(_NO_KIND):
        return word
    said = message.removeprefix("allowed: ").removeprefix("Input should be ")
    return said[:1].lower() + said[1:]


def _hint(problem: Any) -> str:
    """The nearest of the words that are allowed, where only some are."""
    words = re.findall("'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
    return nearest(str(problem["input"]), words)


def _brief(value: object) -> str:
    if value is None:
        return "nothing"
    text = f"'{shown(value)}'" if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
