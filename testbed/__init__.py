"""The evaluation: real edge and server halves, compared over an emulated link.

Start at `wall/run.py`, the main path.
"""

__version__ = "0.1.0"
