"""Studies that try the published system's claims, and what a study hands in."""
