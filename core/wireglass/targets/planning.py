"""From wishes for the entries of one file to its plan: names first, then what the entries hold, then questions."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wireglass.targets.document import Add, Change, Place, Remove, Rename, Update
from wireglass.targets.edit import FileEdit, plan
from wireglass.targets.inventory import ConfigFile
from wireglass.targets.journal import Journal

__all__ = ["planned"]

Wishes = Mapping[str, dict[str, Any] | None]


def planned(
    config: ConfigFile,
    renames: Mapping[str, str],
    wishes: Wishes,
    extra: Sequence[tuple[Place, Change]],
    journal: Journal,
) -> FileEdit:
    """The plan from what the file holds now. `renames` gives the old name of a new one, `wishes` None to remove.

    Of `extra`, the questions behind `${input:NAME}`, those are added that an entry asks and the file does not have.
    Raises what `plan` raises.
    """
    document = config.document(config.content())
    entries = document.entries(config.place(document))
    changes: list[Change] = []
    for new, old in renames.items():
        if old in entries and new not in entries:
            changes.append(Rename(old, new))
            entries = {new if name == old else name: entry for name, entry in entries.items()}
    changes += [change for name, wish in wishes.items() if (change := _change(name, entries.get(name), wish))]
    text = json.dumps(list(wishes.values()), ensure_ascii=False)
    asked = {one[1].name: one for one in extra if f"${{input:{one[1].name}}}" in text}
    new_ones = [one for one in asked.values() if one[1].name not in document.entries(one[0])]
    return plan(config, changes, extra=new_ones, journal=journal)


def _change(name: str, old: Mapping[str, Any] | None, wish: dict[str, Any] | None) -> Change | None:
    if wish is None:
        return Remove(name) if old is not None else None
    if old is None:
        return Add(name, wish)
    return Update(name, wish, drop=tuple(key for key in old if key not in wish))
