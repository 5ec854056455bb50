"""What one run is asked to do: frozen, typed, unknown keys refused.

The field names are the keys of the YAML file. Values are SI numbers once loaded and tc's units
when shown. The `link:` part is in `link_section.py`, the unit types in `quantity.py`, reading
files and `--set` in `scenario_file.py`.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from emulation import units
from testbed.codecs.codec import MAX_DECODED_BYTES
from testbed.config.arrivals import Arrival, Closed
from testbed.config.deployments import LOCAL, DeploymentEntry, Remote, identity_of
from testbed.config.frame import CameraPx, sides
from testbed.config.link_section import LinkSection
from testbed.config.quantity import Duration
from testbed.config.section import Section

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
"""What can be part of a folder's name anywhere."""


MOST_REQUESTS = 1_000_000
"""Of a block; MLPerf LoadGen asks for 270,336 to bound a 99th percentile."""
MOST_REPEATS = 10_000
MOST_THREADS = 1024
MOST_SLOWDOWN = 100_000

HOST = "host"
"""The device that stands for whatever machine a run is on."""


def is_device_file(device: str) -> bool:
    """Whether a scenario's `device` is a file of one's own; any other is a name."""
    return device.endswith((".yaml", ".yml")) or "/" in device or "\\" in device


class HalfSection(Section):
    """One half and the device it stands for: a name of `testbed device list`, or a file.

    `device: host` is the machine itself, as fast as it happens to be.
    """

    threads: Annotated[int, Field(ge=1, le=MOST_THREADS)] = 1
    device: Annotated[str, Field(min_length=1)] = HOST


class CounterSection(Section):
    """A file in which the edge's machine tells what it draws: a counter that grows, a battery's
    charge that falls, or the power at this moment. unit: of its number.
    """

    file: Path
    unit: Literal["uj", "uwh", "uw", "mw"]


class EdgeSection(HalfSection):
    """The edge half. `slowdown` stretches each compute stage of the host by waiting out the rest;
    it does not reproduce on another machine, a device does.

    radio: what its device sends and receives with, a name of `testbed device list`; it counts for
    energy alone. energy_counter: of the machine that the edge really is; None looks for one.
    fallback: local, and the edge computes the whole network itself where the server's answer does
    not come within `after` of when a request was due. None waits until the timeout.
    """

    slowdown: Annotated[float, Field(ge=1, le=MOST_SLOWDOWN)] = 1.0
    radio: Annotated[str, Field(min_length=1)] | None = None
    energy_counter: CounterSection | None = None
    fallback: Literal["local"] | None = None
    after: Duration | None = None

    @model_validator(mode="after")
    def _falls_back_after_a_time(self) -> Self:
        if self.fallback is None and self.after is not None:
            found = f"after: found {units.format_time(self.after)} without fallback"
            raise ValueError(f"{found}, allowed: beside fallback: local")
        if self.fallback is not None and (self.after is None or self.after <= 0):
            found = "none" if self.after is None else units.format_time(self.after)
            raise ValueError(
                f"after: found {found}, allowed beside fallback: a time above 0, such as 300ms"
            )
        return self

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.device != HOST and self.slowdown != 1:
            found = f"found device {self.device} and slowdown {self.slowdown:g}"
            raise ValueError(f"{found}, allowed: one of them")
        return self


class ServerSection(HalfSection):
    """The server half."""


WEIGHTS_BY_NAME = ("auto", "bundled", "random", "imagenet")
"""Any other `model.weights` is a file."""


InputPx = Annotated[int, Field(ge=1, le=2048)]
Hidden = Annotated[int, Field(ge=1, le=65536)]
Dropout = Annotated[float, Field(ge=0, lt=1)]


class ModelSection(Section):
    """The network. `backbone: null` measures the harness itself, without a network.

    weights: "auto" takes those that ship with the package where they fit, random ones elsewhere.
    input_px: None takes the weights' own size, 64 for random ones. hidden: width of each task's
    head. dropout: of the heads; without effect in a run, where nothing is trained.
    """

    backbone: Annotated[str, BeforeValidator(lambda v: "null" if v is None else v)]
    weights: str = "auto"
    tasks: tuple[str, ...] = ("scale", "shape")
    input_px: InputPx | None = None
    hidden: Hidden = 256
    dropout: Dropout = 0.1
    feature_bytes: Annotated[int, Field(ge=1, le=MAX_DECODED_BYTES)] = 20_000
    """Size of the null model's features; ignored by real networks, which have their own."""

    @field_validator("tasks")
    @classmethod
    def _has_tasks(cls, tasks: tuple[str, ...]) -> tuple[str, ...]:
        if not tasks or len(set(tasks)) != len(tasks):
            raise ValueError("allowed: at least one task, each named once")
        return tasks


class WorkloadSection(Section):
    """Which images, how many, when each is due, and when an answer comes too late.

    data: where a data set's files are: the published 3D Shapes file (without it, shapes3d is
    rendered), photographs for collage (without them, it takes those that packages ship), the folder
    of Fashion-MNIST (multi_fashion, multi_fashion_mnist), MEDIC or FACES, or one's own pictures
    with labels.csv (folder). images: a folder of pictures without labels, in place of a data set.
    camera_px: the images that the camera delivers: the side of a square, or width and height such
    as 1280x720; shapes3d and collage are drawn at that size, all others are resized to it.
    camera_noise: of the camera, in 8-bit levels; whole photographs (medic, faces, folder, images)
    come with their own.
    """

    dataset: Literal[
        "shapes3d",
        "multimnist",
        "multi_fashion",
        "multi_fashion_mnist",
        "collage",
        "medic",
        "faces",
        "folder",
        "blank",
    ] = "shapes3d"
    data: Path | None = None
    images: Path | None = None
    camera_px: CameraPx = 720
    camera_noise: Annotated[float, Field(ge=0, le=64)] = 2.5
    requests: Annotated[int, Field(ge=1, le=MOST_REQUESTS)] = 100
    warmup: Annotated[int, Field(ge=0, le=MOST_REQUESTS)] = 10
    arrival: Arrival = Closed()
    deadline: Duration = 0.2
    timeout: Duration = 5.0

    @model_validator(mode="after")
    def _data_fits(self) -> Self:
        if self.images is not None or self.dataset in ("collage", "multimnist", "blank"):
            allowed, fits = "null", self.data is None
        else:
            allowed = "the data set's folder"
            fits = self.dataset in ("shapes3d", "collage") or self.data is not None
        if not fits:
            found = "null" if self.data is None else self.data
            raise ValueError(f"data: found {found}, allowed for {self.dataset}: {allowed}")
        return self

    @field_validator("deadline", "timeout")
    @classmethod
    def _lasts(cls, value: float) -> float:
        if value <= 0:
            raise ValueError("allowed: a time above 0")
        return value


class Scenario(Section):
    """One run: a link, two halves, a network, a workload and the deployments to compare."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    description: str = ""
    link: LinkSection
    edge: EdgeSection = EdgeSection()
    server: ServerSection = ServerSection()
    model: ModelSection
    workload: WorkloadSection = WorkloadSection()
    deployments: Annotated[tuple[DeploymentEntry, ...], Field(min_length=1)]
    repeats: Annotated[int, Field(ge=1, le=MOST_REPEATS)] = 3
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 7

    @field_validator("deployments")
    @classmethod
    def _each_once(cls, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [identity_of(entry).name for entry in entries]
        if len(set(names)) != len(names):
            raise ValueError(f"allowed: each deployment once (found {', '.join(names)})")
        return entries

    @property
    def computed(self) -> tuple[DeploymentEntry, ...]:
        """The deployments, and local where the edge may have to fall back on it."""
        falls_back = self.edge.fallback is not None and LOCAL not in self.deployments
        return (*self.deployments, LOCAL) if falls_back else self.deployments

    def without_fallback(self) -> Self:
        """The same with an edge that never falls back; what it would is one of the deployments."""
        edge = self.edge.model_copy(update={"fallback": None, "after": None})
        return self.model_copy(update={"edge": edge, "deployments": self.computed})

    @model_validator(mode="after")
    def _falls_back_in_time(self) -> Self:
        after, timeout = self.edge.after, self.workload.timeout
        if after is not None and after >= timeout:
            found, end = units.format_time(after), units.format_time(timeout)
            raise ValueError(
                f"edge.after: found {found}, allowed: less than workload.timeout, which is {end}"
            )
        return self

    @model_validator(mode="after")
    def _images_shrink(self) -> Self:
        camera_px = self.workload.camera_px
        shorter = min(sides(camera_px))
        for place, entry in enumerate(self.deployments):
            resize = entry.remote.resize if isinstance(entry, Remote) else "none"
            if isinstance(resize, int) and resize >= shorter:
                raise ValueError(
                    f"deployments.{place}.remote.resize: found {resize}, allowed: none, model or "
                    f"less than the shorter side of workload.camera_px, which is {shorter}"
                )
        return self
