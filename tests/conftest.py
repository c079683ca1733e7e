"""What every test gets: an offscreen Qt, no colour, and a home folder of its own."""

import os

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["NO_COLOR"] = "1"


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio alone: the Qt side of the product has no other loop."""
    return "asyncio"
