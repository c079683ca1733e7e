"""Plan, apply and undo: the one way in which this program writes into other programs' files.

A plan reads and shows; nothing is written before `apply`, which writes all files of the plan or none.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from wireglass.errors import ConfigError
from wireglass.targets.disk import ChangedMeanwhile, Disk, FileProblem, read_file, remove_file, replace_file
from wireglass.targets.document import Add, Change, Document, Place, Remove, Rename, Update
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import ConfigFile, config_files
from wireglass.targets.journal import Act, EntryChange, Journal, Written

__all__ = ["FileEdit", "Outcome", "Undone", "apply", "plan", "set_entry", "undo"]


@dataclass(frozen=True)
class FileEdit:
    """What will happen to one file. `before` None: it will be made; equal to `after`: nothing happens."""

    config: ConfigFile
    before: bytes | None
    after: bytes
    changes: tuple[EntryChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """The file."""
        return self.config.path

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return self.before == self.after

    def diff(self, context: int = 3) -> list[str]:
        """A unified difference, line by line without line ends."""
        old = _lines(self.before or b"")
        new = _lines(self.after)
        name = str(self.path)
        start = "/dev/null" if self.before is None else name
        return list(difflib.unified_diff(old, new, start, name, n=context, lineterm=""))

    def counts(self) -> tuple[int, int]:
        """Lines added and lines removed."""
        body = [line for line in self.diff(0) if not line.startswith(("+++", "---"))]
        return sum(line.startswith("+") for line in body), sum(line.startswith("-") for line in body)


@dataclass(frozen=True)
class Outcome:
    """What apply did. `act` can be undone; None when there was nothing to do."""

    act: Act | None
    written: tuple[Path, ...]


@dataclass(frozen=True)
class Undone:
    """What undo did to one file: the copy was put back, only our entries were taken back, or nothing was possible."""

    path: Path
    how: Literal["restored", "entries taken back", "already as before", "not possible"]
    reason: str = ""


def plan(
    config: ConfigFile,
    changes: Sequence[Change],
    *,
    extra: Sequence[tuple[Place, Change]] = (),
    journal: Journal | None = None,
) -> FileEdit:
    """Reads the file and works out its new content. Raises FileProblem, or DocumentError with the path in its text.

    `extra` are changes in other places of the same file. With a journal, the removal of an entry that we added leaves
    no container behind that was made for it.
    """
    before = config.content()
    try:
        document = config.document(before)
        place = config.place(document)
        made: list[EntryChange] = []
        notes = _notes(config, document)
        for where, change in [*((place, change) for change in changes), *extra]:
            change = _pruning(config, change, journal)
            after = document.changed(where, change)
            made.append(_recorded(where.path, where.list_key, document, after, change, document.missing(where)))
            document = after
    except ConfigError as error:
        raise FileProblem(config.path, error.message, next_step=error.next_step) from error
    content = _exact(config, document, made, journal) or document.to_bytes()
    return FileEdit(config, before, content, tuple(made), tuple(notes))


def set_entry(
    config: ConfigFile,
    name: str,
    entry: dict[str, Any],
    *,
    extra: Sequence[tuple[Place, Change]] = (),
    journal: Journal | None = None,
) -> FileEdit:
    """A plan that adds the entry, or brings an existing one to these values and keeps its other keys.

    Additions among `extra` that are there already are left out.
    """
    try:
        document = config.document(config.content())
        old = document.entries(config.place(document)).get(name)
        extra = [one for one in extra if one[1].name not in document.entries(one[0])]
    except FileProblem:
        raise
    except ConfigError as error:
        raise FileProblem(config.path, error.message, next_step=error.next_step) from error
    change = Add(name, entry) if old is None else Update(name, entry, drop=_contradicting(old, entry))
    return plan(config, [change], extra=extra, journal=journal)


def apply(edits: Sequence[FileEdit], journal: Journal, *, label: str, disk: Disk | None = None) -> Outcome:
    """Writes every file of the plan, or none.

    Raises ChangedMeanwhile when a file is no longer what was planned from, FileProblem for everything else. A file that
    was written before another one failed is put back.
    """
    disk = disk or Disk()
    edits = _once([edit for edit in edits if not edit.is_empty])
    if not edits:
        return Outcome(None, ())
    for edit in edits:
        if read_file(edit.path) != edit.before:
            raise ChangedMeanwhile(edit.path)
    act = _prepared(edits, journal, label)
    done: list[FileEdit] = []
    try:
        for edit in edits:
            mode = 0o600 if edit.config.facts.scope == "user" else 0o644
            replace_file(edit.path, edit.after, expected=edit.before, new_mode=mode, disk=disk)
            done.append(edit)
    except BaseException:
        _put_back(done, disk)
        journal.marked(act, "rolled back")
        raise
    for edit in edits:
        journal.take_in(act, edit.path)
    journal.forget_old()
    return Outcome(journal.marked(act, "applied"), tuple(edit.path for edit in edits))


def undo(act: Act, journal: Journal, machine: Machine, *, disk: Disk | None = None) -> list[Undone]:
    """Takes an act back, file by file: the dated copy when nobody wrote since, else only our own entries."""
    disk = disk or Disk()
    results = [_undone(act, written, journal, machine, disk) for written in act.files]
    if all(one.how != "not possible" for one in results):
        journal.marked(act, "undone")
    return results


def _once(edits: Sequence[FileEdit]) -> list[FileEdit]:
    """Several hosts may share a file, as `.mcp.json`: the same change is made once, two different ones are refused."""
    kept: dict[Path, FileEdit] = {}
    for edit in edits:
        other = kept.setdefault(edit.path, edit)
        if (other.before, other.after) != (edit.before, edit.after):
            both = f"{other.config.target.name} and {edit.config.target.name}"
            raise FileProblem(
                edit.path,
                f"{both} share this file and would get different entries.",
                next_step="Write one, then the other.",
            )
    return list(kept.values())


def _prepared(edits: Sequence[FileEdit], journal: Journal, label: str) -> Act:
    act = journal.open(label)
    files: list[Written] = []
    for number, edit in enumerate(edits, 1):
        backup = journal.keep(act, edit.path, edit.before, number) if edit.before is not None else None
        before = _sha(edit.before) if edit.before is not None else None
        target, file = edit.config.target.id, edit.config.facts.id
        files.append(Written(str(edit.path), target, file, backup, before, _sha(edit.after), edit.changes))
    act = replace(act, files=tuple(files))
    journal.save(act)
    return act


def _put_back(done: Sequence[FileEdit], disk: Disk) -> None:
    for edit in reversed(done):
        if edit.before is None:
            remove_file(edit.path, expected=edit.after, disk=disk)
        else:
            replace_file(edit.path, edit.before, expected=edit.after, disk=disk)


def _undone(act: Act, written: Written, journal: Journal, machine: Machine, disk: Disk) -> Undone:
    path = Path(written.path)
    try:
        current = read_file(path)
        if (_sha(current) if current is not None else None) == written.before:
            return Undone(path, "already as before")
        if current is not None and _sha(current) == written.after:
            before = journal.backup(act, written)
            if before is None:
                remove_file(path, expected=current, disk=disk)
            else:
                replace_file(path, before, expected=current, disk=disk)
            return Undone(path, "restored")
        return _entries_taken_back(path, current, written, machine, disk)
    except ConfigError as error:
        return Undone(path, "not possible", f"{error.message} {error.next_step}".strip())


def _entries_taken_back(path: Path, current: bytes | None, written: Written, machine: Machine, disk: Disk) -> Undone:
    if current is None:
        return Undone(path, "not possible", "The file is gone.")
    config = next((c for c in _configs(written, machine) if c.facts.id == written.file), None)
    if config is None:
        return Undone(path, "not possible", "The host is no longer known.")
    document = config.document(current)
    for change in reversed(written.changes):
        place = Place(change.place, change.list_key)
        found = document.entries(place).get(change.name)
        if found != change.after:
            return Undone(path, "not possible", f'"{change.name}" has been changed since.')
        document = document.changed(place, _inverse(change))
    replace_file(path, document.to_bytes(), expected=current, disk=disk)
    return Undone(path, "entries taken back", "Another program has written the file since; its changes stay.")


def _configs(written: Written, machine: Machine) -> list[ConfigFile]:
    try:
        target = target_of(written.target)
    except KeyError:
        return []
    facts = [each for each in target.facts.files if each.id == written.file]
    return [ConfigFile(target, each, Path(written.path), machine) for each in facts] or config_files(target, machine)


def _inverse(change: EntryChange) -> Change:
    if change.was is not None:
        return Rename(change.name, change.was)
    if change.before is None:
        return Remove(change.name, prune=change.made)
    if change.after is None:
        return Add(change.name, change.before)
    return Update(change.name, change.before, drop=tuple(key for key in change.after if key not in change.before))


def _recorded(
    place: tuple[str, ...], list_key: str | None, old: Document, new: Document, change: Change, made: int
) -> EntryChange:
    where = Place(place, list_key)
    name = change.to if isinstance(change, Rename) else change.name
    before = old.entries(where).get(change.name)
    was = change.name if isinstance(change, Rename) else None
    return EntryChange(place, list_key, name, before, new.entries(where).get(name), made, was)


def _pruning(config: ConfigFile, change: Change, journal: Journal | None) -> Change:
    if not isinstance(change, Remove) or change.prune or journal is None:
        return change
    added = journal.made_for(config.path, change.name)
    return replace(change, prune=added.made) if added else change


def _exact(config: ConfigFile, document: Document, made: list[EntryChange], journal: Journal | None) -> bytes | None:
    """The bytes from before our addition, when the removal brings back exactly that data and nobody wrote since."""
    if journal is None or len(made) != 1 or made[0].after is not None:
        return None
    content = config.content()
    for act in reversed(journal.acts()):
        for written in act.files if act.state == "applied" else ():
            if content is None or written.path != str(config.path) or written.after != _sha(content):
                continue
            earlier = journal.backup(act, written)
            if earlier is not None and config.document(earlier).data == document.data:
                return earlier
    return None


def _notes(config: ConfigFile, document: Document) -> list[str]:
    notes: list[str] = []
    if document.bom and not document.grammar.accepts_bom:
        notes.append(f"{config.target.name} cannot read the byte order mark at the start of this file; it is removed.")
    if config.facts.old:
        notes.append(f"{config.target.name} kept servers in this file in older versions.")
    return notes


def _contradicting(old: dict[str, object], new: dict[str, object]) -> tuple[str, ...]:
    """Keys of the other kind of server: a command and a URL together keep some hosts from starting."""
    remote = ("url", "httpUrl", "serverUrl", "uri", "baseUrl", "headers", "http_headers", "requestOptions")
    local = ("command", "cmd", "args", "env", "envs", "environment", "cwd", "working_directory")
    wrong = local if any(key in new for key in remote[:5]) else remote
    return tuple(key for key in old if (key in wrong or key in ("type", "transport")) and key not in new)


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()


def _sha(content: bytes) -> str:
    import hashlib  # brings OpenSSL along

    return hashlib.sha256(content).hexdigest()
