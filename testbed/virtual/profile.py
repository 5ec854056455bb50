"""What was measured of both halves: every request of a run without a link, stage by stage.

Not means: virtual time replays single requests, so that how stages spread, and how they go with
each other and with the image, stays as it was. `measure.py` makes a profile.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from testbed.config.weights import Weights
from testbed.errors import BadInput
from testbed.storage.files import atomic_write, reading, refusal, writing
from testbed.wall.floor import Floor

SCHEMA: Literal[3] = 3
_ALLOWED = "a profile that `testbed profile` wrote"

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Column = tuple[Seconds, ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stages(_Part):
    """What requests took, a value each in every column; see `record.STAGES`.

    uplink_s, downlink_s: handing a message over where the link takes no time. server_other_s: what
    the server needs besides decoding and computing. All but head_s are 0 where nothing crosses the
    link.
    """

    head_s: Column
    encode_s: Column
    uplink_s: Column
    server_decode_s: Column
    server_tail_s: Column
    server_other_s: Column
    downlink_s: Column


class AfterPause(_Part):
    """Requests each of which came a pause after the answer to the one before.

    pause_s: the median. A processor that rests slows down, and caches fill with other things: the
    longer the pause, the longer the work takes. Images and their number are not those of the rows.
    """

    pause_s: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    stages: Stages

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        lengths = {len(column) for _, column in self.stages}
        if len(lengths) != 1 or not lengths.pop():
            raise ValueError("allowed: as many values in every column")
        return self


class DeploymentProfile(_Part):
    """One deployment's requests.

    cut, codec: as the wire names them. at_once: each issued when the one before was answered.
    after_pauses: the longest pause last.
    """

    cut: str
    codec: str | None
    at_once: Stages
    after_pauses: tuple[AfterPause, ...]
    payload_up_bytes: tuple[Annotated[int, Field(ge=0)], ...]
    predictions: dict[str, tuple[int, ...]]


class Profile(_Part):
    """Both halves, measured. Row i is the same image everywhere.

    fingerprint: what the numbers depend on (`fingerprint.py`). environment: where and when.
    slowdown: `edge.slowdown` meanwhile. samples, labels: which image each row is, and its classes.
    left_out: deployments that could not be measured, and why.
    """

    version: Literal[3] = Field(default=SCHEMA, alias="schema")
    fingerprint: dict[str, Any]
    environment: dict[str, Any]
    slowdown: Annotated[float, Field(ge=1)]
    floor: Floor
    identity: str
    weights: Weights
    dataset: dict[str, Any]
    samples: Annotated[tuple[int, ...], Field(min_length=1)]
    labels: dict[str, tuple[int, ...]]
    deployments: dict[str, DeploymentProfile]
    left_out: dict[str, str] = {}

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        rows = len(self.samples)
        columns: list[tuple[Any, ...]] = list(self.labels.values())
        for deployment in self.deployments.values():
            columns += [column for _, column in deployment.at_once]
            columns += [deployment.payload_up_bytes, *deployment.predictions.values()]
        if any(len(column) != rows for column in columns):
            raise ValueError(f"allowed: {rows} values in every column")
        for deployment in self.deployments.values():
            pauses_s = [after.pause_s for after in deployment.after_pauses]
            if pauses_s != sorted(set(pauses_s)):
                raise ValueError("allowed: pauses that grow")
        return self

    def __len__(self) -> int:
        return len(self.samples)

    def of(self, deployment: str) -> DeploymentProfile:
        """The rows of one deployment. Raises BadInput when it was not measured."""
        if why := self.left_out.get(deployment):
            raise refusal("profile", f"{deployment} {why}", "a deployment that could be measured")
        if deployment not in self.deployments:
            measured = ", ".join(self.deployments)
            raise BadInput(f"profile: found no {deployment}, measured: {measured}")
        return self.deployments[deployment]


def save_profile(profile: Profile, path: Path) -> None:
    """Write JSON, whole or not at all. Raises BadInput when the file cannot be written."""
    check_file(path)
    atomic_write(path, profile.model_dump_json(by_alias=True) + "\n")


def check_file(path: Path) -> None:
    """Raise BadInput if `save_profile` could not write there; makes the folder."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise refusal(path, "cannot be written", "a file that can")


def load_profile(path: Path) -> Profile:
    """Read what `save_profile` wrote. Raises BadInput for anything else."""
    try:
        with reading(path, _ALLOWED):
            return Profile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise refusal(path, f"{where + ': ' if where else ''}{first['msg']}", _ALLOWED) from None
