"""Where the parts of a JSON Schema are: local references, anchors, and the merging of `$ref` and `allOf`.

Knows no form and no verdict. Nothing is ever fetched: a reference that leads out of the document is an `Unusable`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

__all__ = ["Document", "Source", "Unusable", "child", "pointer_join"]

MAX_SOURCES = 200
"""Schemas that one place may combine through `$ref` and `allOf`: far above real ones, low enough to stay quick."""
MAX_INDEXED = 50_000
"""Subschemas looked at when anchors and `$id`s are indexed."""


class Unusable(Exception):
    """A schema that no form can be made of. The text says why, for people."""


@dataclass(frozen=True, slots=True)
class Source:
    """One schema object and where it stands: `pointer` is its JSON Pointer, `base` the pointer of its resource root."""

    schema: Any
    pointer: str
    base: str


def pointer_join(pointer: str, *tokens: str | int) -> str:
    """Adds tokens to a JSON Pointer, escaped as RFC 6901 section 3 says."""
    return pointer + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def child(source: Source, *tokens: str | int) -> Source:
    """The subschema below `source` at `tokens`, which must be there."""
    schema = source.schema
    for token in tokens:
        schema = schema[token]
    pointer = pointer_join(source.pointer, *tokens)
    return Source(schema, pointer, pointer if _is_resource(schema) else source.base)


def _is_resource(schema: Any) -> bool:
    identifier = schema.get("$id") if isinstance(schema, dict) else None
    return isinstance(identifier, str) and not identifier.startswith("#")


class Document:
    """A schema with everything that its references may point at."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self._named: dict[str, Source] | None = None
        self._identifiers: dict[str, str] = {}

    def source(self, schema: Any = None, pointer: str = "") -> Source:
        """The root, or another schema that counts as standing at `pointer`."""
        return Source(self.root if schema is None else schema, pointer, "")

    def merged(self, sources: tuple[Source, ...]) -> list[Source]:
        """All schema objects that apply at one place: `sources`, what they refer to, and their `allOf`.

        The outermost comes first, so that its words win. Raises Unusable for a reference that leads nowhere, a schema
        that allows nothing, or more than `MAX_SOURCES` combined schemas.
        """
        found: list[Source] = []
        waiting = list(reversed(sources))
        seen: set[tuple[str, int]] = set()
        while waiting:
            source = waiting.pop()
            schema = source.schema
            if schema is True:
                continue
            if schema is False:
                raise Unusable("no value is allowed here")
            if not isinstance(schema, dict):
                raise Unusable(f"the schema at {source.pointer or 'the root'} is not an object")
            if len(seen) >= MAX_SOURCES:
                raise Unusable(f"it combines more than {MAX_SOURCES} schemas")
            place = (source.pointer, id(schema))
            if place in seen:
                continue
            seen.add(place)
            found.append(source)
            waiting.extend(reversed(list(self._applied_in_place(source))))
        return found

    def _applied_in_place(self, source: Source) -> Iterator[Source]:
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in source.schema:
                yield self.resolve(source.schema[keyword], source)
        parts = source.schema.get("allOf")
        if isinstance(parts, list):
            for index in range(len(parts)):
                yield child(source, "allOf", index)

    def resolve(self, reference: Any, source: Source) -> Source:
        """What `reference`, written in `source`, points at. Raises Unusable when that is not in this document."""
        if not isinstance(reference, str):
            raise Unusable("a $ref is not text")
        if reference == "#" or reference.startswith("#/"):
            return self._at(self._at(None, source.base), _unquoted(reference[1:]), reference)
        return self._named_target(reference, source)

    def _at(self, start: Source | None, pointer: str, reference: str = "") -> Source:
        """Walks a JSON Pointer from `start`."""
        here = start or Source(self.root, "", "")
        if not pointer:
            return here
        for raw in pointer.split("/")[1:]:
            token: str | int = raw.replace("~1", "/").replace("~0", "~")
            if isinstance(here.schema, list):
                token = int(token) if isinstance(token, str) and token.isascii() and token.isdigit() else -1
                known = isinstance(token, int) and 0 <= token < len(here.schema)
            else:
                known = isinstance(here.schema, dict) and token in here.schema
            if not known:
                raise Unusable(f"the reference {reference} points at nothing")
            here = child(here, token)
        return here

    def _named_target(self, reference: str, source: Source) -> Source:
        if self._named is None:
            self._named = {}
            self._index()
        try:
            target, fragment = urldefrag(urljoin(self._identifiers.get(source.base, ""), reference))
        except ValueError:
            raise Unusable(f"the reference {reference} is not a valid URI") from None
        fragment = _unquoted(fragment)
        if fragment and not fragment.startswith("/"):
            named = self._named.get(f"{target}#{fragment}")
            if named is not None:
                return named
        else:
            resource = self._named.get(target)
            if resource is not None:
                return self._at(resource, fragment, reference)
        if target and target != self._identifiers.get("", ""):
            raise Unusable(f"the reference {reference} leads out of this schema, and nothing is fetched")
        raise Unusable(f"the reference {reference} points at nothing")

    def _index(self) -> None:
        """Finds every `$id`, `$anchor` and `$dynamicAnchor`."""
        assert self._named is not None
        named = self._named
        named[""] = Source(self.root, "", "")
        waiting: list[tuple[Source, str]] = [(named[""], "")]
        for _ in range(MAX_INDEXED):
            if not waiting:
                return
            source, base_uri = waiting.pop()
            schema = source.schema
            if isinstance(schema, dict):
                identifier = schema.get("$id")
                if isinstance(identifier, str):
                    base_uri = self._name_resource(identifier, base_uri, source)
                for keyword in ("$anchor", "$dynamicAnchor"):
                    if isinstance(schema.get(keyword), str):
                        named.setdefault(f"{base_uri}#{schema[keyword]}", source)
                waiting.extend((child(source, key), base_uri) for key in schema if key not in _DATA_KEYWORDS)
            elif isinstance(schema, list):
                waiting.extend((child(source, index), base_uri) for index in range(len(schema)))

    def _name_resource(self, identifier: str, base_uri: str, source: Source) -> str:
        assert self._named is not None
        try:
            uri, fragment = urldefrag(urljoin(base_uri, identifier))
        except ValueError:
            return base_uri
        if fragment:  # draft-07: "$id": "#name" is an anchor
            self._named.setdefault(f"{uri}#{fragment}", source)
            return base_uri
        self._named.setdefault(uri, source)
        self._identifiers[source.pointer] = uri
        return uri


_DATA_KEYWORDS = frozenset({"enum", "const", "default", "examples", "example"})
"""Their values are data: something in them that looks like an anchor is none."""


def _unquoted(fragment: str) -> str:
    return unquote(fragment)
