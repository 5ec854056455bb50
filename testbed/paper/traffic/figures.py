"""Figures of the traffic study."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from testbed.figures import style
from testbed.paper.links import IdealLink
from testbed.paper.looks import on_one_line, rows
from testbed.paper.sizes import FACES_CAMERA, PUBLISHED_INPUT
from testbed.paper.traffic.payloads import REMOTE
from testbed.results import wording

IMAGE_LINES = {
    "float32": ("image, float32", "#7f7f7f", (1.2, 1.2)),
    "uint8": ("image, uint8", "#000000", ()),
    "JPEG, photograph": ("JPEG, photograph", "#d55e00", (5, 1.5)),
    "JPEG, rendered with noise": ("JPEG, rendered", "#e69f00", (3, 1, 1, 1)),
    "resized, uint8": ("resized, uint8", "#0072b2", (8, 1.5)),
    "resized, JPEG, rendered with noise": ("resized, JPEG", "#56b4e9", (2, 1)),
}
MARKS = {"float32": ("o", "#009e73"), "float16": ("^", "#cc79a7")}
SENT = (
    (REMOTE, "uint8", "image, uint8", "s", "#000000"),
    (REMOTE, "JPEG, rendered with noise", "image, JPEG, rendered", "D", "#e69f00"),
    (REMOTE, "JPEG, photograph", "image, JPEG, photograph", "d", "#d55e00"),
    ("efficientnet_b0", "float32", "features, EfficientNet-B0", "v", "#0072b2"),
    ("mobilenet_v3_small", "float32", "features, MobileNetV3-S", "o", "#009e73"),
    ("vgg16", "float32", "features, VGG16", "^", "#cc79a7"),
)
ROW_IN = 0.155
MARGIN = 0.4


@style.applied()
def by_size(payloads: pd.DataFrame) -> Figure:
    """A panel a size of input, a row a backbone; images are vertical lines."""
    sizes = list(dict.fromkeys(payloads["size"]))
    backbones = [name for name in dict.fromkeys(payloads["who"]) if name != REMOTE]
    drawn = style.figure(0.9 + (0.35 + 0.17 * len(backbones)) * len(sizes))
    panels = drawn.subplots(len(sizes), 1, squeeze=False)[:, 0]
    for axes, size in zip(panels, sizes, strict=True):
        at_size = payloads[payloads["size"] == size]
        images = at_size[at_size["who"] == REMOTE].set_index("coding")["payload_bytes"]
        for coding, (_, colour, dashes) in IMAGE_LINES.items():
            if coding in images.index:
                axes.axvline(float(images[coding]), zorder=2, **_line(colour, dashes))
        for coding, (marker, colour) in MARKS.items():
            values = at_size[at_size["coding"] == coding].set_index("who")["payload_bytes"]
            _points(axes, values.loc[backbones], _mark(marker, colour, 4.5), zorder=4)
        axes.set_xscale("log")
        lowest, highest = at_size["payload_bytes"].min(), at_size["payload_bytes"].max()
        axes.set_xlim(10 ** np.floor(np.log10(lowest)), 1.6 * highest)
        axes.xaxis.set_major_formatter(lambda count, _: wording.size(count))
        axes.xaxis.set_minor_formatter(NullFormatter())
        rows(axes, [on_one_line(name) for name in backbones], f"input {size}", MARGIN)
    panels[-1].set_xlabel("payload of one request (B)")
    keys = _keys((f"features, {name}", _mark(*look, 4.5)) for name, look in MARKS.items())
    keys += _keys((label, _line(colour, dashes)) for label, colour, dashes in IMAGE_LINES.values())
    drawn.legend(handles=keys, ncols=3, handlelength=1.9, **style.LEGEND)
    return drawn


@style.applied()
def by_link(times: pd.DataFrame, links: Sequence[IdealLink]) -> Figure:
    """Time to transfer, a row a link, at the network's input and at the camera's resolution."""
    distinct = {(link.rate_bps, link.rtt_s): link for link in links}
    limited = [link for link in distinct.values() if link.rate_bps is not None]
    drawn = style.figure(1.2 + 2 * ROW_IN * (len(limited) + 1))
    panels = drawn.subplots(2, 1)
    for axes, size in zip(panels, (PUBLISHED_INPUT, FACES_CAMERA), strict=True):
        at_size = times[times["size"] == str(size)]
        for who, coding, _, marker, colour in SENT:
            chosen = at_size[(at_size["who"] == who) & (at_size["coding"] == coding)]
            if not chosen.empty:  # else not asked for, or no such picture of that size
                by_name = chosen.set_index("link")["transfer_ms"] / 1e3
                at_links = by_name.loc[[link.name for link in limited]]
                _points(axes, at_links, _mark(marker, colour, 4))
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_major_formatter(lambda seconds, _: wording.milliseconds(seconds * 1e3))
        names = [f"{link.name}, {wording.rate(link.rate_bps)}" for link in limited]
        rows(axes, names, f"input {size}", MARGIN)
    panels[-1].set_xlabel("ideal transfer time: RTT/2 + bytes / rate")
    keys = _keys((label, _mark(marker, colour, 4)) for _, _, label, marker, colour in SENT)
    drawn.legend(handles=keys, ncols=2, handlelength=1.0, **style.LEGEND)
    return drawn


def _points(
    axes: Axes, values: "pd.Series[float]", look: dict[str, Any], zorder: float | None = None
) -> None:
    """A point a row."""
    look = look | {"markeredgecolor": "white", "markeredgewidth": 0.4, "zorder": zorder}
    axes.plot(values.astype(float), range(len(values)), **look)


def _mark(marker: str, colour: str, size: float) -> dict[str, Any]:
    return {"linestyle": "none", "marker": marker, "markersize": size, "color": colour}


def _line(colour: str, dashes: Sequence[float]) -> dict[str, Any]:
    return {"color": colour, "dashes": dashes or (None, None), "linewidth": 1.2}


def _keys(looks: Iterable[tuple[str, dict[str, Any]]]) -> list[Line2D]:
    return [Line2D([], [], label=label, **look) for label, look in looks]
