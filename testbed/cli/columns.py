"""`testbed columns`: what the columns of results mean."""

from typing import Annotated

import typer


def columns(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="as a page of Markdown, for a file")
    ] = False,
) -> None:
    """Say what each column of requests.parquet and sweep.parquet means, in which unit."""
    from testbed.commands import columns as command_columns

    command_columns.columns(markdown)
