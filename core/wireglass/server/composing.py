"""How a server is put together from others: transforms, providers, mounts, proxies, what is switched on and off."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self, cast

from wireglass.server.providers.base import Provider
from wireglass.server.transforms.base import Transform

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["Composing"]


class Composing:
    """The part of a server that says where its components come from. `FastMCP` sets the attributes."""

    providers: list[Provider]
    transforms: list[Transform]

    def components_changed(self, kind: str | None) -> None:
        """Tells whoever shows the lists that one changed, or all (None)."""
        raise NotImplementedError

    def add_transform(self, transform: Transform) -> None:
        """Adds a transform outside those that are there."""
        self.transforms.append(transform)
        self.components_changed(None)

    def add_tool_transformation(self, tool_name: str, transformation: Any) -> None:
        """Transforms one tool by name (a `ToolTransformConfig`)."""
        from wireglass.server.transforms.tool_transform import ToolTransform

        self.add_transform(ToolTransform({tool_name: transformation}))

    def add_provider(self, provider: Provider, *, namespace: str = "") -> None:
        """Adds a source of components, under a prefix if one is given."""
        if namespace:
            from wireglass.server.providers.aggregate import Wrapped
            from wireglass.server.transforms.namespace import Namespace

            provider = Wrapped(provider, Namespace(namespace))
        self.providers.append(provider)
        provider.listeners.append(self.components_changed)
        self.components_changed(None)

    def mount(
        self,
        server: Any,
        namespace: Any = None,
        *,
        prefix: str | None = None,
        mode: str | None = None,
        as_proxy: bool | None = None,
        include_tags: Collection[str] | None = None,
        exclude_tags: Collection[str] | None = None,
        resource_prefix_format: str | None = None,
        tool_separator: str | None = None,
        tool_names: dict[str, str] | None = None,
        **_separators: Any,
    ) -> None:
        """Shows another server's components in this one, live, under `namespace` (or `prefix`).

        `mode="proxy"` runs the child as a server of its own. Raises ValueError for a bad mode or format, a cycle, or
        the same mount twice.
        """
        if isinstance(server, str) or server is None:  # mount(prefix, server) of early 2.x
            server, namespace = namespace, server
        from wireglass.server import composition

        composition.mount(
            cast("FastMCP", self),
            server,
            namespace or prefix,
            mode=mode,
            as_proxy=as_proxy,
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            resource_prefix_format=resource_prefix_format,
            tool_separator=tool_separator,
            tool_names=tool_names,
        )

    def import_server(
        self,
        server: Any,
        prefix: Any = None,
        *,
        include_tags: Collection[str] | None = None,
        exclude_tags: Collection[str] | None = None,
        resource_prefix_format: str | None = None,
        tool_separator: str | None = None,
        **_separators: Any,
    ) -> Any:
        """Copies another server's components into this one, now. Works as a plain call and awaited."""
        if isinstance(server, str) or server is None:  # import_server(prefix, server) of early 2.x
            server, prefix = prefix, server
        from wireglass.server import composition

        return composition.import_server(
            cast("FastMCP", self),
            server,
            prefix,
            include_tags=include_tags,
            exclude_tags=exclude_tags,
            resource_prefix_format=resource_prefix_format,
            tool_separator=tool_separator,
        )

    @classmethod
    def as_proxy(cls, backend: Any, **settings: Any) -> FastMCP:
        """A server that forwards everything to another: a client, URL, path, configuration or server."""
        from wireglass.server.proxy import create_proxy

        return create_proxy(backend, **settings)

    @classmethod
    def from_client(cls, client: Any, **settings: Any) -> FastMCP:
        """As `as_proxy`."""
        return cls.as_proxy(client, **settings)

    def enable(self, *, only: bool = False, **criteria: Any) -> Self:
        """Switches components on by `names`, `keys`, `version`, `tags`, `components`; with `only`, all others off."""
        from wireglass.server.transforms.selection import Visibility

        if only:
            self.add_transform(Visibility(False, match_all=True))
        self.add_transform(Visibility(True, **criteria))
        return self

    def disable(self, **criteria: Any) -> Self:
        """Switches components off by `names`, `keys`, `version`, `tags`, `components`."""
        from wireglass.server.transforms.selection import Visibility

        self.add_transform(Visibility(False, **criteria))
        return self
