"""What all tables have in common."""

from textwrap import wrap

from rich.box import SIMPLE_HEAD
from rich.table import Table

NARROW_NAME = 18


def plain_table(title: str | None = None, caption: str | None = None) -> Table:
    """How every table looks: no frame but a line below its headings, everything to the left."""
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


def in_two(name: str) -> str:
    """The name broken after a hyphen, if it is long."""
    parts = wrap(name.replace("-", "- "), NARROW_NAME)
    return "\n".join(parts).replace("- ", "-")
