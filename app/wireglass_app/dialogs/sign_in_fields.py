"""How to sign in to a URL: not at all, with a token or a password one has, or in the browser when the server asks."""

import binascii
from base64 import b64decode, b64encode
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from wireglass_app.calls import Target
from wireglass_app.configs.argument_chips import ArgumentChips
from wireglass_app.controls import Fold, Label, column, row
from wireglass_app.dialogs.fields import Fields, above, line_field
from wireglass_app.signin.page_card import PageCard

__all__ = ["SignInFields", "other_headers"]

_WAYS = (("none", "None"), ("token", "Token"), ("password", "Password"), ("auto", "OAuth in the browser"))


class SignInFields(QWidget):
    """Four ways, and what each needs."""

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.ways: dict[str, QRadioButton] = {}
        for key, text in _WAYS:
            button = self.ways[key] = QRadioButton(text)
            button.setAccessibleName(f"Sign-in: {text}")
            button.toggled.connect(self._chosen)
            self._group.addButton(button)
        self.token = _secret("Token", "Sent as Authorization: Bearer …, and kept only while the server is open")
        self.user = line_field("User name", "As the server knows you")
        self.password = _secret("Password", "Kept only while the server is open")
        self.scopes = ArgumentChips("Scopes", "scope", "All that the server names")
        self.client_id = line_field("Client id", "Wireglass registers itself")
        self.client_secret = _secret("Client secret", "None")
        registered = Fields()
        registered.add("Client id", self.client_id, "For authorization servers that register clients only by hand.")
        registered.add("Client secret", self.client_secret, "Sent to the issuer only. Given again each time.")
        self.more = Fold("A client that is registered already", registered, opened=False, note="client id and secret")
        self.card = PageCard()
        self._token_row = above("Token", self.token)
        self._password_row = QWidget()
        pair = row(above("User name", self.user), above("Password", self.password), gap=14)
        self._password_row.setLayout(pair)
        self._scopes_row = above("Scopes", self.scopes, "Enter adds one. The page says what you allow.")
        line = row(*self.ways.values(), None, gap=20)
        needs = (self._token_row, self._password_row, self.card, self._scopes_row, self.more)
        self.setLayout(column(Label("Sign-in"), line, *needs, gap=10))
        self.ways["auto"].setChecked(True)

    @property
    def way(self) -> str:
        return next(key for key, button in self.ways.items() if button.isChecked())

    def fill(self, target: Target) -> None:
        """Shows a target's choice; a token or a password among its headers is a way of its own."""
        token, pair = _token_of(target), _pair_of(target)
        self.token.setText(token)
        self.user.setText(pair[0])
        self.password.setText(pair[1])
        self.scopes.set_values(target.scopes)
        self.client_id.setText(target.client_id)
        self.client_secret.setText(target.client_secret)
        given = "token" if token else "password" if any(pair) else target.sign_in
        self.ways[given if given in self.ways else "auto"].setChecked(True)

    def ask_password(self) -> None:
        """The server wants a name and a password: the fields for both, to be typed in."""
        self.ways["password"].setChecked(True)
        self.user.setFocus()

    def facts(self) -> dict[str, Any]:
        """Members of a `Target`; headers come separately. Raises ValueError with a sentence."""
        if self.way == "token" and not self.token.text().strip():
            raise ValueError("Give the token, or choose another way to sign in.")
        if self.way == "password" and not self.user.text():
            raise ValueError("Give the user name, or choose another way to sign in.")
        if self.way == "password" and ":" in self.user.text():
            raise ValueError("A user name has no colon: it would end there.")
        if self.client_secret.text() and not self.client_id.text().strip():
            raise ValueError("A client secret needs the client id that it belongs to.")
        return {
            "sign_in": "none" if self.way == "none" else "auto",
            "scopes": tuple(word for one in self.scopes.values() for word in one.split()) if self.way == "auto" else (),
            "client_id": self.client_id.text().strip() if self.way == "auto" else "",
            "client_secret": self.client_secret.text() if self.way == "auto" else "",
        }

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What the chosen way adds to every request."""
        match self.way:
            case "token":
                return (("Authorization", f"Bearer {self.token.text().strip()}"),)
            case "password":
                pair = f"{self.user.text()}:{self.password.text()}"
                return (("Authorization", f"Basic {b64encode(pair.encode()).decode()}"),)
            case _:
                return ()

    def set_editable(self, editable: bool) -> None:
        """The page that waits stays usable while the rest is not."""
        for part in (*self.ways.values(), self._token_row, self._password_row, self._scopes_row, self.more):
            part.setEnabled(editable)

    def _chosen(self) -> None:
        way = next((key for key, button in self.ways.items() if button.isChecked()), "")
        self._token_row.setVisible(way == "token")
        self._password_row.setVisible(way == "password")
        for part in (self._scopes_row, self.more):
            part.setVisible(way == "auto")


def other_headers(target: Target) -> tuple[tuple[str, str], ...]:
    """The headers of a target without the token, or the password, that has its own field."""
    own = bool(_token_of(target)) or any(_pair_of(target))
    return tuple(pair for pair in target.headers if not (own and pair[0].lower() == "authorization"))


def _given(target: Target, scheme: str) -> str:
    """What a target's Authorization header says after the scheme; empty for another one."""
    header = next((value for name, value in target.headers if name.lower() == "authorization"), "")
    given, _, rest = header.strip().partition(" ")
    return rest.strip() if given.lower() == scheme else ""


def _token_of(target: Target) -> str:
    return _given(target, "bearer")


def _pair_of(target: Target) -> tuple[str, str]:
    """User name and password; both empty where there are none, or none that can be read (RFC 7617)."""
    try:
        user, colon, password = b64decode(_given(target, "basic"), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (user, password) if colon else ("", "")


def _secret(name: str, placeholder: str) -> QLineEdit:
    field = line_field(name, placeholder)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
