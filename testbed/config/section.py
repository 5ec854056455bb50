"""What every part of a scenario is, and a part that can be one of several kinds."""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Union, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from testbed.errors import nearest

UNKNOWN_KEY, NO_MAPPING = "unknown_key", "no_mapping"
"""Types of errors; the first has the key in its context, which is not part of its place."""


class Section(BaseModel):
    """Frozen; an unknown key is an error, and so are NaN, infinity, and a truth for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _has_its_keys_alone(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        keys = [field.alias or name for name, field in cls.model_fields.items()]
        allowed = ", ".join(keys)
        if not isinstance(value, Mapping):
            raise PydanticCustomError(NO_MAPPING, "allowed: a mapping of {keys}", {"keys": allowed})
        for key in map(str, value):
            if key not in keys:
                raise PydanticCustomError(
                    UNKNOWN_KEY,
                    "unknown key{hint}, allowed: {keys}",
                    {"key": key, "hint": nearest(key, keys), "keys": allowed},
                )
        return value

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_not_1(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and info.field_name:
            kind = cls.model_fields[info.field_name].annotation
            if {kind, *get_args(kind)} & {int, float}:
                raise ValueError("allowed: a number")
        return value


def one_of(
    kinds: Mapping[str, Any], kind_of: Callable[[Any], str | None], what: str, allowed: str
) -> Any:
    """The type of a value that is of one of `kinds`, by their names.

    kind_of: the name that a value means; None is refused with `allowed`. what: the type of that
    error. Errors have the name as `<name>` in their place, which nobody wrote.
    """
    tagged = tuple(Annotated[kind, Tag(f"<{name}>")] for name, kind in kinds.items())
    return Annotated[
        Union[tagged],  # noqa: UP007
        Discriminator(
            lambda value: None if (kind := kind_of(value)) is None else f"<{kind}>",
            custom_error_type=what,
            custom_error_message=f"allowed: {allowed}",
        ),
    ]


def name_in(value: object, names: Iterable[str]) -> str | None:
    """The first of `names` that is a key of a value, written or loaded."""
    keys = dict(value) if isinstance(value, dict | Section) else {}
    return next((name for name in names if name in keys), None)


def bare_names(*names: str) -> Callable[[object], object]:
    """Reads a name alone as one whose keys are all left to their defaults."""
    return lambda value: {value: {}} if isinstance(value, str) and value in names else value
