"""Training the networks under test. Start at `train.py`."""
