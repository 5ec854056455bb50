"""The `deployments:` part of a scenario: where to cut the network, and the codec that crosses.

Which codecs there are, and their options, comes from `testbed.codecs`.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    create_model,
    model_serializer,
)

from testbed.codecs import CODECS, codecs_of
from testbed.codecs.codec import Content, Options
from testbed.config.section import Section, bare_names, name_in, one_of

LOCAL: Literal["local"] = "local"
"""LoC: nothing crosses the link."""
AUTO = "auto"
"""Left open: `choice/auto.py` puts a name in its place."""
CONTENTS: tuple[Content, ...] = ("image", "features")


class CodecSection(Section):
    """A codec's name, and beside it the options of every codec for the same content.

    Options that are not the chosen codec's are without effect: a file may give a quality, and
    `--set` or a sweep may still choose a codec that has none. The effective scenario omits them.
    """

    codec: str

    @property
    def options(self) -> Options:
        """The chosen codec's own options; none while it is still to be chosen."""
        if self.codec == AUTO:
            return Options()
        return CODECS[self.codec].options.model_validate(dict(self))

    @property
    def label(self) -> str:
        """Codec and options as results call them: `jpeg-q90`."""
        return self.codec + self.options.label()

    @model_serializer(mode="wrap")
    def _without_effectless(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = dict.fromkeys(key for content in CONTENTS for key in _option_fields(content))
        without_effect = fields.keys() - type(self.options).model_fields
        return {key: value for key, value in dump(self).items() if key not in without_effect}


def _option_fields(content: Content) -> dict[str, Any]:
    """Every option of every codec for this content, as `create_model` takes fields."""
    return {
        name: (field.annotation, field)
        for codec in codecs_of(content).values()
        for name, field in codec.options.model_fields.items()
    }


def _codec_section(content: Content, default: str) -> type[CodecSection]:
    open_ones = (AUTO,) if content == "features" else ()
    codec: Any = (Literal[*codecs_of(content), *open_ones], default)
    options = _option_fields(content)
    return create_model(f"{content}_codec", __base__=CodecSection, codec=codec, **options)


if TYPE_CHECKING:
    ImageCodec = CodecSection
    FeatureCodec = CodecSection
else:
    ImageCodec = _codec_section("image", "jpeg")
    FeatureCodec = _codec_section("features", "fp16")


RESIZE_WORDS = ("none", "model")
LEAST_PX, MOST_PX = 8, 8192


def _kind_of_resize(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return "pixels"
    return "word" if value in RESIZE_WORDS else None


if TYPE_CHECKING:
    Resize = Literal["none", "model"] | int
else:
    Resize = one_of(
        {
            "word": Literal[RESIZE_WORDS],
            "pixels": Annotated[int, Field(ge=LEAST_PX, le=MOST_PX)],
        },
        _kind_of_resize,
        "resize",
        f"none, model, or the side of a square in pixels, {LEAST_PX} to {MOST_PX}",
    )


class RemoteSection(ImageCodec):
    """RoC: the image crosses the link. `resize: model` shrinks it to the network's input first,
    a number to a square of that side, which the server then resizes to the input.
    """

    resize: Resize = "none"


class SplitSection(FeatureCodec):
    """SC: features cross the link. cut: the block of the network before it (`testbed cuts` lists
    them); none takes the published one, between the backbone and the task heads. auto for cut,
    codec or both: the fastest there is over the scenario's link is chosen before it runs.
    """

    cut: Annotated[str, Field(min_length=1)] | None = None


class Remote(Section):
    """`- remote: {...}`."""

    remote: RemoteSection


class Split(Section):
    """`- split: {...}`."""

    split: SplitSection


def _kind_of(value: object) -> str | None:
    return LOCAL if value == LOCAL else name_in(value, ("remote", "split"))


if TYPE_CHECKING:
    DeploymentEntry = Literal["local"] | Remote | Split
else:
    DeploymentEntry = Annotated[
        one_of(
            {"local": Literal["local"], "remote": Remote, "split": Split},
            _kind_of,
            "deployment",
            "local, remote: {...} or split: {...}",
        ),
        BeforeValidator(bare_names("remote", "split")),
    ]


class EntryIdentity(NamedTuple):
    """What results say of a deployment.

    name: the word and what tells it from others of that word. kind: the word, local, remote or
    split. codec: None where nothing crosses the link.
    """

    name: str
    kind: str
    codec: str | None


def identity_of(entry: DeploymentEntry) -> EntryIdentity:
    """What results say of the deployment that an entry asks for."""
    kind, section = str(_kind_of(entry)), codec_section_of(entry)
    if section is None:
        return EntryIdentity(kind, kind, None)
    if isinstance(section, RemoteSection):
        ending = {"none": "", "model": "-resized"}.get(str(section.resize), f"-{section.resize}px")
        return EntryIdentity(f"{kind}-{section.label}{ending}", kind, section.codec)
    cut = f"-{section.cut}" if isinstance(section, SplitSection) and section.cut else ""
    return EntryIdentity(f"{kind}{cut}-{section.label}", kind, section.codec)


def is_open(entry: DeploymentEntry) -> bool:
    """Whether it leaves its cut or its codec to be chosen."""
    return isinstance(entry, Split) and AUTO in (entry.split.cut, entry.split.codec)


def codec_section_of(entry: DeploymentEntry) -> CodecSection | None:
    """What an entry says of its codec; None where nothing crosses the link."""
    if isinstance(entry, Remote):
        return entry.remote
    return entry.split if isinstance(entry, Split) else None
