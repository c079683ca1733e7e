"""The right side of the connect dialog: each step of the connection, and below it what is known of the token."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from wireglass_app.calls import Step
from wireglass_app.connection_steps import planned, sign_in_line
from wireglass_app.controls import Label, Rule, column, row, surface
from wireglass_app.layouts import scrolling
from wireglass_app.server_session import ServerSession
from wireglass_app.signin.check_list import CheckList, report
from wireglass_app.signin.token_view import TokenView
from wireglass_app.theme import theme

__all__ = ["CheckPane"]

_PLAN = (
    Step("Name and address", "pending", "resolves the name, opens a connection"),
    Step("TLS", "pending", "for https: whom the certificate names, who vouches for it"),
    Step("Sign-in", "pending", "only if the server asks for it; the page opens only when you say so"),
    Step("Discover and choose a version", "pending", "server/discover, then initialize if refused"),
)


class CheckPane(QWidget):
    """Empty until it follows a session; then shows its steps as they happen."""

    def __init__(self) -> None:
        super().__init__()
        surface(self, "sunken", "left")
        self.setFixedWidth(theme().px(368))
        self._session: ServerSession | None = None
        self.count = Label("", "muted", "small")
        self.list = CheckList()
        self.token = TokenView()
        inner = surface(QWidget(), "sunken")
        inner.setLayout(column(self.list, margins=(0, 0, 0, 0)))
        self._scroll = scroll = scrolling(inner, sideways=False)
        head = row(Label("Connection check", type="strong"), None, self.count)
        above = column(head, scroll, gap=12, margins=(18, 16, 14, 12))
        above.setStretchFactor(scroll, 1)
        layout = column(above, Rule(), column(self.token, margins=(18, 12, 14, 16)), gap=0)
        layout.setStretchFactor(above, 1)
        self.setLayout(layout)
        self.refresh()

    def follow(self, session: ServerSession) -> None:
        """Shows this session's steps from now on."""
        self.leave()
        self._session = session
        session.steps_changed.connect(self.refresh)
        session.state_changed.connect(self.refresh)
        session.sign_in.changed.connect(self.refresh)
        self.token.set_sign_in(session.sign_in)
        self.refresh()

    def leave(self) -> None:
        """Stops following."""
        session, self._session = self._session, None
        if session is not None:
            session.steps_changed.disconnect(self.refresh)
            session.state_changed.disconnect(self.refresh)
            session.sign_in.changed.disconnect(self.refresh)
            self.token.set_sign_in(None)

    def steps(self) -> list[Step]:
        """What is shown."""
        session = self._session
        if session is None:
            return list(_PLAN)
        newest = [sign_in_line(step) for step in session.sign_in.steps]
        known = [step for step in session.steps if not step.key]
        connecting = session.state == "connecting"
        if connecting or session.state in ("failed", "crashed"):
            return planned(session.steps, connecting=connecting)
        # Connected: the newest sign-in, which may be a step-up, and not the first one again.
        at = sum(step.text in ("Name and address", "TLS") for step in known)
        return planned([*known[:at], *newest, *known[at:]], connecting=bool(session.sign_in.asking))

    def refresh(self) -> None:
        """Shows the state as it is now."""
        self.list.show_steps(self.steps())
        done, of = self.list.done
        self.count.setText(f"{done} of {of} done" if self._session is not None else "")
        QTimer.singleShot(0, self, self._show_newest)

    def _show_newest(self) -> None:
        """The step that failed or waits is in sight."""
        line = self.list.point_of_interest()
        if line is not None:
            self._scroll.ensureWidgetVisible(line, 0, theme().px(24))

    def report(self) -> str:
        """The check as text."""
        session = self._session
        return report(f"Connection check of {session.target.url}" if session else "Connection check", self.steps())
