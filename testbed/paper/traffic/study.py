"""Study: what remote and split computing send, and how long that takes on a link."""

from collections.abc import Callable, Sequence

import pandas as pd

from testbed.model.mtl import BACKBONES
from testbed.paper.links import IdealLink, all_links
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.sizes import FACES_CAMERA, Size
from testbed.paper.traffic import figures
from testbed.paper.traffic.payloads import (
    JPEG_QUALITY,
    SENSOR_NOISE,
    SIZES,
    SentPayload,
    feature_payloads,
    image_payloads,
    pictures,
)
from testbed.paper.traffic.verdicts import table, verdicts

IMAGES, QUICK_IMAGES = 60, 10
IMAGES_FULL, QUICK_IMAGES_FULL = 3, 1
"""Of the camera's resolution fewer: each takes seconds to render and hundreds of megabytes."""

NOTES = (
    "`remote` sends an image: as float32 (what the paper's 115 MB are), as uint8 (what a camera "
    f"gives), as JPEG of quality {JPEG_QUALITY}, and, from the large camera, shrunk to the "
    "network's input first, which costs no accuracy that the network could use. A backbone's row "
    "sends its features, which do not depend on the number of tasks.",
    "JPEG lengths are measured, by encoding pictures with the codec that `testbed run` uses. "
    "Rendered scenes are smoother than photographs and so give shorter files, also with sensor "
    f"noise (standard deviation {SENSOR_NOISE:g} of 255); `photograph` is one, and shows by how "
    "much. The verdicts take the longest. With `--data` pictures of your own are encoded too.",
    "Transfer times are ideal: RTT/2 + bytes * 8 / rate of the uplink, at the mean rate where it "
    "varies. A real transfer also has headers, TCP's slow start, queues and losses, and is never "
    "shorter: `testbed run` measures it, with the computing at both ends, on the same links.",
)


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Compute and encode every payload. Raises BadInput for data that cannot be used."""
    backbones = options.backbones or tuple(BACKBONES)
    links = all_links()
    sent: list[SentPayload] = []
    for size in SIZES:
        say(f"encoding pictures of {size}")
        images = pictures(size, _count(size, options.quick), options.seeds[0], options.data)
        sent += [*image_payloads(size, images), *feature_payloads(size, backbones)]
    payloads = pd.DataFrame(sent)
    times = _times(payloads, links)
    uplinks = pd.DataFrame(
        [{"name": x.name, "rate_bps": x.rate_bps, "half_rtt_s": x.rtt_s / 2} for x in links]
    )
    by_size = _wide(payloads, ["who", "coding"], "size", "payload_bytes")
    by_link = _wide(times, ["size", "who", "coding"], "link", "transfer_ms")
    return Report(
        name="traffic",
        title="Traffic of one request: an image, or its features",
        tables=(
            Table("payloads", payloads, "Bytes upward of one request.", by_size),
            Table("links", uplinks, "Uplinks, slowest first."),
            Table("times", times, "Ideal transfer times, in ms, by link.", by_link),
            Table("explained", table(), "Quantities printed as the published figures are."),
        ),
        drawings=(
            Drawing(
                "bytes",
                figures.by_size(payloads),
                "Bytes of one request. Left of a line, splitting sends less than remote computing "
                "with that coding.",
            ),
            Drawing(
                "time",
                figures.by_link(times, links),
                "Ideal transfer time of one request by link, slowest first; features as float32.",
            ),
        ),
        verdicts=verdicts(payloads, times),
        provenance={
            "pictures": "rendered 3D Shapes, test split, seeded; cut to 2835x3543 from the middle",
            "picture_seed": options.seeds[0],
            "pictures_encoded": {str(size): _count(size, options.quick) for size in SIZES},
            "jpeg_quality": JPEG_QUALITY,
            "backbones": backbones,
            "links": [link.name for link in links],
        },
        notes=NOTES,
    )


def _count(size: Size, quick: bool) -> int:
    if size == FACES_CAMERA:
        return QUICK_IMAGES_FULL if quick else IMAGES_FULL
    return QUICK_IMAGES if quick else IMAGES


def _times(payloads: pd.DataFrame, links: Sequence[IdealLink]) -> pd.DataFrame:
    rows = [
        {"link": link.name, "rate_bps": link.rate_bps, "half_rtt_ms": link.rtt_s / 2 * 1e3}
        | {key: payload[key] for key in ("size", "who", "coding")}
        | {"transfer_ms": link.transfer_s(payload["payload_bytes"]) * 1e3}
        for link in links
        for payload in payloads.to_dict("records")
    ]
    return pd.DataFrame(rows)


def _wide(frame: pd.DataFrame, rows: list[str], across: str, values: str) -> pd.DataFrame:
    """For people: pivoted, with rows and columns in the order in which they first come."""
    wide = frame.pivot(index=rows, columns=across, values=values)
    order = frame.drop_duplicates(rows)[rows].apply(tuple, axis=1)
    return wide.loc[list(order), list(dict.fromkeys(frame[across]))].reset_index()
