"""What the published system claims, and where it says so.

Source: Capogrosso, Fraccaroli, Chakraborty, Fummi, Cristani, "MTL-Split: Multi-Task Learning for
Edge Devices using Split Computing", DAC 2024, doi:10.1145/3649329.3655686, arXiv:2407.05982.
A figure that was not at hand is not given here.

Does a published figure follow from anything? `explained` compares it, as printed, with what can be
computed. The more quantities are tried the likelier it is that one agrees by chance, so every
result says how many there were.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from testbed.paper.verdict import Claim

MARGIN = 1.0
"""THE margin and direction of every verdict on accuracy, fixed before training: multi-task minus
single-task, in points. Multi-task is as accurate where the 95 % interval lies above -MARGIN, and
loses where it lies below; what reaches over -MARGIN is undecided."""

UNITS: Mapping[str, Sequence[tuple[str, float]]] = {
    "GB": (("10^9 B", 1e9), ("2^30 B", 2**30), ("1000 * 2^20 B", 1000 * 2**20)),
    "MB": (("10^6 B", 1e6), ("2^20 B", 2**20)),
    "%": (("0.01", 0.01),),
}
"""What the unit of a printed figure can mean."""


@dataclass(frozen=True)
class Printed:
    """A figure as it is printed: 6.9 GB has amount 6.9, decimals 1, unit GB."""

    amount: float
    decimals: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount:.{self.decimals}f} {self.unit}"


def explained(*tried: tuple[Printed, Mapping[str, float]]) -> pd.DataFrame:
    """The candidates (name -> bytes, or a share for %) that round to the figure they are tried for.

    A row for each and for each meaning of the unit with which it does.
    """
    rows = [
        (str(printed), name, value, means)
        for printed, candidates in tried
        for name, value in candidates.items()
        for means, unit in UNITS[printed.unit]
        if f"{value / unit:.{printed.decimals}f} {printed.unit}" == str(printed)
    ]
    return pd.DataFrame(rows, columns=["published", "quantity", "value", "unit_read_as"])


def agreeing(printed: Printed, candidates: Mapping[str, float]) -> list[str]:
    """Names of the candidates that would be printed so."""
    return list(dict.fromkeys(explained((printed, candidates))["quantity"]))


def sentence(printed: Printed, candidates: Mapping[str, float]) -> str:
    """What the printed figure is consistent with, in words."""
    tried, found = f"of {len(candidates)} quantities computed here", agreeing(printed, candidates)
    if not found:
        return f"{printed} is consistent with none {tried}"
    return (
        f"{printed} is consistent with {len(found)} {tried}, which does not show that it is meant: "
        f"{'; '.join(found)}"
    )


PAPER = "MTL-Split, arXiv:2407.05982"
NOT_AT_HAND = "published figure not at hand"

ENCOURAGING = Claim(
    "One network for all tasks is as accurate as a network for each, or more so",
    f"{PAPER}, abstract and tables of accuracy",
    f'{NOT_AT_HAND}; the abstract calls the results "encouraging [...] on both synthetic and '
    'real-world data"',
    f"every task's 95 % interval of multi-task minus single-task above -{MARGIN:g} point",
    f"some task's interval below -{MARGIN:g} point",
)
"""The abstract is quoted from arXiv; the tables (3D Shapes, MEDIC, FACES) are not at hand."""

SAME_ANSWERS = Claim(
    "Splitting the network changes none of its answers",
    f"{PAPER}, the architecture: the same layers, computed in two places",
    "none: the split is said to be exact",
    "through every lossless codec each test image gets the whole network's answer in every task",
    "some test image gets another answer through a lossless codec",
)

MEMORY_LESS = Claim(
    "The device needs less memory when only the backbone runs on it",
    f"{PAPER}, evaluation of memory",
    "less, whatever the backbone",
    "the process of the backbone alone peaks lower, for every backbone and input measured",
    "for some it does not",
)
MEMORY_SAVED = Claim(
    "Splitting takes more than half of the memory off the device",
    f"{PAPER}, evaluation of memory",
    "57 % less",
    "a process of the one case whose weights are consistent with the figure saves 52 % to 62 %",
    "that process saves less or more",
)
MEMORY_FULL_RESOLUTION = Claim(
    "At full resolution (FACES, 2835x3543) inference takes gigabytes",
    f"{PAPER}, evaluation of memory",
    "6.9 GB and 1.5 GB",
    "a process of some of the paper's backbones alone needs 1 GB (10^9 B) or more",
    "none does",
)
TRAFFIC_BYTES = Claim(
    "Features are a small part of the image that remote computing would send",
    f"{PAPER}, evaluation of traffic, FACES at full resolution (2835x3543)",
    "115 MB become 1.5 MB",
    "some backbone's features of that image are at most 1.65 MB, as float32",
    "all are more",
)
TRAFFIC_SAVED = Claim(
    "Splitting saves most of the traffic of remote computing",
    f"{PAPER}, evaluation of traffic",
    "87 % less",
    "every backbone's float32 features are at most half of the image that a camera gives (uint8)",
    "some backbone's are more than half of it",
)
TRAFFIC_TIME = Claim(
    "Splitting shortens the transfer",
    f"{PAPER}, evaluation of traffic",
    f"{NOT_AT_HAND}: the paper states no link rate; the authors' earlier work assumes 1 Gbit/s "
    "and 100 \N{MICRO SIGN}s",
    "on the assumed link every backbone's features arrive before the longest JPEG of the input",
    "some backbone's arrive later",
)

CODED_LESS = Claim(
    "Features are less traffic than the image, both coded as well as they can be",
    f"{PAPER}, evaluation of traffic",
    "87 % less, of uncoded values",
    "at equal accuracy the best codec of features, at some cut, sends less than the best of images",
    "it sends as much, or more",
)
CODED_TIME = Claim(
    "Splitting is quicker than sending the image, both coded as well as they can be",
    f"{PAPER}, evaluation of traffic",
    NOT_AT_HAND,
    "at equal accuracy features are answered sooner than the image, each the quickest, on every "
    "link",
    "they are later on every one",
)
CODED_BYTES = Claim(
    "Features of a photograph are a small part of it, with real weights and codecs",
    f"{PAPER}, evaluation of traffic, FACES at full resolution (2835x3543)",
    "115 MB become 1.5 MB",
    "at the published cut some codec that keeps the answer sends at most 1.65 MB",
    "none does",
)

MEMORY_LARGE = Printed(6.9, 1, "GB")
MEMORY_SMALL = Printed(1.5, 1, "GB")
MEMORY_SHARE = Printed(57, 0, "%")
INPUT = Printed(115, 0, "MB")
FEATURES = Printed(1.5, 1, "MB")
TRAFFIC_SHARE = Printed(87, 0, "%")
PAPER_BACKBONES = ("mobilenet_v3_small", "efficientnet_b0", "vgg16")
ASSUMED_RATE_BPS = 1e9
ASSUMED_DELAY_S = 100e-6
"""One way; the earlier work does not say which way it counts."""
