"""HTTP routes that switch components on and off while a server runs, behind its tokens where it has any.

    POST {path}/tools/{name}/enable       POST {path}/resources/{uri}/disable       POST {path}/prompts/{name}/enable

`?version=` names one version.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from wireglass.server import finding
from wireglass.server.bearer_gate import protect
from wireglass.server.transforms.selection import Visibility
from wireglass.server.versions import VersionSpec

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["set_up_component_manager"]

_KINDS: dict[str, tuple[tuple[str, str], ...]] = {
    "tool": (("tools", "tool"),),
    "resource": (("resources", "resource"), ("resource_templates", "template")),
    "prompt": (("prompts", "prompt"),),
}
"""What a route is about, and which lists it looks in: (list, key prefix)."""


def set_up_component_manager(server: "FastMCP", path: str = "/", required_scopes: Sequence[str] | None = None) -> None:
    """Adds the routes to a server's HTTP app. With `required_scopes`, or on a server with `auth`, a request needs a
    token, and one with these scopes; scopes without `auth` let nobody in."""
    switches = _Switches(server)
    base = path.rstrip("/")
    for kind in _KINDS:
        for action in ("enable", "disable"):
            endpoint = _endpoint(server, switches, kind, action == "enable", list(required_scopes or ()))
            server.custom_route(f"{base}/{kind}s/{{name:path}}/{action}", ["POST"])(endpoint)


def _endpoint(server: "FastMCP", switches: "_Switches", kind: str, on: bool, scopes: list[str]) -> Any:
    async def endpoint(request: Any) -> Any:
        from starlette.responses import JSONResponse, PlainTextResponse

        name = str(request.path_params["name"])
        version = request.query_params.get("version")

        async def act(scope: Any, receive: Any, send: Any) -> None:
            if await switches.turn(kind, name, version, on):
                done: Any = JSONResponse({"message": f"{'Enabled' if on else 'Disabled'} {kind}: {name}"})
            else:
                done = PlainTextResponse(f"Unknown {kind}: {name}", status_code=404)
            await done(scope, receive, send)

        if server.auth is None and not scopes:
            return act
        own = list(getattr(server.auth, "required_scopes", None) or ())
        verify = server.auth.verify_token if server.auth is not None else _nobody
        return protect(SimpleNamespace(verify_token=verify, required_scopes=[*own, *scopes]), act, request.url.path)[0]

    return endpoint


async def _nobody(_token: str) -> None:
    return None


class _Switches:
    """What the routes switched: one rule for each component, however often."""

    def __init__(self, server: "FastMCP") -> None:
        self._server = server
        self._rules: dict[tuple[str, str, str | None], Visibility] = {}

    async def turn(self, kind: str, name: str, version: str | None, on: bool) -> bool:
        """Whether there is such a component."""
        prefixes: list[str] = []
        for listed, prefix in _KINDS[kind]:
            found = await finding.everything(self._server, listed)
            if any(each.identifier == name and version in (None, each.version) for each in found):
                prefixes.append(prefix)
        for prefix in prefixes:
            self._switch_own(prefix, name, version, on)
            self._set_rule(prefix, name, version, on)
        return bool(prefixes)

    def _switch_own(self, prefix: str, name: str, version: str | None, on: bool) -> None:
        own: Any = self._server.local_provider.by_name(prefix).get(name)  # pyright: ignore[reportArgumentType] - one of the four
        if own is not None and version in (None, own.version):
            own.enable() if on else own.disable()

    def _set_rule(self, prefix: str, name: str, version: str | None, on: bool) -> None:
        key = (prefix, name, version)
        old = self._rules.pop(key, None)
        if old in self._server.transforms:
            self._server.transforms.remove(old)  # pyright: ignore[reportArgumentType] - it is in there
        spec = None if version is None else VersionSpec(eq=version)
        rule = self._rules[key] = Visibility(on, names={name}, components={prefix}, version=spec)
        self._server.add_transform(rule)
