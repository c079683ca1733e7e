"""What tools, resources, templates and prompts have in common."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic.json_schema import SkipJsonSchema

if TYPE_CHECKING:
    from wireglass.protocol.content import WireIcon


__all__ = [
    "META_KEY",
    "AuthCheck",
    "Component",
    "TaskConfig",
    "as_icons",
    "as_tags",
    "attached",
    "ensure_model",
    "is_kind",
]

META_KEY = "fastmcp"
"""In `_meta` of listed components: tags and versions, under the key that hosts already look for."""

AuthCheck = Callable[[Any], Any]
"""Gets an `AuthContext`, returns or awaits to whether the caller may see and use the component."""


class TaskConfig(BaseModel):
    """Whether a component may run as a task, and how often a client should ask for it."""

    model_config = ConfigDict(defer_build=True)

    mode: Literal["forbidden", "optional", "required"] = "forbidden"
    poll_interval: timedelta = timedelta(seconds=5)
    at_once: bool = Field(default=False, exclude=True)
    """2026-07-28, where servers decide: what ends within the first moment is answered at once, without a task."""

    @classmethod
    def of(cls, value: "bool | TaskConfig | None") -> "TaskConfig":
        """From the decorator's `task=`."""
        if isinstance(value, TaskConfig):
            return value
        return cls(mode="optional") if value else _never()

    def supports_tasks(self) -> bool:
        """Whether a task is possible at all."""
        return self.mode != "forbidden"


@lru_cache(maxsize=1)
def _never() -> TaskConfig:
    """Shared by all that cannot run as tasks: a thousand tools need not hold a thousand of them. Not validated: the
    first model that is takes pydantic 20 ms to get ready, which a server that starts need not spend."""
    return TaskConfig.model_construct()


def as_tags(value: Any) -> set[str]:
    """Tags from any iterable; a lone string is one tag."""
    if value is None:
        return set()
    if isinstance(value, str):
        return {value}
    return set(value)


def as_icons(value: Any) -> "list[WireIcon] | None":
    """Icons from icons, dicts or models of other packages."""
    if value is None:
        return None
    from wireglass.media import Icon
    from wireglass.protocol.content import WireIcon

    items = cast("list[Any]", value if isinstance(value, (list, tuple)) else [value])
    return [item if isinstance(item, WireIcon) else Icon.model_validate(_plain(item)) for item in items]


def _plain(value: Any) -> Any:
    return value.model_dump(by_alias=True, exclude_none=True) if isinstance(value, BaseModel) else value


def ensure_model(value: Any, model: type[BaseModel]) -> Any:
    """`value` as `model`, from a dict or from a model of another package; None stays."""
    if value is None or isinstance(value, model):
        return value
    return model.model_validate(_plain(value))


def _as_version(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"A version is a string or a number, not {type(value).__name__}.")
    return str(value)


_NAMING = frozenset({"name", "uri", "uri_template", "version"})


class _Attached:
    """What a component remembers beside its fields. Pydantic's private attributes cost a dictionary per component and
    microseconds per reading; attributes of a plain base class cost neither."""

    _on_change: Callable[[], None] | None = None
    _key: str | None = None
    """Another key than the usual one (2.x: `model_copy(key=...)`)."""


class Component(_Attached, BaseModel):
    """Something a server offers. Field names are the same in all dialects."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, populate_by_name=True, defer_build=True)

    KEY_PREFIX: ClassVar[str] = ""
    COMPONENT_TYPE: ClassVar[str] = "component"
    PROVIDER_TYPE: ClassVar[str] = "LocalProvider"

    name: str
    version: Annotated[str | None, BeforeValidator(_as_version)] = None
    title: str | None = None
    description: str | None = None
    icons: Annotated[list[Any] | None, BeforeValidator(as_icons)] = None
    tags: Annotated[set[str], BeforeValidator(as_tags)] = Field(default_factory=set[str])
    meta: dict[str, Any] | None = None
    enabled: SkipJsonSchema[bool] = Field(default=True, exclude=True)
    auth: SkipJsonSchema[Any] = Field(default=None, exclude=True)
    task_config: TaskConfig = Field(default_factory=TaskConfig)

    @field_validator("version")
    @classmethod
    def _check_version(cls, value: str | None) -> str | None:
        if value is not None and "@" in value:
            raise ValueError(f"Version {value!r} must not contain '@', which separates names from versions.")
        return value

    @classmethod
    def make_key(cls, identifier: str) -> str:
        """The key of an unversioned component."""
        return f"{cls.KEY_PREFIX}:{identifier}" if cls.KEY_PREFIX else identifier

    @property
    def identifier(self) -> str:
        """What requests call it by: a name or URI."""
        return self.name

    @property
    def key(self) -> str:
        """Unique within a server: kind, identifier and version."""
        return self._key or f"{self.make_key(self.identifier)}@{self.version or ''}"

    def model_copy(
        self, *, update: Mapping[str, Any] | None = None, deep: bool = False, key: str | None = None
    ) -> Self:
        """A copy with some fields replaced; `key` is another key than the usual one."""
        made = super().model_copy(update=update, deep=deep)
        if key is not None:
            made._key = key
        elif self._key is not None and update and not _NAMING.isdisjoint(update):
            made._key = None  # of something that is called otherwise it would be wrong
        return made

    async def complete(self, argument: str, value: str, known: dict[str, Any]) -> dict[str, Any] | None:
        """The result of `completion/complete` where the server that has the component knows it; None for one of this
        server, whose own completers are asked. Raises McpError."""
        return None

    def enable(self) -> None:
        """Lists it again."""
        self._set_enabled(True)

    def disable(self) -> None:
        """Hides it from lists and calls."""
        self._set_enabled(False)

    def _set_enabled(self, enabled: bool) -> None:
        changed = self.enabled != enabled
        self.enabled = enabled
        if changed and self._on_change is not None:
            self._on_change()

    def copy(self, **update: Any) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride] - pydantic's is deprecated
        """A copy with some fields replaced."""
        return self.model_copy(update=update)

    def public_meta(self) -> dict[str, Any] | None:
        """The author's `meta`, without what the runtime keeps there for itself."""
        inner = (self.meta or {}).get(META_KEY)
        if not isinstance(inner, dict):
            return self.meta
        shown = {k: v for k, v in cast("dict[str, Any]", inner).items() if not k.startswith("_")}
        rest = {key: value for key, value in (self.meta or {}).items() if key != META_KEY}
        return {**rest, META_KEY: shown} if shown else rest or None

    def get_meta(self, include_fastmcp_meta: bool | None = None) -> dict[str, Any] | None:
        """`_meta` as it is listed: the author's, plus tags and version unless `include_fastmcp_meta` is False."""
        if include_fastmcp_meta is False:
            return self.public_meta()
        facts: dict[str, Any] = {}
        if self.tags:
            facts["tags"] = sorted(self.tags)
        if self.version is not None:
            facts["version"] = self.version
        own = self.meta or {}
        inner = own.get(META_KEY)
        if isinstance(inner, dict):
            public = {k: v for k, v in cast("dict[str, Any]", inner).items() if not k.startswith("_")}
            facts = {**public, **facts}
        elif not facts and not own:
            return {META_KEY: {"tags": []}}
        facts.setdefault("tags", [])
        return {**own, META_KEY: facts}

    def wire_common(self) -> dict[str, Any]:
        """The listed members every kind has; newer ones are taken out for older clients by `handlers`."""
        listed: dict[str, Any] = {"name": self.name}
        if self.title is not None:
            listed["title"] = self.title
        if self.description is not None:
            listed["description"] = self.description
        if self.icons:
            listed["icons"] = [icon.wire() for icon in self.icons]
        meta = self.get_meta()
        if meta:
            listed["_meta"] = meta
        return listed

    def get_span_attributes(self) -> dict[str, Any]:
        """Facts for a tracing span."""
        return {
            "fastmcp.component.type": self.COMPONENT_TYPE,
            "fastmcp.component.key": self.key,
            "fastmcp.provider.type": self.PROVIDER_TYPE,
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r})"


def is_kind(value: Any, *kinds: str) -> bool:
    """Whether `value` is a component of one of these kinds ("tool", "resource", "resource_template", "prompt"). Asked
    by those who must not load the modules of kinds that a server does not have."""
    return isinstance(value, Component) and value.COMPONENT_TYPE in kinds


def attached(fn: Any) -> Any:
    """What a stand-alone decorator attached to a function, or None. A component is no such thing: it says that the
    function was registered, and it may be again, elsewhere."""
    mark = getattr(fn, "__fastmcp__", None)
    return None if isinstance(mark, Component) else mark


def attached_options(fn: Any, mark: Any = None, **given: Any) -> dict[str, Any] | None:
    """The options of what a stand-alone decorator attached, as `from_function` takes them; what is `given` here wins.

    None when nothing was attached, or when `mark` is False, which says that it has been looked at.
    """
    mark = attached(fn) if mark is None else mark
    if not mark:
        return None
    options = {name: value for name, value in vars(mark).items() if name not in ("type", "uri", "app")}
    return options | {name: value for name, value in given.items() if value is not None}
