"""The training loop: it learns, repeats itself bit for bit, and can be interrupted and resumed."""

import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from testbed.errors import BadInput
from testbed.training.batches import Arrays
from testbed.training.fit import Fitted, fit
from testbed.training.journal import Journal
from tests.testbed.training.small import arrays, recipe


class Interrupting(Journal):
    """Ctrl-C arrives in the middle of some step."""

    def __init__(self, steps: int, at: int, file: Path | None = None) -> None:
        super().__init__(steps, show=False, file=file)
        self._left = at

    def step(self) -> None:
        super().step()
        self._left -= 1
        if self._left == 0:
            signal.raise_signal(signal.SIGINT)


def weights(fitted: Fitted) -> dict[str, torch.Tensor]:
    return fitted.net.state_dict()


def same(one: Fitted, other: Fitted) -> bool:
    return all(torch.equal(a, b) for a, b in zip(*map(_values, (one, other)), strict=True))


def _values(fitted: Fitted) -> Any:
    return weights(fitted).values()


def test_it_learns_and_says_how_well() -> None:
    # ResNet's running statistics follow within these steps; MobileNetV3's take hundreds.
    quick = replace(recipe(25), backbone="resnet18")
    fitted = fit(quick, arrays(64), test=arrays(40, seed=1))
    assert fitted.accuracy["side"] > 0.9
    assert fitted.accuracy["tone"] > 0.8
    assert not fitted.net.training
    assert fitted.seconds > 0


def test_the_same_recipe_gives_the_same_weights_and_leaves_torch_alone() -> None:
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    one, same_one = (fit(recipe(3), arrays(20), noise="paper") for _ in range(2))
    other = fit(recipe(3, seed=2), arrays(20), noise="paper")
    assert same(one, same_one)
    assert not same(one, other)
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("at", [1, 4])
def test_a_resumed_run_is_the_uninterrupted_one(tmp_path: Path, at: int) -> None:
    whole_table, table, state = tmp_path / "whole.csv", tmp_path / "a.csv", tmp_path / "a.state"
    data: dict[str, Any] = {"train": arrays(20), "test": arrays(9, seed=1), "noise": "code"}
    whole = fit(recipe(), **data, journal=Journal(6, False, whole_table))
    with pytest.raises(KeyboardInterrupt):
        fit(recipe(), **data, journal=Interrupting(6, at, table), resume=state)
    assert len(table.read_text().splitlines()) < len(whole_table.read_text().splitlines())
    resumed = fit(recipe(), **data, journal=Journal(6, False, table), resume=state)
    assert same(whole, resumed)
    assert whole.accuracy == resumed.accuracy
    assert table.read_text() == whole_table.read_text()


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    state = tmp_path / "a.state"
    first = fit(recipe(2), arrays(20), resume=state)
    again = fit(recipe(2), arrays(20), resume=state)
    assert same(first, again)
    assert first.seconds == again.seconds


def test_a_state_of_another_run_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "a.state"
    fit(recipe(2), arrays(20), resume=state)
    with pytest.raises(BadInput, match=r"a\.state: lr: found 0\.001, asked for 0\.01"):
        fit(recipe(2, lr=0.01), arrays(20), resume=state)
    with pytest.raises(BadInput, match="training images: found 20, asked for 21"):
        fit(recipe(2), arrays(21), resume=state)
    with pytest.raises(BadInput, match="noise: found none, asked for paper"):
        fit(recipe(2), arrays(20), noise="paper", resume=state)


def test_a_damaged_state_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "a.state"
    fit(recipe(2), arrays(20), resume=state)
    for content in (state.read_bytes()[:1000], b"", b"something else"):
        state.write_bytes(content)
        with pytest.raises(BadInput, match="found a damaged or foreign file"):
            fit(recipe(2), arrays(20), resume=state)


def test_a_state_that_cannot_be_written_is_found_out_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match=r"a\.state: .*, allowed: a place that can be written"):
        fit(recipe(2), arrays(20), resume=tmp_path / "file" / "a.state")


def test_the_published_optimiser(monkeypatch: pytest.MonkeyPatch) -> None:
    settings: list[tuple[float, float]] = []
    step = torch.optim.AdamW.step

    def noting(self: torch.optim.AdamW, *args: Any) -> Any:
        group = self.param_groups[0]
        settings.append((group["lr"], group["weight_decay"]))
        return step(self, *args)

    monkeypatch.setattr(torch.optim.AdamW, "step", noting)
    fit(recipe(5), arrays(20))
    assert [rate for rate, _ in settings] == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-4])
    assert {decay for _, decay in settings} == {1e-5}


def test_what_is_finished_is_what_is_tested() -> None:
    def forget(net: torch.nn.Module) -> None:
        with torch.no_grad():
            for parameter in net.parameters():
                parameter.zero_()

    fitted = fit(recipe(2), arrays(20), test=arrays(30, seed=1), finish=forget)
    first = {
        task: float((arrays(30, seed=1).labels[task] == 0).mean()) for task in ("side", "tone")
    }
    assert fitted.accuracy == pytest.approx(first)


@pytest.mark.parametrize(
    ("train", "values", "said"),
    [
        (arrays(8, px=16), {}, "train: images of 16 x 16 x 3, allowed: 32 x 32 x 3"),
        (arrays(0), {}, "train: found no sample"),
        (Arrays(arrays(8).images, {"side": arrays(8).labels["side"]}), {}, "no labels of tone"),
        (
            Arrays(
                arrays(8).images,
                {"side": arrays(8).labels["side"] + 1, "tone": arrays(8).labels["tone"]},
            ),
            {},
            r"side: found labels 1\.\.2, allowed: 0\.\.1",
        ),
        (arrays(8), {"noise": "loud"}, "noise: found 'loud', allowed: none, paper, code, camera"),
    ],
)
def test_data_that_do_not_fit_are_refused(train: Arrays, values: Any, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        fit(recipe(2), train, **values)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test lacks")
def test_a_gpu_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="device: found no GPU"):
        fit(recipe(2, device="cuda"), arrays(8))
