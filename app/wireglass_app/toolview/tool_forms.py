"""The forms of a server's tools, with what was typed into each: kept a moment later, and across restarts."""

from typing import Any

from PySide6.QtCore import QTimer

from wireglass.protocol.schema import UNSET
from wireglass_app.calls import Call
from wireglass_app.dossier.options import ChosenOptions, RequestOptions
from wireglass_app.forms.form import SchemaForm
from wireglass_app.forms.succession import Predecessor
from wireglass_app.kept_drafts import without_secrets
from wireglass_app.layouts import Pages
from wireglass_app.models.catalogue import ItemRow
from wireglass_app.models.drafts import Drafts
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.toolview.hints import task_support

__all__ = ["ToolForms"]

_KEPT_AFTER_MS = 500


class ToolForms(Pages):
    """One form per tool as long as the window is open; drafts outlive it. The request options stand below the form, and
    are as they were left for the tool."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.drafts = Drafts(settings)
        self.options = RequestOptions()
        self.form: SchemaForm | None = None
        """The form in sight."""
        self._made: dict[tuple[ServerSession, str], SchemaForm] = {}
        self._options_of: dict[tuple[ServerSession, str], ChosenOptions] = {}
        self._of: tuple[ServerSession, str] | None = None
        self._earlier_at: int | None = None
        self._keeping = QTimer(self, singleShot=True, interval=_KEPT_AFTER_MS)
        self._keeping.timeout.connect(self.keep)

    def show_tool(self, session: ServerSession, one: ItemRow) -> None:
        """The tool's form as it was left; a new one, with the same draft, when its schema is another now."""
        self.keep()
        self._show_options_of((session, one.name))
        self._of, self._earlier_at = (session, one.name), None
        form, before = self._made.get(self._of), None
        schema = one.raw.get("inputSchema")
        if form is None or form.schema != schema:
            draft = form.value() if form is not None else self.drafts.get(session.target.key, one.name)
            before = Predecessor.of(form) if form is not None else None
            if form is not None:
                self.options.setParent(self)
                self.removeWidget(form)
                form.deleteLater()
            form = SchemaForm(schema, draft if draft is not None else UNSET if isinstance(schema, dict) else {})
            form.changed.connect(self._keeping.start)
            self._made[self._of] = form
            self.addWidget(form)
        self.form = form
        self.setCurrentWidget(form)
        if before is not None:
            before.pass_on(form)
        form.hold(self.options)
        self.options.offer_log_level(session.facts is None or session.stateless)
        offered = session.facts.capabilities.get("tasks") if session.facts is not None else None
        self.options.offer_task(task_support(one.raw) if isinstance(offered, dict) else "")

    def _show_options_of(self, tool: tuple[ServerSession, str]) -> None:
        if tool != self._of:
            if self._of is not None:
                self._options_of[self._of] = self.options.chosen
            self.options.choose(self._options_of.get(tool, ChosenOptions()))

    @property
    def arguments(self) -> Any:
        """What the form holds, as a call would send it."""
        value = self.form.value() if self.form is not None else UNSET
        return {} if value is UNSET else value

    def keep(self) -> None:
        """Remembers what was typed so far, but for secrets: those stay in the form alone."""
        self._keeping.stop()
        if self._of is not None and self.form is not None:
            (session, name), value = self._of, self.form.value()
            self.drafts.keep(session.target.key, name, None if value is UNSET else self._for_disk(value))

    def sent(self, session: ServerSession, name: str, arguments: dict[str, Any]) -> None:
        """Remembers the arguments of a run, but for secrets."""
        self.drafts.sent(session.target.key, name, self._for_disk(arguments))

    def _for_disk(self, value: Any) -> Any:
        schema = self.form.schema if self.form is not None else None
        return without_secrets(value, schema if isinstance(schema, dict) else {}) if isinstance(value, dict) else value

    def restore(self, call: Call) -> None:
        """Shows the arguments of a run."""
        if self.form is not None and call.params.get("arguments") is not None:
            self.form.set_value(call.params["arguments"])
            self.form.subtitle.setText(f"from run {call.number}")

    @property
    def shows_earlier(self) -> bool:
        """Whether the form shows arguments of an earlier session."""
        return self._earlier_at is not None

    def step_earlier(self, forward: bool) -> None:
        """The arguments of a run before those of this session, or after the one that is shown."""
        if self._of is None or self.form is None:
            return
        session, name = self._of
        earlier = self.drafts.earlier(session.target.key, name)
        if earlier:
            at = (len(earlier) if self._earlier_at is None else self._earlier_at) + (1 if forward else -1)
            self._earlier_at = min(len(earlier) - 1, max(0, at))
            self.form.set_value(earlier[self._earlier_at])
            self.form.subtitle.setText("from an earlier run")

    def focus_first_empty(self) -> bool:
        """Gives the focus to the first field that wants an answer; False when there is nothing to fill in."""
        node = self.form.node if self.form is not None else None
        nothing = node is None or (node.kind == "object" and not node.properties and node.additional is None)
        return self.form is not None and not nothing and self.form.focus_first_empty()
