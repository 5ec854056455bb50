"""Study: what crosses, when images and features both have the best codec that keeps the answers."""

from collections.abc import Callable, Hashable
from math import inf
from typing import Any

import pandas as pd

from testbed.errors import BadInput
from testbed.paper import claims
from testbed.paper.coded import equal, figure, photo
from testbed.paper.options import StudyOptions
from testbed.paper.report import Drawing, Report, Table
from testbed.paper.verdict import Claim, Verdict, held
from testbed.results.wording import milliseconds, rate, size

QUICK_IMAGES = 100
MOST = 1.1 * claims.FEATURES.amount * 1e6

NOTES = (
    "Equal accuracy: of every task at most one point less than the whole network on the same "
    f"images ({equal.JUDGED_FOR}.yaml's network and camera; the weights that ship). The best codec "
    "is the one that sends the fewest bytes, of the candidates of `testbed choose`.",
    "Latency is in virtual time: computing and coding on the scenarios' devices, TCP over the "
    f"link, the same weather for all; of each kind what is fastest there. The links are those that "
    f"ship, and {equal.JUDGED_FOR} at 1 Mbit/s up.",
    f"The photograph is `--data collage=FOLDER`'s largest, or Debian's ({photo.CREDIT}). The "
    "network is EfficientNet-Lite0 with its ImageNet weights on all pixels. It was trained at 224 "
    "px, so its answer there is a faint one; what is asked is whether coding changes it.",
)


def run(options: StudyOptions, say: Callable[[str], None]) -> Report:
    """Compare at equal accuracy, then code the photograph. Raises BadInput as `table_of` does."""
    say("images and features at equal accuracy")
    judged = equal.judged(QUICK_IMAGES if options.quick else None)
    sizes = equal.bytes_table(equal.best(judged))
    say("over every link")
    times, even_bps = equal.over_links(judged), equal.break_even(judged)
    say("a photograph of ten megapixels")
    photographed, about = _photograph(options, say)
    tables = [
        Table("bytes", sizes, "Fewest bytes of a request that lose at most one point."),
        Table("times", times, "Mean latency by link.", _by_link(times)),
    ]
    if photographed is not None:
        tables.append(Table("photograph", photographed, "One photograph through each codec."))
    return Report(
        name="coded",
        title="Traffic of one request, both sides coded",
        tables=tables,
        drawings=[
            Drawing(
                "links",
                figure.draw(times, options.quick),
                "Mean latency by link, slowest first: features and images at equal accuracy.",
            )
        ],
        verdicts=[
            bytes_verdict(sizes),
            time_verdict(times, even_bps),
            photo_verdict(photographed, about),
        ],
        provenance={"photograph": about, "accuracy_loss": equal.LOSS},
        notes=NOTES,
    )


def _photograph(
    options: StudyOptions, say: Callable[[str], None]
) -> tuple[pd.DataFrame | None, str]:
    """The table and the photograph's name; or None, and why there is none."""
    try:
        file, whole = photo.photograph(options.data.get("collage")), photo.network()
        image = photo.opened(file)
    except BadInput as error:
        say(f"left out: {error}")
        return None, str(error)
    height, width = image.shape[:2]
    return photo.coded(image, whole), f"{file.name}, {width}x{height}"


def _by_link(times: pd.DataFrame) -> pd.DataFrame:
    wide = times.pivot(index="link", columns="what", values="mean_ms")
    return wide.loc[list(dict.fromkeys(times["link"]))].reset_index()


def bytes_verdict(sizes: pd.DataFrame) -> Verdict:
    """sizes: of `equal.bytes_table`."""
    of = {str(row["what"]): row for row in sizes.to_dict("records")}
    if equal.FEATURES not in of or equal.IMAGE not in of:
        return _not_here(claims.CODED_LESS, "no codec of one side keeps the accuracy")
    features, image = of[equal.FEATURES], of[equal.IMAGE]
    said = (f"{row['deployment']} {size(row['bytes'])}" for row in (features, image))
    found = "features " + ", image ".join(said)
    for what, words in ((equal.AT_PUBLISHED, "best"), (equal.FP32, "float32")):
        if what in of:
            found += f"; at the published cut, {words}: {size(of[what]['bytes'])}"
    less = bool(features["bytes"] < image["bytes"])
    return Verdict(
        claims.CODED_LESS,
        found,
        held(less, not less),
        "a codec of images throws away what the eye does not see, quantised features what the "
        "network does not need",
        f"{features['images']:,} images; one network and workload, simple pictures",
    )


def time_verdict(times: pd.DataFrame, even_bps: float | None) -> Verdict:
    """times: of `equal.over_links`. even_bps: of `equal.break_even`."""
    wide = _by_link(times)
    if equal.FEATURES not in wide or equal.IMAGE not in wide:
        return _not_here(claims.CODED_TIME, "no codec of one side keeps the accuracy")
    features, image = wide[equal.FEATURES], wide[equal.IMAGE]
    more_ms, sooner = features - image, wide["link"][features < image]
    local = int((wide[equal.NOTHING] < features.combine(image, min)).sum())
    return Verdict(
        claims.CODED_TIME,
        f"features are sooner on {len(sooner)} of {len(wide)} links"
        + (f" ({', '.join(sooner)})" if len(sooner) else "")
        + f"; the difference is {milliseconds(float(more_ms.min()))} to "
        f"{milliseconds(float(more_ms.max()))}; local is sooner than both on {local}. By bytes and "
        f"computing alone features are ahead {_below(even_bps)}",
        held(len(sooner) == len(wide), not len(sooner)),
        "both send little, so that computing and round trips decide: of few bytes a tenth hardly "
        "counts, and what the edge computes before it can send features takes as long as coding "
        "an image",
        "modelled, on one pair of devices, whose figures are uncertain by a fifth or so",
    )


def _below(rate_bps: float | None) -> str:
    return "at no rate" if rate_bps is None else f"up to {rate(rate_bps)}"


def photo_verdict(found: pd.DataFrame | None, about: str) -> Verdict:
    """found: of `photo.coded`; None where there is no photograph, with the reason in about."""
    if found is None:
        return _not_here(claims.CODED_BYTES, about)
    least: dict[str, dict[Hashable, Any]] = {}
    for row in sorted(found.to_dict("records"), key=lambda row: -float(row["bytes"])):
        if row["same answer"] and row["codec"] != "raw":
            least[str(row["crosses at"])] = row
    features, image = least.get(photo.PUBLISHED), least.get("camera")
    said = [f"{place}: {row['codec']} {size(row['bytes'])}" for place, row in least.items()]
    sent = float(features["bytes"]) if features else inf
    beside = ""
    if image and features:
        times = sent / float(image["bytes"])
        beside = f". The published cut's are {times:.1f} times those of the image"
    return Verdict(
        claims.CODED_BYTES,
        f"{about}; the fewest bytes that keep the answer: {'; '.join(said)}{beside}",
        held(sent <= MOST, sent > MOST),
        "most features are zeros behind a ReLU, and a few levels of the others are enough; but the "
        "115 MB are the image uncoded, and a codec of images does as much for it",
        "one photograph; a network of 224 px on all of it",
    )


def _not_here(claim: Claim, why: str) -> Verdict:
    return Verdict(claim, "nothing", "not testable here", why, "not at all")
