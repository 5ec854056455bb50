"""How every table on the terminal looks."""

from rich.box import SIMPLE_HEAD
from rich.table import Table


def plain_table(title: str | None = None, caption: str | None = None) -> Table:
    """A table without frame but for a line below its headings, everything to the left."""
    return Table(
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        title=title,
        title_justify="left",
        title_style="bold",
        caption=caption,
        caption_justify="left",
    )
