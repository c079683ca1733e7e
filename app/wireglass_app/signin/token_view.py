"""What is known of a token. Its value and claims are masked, and seen only while a button is held; never recorded."""

import json
from time import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from wireglass_app.controls import Button, Label, column, row
from wireglass_app.moments import day_and_clock
from wireglass_app.plain import visible
from wireglass_app.signing_in import SigningIn
from wireglass_app.theme import theme

__all__ = ["TokenView"]

_DOTS = "••••••••"
_ROWS = ("Issuer", "Audience", "Scopes", "Expires", "Kept in")


class TokenView(QWidget):
    """Follows one `SigningIn`."""

    def __init__(self, sign_in: SigningIn | None = None) -> None:
        super().__init__()
        self.setAccessibleName("Token")
        self._sign_in: SigningIn | None = None
        self.values: dict[str, Label] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for at, name in enumerate(_ROWS):
            label = Label(name, "muted")
            value = self.values[name] = Label("", wrap=True).selectable()
            value.setAccessibleName(name)
            grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, at, 1)
        self.inside = QPlainTextEdit()
        self.inside.setReadOnly(True)
        self.inside.setTabChangesFocus(True)
        self.inside.setProperty("type", "mono-small")
        self.inside.setAccessibleName("Header and claims of the token, masked")
        self.inside.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.inside.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.inside.setFixedHeight(theme().px(112))
        self.hold = Button("Hold to show", icon="eye", name="Hold to show the token's values")
        self.hold.pressed.connect(self._reveal)
        self.hold.released.connect(self._mask)
        self.hold.installEventFilter(self)
        self.save = Button("Unlock and save", clicked=lambda: self._sign_in and self._sign_in.save())
        self.again = Button("Sign in again", clicked=lambda: self._sign_in and self._sign_in.again())
        self.out = Button("Sign out", clicked=lambda: self._sign_in and self._sign_in.sign_out())
        note = Label("values are never written to recordings", "muted", "small")
        head = row(Label("Token", type="strong"), None, note)
        self.setLayout(column(head, grid, self.inside, row(self.hold, self.save, None, self.again, self.out), gap=10))
        self.set_sign_in(sign_in)

    def set_sign_in(self, sign_in: SigningIn | None) -> None:
        """Whose token it shows."""
        if self._sign_in is not None:
            self._sign_in.changed.disconnect(self.refresh)
        self._sign_in = sign_in
        if sign_in is not None:
            sign_in.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the state as it is now, masked."""
        sign_in = self._sign_in
        token = sign_in.token if sign_in is not None else None
        asking = sign_in.asking if sign_in is not None else None
        later = "after permission"
        if token is None:
            gone = sign_in is not None and sign_in.signed_out
            self._put("Issuer", asking.issuer if asking else later)
            self._put("Audience", later)
            self._put("Scopes", " ".join(asking.scopes) + " (asked for)" if asking and asking.scopes else later)
            self._put("Expires", "signed out" if gone else later)
            self._put("Kept in", "the keychain, per issuer")
        else:
            self._put("Issuer", token.issuer)
            audience = ", ".join(token.audience)
            self._put("Audience", audience or f"{token.resource} (the token does not say)")
            self._put("Scopes", " ".join(token.scopes) or "not told")
            self._put("Expires", _expiry(token.expires_at, renewable=token.renewable))
            self._put("Kept in", token.kept)
        live = sign_in is not None and sign_in.live
        for widget in (self.inside, self.hold):
            widget.setVisible(token is not None)
        self.save.setVisible(token is not None and live and "until you quit" in token.kept and "locked" in token.kept)
        self.out.setVisible(token is not None and live)
        self.again.setVisible(live and asking is None and (token is not None or _has_ended(sign_in)))
        self._mask()

    def _put(self, name: str, text: str) -> None:
        label = self.values[name]
        label.setText(visible(text, 600))
        label.set_tone("muted" if text in ("after permission", "signed out") else "primary")

    def _mask(self) -> None:
        token = self._sign_in.token if self._sign_in is not None else None
        if token is None:
            self.inside.clear()
            return
        if not token.claims:
            lines = [f"{token.kind} token, {token.length} characters, not a JWT: {_DOTS}"]
        else:
            lines = ["header", *(f"  {visible(name, 80)}: {_DOTS}" for name in token.header)]
            lines += ["claims", *(f"  {visible(name, 80)}: {_DOTS}" for name in token.claims)]
        self.inside.setPlainText("\n".join(lines))

    def _reveal(self) -> None:
        if self._sign_in is not None:
            self._sign_in.reveal(self._show, self)

    def _show(self, found: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
        text, header, claims = found
        if not self.hold.isDown() or not text:
            return  # let go meanwhile
        lines = [*_lines("header", header), *_lines("claims", claims)] if claims else []
        self.inside.setPlainText("\n".join([*lines, "token", f"  {text}"]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whatever takes the button away from the hand hides the values too."""
        if event.type() in (QEvent.Type.Hide, QEvent.Type.FocusOut, QEvent.Type.WindowDeactivate):
            self.hold.setDown(False)
            self._mask()
        return super().eventFilter(watched, event)


def _has_ended(sign_in: SigningIn | None) -> bool:
    return sign_in is not None and (sign_in.signed_out or sign_in.problem is not None)


def _lines(title: str, values: dict[str, Any]) -> list[str]:
    lines = [title]
    for name, value in values.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if name in ("exp", "iat", "nbf", "auth_time") and isinstance(value, int | float):
            text = f"{text} ({_moment(float(value))})"
        lines.append(f"  {visible(name, 80)}: {visible(text, 2000)}")
    return lines


def _moment(seconds: float) -> str:
    try:
        return day_and_clock(seconds)
    except (OverflowError, ValueError, OSError):
        return "no time"


def _expiry(at: float | None, *, renewable: bool) -> str:
    then = ", then renewed without asking you" if renewable else ""
    if at is None:
        return f"not told{then}"
    left = at - time()
    if left <= 0:
        return f"expired {_moment(at)}{then}"
    minutes = int(left // 60)
    words = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min" if minutes else "under 1 min"
    return f"{_moment(at)}, in {words}{then}"
