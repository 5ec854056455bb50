"""What virtual time replays: requests of every deployment, stage by stage, row by row.

Not means: single requests, so that how stages spread, and how they go with each other and with the
image, stays as it was. They were measured (`profile.py`), or reckoned from devices
(`from_devices.py`).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from testbed.config.section import Section
from testbed.config.weights import Weights
from testbed.errors import BadInput
from testbed.results.summary import Spread
from testbed.storage.files import refusal

ROWS = 48
"""So many there are of each deployment unless more are asked for."""

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Column = tuple[Seconds, ...]


class Stages(Section):
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


class AfterPause(Section):
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


class DeploymentProfile(Section):
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


class Repertoire(Section):
    """Both halves. Row i is the same image everywhere.

    samples, labels: which image each row is, and its classes. slowdown: `edge.slowdown` that the
    rows were taken at. left_out: deployments that are not there, and why.
    """

    slowdown: Annotated[float, Field(ge=1)] = 1.0
    identity: str
    weights: Weights
    dataset: dict[str, Any]
    samples: Annotated[tuple[int, ...], Field(min_length=1)]
    labels: dict[str, tuple[int, ...]]
    deployments: dict[str, DeploymentProfile]
    left_out: Mapping[str, str] = {}

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

    def floor_ms(self) -> Spread:
        """Latency of a null model over no link, where it was measured."""
        return {"p50": None, "p99": None}

    def facts(self) -> dict[str, Any]:
        """Where the rows come from, for link.json."""
        return {}

    def devices(self) -> dict[str, Any] | None:
        """The devices that the halves stand for, for summary.json; None for the host."""
        return None
