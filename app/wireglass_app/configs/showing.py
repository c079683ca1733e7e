"""One entry brought to the form: what it is, what is wrong with it, what its log is called."""

from pathlib import Path

from wireglass.install.desktop import log_files
from wireglass.install.trial import Trial
from wireglass.targets.draft import Draft
from wireglass.targets.matrix import Column
from wireglass_app.configs.entry_form import EntryForm
from wireglass_app.configs.words import command_state, reference_of, tone
from wireglass_app.plain import counted

__all__ = ["hints", "log_of", "show_entry"]

_MOST = 3


def show_entry(form: EntryForm, draft: Draft, name: str, found: Column | None, trial: Trial | None) -> None:
    """Fills the form with one server as one host has it; no name empties it."""
    if not name:
        form.show_nothing()
        return
    entry = draft.entry(name, found) if found else None
    server = draft.server(name, found)
    where = f"in {found.target.name}" if entry is not None and found else ""
    where = where or f"in {counted(len(draft.listed_in(name)), 'app')}"
    notes = [*draft.notes.get(name, ()), *hints(draft, name, found)]
    form.show_entry(name, where, server, entry, notes, reference_of(found.target) if found else "")
    form.show_command(*command_state(server, draft.machine))
    form.show_start(trial.text if trial else "not tried yet", tone(trial))


def hints(draft: Draft, name: str, found: Column | None) -> list[str]:
    """The first few warnings about this server in this host, with what to do."""
    return [
        f"{one.text} {one.next_step}"
        for one in draft.warnings
        if one.server == name and (found is None or any(config.target is found.target for config in one.configs))
    ][:_MOST]


def log_of(draft: Draft, name: str) -> Path | None:
    """The log that Claude Desktop keeps for this server, or its common one; None where there is neither."""
    desktop = next((one for one in draft.columns if one.target.id == "claude-desktop"), None)
    config = draft.holder(name, desktop) if desktop and name else None
    return next((path for path in log_files(config, name)[::-1] if path.is_file()), None) if config else None
