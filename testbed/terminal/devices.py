"""Devices as tables: all of them beside the reference, and one stage by stage."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from testbed.codecs import CODECS
from testbed.devices.device import Device
from testbed.devices.find import find_device, shipped
from testbed.devices.law import Law
from testbed.devices.published import PublishedFile, Scale, used_figures
from testbed.devices.radios import shipped_radios
from testbed.network import HEADS, RESIZE
from testbed.results.power import Figure
from testbed.results.wording import digits
from testbed.terminal.plain import plain_table

SIZES_PX = (64, 224)
CAMERA_PX = 720
TASKS = ("scale", "shape")
FEATURES = (1, 576, 7, 7)
PAYLOADS_BYTES = (1_000, 100_000)


class _Subject(NamedTuple):
    """What a law asks of a network; no weights are loaded for it."""

    backbone: str
    input_px: int
    head_weights: int
    hidden_weights: int
    tasks: tuple[str, ...]
    blocks: tuple[str, ...]


def print_devices() -> None:
    """A row a device, the fastest first."""
    table = plain_table(
        "Devices",
        "times, lowest, highest: seconds of a stage to the reference's, for networks; "
        "host: the machine of a run, as it is",
    )
    table.add_column("name", no_wrap=True)
    for heading in ("times", "lowest", "highest"):
        table.add_column(heading, justify="right")
    table.add_column("figures")
    devices = map(find_device, shipped())
    for device in sorted(devices, key=lambda each: each.scales["compute"].times):
        scale = device.scales["compute"]
        table.add_row(device.name, *_scale(device, scale), _figures(device))
    Console().print(table)


def print_device(name: str) -> None:
    """Its stages for each backbone, codecs, messages, sources. Raises BadInput."""
    console, device = Console(), find_device(name)
    console.print(Text(f"{device.name}: {device.file.description}"))
    for kind, scale in device.scales.items():
        times, lowest, highest = _scale(device, scale)
        said = f"{kind}: {times} times {device.tables.name} ({lowest} to {highest}), {scale.basis}"
        console.print(Text(said))
    for backbone in device.tables.backbones:
        console.print(_blocks(device, backbone))
    console.print(_codecs(device), *map(Text, _sources(device)), sep="\n")


def _scale(device: Device, scale: Scale) -> tuple[str, str, str]:
    """Times, lowest, highest; one figure tells nothing of its uncertainty."""
    if isinstance(device.file, PublishedFile) and scale.lowest == scale.highest:
        return digits(scale.times), "?", "?"
    return digits(scale.times), digits(scale.lowest), digits(scale.highest)


def _figures(device: Device) -> str:
    scale, file = device.scales["compute"], device.file
    if not isinstance(file, PublishedFile) or not file.figures:
        return scale.basis
    used = used_figures(file)
    return f"{scale.basis}: {len(used)} of {used[0].precision}"


def _blocks(device: Device, backbone: str) -> Table:
    table = plain_table(f"{backbone}: ms")
    table.add_column("block", no_wrap=True)
    costs = device.backbone(backbone)
    names = (RESIZE, *costs.blocks, HEADS)
    columns = []
    for px in SIZES_PX:
        weights = int(costs.heads[costs.input_px.index(px)][0])
        law = Law(device, _Subject(backbone, px, weights, 0, TASKS, names))
        taken_s = [law.compute_s(n, n + 1, CAMERA_PX**2) for n in range(len(names))]
        columns.append([*taken_s, sum(taken_s)])
        table.add_column(f"{px} px", justify="right")
    labels = (f"{RESIZE} from {CAMERA_PX} px", *names[1:], "all")
    for label, *taken in zip(labels, *columns, strict=True):
        table.add_row(label, *(digits(one_s * 1e3) for one_s in taken))
    return table


def _codecs(device: Device) -> Table:
    table = plain_table(
        "codecs and messages: ms",
        f"images of {CAMERA_PX} px, features of {FEATURES[1]} times 7 times 7; messages: one end",
    )
    table.add_column("", no_wrap=True)
    for heading in ("encode", "decode"):
        table.add_column(heading, justify="right")
    first, costs = next(iter(device.tables.backbones.items()))
    law = Law(device, _Subject(first, costs.input_px[0], 1, 0, TASKS, (RESIZE, HEADS)))
    for name, codec in CODECS.items():
        shape = (CAMERA_PX, CAMERA_PX, 3) if codec.content == "image" else FEATURES
        ways = law.encode_s(name, shape), law.decode_s(name, shape)
        table.add_row(name, *(digits(way_s * 1e3) for way_s in ways))
    for size in PAYLOADS_BYTES:
        table.add_row(f"message of {size} bytes", digits(law.transport_s(size) * 1e3), "")
    return table


def _power(device: Device) -> str:
    """What it draws, and who says so."""
    power = device.file.power_w
    if power is None:
        return "power: no figure was found, so energy is not known"
    return (
        f"power: {power.idle:g} W at rest, {power.busy:g} W while it computes "
        f"({power.lowest:g} to {power.highest:g}), {power.basis}: {power.source}"
    )


def print_radios() -> None:
    """A row a radio, with its uncertainty."""
    table = plain_table(
        "Radios", "above a radio at rest; lowest..highest below; tail: how long, and at how much"
    )
    table.add_column("name", no_wrap=True)
    for heading in ("up\nnJ/bit", "down\nnJ/bit", "connected\nW", "tail\nW", "tail\ns"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, radio in shipped_radios().items():
        figures = (radio.up_j_per_bit, 1e9), (radio.down_j_per_bit, 1e9)
        watts = (radio.connected_w, 1.0), (radio.tail_w, 1.0)
        cells = [_ranged(figure, scale) for figure, scale in (*figures, *watts)]
        table.add_row(name, *cells, digits(radio.tail_s))
    Console().print(table)


def _ranged(figure: Figure, scale: float) -> str:
    ends = (digits(end * scale) for end in (figure.lowest, figure.highest))
    return f"{digits(figure.value * scale)}\n{'..'.join(ends)}"


def _sources(device: Device) -> Iterator[str]:
    file = device.file
    yield _power(device)
    if not isinstance(file, PublishedFile):
        started, off = file.environment.get("started_utc"), file.interpolation_off
        yield f"measured {started} by {file.source}"
        yield "off where a size is left out: " + ", ".join(
            f"{name} {share:.0%}" for name, share in off.items()
        )
        return
    used = used_figures(file)
    for figure in file.figures:
        unused = "" if figure in used else ", not used"
        yield (
            f"{figure.network} at {figure.input_px} px, {figure.precision}: "
            f"{digits(figure.seconds * 1e3)} ms, {figure.basis}{unused}: {figure.source}"
        )
    for kind, entry in file.scales.items():
        yield f"{kind}: {entry.basis}: {entry.source}"
