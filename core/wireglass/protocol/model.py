"""The base of all protocol models: camelCase on the wire, both spellings in Python, unknown members kept."""

from functools import cache
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["WireModel"]


class WireModel(BaseModel):
    """A protocol object. `model.mime_type` and `model.mimeType` are the same member; `meta` is `_meta`."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", arbitrary_types_allowed=True, defer_build=True
    )

    def __getattr__(self, name: str) -> Any:
        field = _fields_by_wire_name(type(self)).get(name)
        if field is not None:
            return getattr(self, field)
        return cast("Any", super()).__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(_fields_by_wire_name(type(self)).get(name, name), value)

    def wire(self) -> dict[str, Any]:
        """The JSON object: camelCase, without members that are None."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    def read(cls, data: Any) -> Self:
        """The model of a JSON object. Raises pydantic.ValidationError."""
        return cls.model_validate(data)


@cache
def _fields_by_wire_name(model: type[WireModel]) -> dict[str, str]:
    """Wire name to field name, where they differ."""
    return {
        field.alias: name
        for name, field in model.model_fields.items()
        if field.alias is not None and field.alias != name
    }
