"""Parameters of requests and notifications, for code that looks at them on their way: middleware and handlers."""

from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, Field

from wireglass.protocol.model import WireModel

__all__ = [
    "CallToolRequestParams",
    "GetPromptRequestParams",
    "ListRequestParams",
    "ReadResourceRequestParams",
    "RequestParams",
    "params_model",
]


_new = object.__new__
_set_fields = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_set_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_set_private = BaseModel.__dict__["__pydantic_private__"].__set__


class RequestParams(WireModel):
    """Any parameters. Also reads as a mapping of its wire members: `params["name"]`."""

    meta: dict[str, Any] | None = Field(default=None, alias="_meta")

    def __getitem__(self, key: str) -> Any:
        try:
            return getattr(self, key)
        except AttributeError as error:
            raise KeyError(key) from error

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and getattr(self, key, None) is not None

    def get(self, key: str, default: Any = None) -> Any:
        """As `dict.get`."""
        value = getattr(self, key, None)
        return default if value is None else value

    def keys(self) -> Iterator[str]:
        """Wire names of the members that are set."""
        return iter(self.wire())


class CallToolRequestParams(RequestParams):
    """`tools/call`."""

    name: str
    arguments: dict[str, Any] | None = None

    @classmethod
    def of(cls, name: str, arguments: dict[str, Any], meta: dict[str, Any] | None) -> Self:
        """Parameters whose members were checked already. What `model_construct` does, without its search for aliases
        and defaults, which takes longer than all the middleware that see them."""
        made = _new(cls)
        vars(made).update(meta=meta, name=name, arguments=arguments)
        _set_fields(made, {"meta", "name", "arguments"})
        _set_extra(made, {})
        _set_private(made, None)
        return made


class GetPromptRequestParams(RequestParams):
    """`prompts/get`."""

    name: str
    arguments: dict[str, Any] | None = None


class ReadResourceRequestParams(RequestParams):
    """`resources/read`."""

    uri: str


class ListRequestParams(RequestParams):
    """`tools/list`, `resources/list`, `resources/templates/list`, `prompts/list`."""

    cursor: str | None = None


_MODELS: dict[str, type[RequestParams]] = {
    "tools/call": CallToolRequestParams,
    "prompts/get": GetPromptRequestParams,
    "resources/read": ReadResourceRequestParams,
    "tools/list": ListRequestParams,
    "resources/list": ListRequestParams,
    "resources/templates/list": ListRequestParams,
    "prompts/list": ListRequestParams,
}


def params_model(method: str, params: dict[str, Any]) -> RequestParams:
    """The model of a method's parameters. Raises pydantic.ValidationError."""
    return _MODELS.get(method, RequestParams).model_validate(params)
