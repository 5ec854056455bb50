"""Which images a run uses: the same for every deployment, other ones in each repeat."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from testbed.config.scenario import Scenario
from testbed.config.scenario_file import load_scenario
from testbed.errors import BadInput
from testbed.halves.workload import draw_samples, load_dataset
from testbed.model.load import offered_tasks

LTE = Path(__file__).parents[3] / "scenarios" / "lte.yaml"


def scenario(*overrides: str) -> Scenario:
    small = ["workload.camera_px=32", "workload.requests=5", "workload.warmup=2"]
    return load_scenario(LTE, [*small, *overrides])


def numbers(chosen: Scenario, repeat: int = 0) -> list[int]:
    return [sample.number for sample in draw_samples(load_dataset(chosen), chosen, repeat)]


def test_one_image_for_each_warm_up_and_request_none_twice() -> None:
    drawn = numbers(scenario())
    assert len(drawn) == len(set(drawn)) == 7


def test_same_seed_same_images_and_repeats_differ() -> None:
    assert numbers(scenario()) == numbers(scenario())
    assert numbers(scenario(), repeat=0) != numbers(scenario(), repeat=1)
    assert numbers(scenario()) != numbers(scenario("seed=8"))


def test_images_are_as_the_camera_would_see_them_with_labels_of_the_tasks() -> None:
    chosen = scenario()
    sample = draw_samples(load_dataset(chosen), chosen, 0)[0]
    assert sample.image.shape == (32, 32, 3)
    assert sample.image.dtype == np.uint8
    assert set(sample.labels) == {"scale", "shape"}


def test_large_images_are_taken_in_turn_rather_than_filling_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("testbed.halves.workload.POOL_BYTES", 3 * 32 * 32 * 4)
    assert len(numbers(scenario())) == 4


def test_a_camera_that_is_no_square(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("testbed.halves.workload.POOL_BYTES", 3 * 64 * 36 * 4)
    Image.new("RGB", (50, 50)).save(tmp_path / "a.png")
    for change in ("dataset=shapes3d", "dataset=collage", "dataset=blank", f"images={tmp_path}"):
        tasks = "model.tasks=[shape]"
        chosen = scenario("workload.camera_px=64x36", f"workload.{change}", tasks)
        samples = draw_samples(load_dataset(chosen), chosen, 0)
        assert samples[0].image.shape == (36, 64, 3)
        assert len(samples) == (4 if change in ("dataset=shapes3d", "dataset=collage") else 1)


def test_one_s_own_pictures_with_labels(tmp_path: Path) -> None:
    lines = ["file,task,class"]
    for number in range(10):
        Image.new("RGB", (40, 30), (25 * number,) * 3).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,parity,{('even', 'odd')[number % 2]}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    folder = ("workload.dataset=folder", f"workload.data={tmp_path}")
    chosen = scenario(*folder, "model.tasks=[parity]")
    samples = draw_samples(load_dataset(chosen), chosen, 0)
    assert len(samples) == 2
    assert samples[0].image.shape == (32, 32, 3)
    assert offered_tasks(chosen) == {"parity": 2}
    with pytest.raises(BadInput, match=r"found scale, shape, allowed for folder: parity \(2\)"):
        load_dataset(scenario(*folder))


def test_folder_of_pictures_in_place_of_the_data_set(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.png"):
        Image.fromarray(np.full((40, 60, 3), 99, np.uint8)).save(tmp_path / name)
    chosen = scenario(f"workload.images={tmp_path}")
    samples = draw_samples(load_dataset(chosen), chosen, 0)
    assert sorted(sample.number for sample in samples) == [0, 1]
    assert samples[0].image.shape == (32, 32, 3)
    assert samples[0].labels == {}


def test_folder_without_a_readable_picture(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    with pytest.raises(BadInput, match="found no readable picture"):
        load_dataset(scenario(f"workload.images={tmp_path}"))


def test_multimnist_by_name_at_the_camera_s_size() -> None:
    chosen = scenario("workload.dataset=multimnist", "model.tasks=[left, right]")
    samples = draw_samples(load_dataset(chosen), chosen, 0)
    assert len(samples) == 7
    assert samples[0].image.shape == (32, 32, 3)
    assert set(samples[0].labels) == {"left", "right"}


def test_samples_drawn_together_are_those_drawn_one_by_one() -> None:
    chosen = scenario()
    dataset = load_dataset(chosen)
    for sample in draw_samples(dataset, chosen, 0):
        assert np.array_equal(sample.image, dataset.image(sample.number))
        assert sample.labels == dataset.labels(sample.number)


def test_the_files_of_a_real_data_set(tmp_path: Path) -> None:
    for split in ("train", "val"):
        (tmp_path / split).mkdir()
        picture = Image.fromarray(np.full((40, 60, 3), 99, np.uint8))
        picture.save(tmp_path / split / "140_y_f_a_a.jpg")
    chosen = scenario(
        "workload.dataset=faces", f"workload.data={tmp_path}", "model.tasks=[gender, expression]"
    )
    (sample,) = draw_samples(load_dataset(chosen), chosen, 0)
    assert sample.image.shape == (32, 32, 3)
    assert sample.labels == {"gender": 0, "expression": 0}


def test_tasks_that_the_data_set_does_not_have() -> None:
    with pytest.raises(BadInput, match=r"tasks: found scale, shape, allowed for multimnist: left"):
        load_dataset(scenario("workload.dataset=multimnist"))


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        (["workload.dataset=medic"], "data: found null, allowed for medic: the data set's folder"),
        (["workload.dataset=blank", "workload.data=x"], "data: found x, allowed for blank: null"),
        (
            ["workload.dataset=folder"],
            "data: found null, allowed for folder: the data set's folder",
        ),
        (["workload.camera_px=1280x"], "workload.camera_px: found '1280x', allowed: the side of a"),
        (["workload.images=a", "workload.data=x"], "data: found x, allowed for shapes3d: null"),
        (["workload.dataset=mnist"], "workload.dataset: found 'mnist'"),
    ],
)
def test_a_workload_that_makes_no_sense(overrides: list[str], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as caught:
        scenario(*overrides)
    assert "\n" not in str(caught.value)


def test_data_is_relative_to_the_scenario_s_own_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = LTE.read_text().replace("dataset: shapes3d", "dataset: shapes3d, data: 3dshapes.h5")
    file.write_text(text)
    assert load_scenario(file).workload.data == tmp_path / "3dshapes.h5"


def test_blank_images_for_the_null_model() -> None:
    chosen = scenario("workload.dataset=blank")
    samples = draw_samples(load_dataset(chosen), chosen, 0)
    assert len(samples) == 1
    assert not samples[0].image.any()
