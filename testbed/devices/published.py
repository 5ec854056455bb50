"""A device of which whole networks were published: it is a measured one, scaled.

Its scale is computed when it is loaded: the median, over the published networks, of published
seconds to the measured device's seconds of the same network at the same size. How far these ratios
lie apart is the device's uncertainty.
"""

from collections.abc import Mapping
from statistics import median
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from testbed.config.section import Section
from testbed.devices.power import Power
from testbed.devices.tables import MeasuredFile, at
from testbed.errors import BadInput
from testbed.results.power import Basis

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Kind = Literal["compute", "image", "transport"]
"""compute: the network's blocks. image: resizing and all codecs. transport: messages."""


class Figure(Section):
    """One network, timed on the device. threads: None where the source does not say."""

    network: str
    input_px: Annotated[int, Field(ge=1)]
    precision: Literal["float32", "float16", "int8"]
    threads: Annotated[int, Field(ge=1)] | None = None
    seconds: Positive
    basis: Basis
    source: str


class ScaleEntry(Section):
    """A scale that no figures give, for one kind of stage."""

    times: Positive
    lowest: Positive
    highest: Positive
    basis: Basis
    source: str

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.lowest <= self.times <= self.highest:
            raise ValueError("allowed: lowest, times, highest in this order")
        return self


class PublishedFile(Section):
    """scales: of the kinds of stage that figures say nothing of; others go with compute."""

    name: str
    description: str
    kind: Literal["published"]
    like: str
    figures: tuple[Figure, ...] = ()
    scales: Mapping[Kind, ScaleEntry] = {}
    power_w: Power | None = None

    @model_validator(mode="after")
    def _says_how_fast(self) -> Self:
        if not self.figures and "compute" not in self.scales:
            raise ValueError("allowed: figures, or scales.compute")
        if self.figures and "compute" in self.scales:
            raise ValueError("scales.compute: allowed: where there are no figures")
        return self


class Scale(NamedTuple):
    """Times the measured device: the value used, and the lowest and highest that are as likely."""

    times: float
    lowest: float
    highest: float
    basis: Basis

    def facts(self) -> dict[str, Any]:
        """Plain, for summary.json."""
        return self._asdict()


AS_MEASURED = Scale(1.0, 1.0, 1.0, "measured")


def used_figures(file: PublishedFile) -> tuple[Figure, ...]:
    """Those that make the scale: float32; others only where there is nothing else."""
    exact = tuple(figure for figure in file.figures if figure.precision == "float32")
    return exact or file.figures


def ratio(figure: Figure, reference: MeasuredFile, said: str) -> float:
    """Published seconds to the reference's. Raises BadInput for a network that it has not."""
    curve = reference.networks.get(figure.network)
    sizes = [size for size, _ in curve or ()]
    if curve is None or figure.input_px not in sizes:
        have = ", ".join(
            f"{name} at {size:g}"
            for name, points in reference.networks.items()
            for size, _ in points
        )
        found = f"{figure.network} at {figure.input_px}"
        raise BadInput(f"{said}: figures: found {found}, allowed: {have}")
    if not (reference_s := at(curve, figure.input_px)):
        raise BadInput(f"{said}: like: found {figure.network} in 0 s there, allowed: above 0")
    return figure.seconds / reference_s


def scales_of(file: PublishedFile, reference: MeasuredFile, said: str) -> dict[Kind, Scale]:
    """Of each kind of stage. said: names the file in errors. Raises BadInput."""
    if given := file.scales.get("compute"):
        compute = Scale(given.times, given.lowest, given.highest, given.basis)
    else:
        figures = used_figures(file)
        ratios = [ratio(figure, reference, said) for figure in figures]
        weakest: Basis = (
            "inferred" if any(each.basis == "inferred" for each in figures) else figures[0].basis
        )
        compute = Scale(median(ratios), min(ratios), max(ratios), weakest)
    scales: dict[Kind, Scale] = {"compute": compute}
    others: tuple[Kind, ...] = ("image", "transport")
    for kind in others:
        own = file.scales.get(kind)
        scales[kind] = (
            Scale(own.times, own.lowest, own.highest, own.basis)
            if own
            else compute._replace(basis="inferred")
        )
    return scales
