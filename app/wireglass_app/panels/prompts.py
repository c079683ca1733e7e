"""Prompts: the list, the arguments of the chosen prompt, and its messages as the model would get them."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from wireglass.protocol.schema import UNSET
from wireglass.protocol.spans import TRACE_KEY
from wireglass_app.calls import Call
from wireglass_app.catalogue_list import CatalogueList
from wireglass_app.controls import Button, Chip, Elided, Empty, Label, Pages, column, row, surface
from wireglass_app.dossier.pane import Dossier
from wireglass_app.forms.fields import LineEditor
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.succession import Predecessor
from wireglass_app.forms.suggest import Suggestions
from wireglass_app.inbox.base import Tools
from wireglass_app.inbox.trial import SamplingTrial, as_sampling
from wireglass_app.kept_drafts import without_secrets
from wireglass_app.layouts import beside, scrolling
from wireglass_app.models.catalogue import ItemRow, prompt_parts
from wireglass_app.models.drafts import Drafts
from wireglass_app.panels.base import Desk
from wireglass_app.panels.catalogue_panel import NoneChosen, Offered
from wireglass_app.panels.item_calls import ItemCallsPanel
from wireglass_app.payloads.base import pick
from wireglass_app.payloads.cards import ContentCard
from wireglass_app.plain import count, visible
from wireglass_app.reconnect import Reconnect
from wireglass_app.server_session import ServerSession
from wireglass_app.toolview.halves import Halves
from wireglass_app.toolview.prompt_head import PromptHead
from wireglass_app.turns import gradually

__all__ = ["PromptsPanel"]

_MESSAGES = 100


class PromptsPanel(ItemCallsPanel):
    """Ctrl+Enter gets the messages."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Prompts")
        self.form: SchemaForm | None = None
        self._forms: dict[tuple[ServerSession | None, str], SchemaForm] = {}
        self._drafts = Drafts(desk.settings, "prompt")
        self.list = CatalogueList(
            "prompts",
            "prompt",
            "This server offers no prompts",
            "Add one with @mcp.prompt and save: it shows up here by itself.",
        )
        self.list.chosen.connect(self._select)
        self.list.entered.connect(lambda _row: self._focus_form())
        self.title = Elided("", type="title")
        self.name = Elided("", "secondary", "mono")
        self.description = Elided("", "secondary")
        self.get = Button("Get messages", "primary", icon="play", key="Ctrl+Return", clicked=self.run_primary)
        self.reconnect = Reconnect(
            self.get, "Reconnect and get messages", self.run_primary, desk.announce, self.bookmark
        )
        self.copy = Button("Copy all", icon="copy", clicked=self._copy_messages)
        self.test = Button("Send to sampling test", icon="spark", clicked=self.try_sampling)
        self.trial: SamplingTrial | None = None
        header = PromptHead((self.title, self.name), self.description, (self.copy, self.test), self.get)
        self.forms = Pages()
        empty = Empty("prompt", "Get its messages to see them", "Ctrl+Enter asks for them with the arguments shown.")
        self.dossier = Dossier(empty, first="Messages", render=_messages)
        self.dossier.go_to_field.connect(self._go_to_field)
        self.serve(self.dossier)
        self.halves = Halves(self.forms, self.dossier, ("Arguments", "Messages"))
        work = QWidget()
        work.setLayout(column(header, self.halves, gap=0))
        self.none = NoneChosen("prompt", "No prompt is chosen")
        self.detail = Pages()
        self.detail.addWidget(work)
        self.detail.addWidget(self.none)
        self._work = work
        splitter = beside(self.list, self.detail, sizes=(264, 964))
        self.setLayout(column(splitter))

    def show_item(self, **facts: Any) -> None:
        call = facts.get("call")
        name = call.name if isinstance(call, Call) else str(facts.get("name") or "")
        if not name or not self.list.select(name):
            return
        if not isinstance(call, Call):
            self._focus_form()
        else:
            self._calls[self.session, name] = call
            self.halves.show_half("result")
            self._refresh()

    def _offered(self, session: ServerSession) -> Offered:
        prompts = session.catalogue.prompts
        problem = dict(session.catalogue.lists.problems).get("prompts", "")
        return prompt_parts(prompts, session.unseen), len(prompts), problem

    def _select(self, one: ItemRow) -> None:
        if self._row is None or self._row.name != one.name:
            self._leave_trial()
            self.detail.setCurrentWidget(self._work)
        self._row = self._chosen[self.session] = one
        title = visible(one.raw.get("title") or one.name)
        self.title.setText(title)
        self.name.setText(one.shown)
        self.name.setVisible(title != one.shown)
        self.description.setText(str(one.raw.get("description") or ""))
        self.get.setAccessibleName(f"Get the messages of {one.shown}")
        schema = _schema_of(one.raw)
        form, before = self._forms.get((self.session, one.name)), None
        if form is None or form.schema != schema:
            typed = self._typed(one.name, form, schema)
            if form is not None:
                before = Predecessor.of(form)
                self.forms.removeWidget(form)
                form.deleteLater()
            form = SchemaForm(schema, of="prompt")
            if typed:
                form.set_value(typed)
            form.changed.connect(self._keep)
            self._help(form, one.name)
            self._forms[self.session, one.name] = form
            self.forms.addWidget(form)
        self.form = form
        self.forms.setCurrentWidget(form)
        if before is not None:
            before.pass_on(form)
        self._refresh()

    def _typed(self, prompt: str, form: SchemaForm | None, schema: dict[str, Any]) -> dict[str, str]:
        """What was typed for the arguments that the prompt has now: into the form before, or before this start."""
        known = form.value() if form is not None else None
        if form is None and self.session is not None:
            known = self._drafts.get(self.session.target.key, prompt)
        given = known.items() if isinstance(known, dict) else ()
        return {name: text for name, text in given if name in schema["properties"] and isinstance(text, str)}

    def _keep(self) -> None:
        form, one = self.form, self._row
        if self.session is not None and form is not None and one is not None:
            value = form.value()
            kept = without_secrets(value, form.schema) if isinstance(value, dict) else {}
            self._drafts.keep(self.session.target.key, one.name, kept)

    def _help(self, form: SchemaForm, prompt: str) -> None:
        """The server's own completion below each argument."""
        for name, field in getattr(form.root, "rows", {}).items():
            editor = field.findChild(LineEditor)
            if editor is not None:
                suggestions = Suggestions(editor.line)
                suggestions.wanted.connect(
                    lambda text, name=name, to=suggestions: self._suggest(form, prompt, name, text, to)
                )

    def _focus_form(self) -> None:
        self.halves.show_half("form")
        if self.form is not None:
            self.form.focus_first_empty()

    def _go_to_field(self, pointer: str) -> None:
        self.halves.show_half("form")
        if self.form is None or not self.form.focus_place(pointer):
            self._focus_form()

    def _suggest(self, form: SchemaForm, prompt: str, name: str, text: str, to: Suggestions) -> None:
        session = self.session
        if session is not None and session.facts is not None and "completions" in session.facts.capabilities:
            self.desk.bridge.spawn(self._suggest_from(session, form, prompt, name, text, to), self, to)

    async def _suggest_from(
        self, session: ServerSession, form: SchemaForm, prompt: str, name: str, text: str, to: Suggestions
    ) -> None:
        value = form.value()
        others = {key: str(one) for key, one in value.items() if key != name} if isinstance(value, dict) else {}
        found = await session.complete({"type": "ref/prompt", "name": prompt}, name, text, others)
        to.offer(text, found.values)

    def run_primary(self) -> None:
        if self.trial is not None and self.detail.currentWidget() is self.trial:
            self.trial.enter()
            return
        session, form, one = self.session, self.form, self._row
        if self.dossier.enter() or session is None or form is None or one is None or session.recorded:
            return
        running = self.call
        if running is not None and not running.ended:
            return
        if not form.is_valid():
            self.halves.show_half("form")
            form.reveal_problems()
            return
        if self.reconnect.holds():
            return
        value = form.value()
        arguments = {} if value is UNSET else {str(key): str(text) for key, text in value.items()}
        self.halves.show_half("result")
        self._calls[session, one.name] = session.get_prompt(one.name, arguments, meta={TRACE_KEY: True})
        self._refresh()

    def _refresh(self) -> None:
        self.dossier.show_call(self.session, self.call)
        done = self.call is not None and self.call.state == "done"
        self.copy.setEnabled(done)
        self.test.setEnabled(done and bool(_list(self.call.result if self.call else None, "messages")))

    def _copy_messages(self) -> None:
        call = self.call
        texts = [as_text(message) for message in _list(call.result if call else None, "messages")]
        QGuiApplication.clipboard().setText("\n\n".join(texts))
        self.desk.announce("The messages are on the clipboard as text.")

    def try_sampling(self) -> None:
        """Opens the messages in a try-out of sampling, in place of the prompt."""
        call = self.call
        messages = _list(call.result if call else None, "messages")
        if call is None or not messages:
            self.desk.announce("There are no messages to try yet: get them first.")
            return
        self._leave_trial()
        desk = self.desk
        spawn = getattr(desk.bridge, "spawn", None)
        tools = Tools(desk.settings, desk.workbench.answers, desk.announce, desk.go, spawn)
        self.trial = SamplingTrial(call.name, messages, tools, desk.workbench.draft)
        self.trial.closed.connect(self._leave_trial)
        self.detail.addWidget(self.trial)
        self.detail.setCurrentWidget(self.trial)
        self.trial.begin()

    def _leave_trial(self) -> None:
        trial, self.trial = self.trial, None
        if trial is None:
            return
        held = trial.isAncestorOf(trial.window().focusWidget() or self)
        if self.detail.currentWidget() is trial:
            self.detail.setCurrentWidget(self._work)
        if held:
            self.test.setFocus(Qt.FocusReason.OtherFocusReason)
        self.detail.removeWidget(trial)
        trial.model.stop()
        trial.deleteLater()

    def draft_reply(self) -> None:
        """Ctrl+D in the try-out."""
        if self.trial is not None and self.detail.currentWidget() is self.trial:
            self.trial.draft()

    def toggle_json(self) -> None:
        if self.form is not None:
            self.halves.show_half("form")
            self.form.toggle_mode()

    def copy_result(self) -> None:
        self.dossier.copy_json()

    def show_timing(self) -> None:
        self.halves.show_half("result")
        self.dossier.show_tab("timing")

    def timed(self) -> int | None:
        return self.dossier.exchange

    def regions(self) -> list[QWidget]:
        if self.trial is not None and self.detail.currentWidget() is self.trial:
            return [self.list.view, self.trial.reply.text, self.trial.add]
        halves = [*([self.form] if self.form is not None else []), self.dossier.tabs]
        return [self.list.view, *([self.halves.switch] if self.halves.single else []), *halves]


def _schema_of(prompt: Any) -> dict[str, Any]:
    """Prompt arguments are named texts; as a schema they get the same form as everything else."""
    arguments = [one for one in prompt.get("arguments") or () if isinstance(one, dict) and one.get("name")]
    return {
        "type": "object",
        "properties": {
            str(one["name"]): {
                "type": "string",
                **{key: one[key] for key in ("title", "description") if isinstance(one.get(key), str)},
            }
            for one in arguments
        },
        "required": [str(one["name"]) for one in arguments if one.get("required") is True],
        "additionalProperties": False,
    }


def _list(result: dict[str, Any] | None, key: str) -> list[dict[str, Any]]:
    found = result.get(key) if result else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def as_text(message: dict[str, Any]) -> str:
    """A message as text to copy: its role, then its texts; what is no text is named."""
    content = as_sampling([message])[0]["content"]
    blocks = content if isinstance(content, list) else [content]
    texts = [
        str(one.get("text", "")) if one.get("type") == "text" else f"[{one.get('type')} {one.get('mimeType', '')}]"
        for one in blocks
    ]
    return f"{message.get('role', '')}:\n" + "\n".join(texts)


def _messages(call: Call) -> QWidget:
    page = surface(QWidget(), "panel")
    lines = column(gap=8, margins=(14, 12, 14, 12))
    messages = _list(call.result, "messages")
    if not messages:
        lines.addWidget(Label("The prompt has no messages.", "muted"))
    cards = column(gap=8)
    lines.addLayout(cards)

    def add(message: dict[str, Any]) -> None:
        role = visible(message.get("role", ""), 40)
        cards.addLayout(row(Chip(role, "info" if role == "assistant" else "plain"), None))
        cards.addWidget(ContentCard(pick(message.get("content"))))

    gradually(page, messages[:_MESSAGES], add)
    if len(messages) > _MESSAGES:
        lines.addWidget(Label(f"{count(len(messages) - _MESSAGES)} more are in Frames.", "muted", "small"))
    lines.addStretch(1)
    page.setLayout(lines)
    return scrolling(page)
