"""What the studies share that train networks. Start at `trials.py`."""
