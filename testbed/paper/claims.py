"""What the published system claims, and where it says so.

Source: Capogrosso, Fraccaroli, Chakraborty, Fummi, Cristani, "MTL-Split: Multi-Task Learning for
Edge Devices using Split Computing", DAC 2024, doi:10.1145/3649329.3655686, arXiv:2407.05982.
A figure that was not at hand is not given here.
"""

from testbed.paper.explain import Printed
from testbed.paper.verdict import Claim

PAPER = "MTL-Split, arXiv:2407.05982"
NOT_AT_HAND = "published figure not at hand"

ENCOURAGING = Claim(
    "One network for all tasks is as accurate as a network for each, or more so",
    f"{PAPER}, abstract and tables of accuracy",
    f'{NOT_AT_HAND}; the abstract calls the results "encouraging [...] on both synthetic and '
    'real-world data"',
)
"""The abstract is quoted from arXiv; the tables (3D Shapes, MEDIC, FACES) are not at hand."""

MEMORY_LESS = Claim(
    "The device needs less memory when only the backbone runs on it",
    f"{PAPER}, evaluation of memory",
    "less, whatever the backbone",
)
MEMORY_SAVED = Claim(
    "Splitting takes more than half of the memory off the device",
    f"{PAPER}, evaluation of memory",
    "57 % less",
)
MEMORY_FULL_RESOLUTION = Claim(
    "At full resolution (FACES, 2835x3543) inference takes gigabytes",
    f"{PAPER}, evaluation of memory",
    "6.9 GB and 1.5 GB",
)
TRAFFIC_BYTES = Claim(
    "Features are a small part of the image that remote computing would send",
    f"{PAPER}, evaluation of traffic, FACES at full resolution (2835x3543)",
    "115 MB become 1.5 MB",
)
TRAFFIC_SAVED = Claim(
    "Splitting saves most of the traffic of remote computing",
    f"{PAPER}, evaluation of traffic",
    "87 % less",
)
TRAFFIC_TIME = Claim(
    "Splitting shortens the transfer",
    f"{PAPER}, evaluation of traffic",
    f"{NOT_AT_HAND}: the paper states no link rate; the authors' earlier work assumes 1 Gbit/s "
    "and 100 \N{MICRO SIGN}s",
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
