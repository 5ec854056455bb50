"""A device: a measured one's tables, and how much slower this one is in each kind of stage."""

from dataclasses import dataclass
from typing import Any

from testbed.devices.published import AS_MEASURED, Kind, PublishedFile, Scale, scales_of
from testbed.devices.tables import BackboneCosts, MeasuredFile
from testbed.errors import BadInput


@dataclass(frozen=True, eq=False)
class Device:
    """file: what it was made from. tables: of the measured device behind it, or its own."""

    name: str
    file: MeasuredFile | PublishedFile
    tables: MeasuredFile
    scales: dict[Kind, Scale]

    @classmethod
    def of(cls, name: str, file: MeasuredFile | PublishedFile, tables: MeasuredFile) -> "Device":
        """name: as a scenario says it. Raises BadInput for figures that nothing compares with."""
        if isinstance(file, PublishedFile):
            return cls(name, file, tables, scales_of(file, tables, f"device {name}"))
        return cls(
            name,
            file,
            file,
            {"compute": AS_MEASURED, "image": AS_MEASURED, "transport": AS_MEASURED},
        )

    def backbone(self, name: str) -> BackboneCosts:
        """Raises BadInput for one that it has not."""
        if name not in self.tables.backbones:
            raise BadInput(
                f"device {self.name}: found model.backbone {name}, "
                f"allowed: {', '.join(self.tables.backbones)}"
            )
        return self.tables.backbones[name]

    def facts(self) -> dict[str, Any]:
        """What summary.json says of it: its scales, each with its uncertainty."""
        return {
            "name": self.name,
            "like": self.tables.name,
            "scales": {kind: scale.facts() for kind, scale in self.scales.items()},
            "power_w": self.file.power_w and self.file.power_w.model_dump(mode="json"),
        }
