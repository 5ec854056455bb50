"""What a half tells the process that started it: one JSON object a line on standard output.

server  bound {port}, ready {identity}, served {counts}
edge    ready {identity, dataset}, checked {checks}, request {record}, done {strays}
either  failed {message, exit_code}
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

Event = dict[str, Any]


def write_event(stream: TextIO, name: str, **fields: Any) -> None:
    """One event, flushed at once."""
    stream.write(json.dumps({"event": name, **fields}) + "\n")
    stream.flush()


def read_events(stream: Iterable[str]) -> Iterator[Event]:
    """Events until the stream ends; a line that is none is passed over (a library's chatter)."""
    for line in stream:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            yield event
