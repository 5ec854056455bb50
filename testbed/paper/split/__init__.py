"""Whether the network cut in two gives the whole one's answers. Start at `study.py`."""
