"""The kernel's own tc/netem. Start at `link.py`; `argv.py` is the pure part."""
