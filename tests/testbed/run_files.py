"""What a finished run's folder holds."""

RUN_FILES = {
    "scenario.yaml",
    "scenario.effective.yaml",
    "environment.json",
    "link.json",
    "requests.parquet",
    "summary.json",
    "figures",
}
