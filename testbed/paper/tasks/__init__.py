"""One to six tasks on one backbone. Start at `training/engine.py`."""
