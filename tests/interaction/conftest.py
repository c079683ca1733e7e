"""One body over every transport and era: `connect(**options)` makes a client to the subject server."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from wireglass import Client

sys.path.insert(0, str(Path(__file__).parent))  # the folder is no package: its servers are also run as scripts
from places import RUNTIME, SLOW, TRANSPORTS

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in TRANSPORTS])
def transport(request: pytest.FixtureRequest) -> str:
    """The name of the transport under test."""
    return str(request.param)


@pytest.fixture(params=["stateless", "2025-11-25"])
def mode(request: pytest.FixtureRequest) -> str:
    """The era under test: the newest version of each. Tests of versions ask for `Client(mode=...)` themselves."""
    return str(request.param)


@pytest.fixture
def connect(transport: str, mode: str) -> Connect:
    """A connected client: `async with connect(**options) as client`."""
    if transport == "sse" and mode == "stateless":
        pytest.skip("HTTP+SSE is a transport of the handshake eras")

    @asynccontextmanager
    async def make(**options: Any) -> AsyncIterator[Client]:
        async with TRANSPORTS[transport]() as target, Client(target, **{"mode": mode, **options}) as client:
            yield client

    return make


@pytest.fixture
def connect_runtime(transport: str) -> Connect:
    """As `connect`, to a server of the runtime; each test says in which modes."""

    @asynccontextmanager
    async def make(**options: Any) -> AsyncIterator[Client]:
        if transport == "sse" and options.get("mode", "stateless") == "stateless":
            pytest.skip("HTTP+SSE is a transport of the handshake eras")
        async with TRANSPORTS[transport](RUNTIME) as target, Client(target, **options) as client:
            yield client

    return make
