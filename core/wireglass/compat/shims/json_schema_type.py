"""`fastmcp.utilities.json_schema_type`: a JSON Schema as a Python type that pydantic validates by.

Objects become dataclasses (or models, where further members are allowed and kept). The client's own reading of results
(`wireglass.client.typed_data`) is more lenient: it never refuses a value.
"""

import copy
import dataclasses
import datetime
import hashlib
import keyword
import re
import sys
import types
import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ForwardRef, Literal, Union, cast

from pydantic import AfterValidator, AnyUrl, BeforeValidator, ConfigDict, Field, Json, create_model
from pydantic_core import to_json

__all__ = ["json_schema_to_type"]

Schema = dict[str, Any]
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_STRING = {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"}
_NUMBER = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
_ARRAY = {"minItems": "min_length", "maxItems": "max_length"}


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError("not an e-mail address")
    return text


_FORMATS: dict[str, Any] = {
    "date-time": datetime.datetime,
    "date": datetime.date,
    "time": datetime.time,
    "duration": datetime.timedelta,
    "uuid": uuid.UUID,
    "uri": AnyUrl,
    "json": Json,
    "email": Annotated[str, AfterValidator(_email)],
}

_known: dict[tuple[str, str | None], Any] = {}


def json_schema_to_type(schema: Mapping[str, Any], name: str | None = None) -> Any:
    """The type of a schema; the same one for an equal schema. `name` is the class's, instead of the title.

    Raises ValueError when a name is given to something else than an object.
    """
    root = dict(schema)
    if name is not None and not _is_object(root):
        raise ValueError("Can not apply name to non-object schema")
    key = (_hash_schema(root), name)
    if key not in _known:
        _known[key] = _Maker(root, key[0]).make(name)
    return _known[key]


def _hash_schema(schema: Any) -> str:
    """SHA-256 of a schema, whatever the order of its members."""
    return hashlib.sha256(to_json(_sorted(schema))).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = cast("Schema", value)
        return {key: _sorted(mapping[key]) for key in sorted(mapping)}
    return [_sorted(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def _is_object(schema: Schema) -> bool:
    return schema.get("type") == "object" or ("type" not in schema and "properties" in schema)


class _Maker:
    """Makes the types of one schema. Its classes live in a module of their own, where pydantic finds those that refer
    to each other by name."""

    def __init__(self, root: Schema, digest: str) -> None:
        self._root = root
        self._module = types.ModuleType(f"wireglass.compat.schema_types.{digest}")
        self._made: dict[str, str] = {}
        """JSON Pointer of an object to the name of its class, once it is being made."""
        self._classes: dict[str, Any] = {}

    def make(self, name: str | None) -> Any:
        sys.modules[self._module.__name__] = self._module
        if not self._root:
            return object
        if name is not None:
            return self._object(self._root, "#", name)
        return self._type(self._root, "#", "Root")

    def _type(self, schema: Any, pointer: str, name: str) -> Any:
        if not isinstance(schema, dict):
            return Any
        node = cast("Schema", schema)
        if "$ref" in node and isinstance(node["$ref"], str):
            return self._reference(node["$ref"], name)
        if "const" in node:
            return _literal([node["const"]])
        if isinstance(node.get("enum"), list) and node["enum"]:
            return _literal(node["enum"])
        for key in ("anyOf", "oneOf"):
            if isinstance(node.get(key), list):
                branches = enumerate(cast("list[Any]", node[key]))
                return _union([self._type(branch, f"{pointer}/{key}/{at}", name) for at, branch in branches])
        if isinstance(node.get("allOf"), list):
            return self._type(self._merged(node), f"{pointer}/allOf", name)
        return self._plain(node, pointer, name)

    def _plain(self, node: Schema, pointer: str, name: str) -> Any:
        kind = node.get("type")
        if isinstance(kind, list):
            kinds = cast("list[Any]", kind)
            return _union([self._plain({**node, "type": each}, f"{pointer}/{each}", name) for each in kinds])
        if _is_object(node):
            return self._object(node, pointer, name)
        match kind:
            case "string":
                return _constrained(_FORMATS.get(str(node.get("format")), str), node, _STRING)
            case "integer":
                return _constrained(int, node, _NUMBER)
            case "number":
                return _constrained(float, node, _NUMBER)
            case "boolean":
                return bool
            case "null":
                return type(None)
            case "array":
                return self._array(node, pointer, name)
            case _:
                return Any

    def _array(self, node: Schema, pointer: str, name: str) -> Any:
        items = node.get("items")
        if isinstance(items, list):
            listed = enumerate(cast("list[Any]", items))
            item = _union([self._type(each, f"{pointer}/items/{at}", f"{name}Item") for at, each in listed])
        elif "prefixItems" in node or items is None:
            item = Any
        else:
            item = self._type(items, f"{pointer}/items", f"{name}Item")
        made: Any = set[item] if node.get("uniqueItems") else list[item]
        return _constrained(made, node, _ARRAY)

    def _merged(self, node: Schema) -> Schema:
        merged = {key: value for key, value in node.items() if key != "allOf"}
        for part in node["allOf"]:
            found = self._target(part["$ref"]) if "$ref" in part else part
            for key, value in found.items():
                old = merged.get(key)
                if isinstance(old, dict) and isinstance(value, dict):
                    merged[key] = {**old, **value}
                elif isinstance(old, list) and isinstance(value, list):
                    merged[key] = [*old, *(item for item in cast("list[Any]", value) if item not in old)]
                else:
                    merged.setdefault(key, value)
        return merged

    # References

    def _reference(self, reference: str, name: str) -> Any:
        if reference in self._made:
            found = self._classes.get(reference)
            return found if found is not None else ForwardRef(self._made[reference], module=self._module.__name__)
        target = self._target(reference)
        if _is_object(target) and target.get("properties"):
            return self._object(target, reference, reference.rpartition("/")[2] or name)
        return self._type(target, reference, name)

    def _target(self, reference: str) -> Schema:
        node: Any = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step and isinstance(node, dict):
                node = cast("Schema", node).get(step.replace("~1", "/").replace("~0", "~"), {})
        return cast("Schema", node) if isinstance(node, dict) else {}

    # Objects

    def _object(self, node: Schema, pointer: str, name: str) -> Any:
        properties = node.get("properties")
        extra = node.get("additionalProperties")
        if not isinstance(properties, dict) or not properties:
            return dict[
                str, self._type(extra, f"{pointer}/additionalProperties", name) if isinstance(extra, dict) else Any
            ]
        title = node.get("title")
        class_name = self._class_name(
            title if isinstance(title, str) and name in ("Root", "") else name, title, pointer
        )
        self._made[pointer] = class_name
        fields = self._fields(node, cast("Schema", properties), pointer, model=bool(extra))
        made: Any
        if extra:
            config = ConfigDict(extra="allow", populate_by_name=True)
            made = cast("Any", create_model)(class_name, __config__=config, __module__=self._module.__name__, **fields)
        else:
            listed = [(key, kind, default) for key, (kind, default) in fields.items()]
            listed.sort(key=lambda item: _has_default(item[2]))
            namespace = {"__module__": self._module.__name__}
            made = dataclasses.make_dataclass(class_name, [_as_field(*item) for item in listed], namespace=namespace)
        setattr(self._module, class_name, made)
        self._classes[pointer] = made
        return made

    def _class_name(self, wanted: str, title: Any, pointer: str) -> str:
        chosen = title if isinstance(title, str) and pointer != "#" else wanted
        name = re.sub(r"\W+", "_", chosen).strip("_") or "Root"
        name = f"_{name}" if name[0].isdigit() else name
        taken = set(self._made.values())
        return next(each for each in (name, *(f"{name}_{n}" for n in range(2, 10_000))) if each not in taken)

    def _fields(self, node: Schema, properties: Schema, pointer: str, *, model: bool) -> dict[str, tuple[Any, Any]]:
        required = node.get("required") or ()
        fields: dict[str, tuple[Any, Any]] = {}
        for key, given in properties.items():
            member = cast("Schema", given) if isinstance(given, dict) else {}
            kind = self._type(member, f"{pointer}/properties/{key}", _capitalised(key))
            default: Any = dataclasses.MISSING
            if "default" in member:
                kind, default = _with_default(kind, member)
            elif key not in required:
                kind, default = Union[kind, None], None  # noqa: UP007 - `X | None` has no __origin__, which readers look for
            shown = _identifier(key, model=model)
            if shown != key:
                kind = Annotated[kind, Field(alias=key)]
            fields[shown] = (kind, ... if model and default is dataclasses.MISSING else default)
        return fields


def _capitalised(key: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W+|_", key)) or "Member"


def _identifier(key: str, *, model: bool) -> str:
    """The property's name as an attribute: `@type` is `field_type`, `first-name` is `first_name`."""
    name = re.sub(r"\W", "_", key, flags=re.ASCII)
    leads = key[:1].isalpha() or (key[:1] == "_" and not model)
    name = name if leads else f"field_{name.lstrip('_')}"
    return f"{name}_" if keyword.iskeyword(name) else name


def _has_default(default: Any) -> bool:
    return default is not dataclasses.MISSING


def _as_field(key: str, kind: Any, default: Any) -> tuple[str, Any, Any]:
    if not _has_default(default):
        return key, kind, dataclasses.field()
    if isinstance(default, (dict, list)):
        return key, kind, dataclasses.field(default_factory=lambda: copy.deepcopy(default))
    return key, kind, dataclasses.field(default=default)


def _with_default(kind: Any, member: Schema) -> tuple[Any, Any]:
    """A default that is an object also completes a value that is given in part."""
    default = member["default"]
    if not isinstance(default, dict):
        return (
            (Annotated[kind, Field(validate_default=True)], default) if isinstance(default, list) else (kind, default)
        )
    merge: Callable[[Any], Any] = lambda value: _merge_defaults(value, member) if isinstance(value, dict) else value  # noqa: E731
    merged = _merge_defaults({}, member)
    return Annotated[kind, BeforeValidator(merge), Field(validate_default=True)], merged


def _merge_defaults(data: Schema, schema: Schema, parent_default: Schema | None = None) -> Schema:
    """`data` completed: what is given counts most, then the object's default, then the defaults of its members."""
    own = parent_default if parent_default is not None else schema.get("default")
    base = cast("Schema", own) if isinstance(own, dict) else {}
    properties = cast("dict[str, Any]", schema.get("properties") or {})
    result = copy.deepcopy(base)
    for key, member in properties.items():
        if key not in data and key not in base and isinstance(member, dict) and "default" in member:
            result[key] = copy.deepcopy(cast("Schema", member)["default"])
    for key, value in data.items():
        member = cast("Schema", properties.get(key) or {})
        if isinstance(value, dict):
            inner = member["default"] if isinstance(member.get("default"), dict) else base.get(key)
            result[key] = _merge_defaults(
                cast("Schema", value), member, cast("Schema", inner) if isinstance(inner, dict) else None
            )
        else:
            result[key] = value
    return result


def _union(kinds: list[Any]) -> Any:
    if not kinds or any(kind is Any for kind in kinds):
        return Any
    return Union[tuple(kinds)]  # noqa: UP007 - made at run time


def _literal(values: list[Any]) -> Any:
    if all(isinstance(value, (str, int, bool, type(None))) for value in values):
        return Literal[tuple(values)]

    def check(value: Any) -> Any:
        if not any(type(value) is type(each) and value == each for each in values):
            raise ValueError(f"must be one of {values!r}")
        return value

    return Annotated[Any, AfterValidator(check)]


def _constrained(kind: Any, node: Schema, names: dict[str, str]) -> Any:
    given = {ours: node[theirs] for theirs, ours in names.items() if theirs in node}
    return Annotated[kind, Field(**given)] if given else kind
