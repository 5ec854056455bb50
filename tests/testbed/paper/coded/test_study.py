"""Both sides coded: the fewest bytes are found, and every verdict can go either way."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from testbed.choice.candidates import entries_of
from testbed.choice.judge import Judgement, TaskCounts
from testbed.config.deployments import DeploymentEntry
from testbed.errors import BadInput
from testbed.model.efficientnet_lite import EfficientNetLite0
from testbed.paper.coded import equal, photo, study
from testbed.paper.coded.equal import FEATURES, IMAGE

ENTRIES = {
    "local": "local",
    "split-fp32": {"split": {"codec": "fp32"}},
    "split-fp16": {"split": {"codec": "fp16"}},
    "split-features.2-int4": {"split": {"cut": "features.2", "codec": "int4"}},
    "remote-jpeg-q50": {"remote": {"codec": "jpeg", "quality": 50}},
    "remote-jpeg-q90": {"remote": {"codec": "jpeg", "quality": 90}},
}


def one(name: str, size_bytes: int, lost: int = 0) -> tuple[DeploymentEntry, Judgement]:
    (entry,) = entries_of([ENTRIES[name]])
    counts = {"task": TaskCounts(right=1000 - lost, lost=lost, agreed=1000 - lost)}
    return entry, Judgement(name, counts, 1000, 1000 * size_bytes, 0.0, size_bytes, size_bytes)


def test_of_each_kind_the_fewest_bytes_that_keep_the_accuracy() -> None:
    found = [
        one("local", 0),
        one("split-fp32", 4000),
        one("split-fp16", 2000),
        one("split-features.2-int4", 500),
        one("remote-jpeg-q50", 300, lost=11),
        one("remote-jpeg-q90", 900, lost=10),
    ]
    chosen = {sent.what: sent.name for sent in equal.best(found)}
    assert chosen == {
        equal.FEATURES: "split-features.2-int4",
        equal.AT_PUBLISHED: "split-fp16",
        equal.IMAGE: "remote-jpeg-q90",
        equal.FP32: "split-fp32",
    }


@pytest.mark.parametrize(("features", "word"), [(500, "holds"), (2000, "does not hold")])
def test_bytes_go_either_way(features: int, word: str) -> None:
    found = [one("split-features.2-int4", features), one("remote-jpeg-q90", 900)]
    verdict = study.bytes_verdict(equal.bytes_table(equal.best(found)))
    assert verdict.word == word
    assert verdict.found.startswith("features split-features.2-int4")


def test_without_a_codec_that_keeps_the_accuracy_nothing_is_said() -> None:
    found = [one("split-features.2-int4", 500), one("remote-jpeg-q90", 900, lost=500)]
    assert study.bytes_verdict(equal.bytes_table(equal.best(found))).word == "not testable here"


def of_links(**image_ms: float) -> pd.DataFrame:
    """Features take 10 ms everywhere, local 20."""
    rows = [
        (link, what, taken_ms)
        for link, of_image in image_ms.items()
        for what, taken_ms in ((FEATURES, 10.0), (IMAGE, of_image), (equal.NOTHING, 20.0))
    ]
    return pd.DataFrame(rows, columns=["link", "what", "mean_ms"])


@pytest.mark.parametrize(
    ("times", "word", "found"),
    [
        (
            of_links(a=11.0, b=12.0),
            "holds",
            "sooner on 2 of 2 links (a, b); the difference is -2 ms",
        ),
        (
            of_links(a=11.0, b=9.0),
            "undecided",
            "sooner on 1 of 2 links (a); the difference is -1 ms",
        ),
        (of_links(a=9.0), "does not hold", "sooner on 0 of 1 links; the difference is 1 ms"),
    ],
)
def test_times_go_either_way(times: pd.DataFrame, word: str, found: str) -> None:
    verdict = study.time_verdict(times, 2e6)
    assert verdict.word == word
    assert found in verdict.found
    assert verdict.found.endswith("features are ahead up to 2 Mbit/s")
    assert study.time_verdict(times, None).found.endswith("at no rate")


@pytest.mark.parametrize(
    ("features", "images", "rate_bps"),
    [
        ([(0.03, 4000)], [(0.01, 8000)], 200e3),  # less to send, more to compute
        ([(0.03, 4000), (0.011, 7900)], [(0.01, 8000)], 200e3),
        ([(0.03, 8000)], [(0.01, 4000)], None),
        ([(0.01, 4000)], [(0.03, 8000)], 1e10),
    ],
)
def test_features_are_ahead_up_to_where_bytes_weigh_less_than_computing(
    features: list[equal.Cost], images: list[equal.Cost], rate_bps: float | None
) -> None:
    assert equal.ahead_below(features, images) == (
        None if rate_bps is None else pytest.approx(rate_bps, rel=0.03)
    )


def of_photo(features_bytes: int, image_bytes: int, kept: bool = True) -> pd.DataFrame:
    heads = ("crosses at", "codec", "bytes", "same answer", "its probability")
    rows = [
        (photo.PUBLISHED, "fp32", 50_000_000, True, 0.5),
        (photo.PUBLISHED, "int8+zstd", features_bytes, kept, 0.5),
        ("camera", "jpeg-q90", image_bytes, True, 0.5),
        ("camera", "raw", 1, True, 0.5),
    ]
    return pd.DataFrame(rows, columns=heads)


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (of_photo(1_000_000, 2_000_000), "holds"),
        (of_photo(1_000_000, 200_000), "holds"),
        (of_photo(9_000_000, 200_000), "does not hold"),
        (of_photo(1_000_000, 2_000_000, kept=False), "does not hold"),
        (None, "not testable here"),
    ],
)
def test_the_photograph_goes_either_way(found: pd.DataFrame | None, word: str) -> None:
    assert study.photo_verdict(found, "a photograph").word == word


def test_a_photograph_of_any_shape_goes_through_every_cut_and_codec() -> None:
    torch.manual_seed(0)
    image = np.random.default_rng(0).integers(0, 256, (240, 230, 3), np.uint8)
    found = photo.coded(image, EfficientNetLite0().eval())
    rows = {(row["crosses at"], row["codec"]): row for row in found.to_dict("records")}
    assert {(cut, codec) for cut in photo.CUTS for codec in photo.FEATURE_CODECS} <= rows.keys()
    assert all(rows[cut, "fp32"]["same answer"] for cut in photo.CUTS)
    assert rows[photo.PUBLISHED, "fp32"]["bytes"] == 1280 * 8 * 8 * 4
    assert rows["camera", "raw"]["bytes"] == image.size


def test_without_the_photograph_one_line_says_where_it_is_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(photo, "DEBIAN", tmp_path / "none.jpg")
    with pytest.raises(BadInput, match=r"lomiri-wallpapers-16.04 fills it, or --data collage="):
        photo.photograph(None)
