"""What the figures of several studies share: names, colours, the line below everything."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from testbed.figures import style

SINGLE, MULTI = (colour for colour, _ in (style.LINES[1], style.LINES[0]))
"""Colours of single-task and multi-task networks: orange and blue."""

NAMES_BELOW_BARS: Mapping[str, str] = {
    "mobilenet_v3_small": "MobileNet\nV3-Small",
    "efficientnet_b0": "Efficient-\nNet-B0",
    "efficientnet_lite0": "Efficient-\nNet-Lite0",
    "vgg16": "VGG16",
    "vgg16_bn": "VGG16\n-BN",
    "resnet18": "ResNet-18",
}
"""Published names of backbones, broken to fit under a group of bars."""

DATASET_NAMES: Mapping[str, str] = {
    "shapes3d": "3D Shapes",
    "collage": "Collage",
    "multimnist": "MultiMNIST",
    "multi_fashion": "Multi-Fashion",
    "multi_fashion_mnist": "Fashion+MNIST",
    "medic": "MEDIC",
    "faces": "FACES",
}


def on_one_line(backbone: str) -> str:
    """A backbone's published name."""
    return NAMES_BELOW_BARS[backbone].replace("-\n", "").replace("\n", "")


def in_words(task: str) -> str:
    """A task's name as words."""
    return task.replace("_", " ")


def small_print(drawn: Figure, text: str, quick: bool) -> None:
    """A line below everything; a rehearsal says so in red."""
    drawn.supxlabel(
        f"REHEARSAL, not a result\n{text}" if quick else text,
        x=0.01,
        ha="left",
        fontsize=style.FONT_PT,
        color=style.DEADLINE if quick else style.MUTED,
    )


def rows(axes: Axes, names: Sequence[str], title: str, margin: float) -> None:
    """A named row for each of `names`, the first on top, with `margin` of a row at either end."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - margin, margin - 1)
    axes.tick_params(axis="y", length=0)
    axes.set_title(title, loc="left", pad=3)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
