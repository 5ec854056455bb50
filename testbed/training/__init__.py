"""Training the networks under test. Start at `fit.py` (the loop); `train.py` is the command."""
