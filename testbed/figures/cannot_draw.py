"""The error of a figure that cannot be drawn of what it was given."""

from testbed.errors import BadInput


class CannotDraw(BadInput):
    """What was found lacks what the figure needs; the message is `found X, needed: Y`."""
