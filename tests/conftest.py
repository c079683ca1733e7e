"""What every test gets: an offscreen Qt, no colour, and a home folder of its own."""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["NO_COLOR"] = "1"

# The same examples in each run, and no verdict that depends on how busy the machine is.
settings.register_profile("wireglass", deadline=None, derandomize=True)
settings.load_profile("wireglass")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio alone: the Qt side of the product has no other loop."""
    return "asyncio"
