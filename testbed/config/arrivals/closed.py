"""Each request is due as soon as the one before has ended."""

from collections.abc import Iterator
from itertools import repeat
from typing import Any, ClassVar

from numpy.random import Generator
from pydantic import GetJsonSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema

from testbed.config.arrivals.arrival import Arrival


class Closed(Arrival):
    """`arrival: closed`."""

    closed: ClassVar[bool] = True
    example: ClassVar[str] = "closed"

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: object) -> object:
        return {} if value == cls.example else value

    @model_serializer
    def _to_word(self) -> str:
        return self.example

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"const": cls.example, "type": "string"}

    def due_times(self, rng: Generator) -> Iterator[float]:
        """At once, always."""
        return repeat(0.0)
