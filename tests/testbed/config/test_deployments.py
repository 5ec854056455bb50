"""Entries of a scenario: what results call them, and which options reach which codec."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from testbed.codecs import CODECS
from testbed.config.deployments import DeploymentEntry, codec_section_of, identity_of

ENTRY: TypeAdapter[Any] = TypeAdapter(DeploymentEntry)


@pytest.mark.parametrize(
    ("entry", "identity"),
    [
        ("local", ("local", "local", None)),
        ("remote", ("remote-jpeg-q90", "remote", "jpeg")),
        ("split", ("split-fp16", "split", "fp16")),
        ({"remote": {"codec": "raw"}}, ("remote-raw", "remote", "raw")),
        (
            {"remote": {"quality": 50, "resize": "model"}},
            ("remote-jpeg-q50-resized", "remote", "jpeg"),
        ),
        (
            {"remote": {"codec": "raw", "resize": "model"}},
            ("remote-raw-resized", "remote", "raw"),
        ),
        ({"remote": {"resize": 128}}, ("remote-jpeg-q90-128px", "remote", "jpeg")),
        ({"split": {"codec": "fp32"}}, ("split-fp32", "split", "fp32")),
        ({"split": {"cut": "features.8"}}, ("split-features.8-fp16", "split", "fp16")),
    ],
)
def test_what_results_say(entry: Any, identity: tuple[str, str, str | None]) -> None:
    assert identity_of(ENTRY.validate_python(entry)) == identity


@pytest.mark.parametrize("name", CODECS)
def test_every_codec_can_be_asked_for_where_its_content_crosses(name: str) -> None:
    word = "remote" if CODECS[name].content == "image" else "split"
    entry = ENTRY.validate_python({word: {"codec": name}})
    section = codec_section_of(entry)
    assert section is not None
    assert section.options == CODECS[name].options()
    assert identity_of(entry).name == f"{word}-{name}{section.options.label()}"
    assert ENTRY.validate_python(ENTRY.dump_python(entry, mode="json")) == entry
    with pytest.raises(ValidationError, match="Input should be"):
        ENTRY.validate_python({"split" if word == "remote" else "remote": {"codec": name}})


def test_options_of_other_codecs_are_without_effect_and_not_shown() -> None:
    entry = ENTRY.validate_python({"remote": {"codec": "raw", "quality": 20}})
    assert ENTRY.dump_python(entry) == {"remote": {"codec": "raw", "resize": "none"}}


@pytest.mark.parametrize(
    ("found", "allowed"),
    [
        ("small", "allowed: none, model, or the side of a square in pixels, 8 to 8192"),
        (1.5, "allowed: none, model, or the side of a square in pixels, 8 to 8192"),
        (True, "allowed: none, model, or the side of a square in pixels, 8 to 8192"),
        (7, "greater than or equal to 8"),
        (8193, "less than or equal to 8192"),
    ],
)
def test_images_are_resized_to_nothing_else(found: Any, allowed: str) -> None:
    with pytest.raises(ValidationError, match=allowed):
        ENTRY.validate_python({"remote": {"resize": found}})


@pytest.mark.parametrize("section", [{"speed": 3}, {"quality": 0}, {"codec": "raw", "quality": 0}])
def test_what_no_codec_has_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ENTRY.validate_python({"remote": section})
