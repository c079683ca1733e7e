"""The keys that README and docs name are those of the action table, under which people will look for them."""

import re
from pathlib import Path

import pytest

from wireglass_app.actions import ACTIONS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "resources" / "docs").glob("*.md"))]
KEY = re.compile(r"(?<![\w+])((?:(?:Ctrl|Alt|Shift)\+)+(?:[A-Z]\w*|[^\s\w|`])|F\d\d?)")
OF_WIDGETS = {"Ctrl+Space", "F2", "Ctrl+C", "Ctrl+X", "Ctrl+V", "Ctrl+A", "Ctrl+Z"}
"""Completion in a text field, the name in the table of apps, and what all desktops have for what is selected."""


def keys_on(page: Path) -> set[str]:
    return {found.replace("Enter", "Return") for found in KEY.findall(page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_key_named_is_in_the_table(page: Path) -> None:
    known = {key.replace("Enter", "Return") for spec in ACTIONS for key in (spec.shortcut, spec.also) if key}
    assert keys_on(page) - known - OF_WIDGETS == set()


def test_keys_are_found_in_the_text() -> None:
    named = keys_on(ROOT / "resources" / "docs" / "workbench.md")
    assert {"Ctrl+K", "Ctrl+\\", "Ctrl+.", "Ctrl+,", "Ctrl+Shift+F6", "Shift+F8", "F8", "Ctrl+Return"} <= named
