"""Hundreds of edits on top of each other: each one is done as wished, none is refused."""

import random

import pytest

from core.targets.fixtures import FIXTURES, Fixture
from wireglass.targets.document import Add, Change, Document, Remove, Rename, Update

VALUES = ["x", 1, True, [], ["a", "b c"], {}, {"K": "1", "L M": "é"}, "two\nlines", {"n": {"d": ["q"]}}, 1.5]
KEYS = ["command", "args", "env", "z.y", "timeout", "new"]


def chosen(random: random.Random, document: Document, fixture: Fixture, number: int) -> Change | None:
    entries = document.entries(fixture.place)
    name = random.choice(list(entries)) if entries else None
    kind = random.choice(["add", "update", "drop", "remove", "rename"]) if name else "add"
    if kind == "add" or name is None:
        return Add(f"n{number} é", {key: random.choice(VALUES) for key in random.sample(KEYS, 3)})
    own = [key for key in entries[name] if key != fixture.place.list_key]
    if kind == "update":
        return Update(name, {random.choice([*own, *KEYS]): random.choice(VALUES)})
    if kind == "drop":
        return Update(name, {}, drop=(random.choice(own),)) if own else None
    return Remove(name) if kind == "remove" else Rename(name, f"r{number}.x")


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda one: one.file)
def test_a_long_row_of_edits_is_done_as_wished(fixture: Fixture):
    """The guard inside `changed` compares the data after every step; here nothing may be refused either."""
    draw = random.Random(fixture.file)
    for _ in range(4):
        document = fixture.load()
        for number in range(6):
            change = chosen(draw, document, fixture, number)
            document = document.changed(fixture.place, change) if change else document
