"""What a run is asked to do: the scenario, its units, its file, its seeds."""
