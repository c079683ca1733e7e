"""A configuration file as text: its servers are read, and one entry is changed without touching any other byte. Pure.

It must not know hosts, paths or files. A change is guarded: the text is parsed before, edited, parsed again with the
reader's own strictness, and must then hold the old data plus the intended change and nothing else.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from wireglass.targets.crushrc_edit import CrushrcText, as_read
from wireglass.targets.json_edit import JsonText
from wireglass.targets.splice import DocumentError, same_data
from wireglass.targets.toml_edit import TomlText
from wireglass.targets.yaml_edit import YamlText

__all__ = [
    "Add",
    "Change",
    "Document",
    "DocumentError",
    "Grammar",
    "Place",
    "Remove",
    "Rename",
    "Update",
    "load",
]

_BOM = "\ufeff"
_LARGEST = 20_000_000
"""Characters. Larger files are not configuration; reading them would only block."""

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Grammar:
    """What a file is written in and what its reader accepts. `reader` is the name that messages use."""

    language: Literal["json", "toml", "yaml", "crushrc"] = "json"
    comments: bool = False
    trailing_commas: bool = False
    accepts_bom: bool = True
    reader: str = "its reader"


@dataclass(frozen=True)
class Place:
    """Where in the data the servers are: the keys from the root, and for a list the key that names an item."""

    path: tuple[str, ...]
    list_key: str | None = None


@dataclass(frozen=True)
class Add:
    """A new entry; the containers on the way are made when they are missing."""

    name: str
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Update:
    """Keys of an entry get other values; `drop` names keys that go. What stays equal is not written again."""

    name: str
    values: Mapping[str, Any]
    drop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rename:
    """The entry gets another name and keeps its place."""

    name: str
    to: str


@dataclass(frozen=True)
class Remove:
    """The entry goes; so do up to `prune` containers above it that are empty then."""

    name: str
    prune: int = 0


Change = Add | Update | Rename | Remove


class _Text(Protocol):
    """What the languages offer; see `JsonText`."""

    def data(self) -> Any: ...
    def insert(self, path: Sequence[str | int], key: str | None, value: Any) -> str: ...
    def replace(self, path: Sequence[str | int], value: Any) -> str: ...
    def rename(self, path: Sequence[str | int], to: str) -> str: ...
    def remove(self, path: Sequence[str | int]) -> str: ...


@dataclass(frozen=True)
class _Step:
    """One edit at one path; `key` None with "insert" appends to a list."""

    kind: Literal["insert", "replace", "rename", "remove"]
    path: Path
    key: str | None = None
    value: Any = None


@dataclass(frozen=True)
class Document:
    """A parsed file. Immutable: `changed` returns another one."""

    text: str
    grammar: Grammar
    data: dict[str, Any] = field(repr=False)
    bom: bool = False

    def to_bytes(self) -> bytes:
        """The file's content. A byte order mark stays unless the reader rejects it."""
        bom = _BOM if self.bom and self.grammar.accepts_bom else ""
        return (bom + self.text).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the content as it would be written."""
        import hashlib  # brings OpenSSL along

        return hashlib.sha256(self.to_bytes()).hexdigest()

    def entries(self, place: Place) -> dict[str, dict[str, Any]]:
        """The servers in file order; items that are no tables are left out."""
        group = self._group(place)
        if isinstance(group, dict):
            return {name: entry for name, entry in group.items() if isinstance(entry, dict)}
        found: dict[str, dict[str, Any]] = {}
        for item in group or []:
            if isinstance(item, dict) and place.list_key and isinstance(item.get(place.list_key), str):
                found.setdefault(item[place.list_key], item)
        return found

    def changed(self, place: Place, change: Change) -> "Document":
        """This document with one entry changed. Raises DocumentError, also when the result would not be as intended."""
        document = self
        for step in _steps(self, place, change):
            document = document._stepped(step)
        return document

    def missing(self, place: Place) -> int:
        """How many containers an Add would have to make."""
        node: Any = self.data
        for depth, key in enumerate(place.path):
            if not isinstance(node, dict) or key not in node:
                return len(place.path) - depth
            node = node[key]
        return 0

    def holds(self, place: Place) -> bool:
        """Whether the servers are there: an object of objects, and not a server that happens to have the key's name."""
        node: Any = self.data
        for key in place.path:
            node = node.get(key) if isinstance(node, dict) else None
        return isinstance(node, dict) and all(isinstance(entry, dict) for entry in node.values())

    def _group(self, place: Place) -> Any:
        node: Any = self.data
        for depth, key in enumerate(place.path):
            if not isinstance(node, dict):
                raise _wrong_kind(place.path[:depth], "an object")
            node = node.get(key)
            if node is None:
                return None
        wanted = list if place.list_key else dict
        if not isinstance(node, wanted):
            raise _wrong_kind(place.path, "a list" if place.list_key else "an object")
        return node

    def _position(self, place: Place, name: str) -> Path:
        if place.list_key is None:
            return (*place.path, name)
        items = self._group(place) or []
        named = [i for i, item in enumerate(items) if isinstance(item, dict) and item.get(place.list_key) == name]
        if len(named) > 1:
            raise DocumentError(f'"{name}" is there twice.', next_step="Remove one of the two by hand, then try again.")
        return (*place.path, named[0])

    def _stepped(self, step: _Step) -> "Document":
        text = _text(self.text, self.grammar)
        if step.kind == "insert":
            after = text.insert(step.path, step.key, step.value)
        elif step.kind == "replace":
            after = text.replace(step.path, step.value)
        elif step.kind == "rename":
            after = text.rename(step.path, str(step.key))
        else:
            after = text.remove(step.path)
        wanted = _intended(self.data, step)
        result = _parsed(after, self.grammar)
        if step.kind == "remove" and self.grammar.language == "toml":
            _forget_empty_tables(wanted, result, step.path[:-1])
        if self.grammar.language == "crushrc":
            wanted = {"mcp": {name: as_read(entry) for name, entry in wanted["mcp"].items()}}
        if not same_data(result, wanted):
            raise DocumentError(
                "The edit would have changed more than the one entry, so nothing was written.",
                next_step="Edit the file by hand; this layout is not understood.",
            )
        return replace(self, text=after, data=result)


def load(content: bytes, grammar: Grammar) -> Document:
    """Parses a file's content; empty content is an empty document. Raises DocumentError with position and reason."""
    text = _decode(content)
    bom = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    if len(text) > _LARGEST:
        raise DocumentError(f"The file has {len(text):,} characters, too many for a configuration.")
    if grammar.language == "json" and not text.strip():
        text = "{}" + text
    return Document(text, grammar, _parsed(text, grammar), bom)


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError("The file is UTF-16, not UTF-8.", next_step="Save it as UTF-8, then try again.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        reason = "The file is not UTF-8 text."
        raise DocumentError(reason, line=line, column=column, next_step="Save it as UTF-8, then try again.") from error


def _text(text: str, grammar: Grammar) -> _Text:
    if grammar.language == "toml":
        return TomlText(text)
    if grammar.language == "yaml":
        return YamlText(text)
    if grammar.language == "crushrc":
        return CrushrcText(text)
    return JsonText(text, comments=grammar.comments, trailing_commas=grammar.trailing_commas, reader=grammar.reader)


def _parsed(text: str, grammar: Grammar) -> dict[str, Any]:
    data = _text(text, grammar).data()
    if not isinstance(data, dict):
        raise DocumentError("The file must hold an object at its top level.", line=1, column=1)
    return data


def _steps(document: Document, place: Place, change: Change) -> list[_Step]:
    names = document.entries(place)
    group = document._group(place)
    if isinstance(change, Add):
        if change.name in names or (isinstance(group, dict) and change.name in group):
            raise DocumentError(f'"{change.name}" is there already.', next_step="Choose another name, or update it.")
        return [_add(document, place, change)]
    if change.name not in names:
        raise DocumentError(f'There is no entry "{change.name}".')
    position = document._position(place, change.name)
    if isinstance(change, Update):
        old = names[change.name]
        new = {key: value for key, value in old.items() if key not in change.drop} | dict(change.values)
        return _differences(position, old, new)
    if isinstance(change, Rename):
        if change.to in names:
            raise DocumentError(f'"{change.to}" is there already.', next_step="Choose another name.")
        if place.list_key:
            return [_Step("replace", (*position, place.list_key), value=change.to)]
        return [_Step("rename", position, key=change.to)]
    return [_Step("remove", _pruned(document, place, position, change.prune))]


def _add(document: Document, place: Place, change: Add) -> _Step:
    entry: dict[str, Any] = copy.deepcopy(dict(change.entry))
    value: Any = entry
    if place.list_key:
        value = {place.list_key: change.name} | entry
    missing = document.missing(place)
    if missing == 0:
        if document._group(place) is None:  # the key is there and holds null
            return _Step("replace", place.path, value=[value] if place.list_key else {change.name: value})
        return _Step("insert", place.path, None if place.list_key else change.name, value)
    value = [value] if place.list_key else {change.name: value}
    *inner, key = reversed(place.path[-missing:])
    for name in inner:
        value = {name: value}
    return _Step("insert", place.path[:-missing], key, value)


def _pruned(document: Document, place: Place, position: Path, prune: int) -> Path:
    group: Any = document._group(place)
    path = position
    while prune > 0 and len(group) == 1 and len(path) > 1:
        path, prune = path[:-1], prune - 1
        group = document.data
        for key in path[:-1]:
            group = group[key]
    return path


def _differences(path: Path, old: Any, new: Any) -> list[_Step]:
    """The smallest steps from old to new: keys of objects, items of lists of equal length."""
    if same_data(old, new):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        steps = [_Step("remove", (*path, key)) for key in old if key not in new]
        steps = [step for key in old if key in new for step in _differences((*path, key), old[key], new[key])] + steps
        return steps + [_Step("insert", path, key, new[key]) for key in new if key not in old]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        different = [at for at in range(len(old)) if not same_data(old[at], new[at])]
        if all(isinstance(old[at], str) and isinstance(new[at], str) for at in different):
            return [_Step("replace", (*path, at), value=new[at]) for at in different]
    return [_Step("replace", path, value=new)]


def _intended(data: dict[str, Any], step: _Step) -> dict[str, Any]:
    """The data after the step; containers off its path are shared, not copied."""
    wanted = copy.copy(data)
    node: Any = wanted
    for key in step.path if step.kind == "insert" else step.path[:-1]:
        node[key] = copy.copy(node[key])
        node = node[key]
    if step.kind == "insert" and step.key is None:
        node.append(step.value)
    elif step.kind == "insert":
        node[step.key] = step.value
    elif step.kind == "replace":
        node[step.path[-1]] = step.value
    elif step.kind == "rename":
        node[step.key] = node.pop(step.path[-1])
    else:
        del node[step.path[-1]]
    return wanted


def _forget_empty_tables(wanted: Any, result: Any, path: Path) -> None:
    """TOML tables without a header of their own exist only as long as something is in them."""
    for depth in range(len(path), 0, -1):
        above: Any = wanted
        found: Any = result
        for key in path[: depth - 1]:
            above, found = above[key], found.get(key, {})
        if above[path[depth - 1]] == {} and path[depth - 1] not in found:
            del above[path[depth - 1]]


def _wrong_kind(path: Sequence[str], kind: str) -> DocumentError:
    name = ".".join(path) or "The file"
    return DocumentError(f"{name} is not {kind}.", next_step="Correct the file by hand, then try again.")
