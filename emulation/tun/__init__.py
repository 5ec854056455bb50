"""The user-space packet ferry between two TUN devices. Start at `link.py`, then `ferry.py`."""
