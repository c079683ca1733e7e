"""Several worker processes for one file: each loads it on its own and answers HTTP requests on a shared socket."""

import inspect
import json
import logging
import os
import secrets
from typing import TYPE_CHECKING, Any

from wireglass.errors import LaunchError
from wireglass.server.listening import bind
from wireglass.settings import setting

if TYPE_CHECKING:
    import socket

__all__ = ["create_app", "serve_workers"]

logger = logging.getLogger("wireglass.http")

_VARIABLE = "WIREGLASS_WORKERS_SERVE"


def serve_workers(
    spec: str,
    dialect: str,
    *,
    first: bool,
    workers: int,
    transport: str,
    host: str | None,
    port: int | None,
    path: str | None,
) -> int:
    """Serves with uvicorn until it is stopped. Raises LaunchError for stdio, which has one process by nature, and for a
    port that is taken."""
    if transport == "stdio":
        raise LaunchError("stdio has one process by nature.", next_step="Add --transport http, or leave out --workers.")
    import uvicorn

    address, number = host or "127.0.0.1", port or 8000
    wanted = {"spec": spec, "dialect": dialect, "first": first, "transport": transport, "path": path, "host": address}
    os.environ[_VARIABLE] = json.dumps(wanted)
    if not setting("REQUEST_STATE_KEY"):  # what one worker asked, another may be told
        os.environ["WIREGLASS_REQUEST_STATE_KEY"] = secrets.token_hex(32)
    config = uvicorn.Config(
        "wireglass.compat.asgi:create_app", factory=True, workers=workers, host=address, port=number
    )
    # Our own socket: uvicorn's names no protocol, and without TCP_NODELAY small answers wait 40 ms (see `bind`).
    listener = bind(address, number)
    try:
        _serve(config, listener)
    finally:
        listener.close()
    return 0


def _serve(config: Any, listener: "socket.socket") -> None:
    import uvicorn

    server = uvicorn.Server(config)
    if config.workers <= 1:
        server.run(sockets=[listener])
        return
    from uvicorn.supervisors import Multiprocess

    supervisor: Any = Multiprocess
    wants_target = "target" in inspect.signature(supervisor.__init__).parameters  # older releases of uvicorn
    more = {"target": server.run} if wants_target else {}
    logging.getLogger("uvicorn.error").info("Listening on %s:%s", *listener.getsockname()[:2])
    supervisor(config, sockets=[listener], **more).run()


def create_app() -> Any:
    """The ASGI app of one worker, made from what `serve_workers` left in the environment."""
    from wireglass.compat.__main__ import switch_on
    from wireglass.compat.loader import load_server
    from wireglass.launch.find import split_spec
    from wireglass.server.stored_state import is_shared

    wanted = json.loads(os.environ[_VARIABLE])
    switch_on(wanted["dialect"], first=wanted["first"])
    path, name = split_spec(wanted["spec"])
    server = load_server(path.expanduser().absolute(), name, [], factories=True)
    # Without a store that all workers share, sessions live in one process's memory: each request must stand alone.
    shared = server.state_store is not None and is_shared(server.state_store.store)
    if not shared:
        logger.info("State and sessions of %s stay in each worker. Set WIREGLASS_STORAGE to share them.", server.name)
    stateless = None if shared else True
    return server.http_app(
        path=wanted["path"], transport=wanted["transport"], stateless_http=stateless, bound_host=wanted["host"]
    )
