"""A queue that drops what comes while it is full, and nothing else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DropTail:
    """No parameters: the limit, which every queue has, is all."""

    def manager(self) -> None:
        """Nothing is ever dropped from the head."""
        return

    def tc(self) -> tuple[str, ...]:
        """Any queue of the kernel's does this."""
        return ()
