"""The desk server in a mood that a file beside the test gives it: `slow` to start, or `refuse` to list its tools."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import desk

MOOD = Path(os.environ["MOOD"])
_usual = desk.result_of


def result_of(message: dict[str, Any]) -> dict[str, Any]:
    if message.get("method") == "tools/list" and "refuse" in MOOD.read_text(encoding="utf-8"):
        raise LookupError("the shelf fell over")
    return _usual(message)


if __name__ == "__main__":
    if "slow" in MOOD.read_text(encoding="utf-8"):
        while "slow" in MOOD.read_text(encoding="utf-8"):
            time.sleep(0.02)
    desk.result_of = result_of
    sys.exit(desk.main())
