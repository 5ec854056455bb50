"""Commands that say where to cut a scenario's network, and how to code what crosses."""

from pathlib import Path
from typing import Annotated

from testbed.commands.of_scenario import Overrides, ScenarioFile, flag, option


def cuts(
    scenario: ScenarioFile,
    overrides: Overrides = None,
    codec: Annotated[
        list[str] | None,
        option(
            "NAME",
            "of what crosses; may be repeated, then times are of the first and bytes of all",
            "--codec",
            default="those of the scenario's deployments",
        ),
    ] = None,
    csv: Annotated[Path | None, option("FILE", "write the table there", default="none")] = None,
    figure: Annotated[
        Path | None, option("FILE", "draw it too, as FILE.png and FILE.svg", default="none")
    ] = None,
) -> None:
    """List every cut of SCENARIO's network: bytes, time at each end, memory, latency."""
    from testbed.commands.cuts import list_cuts

    list_cuts(scenario, overrides, codec or [], csv, figure)


def codecs(
    scenario: ScenarioFile,
    overrides: Overrides = None,
    images: Annotated[
        int | None, option("N", "so many test images", default="the whole split", min=2)
    ] = None,
    every_cut: Annotated[
        bool, flag("--every-cut", "show all cuts, not only the published one and the front")
    ] = False,
    out: Annotated[
        Path | None, option("DIR", "write codecs.csv and a figure there", default="none")
    ] = None,
    keep_in: Annotated[
        Path, option("DIR", "where what was judged is kept, for `testbed choose`")
    ] = Path("results/codecs"),
    resize: Annotated[
        str | None,
        option("PX,...", "judge images of these sides alone, and draw accuracy over them"),
    ] = None,
    quality: Annotated[
        str | None, option("N,...", "judge images of these JPEG qualities alone, likewise")
    ] = None,
) -> None:
    """Say how many bytes each codec sends at each cut, and how much accuracy it keeps."""
    from testbed.commands.codecs import list_codecs

    list_codecs(scenario, overrides, images, every_cut, out, keep_in, resize, quality)


def choose(
    scenario: ScenarioFile,
    overrides: Overrides = None,
    accuracy_loss: Annotated[
        str | None,
        option("SHARE", "lose no more of any task's accuracy: 1%", default="any"),
    ] = None,
    deadline: Annotated[
        str | None,
        option("TIME", "95 of 100 requests take no longer: 100ms", default="any"),
    ] = None,
    memory: Annotated[
        str | None, option("SIZE", "of the edge's part of the network: 8mb", default="any")
    ] = None,
    size: Annotated[str | None, option("SIZE", "of what crosses, mean: 4kb", default="any")] = None,
    energy: Annotated[
        str | None, option("ENERGY", "of a request at the edge, mean: 300mj", default="any")
    ] = None,
    images: Annotated[
        int | None,
        option(
            "N", "judge accuracy on so many test images", default="as many as ship, or 600", min=2
        ),
    ] = None,
    measure: Annotated[
        str | None,
        option("BACKEND", "then run the best five and the classics: auto, netem, tun or simpy"),
    ] = None,
) -> None:
    """Say which cut and which codec are fastest over SCENARIO's link, within limits.

    All cuts and codecs are computed in virtual time, on the devices that SCENARIO names.
    """
    from testbed.commands.choose import choose as answer
    from testbed.commands.choose import limits_of

    limits = limits_of(accuracy_loss, deadline, memory, size, energy)
    answer(scenario, overrides, limits, images, measure)
