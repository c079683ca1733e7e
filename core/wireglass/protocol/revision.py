"""One revision's official JSON Schema, asked what it says against a value. jsonschema-rs loads when first needed."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from wireglass.protocol.messages import JsonObject, as_object
from wireglass.protocol.plain_check import surely_fits
from wireglass.protocol.verdicts import Verdict, verdicts_of
from wireglass.protocol.violation_words import definitions_to, message_step, missing_words

if TYPE_CHECKING:
    from jsonschema_rs import Validator

__all__ = ["Revision", "Violation"]

PLAIN_CHECKS = 300
"""Checks of a revision that are tried without the engine; more of them pay for loading it."""
_STRICT: Final = "Clients with strict types refuse the whole message; lenient ones may show a wrong value."
_MEANINGS: Final = {
    "required": "Clients that rely on the member fail or refuse the whole message.",
    "type": _STRICT,
    "additionalProperties": "Strict readers refuse the message because of the unknown member.",
    "enum": "Readers do not know this value and cannot act on it.",
    "const": "Readers cannot tell what kind of object this is.",
    "batch": "Readers answer with an error, or not at all.",
    "message-kind": "Readers cannot tell what this is and answer with an error, or not at all.",
    "direction": "The receiver does not expect this and answers with an error, or not at all.",
    "method-version": "The receiver does not know the method and answers with -32601.",
    "result-type": "Clients must treat the result as invalid.",
    "input-required": "Clients cannot continue the call.",
    "error-code": "Readers act on the code and may take this for something else.",
}
_PAGES: Final = {
    "batch": "Base protocol, Messages",
    "message-kind": "Base protocol, Messages",
    "direction": "Base protocol, Messages",
    "method-version": "Lifecycle, Version negotiation",
    "result-type": "Base protocol, Results",
    "input-required": "Multi round-trip requests",
    "error-code": "Base protocol, Error codes",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing in a message that its revision forbids."""

    path: str
    """JSON Pointer into the message (for a missing member: of that member)."""
    rule: str
    """Stable short name: "schema/<keyword>" for what the schema says, else a rule of ours such as "direction"."""
    message: str
    """What is wrong, a sentence."""
    revision: str
    definition: str = ""
    """The definition of the schema that was not met, or the page of the specification."""
    severity: Literal["error", "warning"] = "error"
    meaning: str = ""
    """What it does to clients or servers in practice."""
    next_step: str = ""
    within: str = ""
    """The definitions that lead to the place: "CallToolResult → ContentBlock"; empty for rules of ours."""


class Revision:
    """One revision's schema: definitions by method, and validators made when first needed."""

    def __init__(self, name: str, schema: JsonObject) -> None:
        """`schema` is the official one, parsed; it stays as it is."""
        self.name = name
        self._keyword = "$defs" if "$defs" in schema else "definitions"
        self._schema = _with_errata(schema, self._keyword)
        self._validators: dict[str, Validator] = {}
        self._plain_left = PLAIN_CHECKS

    @cached_property
    def definitions(self) -> dict[str, Any]:
        """Schemas by name."""
        return self._schema[self._keyword]

    @cached_property
    def by_method(self) -> dict[str, str]:
        """The definition of each method's request or notification."""
        found: dict[str, str] = {}
        for name, definition in self.definitions.items():
            method = as_object(as_object(definition.get("properties")).get("method")).get("const")
            # 2026-07-28 repeats the only notification of clients under the name of the union.
            if isinstance(method, str) and not (method in found and name == "ClientNotification"):
                found[method] = name
        return found

    def result_of(self, method: str) -> str:
        """The definition of the result of a method's request."""
        request = self.by_method.get(method, "")
        result = request.removesuffix("Request") + "Result"
        return result if request.endswith("Request") and result in self.definitions else "Result"

    def first(self, *names: str) -> str:
        """The first of these definitions that the revision has: names changed over time."""
        return next(name for name in names if name in self.definitions)

    def violations(self, value: Any, definition: str, path: str = "") -> Iterator[Violation]:
        """What the schema's definition says against a value that stands at `path` in the message."""
        if self._plainly_fits(definition, value):
            return
        validator = self._validator(definition)
        try:
            if validator.is_valid(value):
                return
            for verdict in verdicts_of(validator.iter_errors(value)):
                yield self._objection(verdict, value, definition, path)
        except (ValueError, TypeError, RecursionError):
            yield self.against("not-json", path, "This is no JSON value, or is nested too deeply to be checked.")

    def _objection(self, verdict: Verdict, value: Any, definition: str, path: str) -> Violation:
        within = definitions_to(self.definitions, self._keyword, definition, value, verdict.path)
        missing = verdict.path.rpartition("/")[2] if verdict.keyword == "required" else ""
        words = missing_words(within[-1], missing) if missing and within else None
        usual = _MEANINGS.get(verdict.keyword, _STRICT)
        return Violation(
            path=path + verdict.path,
            rule=f"schema/{verdict.keyword}",
            message=words.message if words else verdict.message,
            revision=self.name,
            definition=definition,
            meaning=(words.meaning if words else "") or usual,
            next_step=words.next_step if words else message_step(verdict.next_step),
            within=" → ".join(within),
        )

    def against(self, rule: str, path: str, message: str, **facts: Any) -> Violation:
        """A violation of a rule that is not in the schema."""
        facts = {"definition": _PAGES.get(rule, ""), "meaning": _MEANINGS.get(rule, ""), **facts}
        return Violation(path, rule, message, self.name, **facts)

    def _plainly_fits(self, definition: str, value: Any) -> bool:
        """The first messages of a session mostly are plain: then the engine need not be loaded for them."""
        if definition in self._validators or self._plain_left <= 0:
            return False
        self._plain_left -= 1
        return surely_fits({"$ref": f"#/{self._keyword}/{definition}"}, value, root=self._schema)

    def _validator(self, definition: str) -> Validator:
        known = self._validators.get(definition)
        if known is None:
            known = self._validators[definition] = self._compile(definition)
        return known

    @cached_property
    def _registry(self) -> Any:
        import jsonschema_rs

        return jsonschema_rs.Registry([(f"urn:mcp:{self.name}", self._schema)])

    def _compile(self, definition: str) -> Validator:
        import jsonschema_rs

        reference = {
            "$schema": self._schema.get("$schema", "https://json-schema.org/draft/2020-12/schema"),
            "$ref": f"urn:mcp:{self.name}#/{self._keyword}/{definition}",
        }
        return jsonschema_rs.validator_for(reference, registry=self._registry, offline=True)


def _with_errata(schema: JsonObject, keyword: str) -> JsonObject:
    """The schema as `schema.ts`, which is normative, means it.

    Its generator turned `number` into `integer` in ElicitResult.content (2025-06-18 and later) and in JSONValue
    (2026-07-28), where it lost null as well.
    """
    definitions: JsonObject = dict(schema.get(keyword, {}))
    for name in ("ElicitResult", "JSONValue"):
        if name in definitions:
            definitions[name] = _numbers_for_integers(deepcopy(definitions[name]), null=name == "JSONValue")
    return {**schema, keyword: definitions}


def _numbers_for_integers(schema: Any, *, null: bool) -> Any:
    if isinstance(schema, list):
        return [_numbers_for_integers(one, null=null) for one in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _numbers_for_integers(value, null=null) for key, value in schema.items()}
    types = changed.get("type")
    if isinstance(types, list) and "integer" in types:
        changed["type"] = [*(one for one in types if one != "integer"), "number", *(["null"] if null else [])]
    return changed
