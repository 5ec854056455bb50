"""`testbed columns`: the reference page of the tables that runs and sweeps leave."""

import typer
from rich.console import Console

from testbed.terminal.columns import columns_markdown, print_columns


def columns(markdown: bool) -> None:
    """Print it, as tables or as Markdown."""
    if markdown:
        typer.echo(columns_markdown(), nl=False)
    else:
        print_columns(Console())
