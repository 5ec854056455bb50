"""Which tasks help and which harm each other. Start at `study.py`."""
