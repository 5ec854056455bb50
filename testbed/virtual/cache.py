"""Profiles kept in a folder, one file for each thing a profile depends on."""

import sys
from pathlib import Path

from testbed.config.scenario import Scenario
from testbed.runs.recording import Say
from testbed.storage.files import shown
from testbed.virtual.fingerprint import digest_of, fingerprint_of
from testbed.virtual.measure import ROWS, measure_profile
from testbed.virtual.profile import Profile, check_file, load_profile, save_profile
from testbed.wall.findings import OnRecord

PROFILES = Path("results/profiles")


def profile_file(scenario: Scenario, folder: Path = PROFILES) -> Path:
    """Where the profile that fits `scenario` is or would be kept."""
    return folder / f"{scenario.model.backbone}-{digest_of(fingerprint_of(scenario))}.json"


def profile_for(
    scenario: Scenario,
    folder: Path = PROFILES,
    say: Say = lambda line: print(line, file=sys.stderr),  # noqa: T201  (no terminal of its own)
    on_record: OnRecord = lambda record: None,
    rows: int = ROWS,
) -> Profile:
    """The profile kept in `folder` that fits `scenario`; measured and kept there if there is none.

    `say` gets a line about which of the two it was. The rest, and what else is raised, is as in
    `measure_profile`. Raises BadInput for a file that is no profile.
    """
    file = profile_file(scenario, folder)
    if file.exists():
        profile = load_profile(file)
        if not profile.left_out:
            started = profile.environment["started_utc"]
            say(f"profile of both halves: {shown(file)}, measured {started}")
            return profile
    check_file(file)
    say(f"no profile of these halves yet: measuring one, kept as {shown(file)}")
    profile = measure_profile(scenario, on_record, rows)
    save_profile(profile, file)
    return profile
