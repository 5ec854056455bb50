"""What a training run was asked to do, checked, and as the command that repeats it."""

import shlex
from dataclasses import dataclass

from testbed.data.factors import FACTORS
from testbed.errors import BadInput

WEIGHT_DECAY_SHARE = 0.01
"""Weight decay as a share of the learning rate, as published."""


@dataclass(frozen=True)
class Recipe:
    """Arguments of one training run; see `train.train` for what each one means.

    Raises BadInput for values that no run can have.
    """

    backbone: str = "mobilenet_v3_small"
    tasks: tuple[str, ...] = ("scale", "shape")
    input_px: int = 64
    steps: int = 5000
    batch: int = 64
    lr: float = 1e-3
    seed: int = 1234
    limit: int | None = None
    test_samples: int = 120_000
    threads: int = 1

    def __post_init__(self) -> None:
        unknown = [task for task in self.tasks if task not in FACTORS]
        if unknown or not self.tasks or len(set(self.tasks)) != len(self.tasks):
            found = ", ".join(self.tasks) or "none"
            raise BadInput(f"tasks: found {found}, allowed, each once: {', '.join(FACTORS)}")
        # Batch normalisation cannot learn from one value a channel.
        least = {"input_px": 1, "steps": 1, "batch": 2, "test_samples": 1, "threads": 1, "seed": 0}
        for name, bound in least.items():
            if getattr(self, name) < bound:
                raise BadInput(f"{name}: found {getattr(self, name)}, allowed: at least {bound}")
        if self.limit is not None and self.limit < 1:
            raise BadInput(f"limit: found {self.limit}, allowed: at least 1")
        if not 0 < self.lr < 1:
            raise BadInput(f"lr: found {self.lr}, allowed: above 0 and below 1")

    @property
    def classes(self) -> dict[str, int]:
        """Task name -> number of classes."""
        return {task: FACTORS[task] for task in self.tasks}

    def command(self, out_name: str) -> str:
        """The command line that repeats this run."""
        words = ["testbed", "train", "--backbone", self.backbone, "--tasks", ",".join(self.tasks)]
        words += ["--input-px", str(self.input_px), "--steps", str(self.steps)]
        words += ["--batch", str(self.batch), "--lr", f"{self.lr:g}", "--seed", str(self.seed)]
        if self.limit is not None:
            words += ["--limit", str(self.limit)]
        words += ["--test-samples", str(self.test_samples), "--threads", str(self.threads)]
        return shlex.join([*words, "--out", out_name])
