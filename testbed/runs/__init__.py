"""A run on disk: its folder while the run goes on, and once it is finished."""
