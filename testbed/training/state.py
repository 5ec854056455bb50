"""An unfinished training run on disk: all that the next step depends on, whole or not at all."""

import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from testbed.errors import BadInput
from testbed.storage.files import atomic_write, writing
from testbed.training.journal import Row

FORMAT = "split-testbed-training-1"


class State:
    """The file of one run. `identity`: plain values that must be the same for the run to go on.

    Batches are a function of seed and step, so of all random generators only torch's (dropout) is
    kept.
    """

    def __init__(
        self,
        file: Path,
        identity: Mapping[str, Any],
        net: nn.Module,
        optimizer: Optimizer,
        schedule: LRScheduler,
    ) -> None:
        self.file, self._identity = file, dict(identity)
        self._parts: dict[str, Any] = {"net": net, "optimizer": optimizer, "schedule": schedule}
        self._device = next(net.parameters()).device
        self._on_gpu = self._device.type == "cuda"

    def save(self, step: int, rows: list[Row], seconds: float) -> None:
        """After `step` steps, with the journal's rows and the seconds trained so far.

        Raises BadInput where the file cannot be written.
        """
        content = {
            "format": FORMAT,
            "identity": self._identity,
            "step": step,
            "rows": [list(row) for row in rows],
            "seconds": seconds,
            "random": [
                torch.random.get_rng_state(),
                *([torch.cuda.get_rng_state(self._device)] if self._on_gpu else []),
            ],
            **{name: part.state_dict() for name, part in self._parts.items()},
        }
        buffer = io.BytesIO()
        torch.save(content, buffer)
        with writing(f"training state: {self.file}"):
            self.file.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(self.file, buffer.getvalue())

    def load(self) -> tuple[int, list[Row], float]:
        """Fill network, optimiser, schedule and random generators; steps, rows, seconds so far.

        Raises BadInput for a file that is damaged, foreign, or of a run that was asked for
        something else.
        """
        try:
            with warnings.catch_warnings():  # of pickles that are not torch's: refused in a line
                warnings.simplefilter("ignore")
                content = torch.load(self.file, map_location=self._device, weights_only=True)
            found, kind = content["identity"], content["format"]
        except Exception as error:  # what a damaged file ends in is anybody's guess
            raise self._refused("found a damaged or foreign file") from error
        if kind != FORMAT:
            raise self._refused(f"format: found {kind}, allowed: {FORMAT}")
        for key, asked in self._identity.items():
            if found.get(key) != asked:
                raise self._refused(
                    f"{key}: found {found.get(key)}, asked for {asked}: allowed: the same as in "
                    "the run it belongs to"
                )
        try:
            for name, part in self._parts.items():
                part.load_state_dict(content[name])
            torch.random.set_rng_state(content["random"][0].cpu())
            if self._on_gpu:
                torch.cuda.set_rng_state(content["random"][1].cpu(), self._device)
            rows: list[Row] = [(*row,) for row in content["rows"]]
            return int(content["step"]), rows, float(content["seconds"])
        except Exception as error:
            raise self._refused("found a damaged file") from error

    def _refused(self, why: str) -> BadInput:
        return BadInput(f"training state: {self.file}: {' '.join(why.split())}")
