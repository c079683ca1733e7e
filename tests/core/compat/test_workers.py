"""Several workers on one socket: it is ours, with TCP_NODELAY, and a port that is taken is said so."""

import socket
from typing import Any

import pytest

from wireglass.compat.asgi import serve_workers
from wireglass.errors import LaunchError
from wireglass.server.listening import bind

ASKED: dict[str, Any] = {"dialect": "4", "first": True, "transport": "http", "host": "127.0.0.1", "path": None}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WIREGLASS_WORKERS_SERVE", "WIREGLASS_REQUEST_STATE_KEY"):
        monkeypatch.setenv(name, "")  # what it sets is undone afterwards


@pytest.mark.parametrize("workers", [1, 3])
def test_answers_never_wait_for_their_second_packet(monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    """asyncio sets TCP_NODELAY on accepted sockets only when the listening one names its protocol."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    seen: list[tuple[int, int]] = []

    def look(sockets: Any) -> None:
        listener = sockets[0]
        seen.append((listener.proto, listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))

    monkeypatch.setattr(uvicorn.Server, "run", lambda self, sockets: look(sockets))
    monkeypatch.setattr(Multiprocess, "run", lambda self: look(self.sockets))
    with bind("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    assert serve_workers("server.py", workers=workers, port=port, **ASKED) == 0
    assert [(proto, bool(nodelay)) for proto, nodelay in seen] == [(socket.IPPROTO_TCP, True)]


def test_a_port_that_is_taken_is_named() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(LaunchError, match="already in use"):
            serve_workers("server.py", workers=2, port=taken.getsockname()[1], **ASKED)
