"""What the device must hold. Start at `training/engine.py`."""
