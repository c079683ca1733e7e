"""Components that a session switches on and off for itself."""

from typing import Any

from wireglass.server.context_state import StateAccess

__all__ = ["SessionVisibility"]


class SessionVisibility(StateAccess):
    """The part of a context that decides what its session sees."""

    async def enable_components(self, **criteria: Any) -> None:
        """Switches components on for this session; criteria as in `FastMCP.enable`."""
        await self._set_visibility(True, criteria)

    async def disable_components(self, **criteria: Any) -> None:
        """Switches components off for this session; criteria as in `FastMCP.disable`."""
        await self._set_visibility(False, criteria)

    async def reset_visibility(self) -> None:
        """Forgets what was switched for this session."""
        self.session_rules.clear()
        await self.keep_rules()
        await self._tell_lists()

    @property
    def session_rules(self) -> list[Any]:
        """The session's own visibility rules; a list of its own for calls made in Python."""
        if self.scope is None:
            return []
        return self.scope.session.attributes.setdefault("wireglass.visibility", [])

    async def _set_visibility(self, enabled: bool, criteria: dict[str, Any]) -> None:
        from wireglass.server.transforms.selection import Visibility

        self.require_scope()
        if criteria.pop("only", False):
            self.session_rules.append(Visibility(False, match_all=True))
        self.session_rules.append(Visibility(enabled, **criteria))
        await self.keep_rules()
        await self._tell_lists()

    async def _tell_lists(self) -> None:
        scope = self.require_scope()
        if not scope.stateless:
            for kind in ("tools", "resources", "prompts"):
                await scope.session.notify(f"notifications/{kind}/list_changed", None)
