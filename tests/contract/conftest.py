"""Every check here runs once for each backend; one that cannot be had is skipped, saying why."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulation.errors import LinkUnavailable
from emulation.link import BACKENDS, Backend, load_backend

MARKS = {"netem": (pytest.mark.netem, pytest.mark.root), "tun": (pytest.mark.root,)}


@pytest.fixture(scope="module", params=[pytest.param(n, marks=MARKS.get(n, ())) for n in BACKENDS])
def backend(request: pytest.FixtureRequest) -> Backend:
    """A backend that this machine can give."""
    try:
        loaded = load_backend(request.param)
    except LinkUnavailable as error:
        pytest.skip(str(error))
    why = loaded.missing()
    if why is not None:
        pytest.skip(f"backend {loaded.name}: {why}")
    return loaded


@pytest.fixture
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary files go to a folder that nobody else uses."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    monkeypatch.undo()
    tempfile.tempdir = None
