"""The one way in which a figure says that it cannot be drawn of something."""

from testbed.errors import BadInput


class Unsuited(BadInput):
    """What was found lacks what the figure needs; the message is `found X, needed: Y`."""
