"""URL mode of elicitation: where one would go, what speaks for and against it, and nothing opened unasked."""

from urllib.parse import urlsplit

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QFont,
    QGuiApplication,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QWidget

from wireglass_app.controls import IconLabel, Label, Notice, column, row
from wireglass_app.inbox.address import Check, checks, read_address
from wireglass_app.inbox.base import QuestionView, Tools
from wireglass_app.payloads.highlight import reveal
from wireglass_app.plain import visible
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["ConsentView"]

_WIDE = 720
_LONGEST = 8_000
_MOST_LINES = 8


def _open_in_browser(url: str) -> bool:
    return QDesktopServices.openUrl(QUrl(url, QUrl.ParsingMode.TolerantMode))


class ConsentView(QuestionView):
    """Opens the page only by `accept`, which is the user's click or Ctrl+Enter. Accept is consent, not completion."""

    accept_text = "Open in browser"
    can_dismiss = True

    def __init__(self, question: Question, tools: Tools) -> None:
        super().__init__(question)
        self._opener = tools.opener or _open_in_browser
        self._remember = tools.remember
        visited = tools.visited
        self.address = read_address(str(question.params.get("url", "")))
        url = question.session.target.url
        server_host = (urlsplit(url).hostname or "") if url else ""
        found = checks(self.address, server_host=server_host, visited=visited(self.address.registrable))
        if not self.address.openable:
            found = (Check("bad", "Cannot be opened", self.address.problem, "cross-circle"),)
        self.checks = found
        self.whole = self._whole()
        self._mark_domain()
        theme().changed.connect(self._mark_domain)
        page = QWidget()
        page.setMaximumWidth(theme().px(_WIDE))
        page.setLayout(column(*self._parts(), gap=10, margins=(24, 16, 24, 16)))
        line = row(page, None)
        line.setStretch(0, 100)
        self.setLayout(column(line, None, gap=0))

    def _parts(self) -> list[QWidget]:
        parts: list[QWidget] = [Label("You would go to", "muted", "small-strong"), self._host(), self.whole]
        grid = QWidget()
        cells = QGridLayout(grid)
        cells.setContentsMargins(0, 4, 0, 4)
        cells.setVerticalSpacing(12)
        for at, check in enumerate(self.checks):
            cells.addWidget(_CheckLine(check), at // 2, at % 2)
        parts.append(grid)
        if self.address.openable:
            domain = self.address.registrable
            words = (
                f"What you type on that page goes to {domain}, not to Wireglass and not into this recording. "
                f"{_what_opening_means(self.question)}"
            )
            parts.append(Notice("info", words, icon="info", quiet=True))
        return parts

    def _host(self) -> QWidget:
        """The registrable domain large and dark, what stands before it lighter."""
        host, domain = self.address.host, self.address.registrable
        before = Label(visible(host[: len(host) - len(domain)], 120), "muted", "welcome")
        after = Label(visible(domain or "nowhere", 120), type="welcome")
        after.setAccessibleName(f"Domain {domain}")
        holder = QWidget()
        holder.setLayout(row(before, after, None, gap=0))
        return holder

    def _whole(self) -> QPlainTextEdit:
        view = _Whole(reveal(self.address.url[:_LONGEST]))
        view.setReadOnly(True)
        view.setTabChangesFocus(True)
        view.setProperty("type", "mono")
        view.setAccessibleName("The whole address")
        view.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        return view

    def _mark_domain(self) -> None:
        """The registrable domain stands out of the whole address, in the colours of the theme."""
        start, end = self.address.span
        if not self.address.openable or not end:
            return
        rest, mark = QTextCharFormat(), QTextCharFormat()
        rest.setForeground(theme().color("text.muted"))
        mark.setBackground(theme().color("human.bg"))
        mark.setForeground(theme().color("text.primary"))
        mark.setFontWeight(QFont.Weight.DemiBold)
        cursor = QTextCursor(self.whole.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.setCharFormat(rest)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(mark)

    def copy_address(self) -> None:
        """Puts the URL on the clipboard, as it was sent."""
        QGuiApplication.clipboard().setText(self.address.url)

    def accept(self) -> bool:
        """Opens the page; once it is open, says that it is done, and the call goes on."""
        if self.question.state == "visiting":
            self.question.retry()
            return True
        return self.open_page()

    def open_page(self) -> bool:
        """Opens the page, by the user's act only."""
        if not self.address.openable:
            self.wanted.emit(f"{self.address.problem} Decline, or copy the address and look at it elsewhere.")
            return False
        if not self._opener(self.address.url):
            self.wanted.emit(
                "The system did not open a browser. Copy the address and open it by hand, then accept again."
            )
            return False
        self._remember(self.address.registrable)
        self.question.visit()
        return self.question.state != "visiting"

    def begin(self) -> None:
        self.whole.setFocus()

    def draft_text(self) -> str:
        return self.address.url


def _what_opening_means(question: Question) -> str:
    if getattr(question.request, "page_first", False):
        return "The server gets no answer; the call is sent again when it, or you, say that the page is done."
    if question.session.stateless:
        return "The server is told “accept” when you retry the call; it does not mean that you have finished there."
    return "Opening it tells the server “accept”; it does not mean that you have finished there."


class _Whole(QPlainTextEdit):
    """As high as its lines, up to a bound."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lines = min(_MOST_LINES, max(1, round(self.document().size().height())))  # Qt counts it in lines
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + theme().px(18))


class _CheckLine(QWidget):
    def __init__(self, check: Check) -> None:
        super().__init__()
        words = column(
            Label(check.title, type="small-strong"),
            Label(visible(check.text, 200), "muted", "caption", wrap=True),
            gap=1,
        )
        self.setLayout(row(IconLabel(check.icon, f"{check.tone}.text"), words, gap=8))
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]  # set in the line above
        self.setAccessibleName(f"{check.title}: {check.text}")
