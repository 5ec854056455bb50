"""Bytes of one request, and how long they take. Start at `study.py`."""
