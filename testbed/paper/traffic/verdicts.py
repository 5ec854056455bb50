"""What the figures of the traffic study say of the published claims."""

from itertools import product

import pandas as pd

from testbed.paper import claims
from testbed.paper.links import ASSUMED
from testbed.paper.sizes import FACES_CAMERA, PUBLISHED_INPUT, VALUE_BYTES, feature_values
from testbed.paper.traffic.payloads import REMOTE, SIZES
from testbed.paper.verdict import Verdict, held

MOST = 0.5
"""Share saved from which most of the traffic is."""

COUNTED = "exact for features; JPEG is of the pictures encoded here, the longest of which counts"

BATCH = 32
"""The published batch: a figure might be of one."""


def verdicts(payloads: pd.DataFrame, times: pd.DataFrame) -> list[Verdict]:
    """The verdicts on traffic. payloads, times: the study's tables, see `study.py`."""
    return [_bytes(payloads), _saved(payloads), _time(times)]


def byte_candidates() -> dict[str, float]:
    """Quantity -> bytes: images and features, of the paper's backbones, one or a batch."""
    found: dict[str, float] = {}
    for size, (coding, value_bytes), images in product(SIZES, VALUE_BYTES.items(), (1, BATCH)):
        what = f"{coding} at {size}" + (f", a batch of {images}" if images > 1 else "")
        found[f"image, {what}"] = size.values * value_bytes * images
        for backbone in claims.PAPER_BACKBONES:
            found[f"features of {backbone}, {what}"] = (
                feature_values(backbone, size) * value_bytes * images
            )
    return found


def share_candidates() -> dict[str, float]:
    """Quantity -> share saved by sending features for an image of the same size."""
    found: dict[str, float] = {}
    for size, backbone in product(SIZES, claims.PAPER_BACKBONES):
        values = feature_values(backbone, size)
        for (sent, sent_bytes), (image, image_bytes) in product(VALUE_BYTES.items(), repeat=2):
            found[f"{backbone} at {size}, {sent} features for {image} image"] = (
                1 - values * sent_bytes / (size.values * image_bytes)
            )
    return found


def table() -> pd.DataFrame:
    """One row for each quantity that is printed as one of the published figures."""
    return claims.explained(
        (claims.INPUT, byte_candidates()),
        (claims.FEATURES, byte_candidates()),
        (claims.TRAFFIC_SHARE, share_candidates()),
    )


def _bytes(payloads: pd.DataFrame) -> Verdict:
    features, images, jpeg = _sent(payloads[payloads["size"] == str(FACES_CAMERA)])
    why = (
        f"{claims.sentence(claims.INPUT, byte_candidates())}; that is the image as float32, "
        f"of which a camera gives {images['uint8'] / 1e6:.1f} MB as uint8 and JPEG makes "
        f"{jpeg / 1e6:.1f} MB. Of the features: "
        f"{claims.sentence(claims.FEATURES, byte_candidates())}"
    )
    few = bool(features.min() <= 1.1 * claims.FEATURES.amount * 1e6)
    small = _precisions(features)
    return Verdict(
        claims.TRAFFIC_BYTES,
        f"{images['float32'] / 1e6:.1f} MB "
        f"({images['float32'] / 2**20:.1f} * 2^20 B) become "
        + ", ".join(f"{value / 1e6:.1f} MB ({name})" for name, value in features.items())
        + "; the least "
        + " and ".join(f"{of.min() / 1e6:.1f} MB as {name}" for name, of in small.items()),
        held(few, not few),
        why,
        f"{COUNTED}; which image and features the figures are of is a guess",
    )


def _saved(payloads: pd.DataFrame) -> Verdict:
    features, images, jpeg = _sent(payloads[payloads["size"] == str(PUBLISHED_INPUT)])
    saved = {coding: 1 - features / images[coding] for coding in ("float32", "uint8")}
    jpegs = features / jpeg
    as_printed = 1 - claims.FEATURES.amount / claims.INPUT.amount
    why = (
        f"{claims.sentence(claims.TRAFFIC_SHARE, share_candidates())}; {claims.INPUT} to "
        f"{claims.FEATURES} would be {as_printed * 100:.1f} %. "
        "Remote computing has no reason to send float32: a camera gives uint8, a quarter of that, "
        "and JPEG less again"
    )
    lowest = {name: 1 - of.max() / images["uint8"] for name, of in _precisions(features).items()}
    most = bool(saved["uint8"].min() >= MOST)
    return Verdict(
        claims.TRAFFIC_SAVED,
        f"at {PUBLISHED_INPUT}, float32 features save "
        + " and ".join(f"{_range(shares)} against {what}" for what, shares in saved.items())
        + f", and are {jpegs.min():.1f} to {jpegs.max():.1f} times the longest JPEG; "
        + "; ".join(
            f"as {name} every backbone would save {share * 100:.0f} % or more against uint8, so "
            f"the claim {'would hold' if share >= MOST else 'would not hold either'}"
            for name, share in lowest.items()
        ),
        held(most, not most),
        why,
        COUNTED,
    )


def _time(times: pd.DataFrame) -> Verdict:
    at_input = times[times["size"] == str(PUBLISHED_INPUT)]
    by_link = {link: _sent(of, "transfer_ms") for link, of in at_input.groupby("link")}
    features, images, jpeg = by_link[ASSUMED]
    slower = sum(bool((sent > longest).all()) for sent, _, longest in by_link.values())
    return Verdict(
        claims.TRAFFIC_TIME,
        f"at {PUBLISHED_INPUT} on 1 Gbit/s: features {features.min():.2f} to "
        f"{features.max():.2f} ms, the image {images['uint8']:.2f} ms as uint8 and "
        f"{jpeg:.2f} ms as JPEG; "
        f"features of every backbone are slower than JPEG on {slower} of {len(by_link)} links",
        held(bool(features.max() < jpeg), not features.max() < jpeg),
        "fewer bytes arrive sooner, and the features are more bytes than a JPEG of the "
        "network's input; on a fast link neither takes long beside the computing. These are ideal "
        "times; `testbed run` measures real ones, computing included",
        f"{COUNTED}; times are reckoned, not measured",
    )


def _sent(
    rows: pd.DataFrame, column: str = "payload_bytes"
) -> "tuple[pd.Series[float], pd.Series[float], float]":
    """Of one size (and link): float32 features by backbone, the image by coding, its longest JPEG.

    The longest of the JPEGs of the image as it is: the baseline kindest to splitting.
    """
    remote = rows["who"] == REMOTE
    features = rows[~remote & (rows["coding"] == "float32")].set_index("who")[column]
    images = rows[remote].set_index("coding")[column].astype(float)
    jpegs = images[images.index.str.startswith("JPEG")]
    return features.astype(float), images, float(jpegs.max())


def _precisions(features: "pd.Series[float]") -> "dict[str, pd.Series[float]]":
    """What float32 features would be at fewer bytes a value."""
    per_value = {"fp16": 2, "int8": 1}
    return {name: features * size / VALUE_BYTES["float32"] for name, size in per_value.items()}


def _range(shares: "pd.Series[float]") -> str:
    return f"{shares.min() * 100:.0f} to {shares.max() * 100:.0f} %"
