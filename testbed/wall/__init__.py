"""A run on the wall clock: open a link, check it, let both halves run, keep what they found."""
