"""One to six tasks on one backbone. Start at `study.py`."""
