"""Does a value fit a JSON Schema? Verdicts in plain words, with the place, the rule and what to do.

Judged by jsonschema-rs, which is loaded at the first check that is not plain. Draft 2020-12 unless `$schema` says
otherwise. References are never fetched. Compiled validators are kept, so that a form can check at each key.
"""

from __future__ import annotations

from base64 import b64decode
from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from wireglass.protocol.plain_check import is_plain_schema, missing_members, surely_fits
from wireglass.protocol.schema_refs import pointer_join
from wireglass.protocol.verdicts import Verdict, first_line, missing_verdict, shown, verdicts_of

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

__all__ = ["Verdict", "check", "fits"]

MAX_VERDICTS = 100
"""More than anyone reads; a list of 100,000 wrong items must not cost seconds."""
KEPT_VALIDATORS = 256


def check(schema: Any, value: Any) -> tuple[Verdict, ...]:
    """What is wrong with `value` by `schema`; empty when it fits. At most `MAX_VERDICTS`.

    A schema that cannot be used gives one verdict with the keyword "schema". Does not raise. `schema` is remembered by
    identity and must not be changed afterwards.
    """
    if _is_plain(schema):
        if surely_fits(schema, value):
            return ()
        missing = missing_members(schema, value)
        if missing:
            return tuple(missing_verdict("", name) for name in missing[:MAX_VERDICTS])
    compiled = _compiled(schema)
    if isinstance(compiled, str):
        return (Verdict("", f"The schema cannot be used: {compiled}.", "schema", "Correct the schema in the server."),)
    try:
        if compiled.is_valid(value):
            return ()
        return tuple(islice(verdicts_of(compiled.iter_errors(value)), MAX_VERDICTS))
    except (ValueError, TypeError, RecursionError) as error:
        return (Verdict("", f"The value is not JSON: {first_line(error)}.", "type", "Use JSON values only."),)


def fits(schema: Any, value: Any) -> bool:
    """Whether `check` would find nothing; faster for values that fit."""
    if _is_plain(schema) and surely_fits(schema, value):
        return True
    compiled = _compiled(schema)
    try:
        return not isinstance(compiled, str) and compiled.is_valid(value)
    except (ValueError, TypeError, RecursionError):
        return False


# --- compiled schemas ---

_by_identity: OrderedDict[int, tuple[Any, Validator | str]] = OrderedDict()
_by_text: OrderedDict[bytes, Validator | str] = OrderedDict()
_plain: OrderedDict[int, tuple[Any, bool]] = OrderedDict()


def _is_plain(schema: Any) -> bool:
    """Whether the engine is not needed yet: nothing was compiled for this schema, and all of it is plain."""
    known = _by_identity.get(id(schema))
    if known is not None and known[0] is schema:
        return False
    seen = _plain.get(id(schema))
    if seen is None or seen[0] is not schema:
        seen = (schema, is_plain_schema(schema))
        _remember(_plain, id(schema), seen)
    return seen[1]


def _compiled(schema: Any) -> Validator | str:
    """The validator of a schema, or why there is none."""
    known = _by_identity.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    try:
        text = to_json(schema)
    except (ValueError, TypeError, RecursionError) as error:
        return f"it is not JSON ({first_line(error)})"
    compiled = _by_text.get(text)
    if compiled is None:
        compiled = _compile(schema)
        _remember(_by_text, text, compiled)
    _remember(_by_identity, id(schema), (schema, compiled))
    return compiled


def _remember(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    if len(kept) > KEPT_VALIDATORS:
        kept.popitem(last=False)


def _compile(schema: Any) -> Validator | str:
    import jsonschema_rs

    if not isinstance(schema, dict | bool):
        return "it is neither an object nor true or false"
    try:
        return jsonschema_rs.validator_for(
            schema,
            offline=True,
            validate_formats=True,
            formats={"byte": _is_base64},
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000, size_limit=1_000_000),
        )
    except jsonschema_rs.ValidationError as error:
        where = pointer_join("", *error.instance_path)
        at = f" at {where}" if where else ""
        return f"{_schema_fault(schema, error)}{at}"
    except (ValueError, TypeError, RecursionError, jsonschema_rs.ReferencingError) as error:
        return first_line(error)


def _is_base64(text: str) -> bool:
    """OpenAPI's format "byte": what RFC 4648 section 4 writes."""
    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _schema_fault(schema: dict[str, Any] | bool, error: ValidationError) -> str:
    text = first_line(error)
    dialect = schema.get("$schema") if isinstance(schema, dict) else None
    if "meta-schema" in text and isinstance(dialect, str):
        return f"its dialect {shown(dialect)} is not known (2020-12 and draft-07 are)"
    if "cannot fetch" in text:
        return "it refers to a schema elsewhere, and nothing is fetched"
    return text
