"""What the device must hold. Start at `study.py`."""
