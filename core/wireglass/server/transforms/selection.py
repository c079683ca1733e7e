"""Transforms that choose: by visibility rules, by tags, by versions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from wireglass.server.components import Component
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import Transform
from wireglass.server.versions import VersionSpec

if TYPE_CHECKING:
    from wireglass.server.prompts import Prompt
    from wireglass.server.resources import Resource, ResourceTemplate

__all__ = ["Criteria", "TagFilter", "VersionFilter", "Visibility", "is_enabled"]

C = TypeVar("C", bound=Component)


class _Each(Transform):
    """Looks at one component at a time: `choose` returns it, a changed copy, or None."""

    def choose(self, component: C) -> C | None:
        raise NotImplementedError

    def _all(self, components: Sequence[C]) -> list[C]:
        return [chosen for component in components if (chosen := self.choose(component)) is not None]

    async def list_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        return self._all(tools)

    async def list_resources(self, resources: Sequence[Resource]) -> Sequence[Resource]:
        return self._all(resources)

    async def list_resource_templates(self, templates: Sequence[ResourceTemplate]) -> Sequence[ResourceTemplate]:
        return self._all(templates)

    async def list_prompts(self, prompts: Sequence[Prompt]) -> Sequence[Prompt]:
        return self._all(prompts)

    async def get_tool(self, name: str, call_next: Any, *, version: VersionSpec | None = None) -> Tool | None:
        return self._one(await call_next(name, version=version))

    async def get_resource(self, uri: str, call_next: Any, *, version: VersionSpec | None = None) -> Resource | None:
        return self._one(await call_next(uri, version=version))

    async def get_resource_template(
        self, uri: str, call_next: Any, *, version: VersionSpec | None = None
    ) -> ResourceTemplate | None:
        return self._one(await call_next(uri, version=version))

    async def get_prompt(self, name: str, call_next: Any, *, version: VersionSpec | None = None) -> Prompt | None:
        return self._one(await call_next(name, version=version))

    def _one(self, component: C | None) -> C | None:
        return None if component is None else self.choose(component)


@dataclass(frozen=True)
class Criteria:
    """Which components a rule is about: all that fit everything given."""

    names: frozenset[str] | None = None
    keys: frozenset[str] | None = None
    version: VersionSpec | None = None
    tags: frozenset[str] | None = None
    components: frozenset[str] | None = None
    match_all: bool = False

    @classmethod
    def of(
        cls,
        names: Collection[str] | None = None,
        keys: Collection[str] | None = None,
        version: VersionSpec | None = None,
        tags: Collection[str] | None = None,
        components: Collection[str] | None = None,
    ) -> Criteria:
        """From the parameters of `enable` and `disable`, where a lone string is one item."""

        def items(value: Collection[str] | None) -> frozenset[str] | None:
            return None if value is None else frozenset([value] if isinstance(value, str) else value)

        return cls(items(names), items(keys), version, items(tags), items(components))

    def fits(self, component: Component) -> bool:
        """Whether the rule is about this component. Without any criterion it is about none."""
        if self.match_all:
            return True
        tests = [
            self.names is None or component.identifier in self.names or component.name in self.names,
            self.keys is None or component.key in self.keys or component.key.rpartition("@")[0] in self.keys,
            self.tags is None or bool(component.tags & self.tags),
            self.components is None or component.KEY_PREFIX in self.components,
            self.version is None
            or (component.version is not None and self.version.matches(component.version, match_none=False)),
        ]
        given = (self.names, self.keys, self.tags, self.components, self.version)
        return all(tests) and any(item is not None for item in given)


class Visibility(_Each):
    """Switches matching components on or off; a later rule overrides an earlier one."""

    def __init__(
        self,
        enabled: bool,
        *,
        names: Collection[str] | None = None,
        keys: Collection[str] | None = None,
        version: VersionSpec | None = None,
        tags: Collection[str] | None = None,
        components: Collection[str] | None = None,
        match_all: bool = False,
    ) -> None:
        self.enabled = enabled
        self._given = {"names": names, "keys": keys, "version": version, "tags": tags, "components": components}
        if match_all:
            self.criteria = Criteria(match_all=True)
        else:
            self.criteria = Criteria.of(names, keys, version, tags, components)

    def __repr__(self) -> str:
        return f"Visibility({self.enabled}, {self.criteria})"

    def row(self) -> dict[str, Any]:
        """The rule as JSON."""
        given = {name: value for name, value in self._given.items() if value is not None}
        version: Any = given.pop("version", None)
        row: dict[str, Any] = {name: sorted(cast("Collection[str]", value)) for name, value in given.items()}
        if version is not None:
            row["version"] = {"eq": version.eq, "gte": version.gte, "lt": version.lt}
        return {"enabled": self.enabled, "match_all": self.criteria.match_all, **row}

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Visibility:
        """The rule that `row` wrote down."""
        given, version = dict(row), row.get("version")
        if version is not None:
            given["version"] = VersionSpec(**version)
        return cls(**given)

    def choose(self, component: C) -> C | None:
        if component.enabled == self.enabled or not self.criteria.fits(component):
            return component
        return component.model_copy(update={"enabled": self.enabled})


def is_enabled(component: Component) -> bool:
    """Whether the last rule that spoke left it on."""
    return component.enabled


class TagFilter(_Each):
    """Only components with one of `include`, and none with one of `exclude`."""

    def __init__(self, include: Collection[str] | None = None, exclude: Collection[str] | None = None) -> None:
        self._include = frozenset(include) if include else None
        self._exclude = frozenset(exclude) if exclude else frozenset[str]()

    def choose(self, component: C) -> C | None:
        if component.tags & self._exclude:
            return None
        return component if self._include is None or component.tags & self._include else None


class VersionFilter(_Each):
    """Only versions from `version_gte` up to but not including `version_lt`; what has no version stays by default."""

    def __init__(
        self, *, version_gte: str | None = None, version_lt: str | None = None, include_unversioned: bool = True
    ) -> None:
        if version_gte is None and version_lt is None:
            raise ValueError("At least one of version_gte or version_lt must be specified")
        self._spec = VersionSpec(gte=version_gte, lt=version_lt)
        self._unversioned = include_unversioned

    def __repr__(self) -> str:
        return f"VersionFilter(version_gte={self._spec.gte!r}, version_lt={self._spec.lt!r})"

    def choose(self, component: C) -> C | None:
        return component if self._spec.matches(component.version, match_none=self._unversioned) else None

    async def get_tool(self, name: str, call_next: Any, *, version: VersionSpec | None = None) -> Tool | None:
        return self._one(await call_next(name, version=self._spec.intersect(version)))

    async def get_resource(self, uri: str, call_next: Any, *, version: VersionSpec | None = None) -> Resource | None:
        return self._one(await call_next(uri, version=self._spec.intersect(version)))

    async def get_resource_template(
        self, uri: str, call_next: Any, *, version: VersionSpec | None = None
    ) -> ResourceTemplate | None:
        return self._one(await call_next(uri, version=self._spec.intersect(version)))

    async def get_prompt(self, name: str, call_next: Any, *, version: VersionSpec | None = None) -> Prompt | None:
        return self._one(await call_next(name, version=self._spec.intersect(version)))
