"""A workbench without servers: just enough of one for questions to be asked in it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QObject, Signal

from wireglass.client.inputs import InputKind, InputRequest
from wireglass.recording.ledger import Ledger
from wireglass_app.answers import Answers
from wireglass_app.calls import Call, Roots, Target
from wireglass_app.panels.base import Desk
from wireglass_app.questions import Group, Question
from wireglass_app.settings import Settings

__all__ = ["Bench", "Host", "NoKeychain", "desk_of"]


class Host(QObject):
    """Stands in for a ServerSession where questions need one."""

    def __init__(self, name: str = "parcel-desk", url: str = "", *, stateless: bool = True) -> None:
        super().__init__()
        self.name = self.own_name = name
        self.connection = name
        self.target = Target(name, "http" if url else "stdio", command="uv", url=url, spec="server.py", runner="uv")
        self.stateless = stateless
        self.recorded = False
        self.facts = SimpleNamespace(version="2026-07-28" if stateless else "2025-11-25")
        self.roots = Roots(("file:///home/you/project",))
        self.cancelled: list[Call] = []

    async def draft(self, _params: dict[str, Any], _on_text: Callable[[str], object]) -> dict[str, Any]:
        raise AssertionError("no test of one view asks a model")

    def cancel(self, call: Call) -> None:
        self.cancelled.append(call)


class NoKeychain:
    """Keys for the time of a test."""

    problem = ""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str | None:
        return self.kept.get(name)

    def set(self, name: str, value: str) -> None:
        self.kept[name] = value

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)


class Ring(QObject):
    """Stands in for what keeps the frames of a live session."""

    forgotten = Signal()
    opened = False


class Bench(QObject):
    """Stands in for the Workbench: a list of questions, real `Question`s over real `InputRequest`s."""

    questions_changed = Signal()
    entries_added = Signal(object, list)
    added = Signal(object)
    removed = Signal(object)
    session_changed = Signal(object)
    brush_changed = Signal(object)

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.questions: list[Question] = []
        self.ledger = Ledger()
        self.recording = Ring(self)
        self.sessions: list[Any] = []
        self.brushed: tuple[int, int] | None = None
        self.answers = Answers(settings)

    @property
    def waiting(self) -> list[Question]:
        return [question for question in self.questions if question.waiting]

    def brush(self, stretch: tuple[int, int] | None) -> None:
        """As the workbench does."""
        self.brushed = stretch
        self.brush_changed.emit(stretch)

    def session_of(self, connection: str) -> Any:
        return None

    def server_name(self, connection: str) -> str:
        """As the workbench says of one that never was open."""
        return connection.partition(" #")[0]

    def ask(
        self,
        params: dict[str, Any],
        kind: InputKind = "elicitation",
        *,
        host: Host,
        call: Call | None = None,
        group: Group | None = None,
        rule: str = "",
        **facts: Any,
    ) -> Question:
        """A new question arrives; `facts` are further arguments of `InputRequest`."""

        async def make() -> InputRequest:
            return InputRequest(f"input-{len(self.questions)}", kind, params, server=host.name, **facts)

        request = self.loop.run_until_complete(make())
        deliver: Callable[[Callable[..., Any]], None] = lambda function: function()  # noqa: E731
        question = Question(request, host, call, deliver, group, rule)  # type: ignore[arg-type]  # Host stands in
        question.changed.connect(self.questions_changed)
        self.questions.append(question)
        self.questions_changed.emit()
        return question

    def answer_of(self, question: Question) -> Any:
        """What reached the client: the result, or the exception."""
        future = question.request._future
        assert future.done()
        return future.exception() or future.result()

    def close(self) -> None:
        for question in self.questions:
            future = question.request._future
            if future.done() and not future.cancelled():
                future.exception()  # a refusal is an answer here; a loop tells of those that nobody has looked at
        self.loop.close()


def desk_of(bench: Bench, folder: Path, said: list[str] | None = None) -> Desk:
    """A desk on that bench, with settings of its own."""
    heard: Callable[[str], Any] = said.append if said is not None else lambda _text: None
    return Desk(
        bridge=None,  # type: ignore[arg-type]  # nothing here calls a server
        workbench=bench,  # type: ignore[arg-type]  # stands in
        settings=Settings(folder / "settings.json"),
        go=lambda *_key, **_facts: None,
        announce=heard,
    )
