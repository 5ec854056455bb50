"""One network for all tasks against a network for each. Start at `study.py`."""
