"""One body over every transport and era: `connect(**options)` makes a client to the subject server.

To add a transport, add a function to TRANSPORTS that returns something `Client` accepts, as an async context manager.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from wireglass import Client
from wireglass.client.transports import StdioTransport

sys.path.insert(0, str(Path(__file__).parent))
import server as subject  # the folder is no package: the file is also run as a script

CORE = Path(__file__).parents[2] / "core"


@asynccontextmanager
async def memory() -> AsyncIterator[Any]:
    """The server object in this process."""
    yield subject.Server()


@asynccontextmanager
async def stdio() -> AsyncIterator[Any]:
    """The same file as a child process."""
    yield StdioTransport(sys.executable, [str(subject.__file__)], env={"PYTHONPATH": str(CORE)})


TRANSPORTS: dict[str, Callable[[], AbstractAsyncContextManager[Any]]] = {"memory": memory, "stdio": stdio}
MODES = ("stateless", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(params=sorted(TRANSPORTS))
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

    @asynccontextmanager
    async def make(**options: Any) -> AsyncIterator[Client]:
        async with TRANSPORTS[transport]() as target, Client(target, **{"mode": mode, **options}) as client:
            yield client

    return make
