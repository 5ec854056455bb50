"""Measures an open link. Start at `measure.py`."""
