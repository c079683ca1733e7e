"""Flow 8: paste a URL, the steps run by themselves, the page opens by hand only, the token is never recorded."""

import asyncio
from base64 import b64encode
from dataclasses import replace
from typing import Any

import httpx
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from oauth_double import Double, served
from wireglass.errors import HttpStatusError
from wireglass_app.calls import Target
from wireglass_app.dialogs.connect import ConnectDialog
from wireglass_app.dialogs.sign_in_fields import SignInFields, other_headers
from wireglass_app.failures import explain


async def dialog_on(desk: Any, url: str, **fields: Any) -> ConnectDialog:
    """The connect dialog with an address, connected."""
    desk.window.connect_wanted.emit(None)
    dialog = await desk.until(lambda: desk.app.opener.dialog, "the dialog")
    assert isinstance(dialog, ConnectDialog)
    dialog.show_tab("url")
    dialog.form.url.setText(url)
    dialog.go.click()
    return dialog


class Browser:
    """Opens pages as a person's browser would, and remembers which."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []

    def open(self, url: str) -> bool:
        self.opened.append(url)
        self._tasks.append(asyncio.get_running_loop().create_task(self._go(url)))
        return True

    async def _go(self, url: str) -> None:
        # In a thread: on Qt's loop the listener's answer and the browser would wait for each other longer.
        await asyncio.to_thread(lambda: httpx.get(url, follow_redirects=True, trust_env=False))


def texts(dialog: ConnectDialog) -> list[tuple[str, str]]:
    return [(step.text, step.state) for step in dialog.check.steps()]


def test_a_url_that_wants_a_sign_in_is_connected_step_by_step(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        browser = Browser()
        async with served() as (double, url):
            dialog = await dialog_on(desk, url)
            session = desk.app.workbench.current
            await desk.until(lambda: session.sign_in.asking, "the page")
            assert browser.opened == []
            assert dialog.isVisible()
            assert dialog.form.sign_in.card.isVisible()
            assert ("Permission in your browser", "running") in texts(dialog)
            assert ("Token", "pending") in texts(dialog)
            assert double.authorizations == []
            dialog.form.sign_in.card.opener = browser.open
            assert dialog.form.sign_in.card.go.isDefault()
            QTest.keyClick(dialog, Qt.Key.Key_Return)
            await desk.until(lambda: session.state == "ready", "a connection")
            await desk.until(lambda: desk.app.opener.dialog is None, "the dialog to close")
            assert len(browser.opened) == 1
            assert session.sign_in.token is not None
            assert session.sign_in.token.scopes == ("read",)
            lane = [event for event in desk.app.workbench.ledger.events if event.kind == "sign-in"]
            assert [event.text for event in lane][-2:] == ["Permission in your browser", "Token"]
            assert [event.facts["human"] for event in lane][-2:] == [True, False]
            everything = repr(list(desk.app.workbench.ledger.entries)) + repr(desk.app.workbench.ledger.events)
            assert [secret for secret in double.secrets if secret in everything] == []

    desktop(scene)


def test_the_step_that_fails_is_named_with_what_to_do(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        async with served() as (double, url):
            assert double.server is not None
            double.server["code_challenge_methods_supported"] = ["plain"]
            dialog = await dialog_on(desk, url)
            session = desk.app.workbench.current
            await desk.until(lambda: session.state == "failed", "a failure")
            failed = [step for step in dialog.check.steps() if step.state == "failed"]
            assert [step.text for step in failed] == ["Authorization server"]
            assert failed[0].remedy
            assert "PKCE" in dialog.problem.text()
            assert dialog.go.isEnabled()
            assert "[!] Authorization server" in dialog.check.report()
            dialog.reject()

    desktop(scene)


OTHERS = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJodHRwczovL290aGVyLmV4YW1wbGUifQ.x"
"""A JWT for https://other.example."""


def test_a_token_for_another_server_is_told_in_the_pane_with_a_way_to_sign_in_again(desktop: Any) -> None:
    """Design, section 8, "token refused"."""

    async def scene(desk: Any) -> None:
        browser = Browser()
        async with served() as (double, url):
            double.on_token = lambda form: httpx.Response(200, json={"access_token": OTHERS, "token_type": "Bearer"})
            session = desk.app.opener.open_target(Target("shop", "http", url=url))
            await desk.until(lambda: session.sign_in.asking, "the page")
            panel = desk.window.host.panel
            panel.page.opener = browser.open
            panel.page.go.click()
            await desk.until(lambda: session.state == "failed", "the refusal")
            assert panel.title.text() == "The token is for another server"
            assert panel.text.text() == f"Audience is https://other.example, this server is {url}."
            again = panel.offers.first()
            assert again.accessibleName() == "Sign in again"
            double.on_token = lambda form: None
            again.click()
            await desk.until(lambda: session.sign_in.asking, "the page once more")
            panel.page.go.click()
            await desk.until(lambda: session.state == "ready", "a connection")
            assert len(browser.opened) == 2

    desktop(scene)


def test_a_token_that_somebody_gave_for_another_server_is_told_apart() -> None:
    target = Target("shop", "http", url="https://shop.example/mcp", headers=(("Authorization", f"Bearer {OTHERS}"),))
    refused = HttpStatusError(401, target.url)
    failure = explain(target, refused, (), (), (), was_ready=False)
    assert failure.title == "The token is for another server"
    assert failure.text == "Audience is https://other.example, this server is https://shop.example/mcp."
    own = replace(target, url="https://other.example/mcp")
    assert explain(own, refused, (), (), (), was_ready=False).title == "The server wants a sign-in"


def test_leaving_the_dialog_stops_what_waits(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        async with served() as (double, url):
            dialog = await dialog_on(desk, url)
            session = desk.app.workbench.current
            await desk.until(lambda: session.sign_in.asking, "the page")
            dialog.reject()
            await desk.until(lambda: session.state in ("failed", "closed"), "an end")
            assert session.sign_in.asking is None
            assert double.forms == []

    desktop(scene)


def test_a_call_that_needs_more_brings_the_dialog_back_and_is_repeated(desktop: Any) -> None:
    """Flow 8: "returns here with the union of scopes and, after consent, repeats the call"."""

    async def scene(desk: Any) -> None:
        browser = Browser()
        async with served(needs={"look": "write"}) as (_, url):
            dialog = await dialog_on(desk, url)
            session = desk.app.workbench.current
            await desk.until(lambda: session.sign_in.asking, "the page")
            dialog.form.sign_in.card.opener = browser.open
            dialog.form.sign_in.card.go.click()
            await desk.until(lambda: session.state == "ready", "a connection")
            await desk.until(lambda: desk.app.opener.dialog is None, "the dialog to close")
            call = session.call_tool("look", {})
            back = await desk.until(lambda: desk.app.opener.dialog, "the dialog again")
            assert not call.ended
            assert session.sign_in.asking is not None
            assert session.sign_in.asking.scopes == ("read", "write")
            back.form.sign_in.card.opener = browser.open
            back.form.sign_in.card.go.click()
            await desk.until(lambda: call.ended, "the call")
            assert call.state == "done"
            await desk.until(lambda: desk.app.opener.dialog is None, "the dialog to close")
            assert call.waited_ns > 0
            requests = [entry for entry in session.entries_of(call) if entry.kind == "request"]
            assert len(requests) == 1, "one message, however often it was sent"

    desktop(scene)


def test_values_are_seen_only_while_the_button_is_held(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        browser = Browser()
        async with served() as (double, url):
            dialog = await dialog_on(desk, url)
            session = desk.app.workbench.current
            await desk.until(lambda: session.sign_in.asking, "the page")
            dialog.form.sign_in.card.opener = browser.open
            dialog.form.sign_in.card.go.click()
            await desk.until(lambda: desk.app.opener.dialog is None, "the dialog to close")
            desk.window.go("sign-in", session=session)
            dialog = await desk.until(lambda: desk.app.opener.dialog, "the dialog")
            view = dialog.check.token
            token = next(iter(double.tokens))
            assert view.values["Scopes"].text() == "read"
            assert token not in view.inside.toPlainText()
            view.hold.setDown(True)
            view.hold.pressed.emit()
            await desk.until(lambda: token in view.inside.toPlainText(), "the value")
            view.hold.setDown(False)
            view.hold.released.emit()
            assert token not in view.inside.toPlainText()
            view.out.click()
            await desk.until(lambda: session.sign_in.signed_out, "the end of the token")
            assert double.seen[-1].endswith("/revoke")
            assert view.values["Expires"].text() == "signed out"
            dialog.reject()

    desktop(scene)


def test_an_answer_can_be_pasted(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        async with served() as (double, url):
            dialog = await dialog_on(desk, url)
            session = desk.app.workbench.current
            asking = await desk.until(lambda: session.sign_in.asking, "the page")
            page = await asyncio.to_thread(lambda: httpx.get(asking.url, trust_env=False))
            card = dialog.form.sign_in.card
            card.paste.click()
            QTest.keyClicks(card.address, "http://127.0.0.1:1/callback?code=x&state=y")
            card.use.click()
            await desk.until(lambda: card.wrong.text(), "a refusal")
            card.address.setText(page.headers["location"])
            card.use.click()
            await desk.until(lambda: session.state == "ready", "a connection")
            assert len(double.forms) == 1

    desktop(scene)


def test_a_token_of_ones_own_is_sent_and_nobody_signs_in(desktop: Any) -> None:
    async def scene(desk: Any) -> None:
        async with served() as (double, url):
            double.tokens["my-own-token"] = set()
            desk.window.connect_wanted.emit(None)
            dialog = await desk.until(lambda: desk.app.opener.dialog, "the dialog")
            dialog.show_tab("url")
            dialog.form.url.setText(url)
            dialog.form.sign_in.ways["token"].setChecked(True)
            dialog.go.click()
            assert "Give the token" in dialog.problem.text()
            dialog.form.sign_in.token.setText("my-own-token")
            dialog.go.click()
            session = desk.app.workbench.current
            await desk.until(lambda: session.state == "ready", "a connection")
            assert "my-own-token" not in repr(session.target.key)
            assert double.authorizations == []

    desktop(scene)


def test_a_server_that_wants_a_password_is_given_one(desktop: Any) -> None:
    """RFC 7617: no browser, and the fields for both; wrong ones are asked for again."""

    async def scene(desk: Any) -> None:
        async with served() as (double, url):
            double.challenge = 'Basic realm="desk"'
            double.tokens["Basic " + b64encode("ada:só:so".encode()).decode()] = set()
            session = desk.app.opener.open_target(Target("shop", "http", url=url))
            await desk.until(lambda: session.state == "failed", "a failure")
            assert session.failure.title == "The server wants a name and a password"
            assert [offer.key for offer in session.failure.offers] == ["password"]
            assert not [one for one in double.seen if "/.well-known/" in one]
            desk.app.opener.mend(session, "password")
            dialog = desk.app.opener.dialog
            fields = dialog.form.sign_in
            assert fields.way == "password"
            await desk.until(lambda: dialog.focusWidget() is fields.user, "the focus")
            dialog.go.click()
            assert "Give the user name" in dialog.problem.text()
            fields.user.setText("ada:x")
            dialog.go.click()
            assert "colon" in dialog.problem.text()
            fields.user.setText("ada")
            fields.password.setText("wrong")
            dialog.go.click()
            await desk.until(lambda: "did not take" in dialog.problem.text(), "a refusal")
            dialog.offers.first().click()
            assert dialog.focusWidget() is fields.user
            fields.password.setText("só:so")
            dialog.go.click()
            await desk.until(lambda: session.state == "ready", "a connection")
            await desk.until(lambda: desk.app.opener.dialog is None, "the dialog to close")
            assert double.authorizations == []
            everything = repr(list(desk.app.workbench.ledger.entries)) + repr(desk.app.workbench.ledger.events)
            assert session.target.headers[0][1].split()[1] not in everything

    desktop(scene)


def test_a_password_among_the_headers_has_its_own_fields(qtbot: Any, look: Any) -> None:
    fields = SignInFields()
    qtbot.addWidget(fields)
    for header, pair in ((b"ada:a:b", ("ada", "a:b")), (b":p", ("", "p")), (b"\xff:p", ("", ""))):
        value = f"basic {b64encode(header).decode()}"
        target = Target("shop", "http", url="https://a.example", headers=(("authorization", value), ("x", "y")))
        fields.fill(target)
        assert (fields.user.text(), fields.password.text()) == pair
        assert (fields.way == "password") == any(pair)
        assert len(other_headers(target)) == (1 if any(pair) else 2)
    fields.fill(Target("shop", "http", url="https://a.example", headers=(("Authorization", "Basic YWRhOng="),)))
    assert fields.headers() == (("Authorization", "Basic YWRhOng="),)


def test_a_double_speaks_for_itself() -> None:
    assert Double().issuer.startswith("https://")
