"""Kill -9 of a worker in random places (issue 9): sessions and their acknowledged state live on."""

import os
from pathlib import Path

import pytest

from killed_workers import survive

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


@pytest.mark.parametrize("rounds", [3, pytest.param(100, marks=pytest.mark.slow)])
async def test_a_killed_worker_loses_no_session_and_no_acknowledged_state(tmp_path: Path, rounds: int) -> None:
    assert await survive(f"disk:{tmp_path / 'd'}", rounds) >= rounds // 3
