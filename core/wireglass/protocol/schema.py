"""JSON Schema as form fields: `plan` describes what a person may fill in, `defaults` what to begin with.

Covers 2020-12 and draft-07. Children are looked up when asked for, so recursive schemas cost what is opened. Verdicts
on values are not made here but in `wireglass.schema_check`; what a form cannot show has kind "json" and the reason.
"""

from collections.abc import Iterable
from copy import deepcopy
from functools import cached_property
from typing import Any, Final

from wireglass.protocol.schema_kinds import Choice, Facts, Kind, constraints_of, examine, pattern_parts
from wireglass.protocol.schema_refs import Document, Source, Unusable, child

__all__ = ["UNSET", "Choice", "Kind", "Node", "Unset", "defaults", "plan"]

MAX_DEPTH = 64
"""Nesting that a form follows; deeper places are edited as JSON."""
MAX_INITIAL_FIELDS = 10_000
"""Fields that `defaults` fills at most: a schema can describe exponentially many."""


class Unset:
    """The type of `UNSET`: no value at all, which is neither null nor empty."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __copy__(self) -> "Unset":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unset":
        return self


UNSET: Final = Unset()


class Node:
    """One place of a form: a field, a group or a choice.

    Everything is found out when first asked for and then kept. `required` says whether the parent demands the field.
    """

    def __init__(
        self,
        document: Document,
        sources: tuple[Source, ...],
        *,
        required: bool = True,
        depth: int = 0,
    ) -> None:
        self._document = document
        self._sources = sources
        self._depth = depth
        self.required = required
        self.pointer = sources[0].pointer if sources else ""
        """Where the schema of this place stands in its document (JSON Pointer)."""

    def __repr__(self) -> str:
        return f"<Node {self.kind} at {self.pointer or '/'}>"

    # --- what it is ---

    @cached_property
    def _facts(self) -> Facts:
        if self._depth > MAX_DEPTH:
            return Facts("json", reason=f"it is nested more than {MAX_DEPTH} levels deep")
        try:
            return examine(self._document, self._sources)
        except Unusable as unusable:
            return Facts("json", list(self._sources), reason=str(unusable))

    @property
    def kind(self) -> Kind:
        """Which editor fits. For "union" the branches are Nodes of their own."""
        return self._facts.kind

    @property
    def reason(self) -> str:
        """Why the kind is "json", as the end of a sentence; else empty."""
        return self._facts.reason

    @property
    def nullable(self) -> bool:
        """Whether null is allowed besides what `kind` says."""
        return self._facts.nullable

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The values of an enum in the order of the schema; of a const its only value."""
        return self._facts.choices

    @cached_property
    def branches(self) -> tuple["Node", ...]:
        """The alternatives of a union. Each carries what the alternatives have in common."""
        return tuple(
            Node(self._document, sources, required=self.required, depth=self._depth + 1)
            for sources in self._facts.branches
        )

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """Equal for two places of one schema that recursion makes alike, whatever reference led there."""
        plain = _REFERRING.issuperset
        return (self.kind, *(one.pointer for one in self._facts.sources if not plain(one.schema)))

    # --- words ---

    @property
    def title(self) -> str:
        """The title that this place has itself, or empty. That of a definition which it refers to names a type: of
        `sender` and `receiver`, both an `Address`, neither is called "Address"."""
        for source in self._facts.sources:
            title = source.schema.get("title") if isinstance(source.schema, dict) else None
            if isinstance(title, str) and (source.pointer == self.pointer or not _is_definition(source.pointer)):
                return title
        return ""

    @property
    def description(self) -> str:
        """The schema's description, or empty."""
        return self._text("description")

    @cached_property
    def label(self) -> str:
        """A name to pick this branch by: title, name of the definition, fixed value, or kind."""
        if title := self._text("title"):
            return title
        for source in self._facts.sources:
            if _is_definition(source.pointer):
                return source.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        if self.kind == "const" and self.choices:
            return self.choices[0].title
        if self.kind == "object":
            for name, node in self.properties[:20]:
                if node.required and node.kind == "const":
                    return f"{name}: {node.choices[0].title}"
        return {"json": "any JSON", "enum": "choice"}.get(self.kind, self.kind)

    def _text(self, keyword: str) -> str:
        value = self._first(keyword)
        return value if isinstance(value, str) else ""

    def _first(self, keyword: str) -> Any:
        for source in self._facts.sources:
            if isinstance(source.schema, dict) and keyword in source.schema:
                return source.schema[keyword]
        return UNSET

    # --- values ---

    @property
    def default(self) -> Any:
        """The declared default, or UNSET. Callers must not change it."""
        return self._first("default")

    @property
    def examples(self) -> tuple[Any, ...]:
        """The declared examples (`examples`, or OpenAPI's `example`)."""
        several = self._first("examples")
        if isinstance(several, list):
            return tuple(several)
        single = self._first("example")
        return () if single is UNSET else (single,)

    @property
    def read_only(self) -> bool:
        """`readOnly`: the value comes from the server and is not sent."""
        return self._first("readOnly") is True

    @property
    def write_only(self) -> bool:
        """`writeOnly`: for example a password, which should not be shown."""
        return self._first("writeOnly") is True

    @property
    def deprecated(self) -> bool:
        """`deprecated`."""
        return self._first("deprecated") is True

    @property
    def format(self) -> str:
        """The declared format ("date-time", "email", ...), or empty."""
        return self._text("format")

    @cached_property
    def constraints(self) -> dict[str, Any]:
        """Bounds by keyword (`minLength`, `maximum`, `pattern`, `minItems`, `contentEncoding`, ...), the strictest of
        those that were combined; `keyPattern` for the names of a map."""
        return constraints_of(self._facts.sources)

    # --- children ---

    @cached_property
    def properties(self) -> tuple[tuple[str, "Node"], ...]:
        """The named fields of an object, in the order of the schema, then required ones that it does not describe."""
        if self.kind != "object":
            return ()
        sources = self._facts.sources
        found: dict[str, list[Source]] = {}
        required: dict[str, None] = {}
        for source in sources:
            declared = source.schema.get("properties")
            if isinstance(declared, dict):
                for name in declared:
                    found.setdefault(name, []).append(child(source, "properties", name))
            names = source.schema.get("required")
            if isinstance(names, list):
                required.update((name, None) for name in names if isinstance(name, str))
        for name in required:
            found.setdefault(name, [Source({}, f"{self.pointer}/required", "")])
        return tuple((name, self._below(parts, name in required)) for name, parts in found.items())

    @cached_property
    def additional(self) -> "Node | None":
        """What further fields of an object must look like; None when the schema offers or allows none."""
        if self.kind != "object":
            return None
        parts: list[Source] = []
        closed = False
        for source in self._facts.sources:
            parts.extend(pattern_parts(source))
            for keyword in ("additionalProperties", "unevaluatedProperties"):
                value = source.schema.get(keyword)
                if value is False:
                    closed = True
                elif value is True or isinstance(value, dict):
                    parts.append(child(source, keyword))
        patterned = [part for part in parts if "/patternProperties/" in part.pointer]
        if patterned:
            return self._below(patterned[:1] if len(patterned) == 1 else [Source({}, self.pointer, "")], False)
        if closed:
            return None
        if parts:
            return self._below(parts, False)
        # Declared fields, even none of them, are what there is to fill in; only a bare object is a map of anything.
        declared = any(isinstance(source.schema.get("properties"), dict) for source in self._facts.sources)
        return None if self.properties or declared else self._below([Source({}, self.pointer, "")], False)

    @cached_property
    def patterns(self) -> tuple[tuple[str, "Node"], ...]:
        """Patterns of names, and what the further fields with such a name must look like (`patternProperties`)."""
        found: dict[str, list[Source]] = {}
        for source in self._facts.sources if self.kind == "object" else ():
            declared = source.schema.get("patternProperties")
            for pattern in declared if isinstance(declared, dict) else ():
                found.setdefault(pattern, []).append(child(source, "patternProperties", pattern))
        return tuple((pattern, self._below(parts, False)) for pattern, parts in found.items())

    @cached_property
    def prefix_items(self) -> tuple["Node", ...]:
        """The fixed places of a tuple (`prefixItems`, or draft-07's list of `items`)."""
        if self.kind != "array":
            return ()
        for source in self._facts.sources:
            for keyword in ("prefixItems", "items"):
                places = source.schema.get(keyword)
                if isinstance(places, list):
                    minimum = self.constraints.get("minItems", 0)
                    return tuple(
                        self._below([child(source, keyword, index)], index < minimum) for index in range(len(places))
                    )
        return ()

    @cached_property
    def items(self) -> "Node | None":
        """What the items of an array look like; None when no item may follow those of `prefix_items`."""
        if self.kind != "array":
            return None
        parts: list[Source] = []
        for source in self._facts.sources:
            tuple_form = isinstance(source.schema.get("items"), list)
            value = source.schema.get("additionalItems" if tuple_form else "items", True)
            if value is False:
                return None
            if isinstance(value, dict):
                parts.append(child(source, "additionalItems" if tuple_form else "items"))
        if not parts and self.constraints.get("maxItems", len(self.prefix_items) + 1) <= len(self.prefix_items):
            return None
        return self._below(parts or [Source({}, self.pointer, "")], True)

    def _below(self, parts: Iterable[Source], required: bool) -> "Node":
        return Node(self._document, tuple(parts), required=required, depth=self._depth + 1)


def _is_definition(pointer: str) -> bool:
    return pointer.rpartition("/")[0].endswith(("/$defs", "/definitions"))


_REFERRING: Final = frozenset({"$ref", "title", "description", "default", "examples", "$comment", "deprecated"})


def plan(schema: Any, *, root: Any = None) -> Node:
    """What a form for `schema` looks like.

    `root` is the document that references are looked up in, when `schema` is only a part of it. Nothing raises and
    nothing is fetched: what cannot be shown has kind "json" and a reason.
    """
    document = Document(schema if root is None else root)
    return Node(document, (document.source(schema),))


# --- what to begin with ---


def defaults(node: Node, *, examples: bool = False) -> Any:
    """The value that a form begins with, a fresh copy, or UNSET.

    Declared defaults are filled in, also for optional fields; other optional fields stay unset. Required objects,
    arrays, booleans, constants and choices of one value are filled as far as they are determined; other required
    fields stay unset for the user. With `examples`, the first example stands in for a missing default of a required
    field. Recursive schemas end where they recur.
    """
    return _Initial(examples).of(node)


class _Initial:
    def __init__(self, examples: bool) -> None:
        self._examples = examples
        self._budget = MAX_INITIAL_FIELDS
        self._open: set[tuple[str, ...]] = set()

    def of(self, node: Node) -> Any:
        self._budget -= 1
        if node.default is not UNSET:
            return deepcopy(node.default)
        if not node.required or self._budget < 0:
            return UNSET
        if self._examples and node.examples:
            return deepcopy(node.examples[0])
        match node.kind:
            case "const":
                return deepcopy(node.choices[0].value)
            case "enum" if len(node.choices) == 1 and not node.nullable:
                return deepcopy(node.choices[0].value)
            case "null":
                return None
            case "boolean" if not node.nullable:
                return False
            case "object" | "array" | "union" if not node.nullable:
                return self._composed(node)
            case _:
                return UNSET

    def _composed(self, node: Node) -> Any:
        place = node.identity
        if place in self._open:
            return UNSET
        self._open.add(place)
        try:
            if node.kind == "object":
                filled = ((name, self.of(field)) for name, field in node.properties)
                return {name: value for name, value in filled if value is not UNSET}
            if node.kind == "union":
                return self.of(node.branches[0])
            values = [self.of(item) for item in node.prefix_items]
            return [] if UNSET in values else values
        finally:
            self._open.discard(place)


# --- elicitation ---
