"""Who may see and use a component: tags of the server, authorization checks, and what a session switched off."""

import inspect
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from wireglass.records import record
from wireglass.server.components import Component
from wireglass.server.context import current_context

__all__ = ["AuthContext", "Gate", "run_auth_checks"]

log = logging.getLogger(__name__)
C = TypeVar("C", bound=Component)


@record(frozen=True)
class AuthContext:
    """What an authorization check gets."""

    token: Any
    """The caller's verified token, or None."""
    component: Component

    @property
    def tool(self) -> Component:
        """The component, under the name older checks use."""
        return self.component


async def run_auth_checks(checks: Any, context: AuthContext) -> bool:
    """Whether all checks agree. A check that raises anything but an authorization error says no."""
    items: Sequence[Callable[[AuthContext], Any]] = checks if isinstance(checks, (list, tuple)) else [checks]
    for check in items:
        try:
            verdict = check(context)
            if inspect.isawaitable(verdict):
                verdict = await verdict
        except Exception as error:
            if type(error).__name__ in ("AuthorizationError", "InsufficientScopeError"):
                raise
            log.exception("An authorization check of %s failed", context.component.key)
            return False
        if not verdict:
            return False
    return True


class Gate:
    """The gate of one server."""

    def __init__(self, include_tags: set[str] | None = None, exclude_tags: set[str] | None = None) -> None:
        self.include_tags = include_tags
        self.exclude_tags = exclude_tags

    @property
    def is_open(self) -> bool:
        """True when nothing is ever refused for tags."""
        return not self.include_tags and not self.exclude_tags

    def guards(self, provider: Any) -> bool:
        """Whether components of `provider` need a look before use: authorization checks, switched off in a session."""
        return bool(getattr(provider, "guarded", False))

    def _has_tags(self, component: Component) -> bool:
        if self.exclude_tags and component.tags & self.exclude_tags:
            return False
        return not self.include_tags or bool(component.tags & self.include_tags)

    async def admits(self, component: Component) -> bool:
        """Whether the caller may use it."""
        return component.enabled and self._has_tags(component) and await self._authorized(component)

    async def visible(self, components: Sequence[C]) -> Sequence[C]:
        """Those the caller may see."""
        if self.is_open and all(c.enabled and c.auth is None for c in components):
            return components
        return [component for component in components if await self.admits(component)]

    async def _authorized(self, component: Component) -> bool:
        if component.auth is None:
            return True
        context = current_context.get()
        if context is None or context.scope is None or context.transport in ("stdio", "memory"):
            return True  # tokens exist only over HTTP
        try:
            return await run_auth_checks(component.auth, AuthContext(context.access_token, component))
        except Exception:  # boundary: an authorization error hides the component
            return False
