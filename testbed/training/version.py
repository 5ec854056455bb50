"""Which trainings can be compared."""

TRAINING_VERSION = 1
"""Goes up whenever the same recipe, data and seed end in another network than before: by the loop,
the network, the images or the noise. Trained results are kept under it, so what leaves it alone
leaves hours of training valid; `tests/testbed/paper/training/test_version.py` notices a change."""
