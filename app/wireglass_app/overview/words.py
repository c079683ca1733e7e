"""What an Overview says, in words and rows: capabilities of both sides, what the era has and lacks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wireglass_app.calls import Roots
from wireglass_app.era import ListenStream
from wireglass_app.plain import counted, span_words, visible

__all__ = ["Ability", "client_abilities", "lacking", "lifetime_words", "server_abilities", "stream_words"]

_STATELESS = "2026-07-28"
_SERVER = (
    ("tools", "Tools"),
    ("resources", "Resources"),
    ("prompts", "Prompts"),
    ("completions", "Completion of arguments"),
    ("logging", "Log messages"),
    ("tasks", "Tasks"),
)
_LISTS = {"tools": "tools", "resources": "resources", "resourceTemplates": "templates", "prompts": "prompts"}


@dataclass(frozen=True, slots=True)
class Ability:
    """One line of a capability column."""

    text: str
    yes: bool
    note: str = ""
    deprecated: bool = False
    extension: bool = False


def server_abilities(capabilities: Mapping[str, Any], version: str) -> list[Ability]:
    """What the server announces: the known ones as yes or no, then its extensions and what it calls experimental."""
    old = version >= _STATELESS
    rows = [
        Ability(text, key in capabilities, _details(capabilities.get(key)), deprecated=old and key == "logging")
        for key, text in _SERVER
        if not (key == "tasks" and old)  # an extension since then
    ]
    known = {key for key, _ in _SERVER} | {"extensions", "experimental"}
    rows += [Ability(visible(key, 60), True, _details(capabilities[key])) for key in capabilities if key not in known]
    return rows + _further(capabilities)


def client_abilities(version: str, roots: Roots, sent: Mapping[str, Any]) -> list[Ability]:
    """What Wireglass offers a server; `sent` are the capabilities as they went out. Without them (a recording that
    begins later) it is what the version knows."""
    old = version >= _STATELESS
    elicits = sent.get("elicitation") if sent else {"url": {}} if version >= "2025-11-25" else {}
    forms = "elicitation" in sent if sent else version >= "2025-06-18"
    pages = forms and isinstance(elicits, dict) and "url" in elicits
    number = len(roots.folders)
    folders = counted(number, "folder") if number else "an empty list"
    samples = sent.get("sampling", {})
    with_tools = "answered in the Inbox, with tools" if "tools" in samples else "answered in the Inbox"
    found = [
        Ability("Elicitation: forms", forms, "" if forms else f"unknown to {version}"),
        Ability("Elicitation: pages to visit", pages, "" if pages else f"unknown to {version}"),
        Ability("Sampling", not sent or "sampling" in sent, with_tools, deprecated=old),
        Ability("Roots", not sent or "roots" in sent, "asked each time" if roots.ask else folders, deprecated=old),
    ]
    if "tasks" in sent:
        found.append(Ability("Tasks", True, "its questions may run as tasks"))
    return found + _further(sent)


def _further(capabilities: Mapping[str, Any]) -> list[Ability]:
    found: list[Ability] = []
    for key in ("extensions", "experimental"):
        named = capabilities.get(key)
        for name, facts in named.items() if isinstance(named, dict) else ():
            found.append(Ability(visible(name, 80), True, _details(facts) or key.rstrip("s"), extension=True))
    return found


def _details(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return ", ".join(visible(key, 40) for key, on in value.items() if on is True or isinstance(on, dict))


def lacking(stateless: bool, version: str) -> str:
    """Why some controls are not there: one sentence."""
    if stateless:
        return (
            f"Not in {version}: a log level for the whole session, ping, a subscription request per resource, and "
            "requests of the server. Every request stands alone, so these have nothing to hold on to."
        )
    return (
        f"Not in {version}: a log level per request, the listen stream with filters, cache lifetimes, and rounds of a "
        "call. They came with 2026-07-28; the session that initialize opened does their work."
    )


def lifetime_words(lifetimes: tuple[tuple[str, float, str], ...], keys: tuple[str, ...] = ()) -> str:
    """ "tools 30 s, private · resources, prompts not kept"; only of some lists, without names, when `keys` has them."""
    grouped: dict[str, list[str]] = {}
    for key, ttl, scope in lifetimes:
        if keys and key not in keys:
            continue
        good = span_words(ttl / 1000) if ttl > 0 else "not kept"
        words = good + (f", {visible(scope, 20)}" if scope else "")
        grouped.setdefault(words, []).append(_LISTS.get(key, visible(key, 40)))
    if keys:
        return " · ".join(grouped)
    return " · ".join(f"{', '.join(names)}: {words}" for words, names in grouped.items())


def stream_words(stream: ListenStream, now: float) -> str:
    """Whether the listen stream is open, since when, and how often it was opened."""
    if not stream.times:
        return "not opened: the server announces no changes"
    if stream.ended:
        return stream.ended
    again = f", opened {stream.times} times" if stream.times > 1 else ""
    return f"open for {span_words(now - stream.opened_at)}{again}"
