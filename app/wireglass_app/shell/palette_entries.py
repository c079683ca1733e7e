"""What the palette finds: tools, resources, prompts, servers, views, earlier calls, frames, settings, commands."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wireglass.recording.entries import Entry as FrameEntry
from wireglass_app.actions import Actions
from wireglass_app.calls import Call
from wireglass_app.dossier.words import verdict
from wireglass_app.models.frame_words import message_text
from wireglass_app.panels.base import PanelSpec
from wireglass_app.payloads.json_text import compact
from wireglass_app.plain import counted, duration, visible
from wireglass_app.preferences.index import SETTINGS
from wireglass_app.server_session import ServerSession
from wireglass_app.workbench import Workbench

__all__ = ["GROUPS", "PREFIXES", "Entry", "entries", "frames", "places", "score"]

GROUPS = {
    "tool": "Tools",
    "resource": "Resources",
    "prompt": "Prompts",
    "server": "Servers",
    "call": "Earlier calls",
    "frame": "Session",
    "view": "Views",
    "setting": "Settings",
    "command": "Commands",
}
"""Kinds, and the heading that entries of a kind stand under."""
PREFIXES = {
    ">": ("command", "view", "setting"),
    "@": ("tool", "resource", "prompt"),
    "#": ("frame", "call"),
    ":": ("server",),
}
_CALL_PANELS = {"tools/call": "tools", "resources/read": "resources", "prompts/get": "prompts"}
_METHODS = {panel: method for method, panel in _CALL_PANELS.items()}
_CALLS = 300
_FRAMES_SEARCHED = 1000
_FRAMES_FOUND = 20


_shown = lru_cache(maxsize=20_000)(visible)
"""The palette makes thousands of entries each time it opens, mostly the same ones."""


@dataclass(slots=True, eq=False)
class Entry:
    """One thing to go to or to do. Not frozen: that would triple what thousands of them cost."""

    kind: str
    text: str
    detail: str
    icon: str
    run: Callable[[], Any]
    key: str = ""
    start: Callable[[], Any] | None = None
    """Ctrl+Enter: opens and runs; None when there is nothing to run."""
    session: ServerSession | None = None
    """Whose it is; None for what belongs to no server."""

    @property
    def id(self) -> str:
        """Names it among those used last."""
        return f"{self.kind}:{self.text}"


def places(wanted: str, text: str) -> list[int] | None:
    """Where the letters of `wanted` stand in `text`, in order. None: not all of them are there."""
    low, whole = text.lower(), wanted.strip().lower()
    together = _together(whole, low)
    if together >= 0:
        return [at for at in range(together, together + len(whole)) if not low[at].isspace()]
    found: list[int] = []
    at = 0
    for letter in whole:
        if letter.isspace():
            continue
        place = low.find(letter, at)
        if place < 0:
            return None
        found.append(place)
        at = place + 1
    return found


def _together(wanted: str, low: str) -> int:
    """Where `wanted` stands as it was typed, at the start of a word if anywhere so; -1: its letters are apart."""
    first = at = low.find(wanted) if wanted else -1
    while at > 0 and low[at - 1].isalnum():
        at = low.find(wanted, at + 1)
    return first if at < 0 else at


def score(wanted: str, text: str) -> int | None:
    """How well the letters of `wanted` appear in order in `text`: best as they were typed, together; else starts of
    words count more. None: not at all."""
    low, whole = text.lower(), wanted.strip().lower()
    together = _together(whole, low)
    if together >= 0:
        begins = together == 0 or not low[together - 1].isalnum()
        return (12 if begins else 6) * len(whole) * 100 - len(text)
    total, at, last = 0, 0, -2
    for letter in whole:
        if letter.isspace():
            continue
        found = low.find(letter, at)
        if found < 0:
            return None
        start = found == 0 or not text[found - 1].isalnum() or (text[found].isupper() and text[found - 1].islower())
        total += 8 if start else 4 if found == last + 1 else 1
        at, last = found + 1, found
    return total * 100 - len(text)


def entries(
    actions: Actions, workbench: Workbench, specs: Sequence[PanelSpec], go: Callable[..., None]
) -> Iterator[Entry]:
    """Everything but frames, the current server first."""
    current = workbench.current
    for session in sorted(workbench.sessions, key=lambda one: one is not current):
        yield from _offered(session, actions, go)
    for session in workbench.sessions:
        show = lambda s=session: go("tools", session=s)  # noqa: E731 (bound in the loop)
        yield Entry("server", visible(session.name), session.target.summary, "plug", show, session=session)
    for spec in specs:
        if spec.group != "hidden" and (spec.group != "server" or current is not None):
            yield Entry("view", spec.title, "view", spec.icon, lambda k=spec.key: go(k))
    for session in workbench.sessions:
        yield from _calls(session, actions, go)
    for fact in SETTINGS:
        text = f"Settings: {fact.title}"
        yield Entry("setting", text, "", "settings", lambda s=fact.key: go("settings", section=s))
    for key, spec in actions.specs.items():
        if key != "palette":
            icon = spec.icon if spec.icon not in ("", "wireglass") else "box"
            yield Entry("command", spec.text, "", icon, lambda k=key: actions.trigger(k), spec.shortcut)


def frames(workbench: Workbench, wanted: str, go: Callable[..., None], *, all_of_them: bool) -> list[Entry]:
    """A number is the number of a frame. `all_of_them`: the newest frames are also searched by their words; else only
    those that break the protocol."""
    ledger = workbench.ledger
    wanted = wanted.strip()
    if wanted.isdigit() and len(wanted) < 12:
        try:
            return [_frame(ledger.entry(int(wanted)), go)]
        except LookupError:
            return []
    if not wanted and not all_of_them:
        return []
    columns = ledger.columns
    last = columns.first + len(columns.at_ns)
    if all_of_them:
        numbers = list(range(last - 1, max(columns.first, last - _FRAMES_SEARCHED) - 1, -1))
    else:
        numbers = sorted(ledger.violations, reverse=True)[:_FRAMES_SEARCHED]
    found: list[Entry] = []
    for number in numbers:
        try:
            entry = ledger.entry(number)
        except LookupError:
            continue
        if not wanted or score(wanted, message_text(entry)) is not None:
            found.append(_frame(entry, go))
        if len(found) == _FRAMES_FOUND:
            break
    return found


def _frame(entry: FrameEntry, go: Callable[..., None]) -> Entry:
    wrong = len(entry.violations or ())
    detail = counted(wrong, "schema violation") if wrong else "frame"
    icon = "cross-circle" if wrong else "swap"
    show = lambda: go("frames", seq=entry.seq)  # noqa: E731 (as in the loops)
    return Entry("frame", f"Frame {entry.seq} · {message_text(entry)}", detail, icon, show)


def _calls(session: ServerSession, actions: Actions, go: Callable[..., None]) -> Iterator[Entry]:
    for call in reversed(session.calls[-_CALLS:]):
        panel = _CALL_PANELS.get(call.method)
        if panel is not None:
            given = call.params.get("arguments")
            about = visible(compact(given), 80) if given else ""
            words = f"{visible(call.name, 80)} run {call.number} {about}".strip()
            detail = f"{visible(session.name, 40)} · {verdict(call).title}"
            show = lambda p=panel, s=session, c=call: go(p, session=s, call=c)  # noqa: E731 (bound in the loop)
            again = lambda show=show: (show(), actions.trigger("repeat"))  # noqa: E731
            yield Entry("call", words, detail, "history", show, start=again, session=session)


def _last_run(call: Call | None) -> str:
    if call is None:
        return ""
    took = f", {duration(call.milliseconds)}" if call.ended else ""
    return f" · run {call.number} {verdict(call).title.lower()}{took}"


def _offered(session: ServerSession, actions: Actions, go: Callable[..., None]) -> Iterator[Entry]:
    server, lists = visible(session.name, 40), session.catalogue
    newest = {(call.method, call.name): call for call in session.calls}
    for panel, kind, icon, items, key in (
        ("tools", "tool", "tools", lists.tools, "name"),
        ("resources", "resource", "file", (*lists.resources, *lists.templates), "uri"),
        ("prompts", "prompt", "prompt", lists.prompts, "name"),
    ):
        for item in items:
            name = str(item.get(key) or item.get("uriTemplate") or "")
            show = lambda p=panel, n=name: go(p, session=session, name=n)  # noqa: E731 (bound in the loop)
            start = lambda show=show: (show(), actions.trigger("run"))  # noqa: E731
            told = _last_run(newest.get((_METHODS[panel], name)))
            yield Entry(kind, _shown(name), f"{server}{told}", icon, show, start=start, session=session)
