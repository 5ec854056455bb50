"""How the studies' figures call the backbones."""

from collections.abc import Mapping
from types import MappingProxyType

SHORT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "mobilenet_v3_small": "MobileNet\nV3-Small",
        "efficientnet_b0": "Efficient-\nNet-B0",
        "vgg16": "VGG16",
        "vgg16_bn": "VGG16\n-BN",
        "resnet18": "ResNet-18",
    }
)
"""Published names, broken to fit under a group of bars."""
