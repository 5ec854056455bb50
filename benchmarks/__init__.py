"""Measurements of the instrument itself, as ratios against a peer in the same run."""
