"""What is shown of a token, and of a check list: by itself, without a server."""

from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from wireglass_app.calls import Step
from wireglass_app.link_sign_in import Asking, Signing, TokenFacts
from wireglass_app.signin.check_list import CheckList, report
from wireglass_app.signin.page_card import PageCard
from wireglass_app.signin.token_view import TokenView
from wireglass_app.signing_in import SigningIn
from wireglass_app.theme import Theme

LOCKED = "The keychain is locked, so secrets are kept until you quit."


class Recorded(SigningIn):
    """Notes what a person asks for; reveals a fixed token."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(None, parent)  # type: ignore[arg-type]  # nothing is run
        self.asked: list[str] = []
        self._link = object()  # type: ignore[assignment]  # connected

    def save(self) -> None:
        self.asked.append("save")

    def reveal(self, then: Any, _viewer: Any) -> None:
        then(("the.jwt.itself", {"alg": "ES256"}, {"exp": 1_795_323_926, "sub": "ada"}))


def facts(**members: Any) -> TokenFacts:
    known: dict[str, Any] = {
        "issuer": "https://as.example",
        "audience": (),
        "resource": "https://mcp.example/mcp",
        "scopes": ("read",),
        "expires_at": None,
        "renewable": False,
        "kind": "Bearer",
        "kept": "the keychain",
    }
    return TokenFacts(**{**known, **members})


def test_a_locked_keychain_offers_to_unlock_and_save(look: Theme, qapp: QApplication) -> None:
    """Design, section 8: "The keychain is locked, so the token is kept until you quit." [Unlock and save]"""
    sign_in = Recorded(qapp)
    view = TokenView(sign_in)
    view.show()
    sign_in.take(Signing(token=facts(kept=LOCKED), has_token=True))
    assert view.save.isVisible()
    view.save.click()
    assert sign_in.asked == ["save"]
    sign_in.take(Signing(token=facts(), has_token=True))
    assert not view.save.isVisible()


def test_losing_the_focus_hides_what_is_held(look: Theme, qapp: QApplication) -> None:
    sign_in = Recorded(qapp)
    view = TokenView(sign_in)
    view.show()
    sign_in.take(Signing(token=facts(header=("alg",), claims=("exp", "sub")), has_token=True))
    assert "ada" not in view.inside.toPlainText()
    view.hold.setDown(True)
    view.hold.pressed.emit()
    assert "sub: ada" in view.inside.toPlainText()
    assert "the.jwt.itself" in view.inside.toPlainText()
    QApplication.sendEvent(view.hold, QEvent(QEvent.Type.WindowDeactivate))
    assert "ada" not in view.inside.toPlainText()


def test_a_token_that_says_nothing_is_told_so(look: Theme, qapp: QApplication) -> None:
    sign_in = Recorded(qapp)
    view = TokenView(sign_in)
    sign_in.take(Signing(token=facts(length=40), has_token=True))
    assert "does not say" in view.values["Audience"].text()
    assert "40 characters, not a JWT" in view.inside.toPlainText()


def test_the_page_of_another_host_is_named(look: Theme, qapp: QApplication) -> None:
    sign_in = Recorded(qapp)
    card = PageCard(sign_in)
    opened: list[str] = []
    card.opener = lambda url: not opened.append(url)
    asking = Asking("https://login.example/a?x", "https://as.example", ("a", "b"), "http://127.0.0.1:9/callback", 300)
    sign_in.take(Signing(asking=asking, asks=True))
    assert not card.isHidden()
    assert "as.example asks you to allow 2 scopes. Its page is at login.example." in card.text.text()
    assert opened == []
    card.go.click()
    assert opened == ["https://login.example/a?x"]
    assert "again" in card.go.text()
    sign_in.take(Signing(asking=None, asks=True))
    assert card.isHidden()


def test_the_check_list_names_what_failed_and_counts_what_is_done(look: Theme) -> None:
    steps = [
        Step("Name and address", "ok", "h", took="4 ms"),
        Step("Authorization server", "failed", "no PKCE", "Tell whoever runs it."),
        Step("Token", "pending"),
    ]
    shown = CheckList()
    shown.show_steps(steps)
    assert shown.done == (1, 3)
    failed = shown.point_of_interest()
    assert failed is not None
    shown.show_steps(steps[:1])
    assert shown.done == (1, 1)
    assert report("Check", steps).splitlines() == [
        "Check",
        "",
        "[x] Name and address · h · 4 ms",
        "[!] Authorization server · no PKCE",
        "    Tell whoever runs it.",
        "[ ] Token",
    ]
