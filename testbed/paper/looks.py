"""What the figures of several studies share: names, colours, the line below everything."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from testbed.figures import style

SINGLE, MULTI = (colour for colour, _ in (style.LINES[1], style.LINES[0]))
"""Colours of single-task and multi-task networks: orange and blue."""

NAMES_BELOW_BARS: Mapping[str, str] = {
    "mobilenet_v3_small": "MobileNet\nV3-Small",
    "efficientnet_b0": "Efficient-\nNet-B0",
    "vgg16": "VGG16",
    "vgg16_bn": "VGG16\n-BN",
    "resnet18": "ResNet-18",
}
"""Published names of backbones, broken to fit under a group of bars."""

SHORT_NAMES: Mapping[str, str] = {
    "mobilenet_v3_small": "MobileNetV3-S",
    "efficientnet_b0": "EfficientNet-B0",
    "vgg16": "VGG16",
    "vgg16_bn": "VGG16-BN",
    "resnet18": "ResNet-18",
}
DATASET_NAMES: Mapping[str, str] = {
    "shapes3d": "3D Shapes",
    "multimnist": "MultiMNIST",
    "medic": "MEDIC",
    "faces": "FACES",
}


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
