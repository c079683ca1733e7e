"""`FastMCP`: the object a server file builds. Decorators and wiring; the work is done in the modules it wires."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

from wireglass.protocol.versions import is_stateless
from wireglass.server import calls, dispatch, serving, web
from wireglass.server.completions import Completions
from wireglass.server.components import as_tags
from wireglass.server.composing import Composing
from wireglass.server.extensions import Extensions, ServerExtension
from wireglass.server.gate import Gate
from wireglass.server.handlers import MethodHandler
from wireglass.server.identity import Identity
from wireglass.server.lifespans import LifespanRunner
from wireglass.server.older_names import OlderNames
from wireglass.server.options import apply_options, check_options
from wireglass.server.parking import Parking
from wireglass.server.path_security import DEFAULT_RESOURCE_SECURITY, INHERIT_SECURITY, ResourceSecurityError
from wireglass.server.providers.base import ErrorStrategy, Provider
from wireglass.server.providers.local import DuplicateBehavior, LocalProvider
from wireglass.server.registering import Registering
from wireglass.server.sealing import seal_of
from wireglass.server.single_use import tickets_of
from wireglass.server.skills import Skills
from wireglass.server.state import StateVault, StateView, owner_of, owner_of_handle
from wireglass.server.stored_state import StoredState, default_state_store, state_store_of
from wireglass.server.subscriptions import Subscriptions
from wireglass.server.tasks import Tasks, tasks_capability
from wireglass.server.tools import Tool
from wireglass.server.transforms.base import Transform
from wireglass.server.using import Using
from wireglass.session.scope import RequestScope
from wireglass.settings import dialect, flag, setting

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from wireglass.server.injection import Scope as InjectionScope
    from wireglass.server.resources import ResourceTemplate

__all__ = ["FastMCP"]


@asynccontextmanager
async def _no_lifespan(_server: Any) -> AsyncGenerator[dict[str, Any], None]:
    yield {}


class FastMCP(Registering, Composing, Using, OlderNames):
    """An MCP server: register tools, resources and prompts, then `run()` it or mount it."""

    def __init__(
        self,
        name: str | None = None,
        instructions: str | None = None,
        *,
        version: str | float | None = None,
        title: str | None = None,
        website_url: str | None = None,
        icons: list[Any] | None = None,
        auth: Any = None,
        middleware: Sequence[Any] | None = None,
        providers: Sequence[Provider] | None = None,
        transforms: Sequence[Transform] | None = None,
        lifespan: Callable[[Any], AbstractAsyncContextManager[Any]] | None = None,
        tools: Sequence[Tool | Callable[..., Any]] | None = None,
        on_duplicate: DuplicateBehavior | None = None,
        mask_error_details: bool | None = None,
        strict_input_validation: bool | None = None,
        dereference_schemas: bool = True,
        list_page_size: int | None = None,
        include_tags: Collection[str] | None = None,
        exclude_tags: Collection[str] | None = None,
        cache_ttl: float | None = None,
        cache_scope: Literal["public", "private"] = "private",
        storage: Any = None,
        session_state_store: Any = None,
        request_state_security: Any = None,
        resource_security: Any = INHERIT_SECURITY,
        provider_error_strategy: ErrorStrategy = "warn",
        **settings: Any,
    ) -> None:
        """Builds the server; nothing else happens. Raises TypeError for a setting that does not exist.

        `session_state_store`, else `storage`, keeps the state of sessions over restarts and for all workers: a store
        of `wireglass.storage.stores`, or one in words such as "redis://localhost". Without either, the setting
        `WIREGLASS_STORAGE`; without that, state lives in this process on Linux, and elsewhere, over HTTP, in an
        encrypted store in the user's data folder. `provider_error_strategy` is what a mounted server or other provider
        that fails does to the rest: "warn" logs it, "raise" fails the request.
        """
        self.settings_given = check_options(
            {**settings, "include_tags": as_tags(include_tags) or None, "exclude_tags": as_tags(exclude_tags) or None}
        )
        if list_page_size is not None and list_page_size <= 0:
            raise ValueError("list_page_size must be a positive integer.")
        self.identity = Identity(name, version=version, title=title, website_url=website_url, icons=icons)
        self.instructions = instructions
        self.auth = auth
        self.storage = storage
        self.middleware: list[Any] = [_middleware(one) for one in middleware or ()]
        self.tool_chain: calls.ToolChain | None = None
        """The chain for `tools/call`, kept while `middleware` stays as it is."""
        self.introductions: list[Any] = []
        """Middleware inside all other, for `initialize` and `server/discover` only."""
        self.local_provider = LocalProvider(on_duplicate or "warn")
        self.providers: list[Provider] = [self.local_provider]
        self.transforms: list[Transform] = list(transforms or ())
        self.user_lifespan = lifespan or _no_lifespan
        self.mask_error_details = flag("MASK_ERROR_DETAILS") if mask_error_details is None else mask_error_details
        strict = strict_input_validation
        self.strict_input_validation = flag("STRICT_INPUT_VALIDATION") if strict is None else strict
        self.dereference_schemas = dereference_schemas
        self.list_page_size = list_page_size
        self.cache_ttl_ms = int((cache_ttl or 0) * 1000)
        self.cache_scope = cache_scope
        self.gate = Gate(self.settings_given.get("include_tags"), self.settings_given.get("exclude_tags"))
        self.subscriptions = Subscriptions()
        self.completions = Completions(self)
        self.mounts: list[tuple[FastMCP, str]] = []
        """Mounted servers and their prefixes."""
        self.parents: list[Callable[[str | None], None]] = []
        """Told when this server's lists change: where it is mounted."""
        self.parking = Parking(seal_of(request_state_security), lambda: tickets_of(self.state_store, self.name))
        self.tasks = Tasks(self)
        self.skills = Skills(self)
        screened = DEFAULT_RESOURCE_SECURITY if dialect() == "4" else None
        self.provider_error_strategy: ErrorStrategy = provider_error_strategy
        self.resource_security = screened if resource_security is INHERIT_SECURITY else resource_security
        self.extra_handlers: dict[str, MethodHandler] = {}
        self.extensions = Extensions(self)
        self.routes = web.CustomRoutes()
        self.sync_state = dialect() in ("1", "2")
        self.vault = StateVault()
        state_store = session_state_store if session_state_store is not None else storage
        self.state_store = state_store_of(state_store or setting("STORAGE"), self.identity.name)
        """Where state of sessions is kept; None: in this process."""
        self.own_state: dict[str, Any] = {}
        """State that all callers share, without a store."""
        self._runner = LifespanRunner(self)
        self.local_provider.listeners.append(self.components_changed)
        for provider in providers or ():
            self.add_provider(provider)
        for tool in tools or ():
            self.add_tool(tool)
        apply_options(self, self.settings_given)

    def __repr__(self) -> str:
        return f"FastMCP({self.name!r})"

    # -- identity --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """The server's name."""
        return self.identity.name

    @property
    def version(self) -> str | None:
        """The server's version, if the author gave one."""
        return self.identity.version

    @property
    def website_url(self) -> str | None:
        """Where people read about the server."""
        return self.identity.website_url

    @property
    def icons(self) -> list[Any]:
        """The server's icons."""
        return self.identity.icons

    def server_info(self, protocol_version: str) -> dict[str, Any]:
        """`serverInfo` as the given revision knows it."""
        return self.identity.wire(protocol_version)

    def capabilities(self, protocol_version: str) -> dict[str, Any]:
        """What the server offers, as the given revision says it."""
        offered: dict[str, Any] = {
            "tools": {"listChanged": True},
            "resources": {"subscribe": True, "listChanged": True},
            "prompts": {"listChanged": True},
            "logging": {},
        }
        if protocol_version >= "2025-03-26":
            offered["completions"] = {}
        if extras := self.settings_given.get("experimental_capabilities"):
            offered["experimental"] = extras
        if self.tasks.offered():
            offered |= tasks_capability(protocol_version)
        if is_stateless(protocol_version) and (added := self.extensions.capability()):
            offered["extensions"] = {**offered.get("extensions", {}), **added}
        if is_stateless(protocol_version) and self.skills.offered():
            offered["extensions"] = {**offered.get("extensions", {}), **self.skills.capability()}
        return offered

    # -- putting together ------------------------------------------------------------------------------------------

    def add_middleware(self, middleware: Any) -> None:
        """Adds a middleware inside those that are there. Raises TypeError for what cannot be one."""
        self.middleware.append(_middleware(middleware))

    def add_extension(self, extension: ServerExtension) -> None:
        """Adds an extension of the protocol. Raises TypeError or ValueError for a wrong or taken identifier, and
        RuntimeError while the server runs."""
        self.extensions.add(extension)

    def components_changed(self, kind: str | None) -> None:
        """Tells clients (and parents that mounted this server) that a list changed.

        The kind "task" means only that tools run as tasks, or no longer do: no list changed then. "told" means that a
        list changed elsewhere, and that who listens was told from there (`watching`).
        """
        self.tasks.components_changed()
        for tell in self.parents:
            tell(kind)
        if kind == "task":
            return
        if kind != "told":
            self.subscriptions.list_changed(kind)
        for middleware in self.middleware:
            told = getattr(middleware, "components_changed", None)
            if told is not None:
                told(kind)

    # -- serving ---------------------------------------------------------------------------------------------------

    def run(self, transport: str | None = None, **options: Any) -> None:
        """Serves until the client is gone: "stdio" (default), "http" or "sse" with `host`, `port`, `path`, ...

        A script that calls it without arguments takes `--transport`, `--host`, `--port` and `--path` from its
        command line. Raises ValueError for an unknown transport.
        """
        serving.run(self, transport, options)

    async def run_async(self, transport: str | None = None, **options: Any) -> None:
        """As `run`, inside a running loop."""
        await serving.run_async(self, transport, options)

    async def run_stdio_async(self, show_banner: bool = False, log_level: str | None = None, **_options: Any) -> None:
        """Serves stdin and stdout. There is no banner to show: `show_banner` is what other runtimes take."""
        await serving.run_stdio_async(self, log_level)

    async def run_http_async(self, show_banner: bool = False, transport: Any = "http", **options: Any) -> None:
        """Serves over HTTP: `host`, `port`, `path`, `log_level`, `uvicorn_config`, `middleware`, ... as in `run`."""
        await serving.serve_http(self, transport, options)

    def http_app(self, path: str | None = None, **options: Any) -> Starlette:
        """This server as an ASGI app, for uvicorn or to mount in FastAPI or Starlette (see `web.http_app`)."""
        return web.http_app(self, path=path, **options)

    def custom_route(
        self, path: str, methods: list[str], name: str | None = None, include_in_schema: bool = True
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Adds a route of the author's own to the HTTP app: `@mcp.custom_route("/health", methods=["GET"])`."""
        return self.routes.add(path, methods, name, include_in_schema)

    def all_routes(self) -> list[Any]:
        """Custom routes, as Starlette routes; those of mounted servers too."""
        routes = self.routes.starlette()
        for provider in self.providers:
            inner = getattr(provider, "server", None)
            if isinstance(inner, FastMCP):
                routes += inner.all_routes()
        return routes

    @asynccontextmanager
    async def lifespan(self, app: Any = None) -> AsyncGenerator[Any, None]:
        """Keeps the server running: `FastAPI(lifespan=mcp.lifespan)`. Entered more than once, it still runs once."""
        async with self._runner.hold() as yielded:
            yield yielded if isinstance(yielded, dict) else {}

    @property
    def is_running(self) -> bool:
        """Whether its lifespan is entered."""
        return self._runner.running

    # -- what the modules of the runtime ask for -------------------------------------------------------------------

    @property
    def is_plain(self) -> bool:
        """True when a tool is found by its name in the local provider and nowhere else."""
        return (
            len(self.providers) == 1
            and not self.transforms
            and not self.local_provider.transforms
            and self.gate.is_open
            and not self.gate.guards(self.local_provider)
        )

    @property
    def lifespan_result(self) -> Any:
        """What the lifespan yielded; {} when it is not running."""
        result = self._runner.result
        return {} if result is None else result

    @property
    def shared_dependencies(self) -> InjectionScope | None:
        """Where `Shared` dependencies live while the server runs."""
        return self._runner.shared

    def state_of(self, scope: RequestScope | None, handle: str | None = None) -> StateView | StoredState:
        """What a request may see: a handle's state if it names one, else its session's, else (in the stateless era,
        and where HTTP keeps no sessions) its principal's, else its own. Raises ValueError for a bad handle."""
        if scope is None:
            return StateView(None)
        owner = owner_of(scope) if handle is None else owner_of_handle(scope.principal, handle)
        if self.state_store is not None and owner is not None:
            return self.state_store.view(owner)
        if handle is None and not scope.stateless:
            return StateView(scope.session.attributes.setdefault("wireglass.state", {}))
        return StateView(None if owner is None else self.vault.of(owner))

    def use_default_storage(self) -> None:
        """Before HTTP is served: the platform's own store of session state, if the author named none."""
        if self.state_store is None:
            self.state_store = default_state_store(self.name)

    def check_template_values(self, template: ResourceTemplate, uri: str) -> dict[str, Any]:
        """The parameter values of a URI that belongs to a template. Raises ResourceSecurityError for refused ones."""
        values = template.matches(uri) or {}
        policy = template.resolve_security(self.resource_security)
        if policy is not None and policy.validate(values) is not None:
            raise ResourceSecurityError(f"Resource not found: {uri!r}")
        return values

    async def notify_resource_updated(self, uri: str) -> None:
        """Tells subscribers that a resource changed."""
        await self.subscriptions.resource_updated(uri)

    async def send_to_client(self, scope: RequestScope, method: str, params: dict[str, Any] | None) -> None:
        """Sends a notification: changes to all who want to hear of them, everything else to this client."""
        if method == "notifications/resources/updated" and params:
            await self.notify_resource_updated(str(params.get("uri")))
        elif scope.stateless:
            await scope.notify(method, params or {})
        else:
            await scope.session.notify(method, params)

    def _handle(self, scope: RequestScope) -> Coroutine[Any, Any, dict[str, Any]]:
        return dispatch.handle(self, scope)

    async def _handle_notification(self, scope: RequestScope) -> None:
        await dispatch.handle_notification(self, scope)

    def _lifespan(self, *, mounted: bool = False) -> AbstractAsyncContextManager[Any]:
        return self._runner.hold(mounted=mounted)


def _middleware(given: Any) -> Any:
    """What was given, unless it can be no link of the chain: better told here than at the first request."""
    if isinstance(given, type):
        raise TypeError(f"{given.__name__} is a class, not a middleware: write {given.__name__}().")
    if not callable(given):
        raise TypeError(
            f"{given!r} is no middleware. Give an object of a Middleware class, or a function of (context, call_next)."
        )
    return given
