"""How to sign in to a URL: not at all, with a token one has, or in the browser when the server asks."""

from typing import Any

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from wireglass_app.calls import Target
from wireglass_app.configs.argument_chips import ArgumentChips
from wireglass_app.controls import Fold, Label, column, row
from wireglass_app.dialogs.fields import Fields, above, line_field
from wireglass_app.signin.page_card import PageCard

__all__ = ["SignInFields", "other_headers"]

_WAYS = (("none", "None"), ("token", "Token"), ("auto", "OAuth in the browser"))


class SignInFields(QWidget):
    """Three ways, and what each needs."""

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
        self.scopes = ArgumentChips("Scopes", "scope", "All that the server names")
        self.client_id = line_field("Client id", "Wireglass registers itself")
        self.client_secret = _secret("Client secret", "None")
        registered = Fields()
        registered.add("Client id", self.client_id, "For authorization servers that register clients only by hand.")
        registered.add("Client secret", self.client_secret, "Sent to the issuer only. Given again each time.")
        self.more = Fold("A client that is registered already", registered, opened=False, note="client id and secret")
        self.card = PageCard()
        self._token_row = above("Token", self.token)
        self._scopes_row = above("Scopes", self.scopes, "Enter adds one. The page says what you allow.")
        line = row(*self.ways.values(), None, gap=20)
        self.setLayout(column(Label("Sign-in"), line, self._token_row, self.card, self._scopes_row, self.more, gap=10))
        self.ways["auto"].setChecked(True)

    @property
    def way(self) -> str:
        return next(key for key, button in self.ways.items() if button.isChecked())

    def fill(self, target: Target) -> None:
        """Shows a target's choice; a bearer token among its headers is a way of its own."""
        token = _token_of(target)
        self.token.setText(token)
        self.scopes.set_values(target.scopes)
        self.client_id.setText(target.client_id)
        self.client_secret.setText(target.client_secret)
        self.ways["token" if token else target.sign_in if target.sign_in in self.ways else "auto"].setChecked(True)

    def facts(self) -> dict[str, Any]:
        """Members of a `Target`; headers come separately. Raises ValueError with a sentence."""
        if self.way == "token" and not self.token.text().strip():
            raise ValueError("Give the token, or choose another way to sign in.")
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
        return (("Authorization", f"Bearer {self.token.text().strip()}"),) if self.way == "token" else ()

    def set_editable(self, editable: bool) -> None:
        """The page that waits stays usable while the rest is not."""
        for part in (*self.ways.values(), self._token_row, self._scopes_row, self.more):
            part.setEnabled(editable)

    def _chosen(self) -> None:
        way = next((key for key, button in self.ways.items() if button.isChecked()), "")
        self._token_row.setVisible(way == "token")
        for part in (self._scopes_row, self.more):
            part.setVisible(way == "auto")


def other_headers(target: Target) -> tuple[tuple[str, str], ...]:
    """The headers of a target without the token that has its own field."""
    token = _token_of(target)
    return tuple(pair for pair in target.headers if not (token and pair[0].lower() == "authorization"))


def _token_of(target: Target) -> str:
    given = next((value for name, value in target.headers if name.lower() == "authorization"), "")
    return given[7:].strip() if given.lower().startswith("bearer ") else ""


def _secret(name: str, placeholder: str) -> QLineEdit:
    field = line_field(name, placeholder)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field
