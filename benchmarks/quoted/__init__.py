"""What README quotes of `results/reference/`: a function for each kind of folder."""
