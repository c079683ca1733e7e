"""What tests of Protocol get: a workbench whose frames are judged, and a wire into its ledger."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.frame_wire import Wire
from inbox_desk import Bench
from wireglass_app.verdicts import Verdicts


@pytest.fixture
def bench(qapp: Any) -> Iterator[Bench]:
    bench = Bench()
    bench.verdicts = Verdicts(bench.ledger, bench)  # type: ignore[attr-defined]  # as the workbench has it
    yield bench
    bench.close()


@pytest.fixture
def wire(bench: Bench) -> Wire:
    return Wire(bench.ledger)
