"""`testbed keys ...`: what can be typed after it."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="keys", help="Keys by which halves on two machines know each other.")


@app.callback()
def _keys() -> None:
    pass


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="a new or empty folder")],
) -> None:
    """Make keys for a server half and an edge half, a folder for each machine."""
    from testbed.channel.zeromq.curve import write_keys
    from testbed.storage.files import shown

    server, edge = map(shown, write_keys(folder))
    typer.echo(
        f"{server}  for the server: testbed serve SCENARIO --bind ADDRESS --keys {server}\n"
        f"{edge}  for the edge, to be copied there: "
        f"testbed edge SCENARIO --server ADDRESS --keys {edge}"
    )
