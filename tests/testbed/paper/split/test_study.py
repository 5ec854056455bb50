"""Whether the network cut in two answers as the whole one does: counted, and told either way."""

import pytest

from testbed.choice.judge import Judgement, TaskCounts
from testbed.paper.options import StudyOptions
from testbed.paper.report import Report
from testbed.paper.split import judged, study
from testbed.paper.split.study import Kept, verdict

IMAGES = 12


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    options = StudyOptions(True, tmp_path_factory.mktemp("study") / "split")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "QUICK_IMAGES", IMAGES)
        patch.setattr(judged, "TOGETHER", IMAGES // 2)
        first = study.run(options, lambda line: None)
        said: list[str] = []
        again = study.run(options, said.append)
    assert said[0] == "2 of 2 points were done before"
    assert again.tables[0].frame.equals(first.tables[0].frame)
    return again


def test_every_codec_is_judged_on_every_image(report: Report) -> None:
    frame = report.tables[0].frame
    assert set(frame["images"]) == {IMAGES}
    assert set(frame["task"]) == {"scale", "shape"}
    crosses = frame.groupby("crosses")["deployment"].nunique()
    assert crosses["image"] == 5 and crosses["features"] >= 20


def test_lossless_codecs_change_no_answer(report: Report) -> None:
    frame = report.tables[0].frame
    lossless = frame[frame["lossless"]]
    assert lossless["crosses"].value_counts().to_dict() == {"features": 8, "image": 4}
    assert (lossless["agreement %"] == 100).all()
    assert report.verdicts[0].word == "holds"


def kept(lossless_agreed: int, lossy_agreed: int) -> list[Kept]:
    return [
        Kept("features", lossless, Judgement(name, {"t": TaskCounts(agreed=agreed)}, images=1000))
        for name, lossless, agreed in (
            ("split fp32", True, lossless_agreed),
            ("split int4", False, lossy_agreed),
        )
    ]


@pytest.mark.parametrize(
    ("lossless", "lossy", "word"),
    [(1000, 1000, "holds"), (1000, 500, "holds"), (999, 1000, "does not hold")],
)
def test_one_changed_answer_through_a_lossless_codec_refutes_it(
    lossless: int, lossy: int, word: str
) -> None:
    found = verdict(kept(lossless, lossy))
    assert found.word == word
    assert f"{lossy / 10:.2f}%" in found.found


def test_parts_add_up() -> None:
    parts = [judged.judge_part(part) for part in ((0, 3), (3, 5))]
    whole = judged.judge_part((0, 5))
    assert set(whole) == set(parts[0])
    for name in whole:
        found, expected = judged.added_up(name, parts), judged.added_up(name, [whole])
        assert (found.tasks, found.images) == (expected.tasks, expected.images)
        assert found.total_bytes == expected.total_bytes
