"""What can be said about a URL without visiting it. Pure: nothing is looked up, fetched or opened.

The registrable domain follows the public suffix list; look-alike letters are judged by script (Unicode TR 39 calls this
mixed-script and whole-script confusables).
"""

import ipaddress
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

__all__ = ["Address", "Check", "checks", "read_address"]

Tone = Literal["ok", "warn", "bad", "info"]


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart."""

    url: str
    scheme: str = ""
    host: str = ""
    """Lower case, as the browser would look it up (letters beyond ASCII as Punycode)."""
    shown_host: str = ""
    """The host with Punycode decoded, for comparison by eye."""
    registrable: str = ""
    """The part of `host` that somebody registered; the whole host when it is an address or has no public suffix."""
    user: str = ""
    """What stands before an @, which is no part of the site."""
    problem: str = ""
    """Why it cannot be opened, a sentence; empty when it can."""

    @property
    def openable(self) -> bool:
        """Whether it may be handed to the browser at all."""
        return not self.problem

    @property
    def span(self) -> tuple[int, int]:
        """Where the registrable domain stands in `url`; (0, 0) if it does not appear literally."""
        start = self.url.lower().find(self.registrable) if self.registrable else -1
        host_at = self.url.lower().find(self.host) if self.host else -1
        if host_at >= 0:
            start = host_at + len(self.host) - len(self.registrable)
        return (start, start + len(self.registrable)) if start >= 0 else (0, 0)


@dataclass(frozen=True, slots=True)
class Check:
    """One finding about an address."""

    tone: Tone
    title: str
    text: str
    icon: str


def read_address(url: str) -> Address:
    """Takes a URL apart. Never raises: what is wrong is in `problem`."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError as error:
        return Address(url, problem=f"This is not a URL: {error}.")
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        what = f"It starts with {scheme}:" if scheme else "It has no scheme"
        return Address(url, scheme, problem=f"{what}; only web pages (https or http) can be opened.")
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") or sign.isspace() for sign in url.strip()):
        return Address(url, scheme, host, problem="It contains hidden characters or spaces.")
    if not host:
        return Address(url, scheme, problem="It names no site.")
    ascii_host = _to_ascii(host)
    if ascii_host is None:
        return Address(url, scheme, host, problem="The name of the site is not a valid domain.")
    return Address(
        url.strip(), scheme, ascii_host, _to_unicode(ascii_host), _registrable(ascii_host), parts.username or ""
    )


def _to_ascii(host: str) -> str | None:
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


def _to_unicode(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _registrable(host: str) -> str:
    if _is_number(host):
        return host
    return _suffixes().privatesuffix(host) or host


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_number(host) and ipaddress.ip_address(host).is_loopback


def checks(address: Address, *, server_host: str = "", visited: bool = False) -> tuple[Check, ...]:
    """What to tell before the page is opened, worst things included. `server_host` is the host of the asking server,
    empty for a local program."""
    found = [_encryption(address), _letters(address)]
    if address.user:
        found.append(Check("bad", "A name before the @", f"“{address.user[:60]}” is not the site.", "warning"))
    found.append(
        Check("ok", "Visited before", "You opened this domain from here earlier", "check")
        if visited
        else Check("warn", "First visit to this domain", "Not opened from here before", "warning")
    )
    if server_host:
        found.append(_same_site(address, server_host))
    return tuple(found)


def _encryption(address: Address) -> Check:
    if address.scheme == "https":
        return Check("ok", "Encrypted (https)", "The certificate is checked by your browser", "lock")
    if _is_local(address.host):
        return Check("info", "On this machine", "http to your own machine leaves no traces on the network", "info")
    return Check("bad", "Not encrypted (http)", "Anybody on the way can read and change it", "warning")


def _letters(address: Address) -> Check:
    if _is_number(address.host) and not _is_local(address.host):
        return Check("warn", "A number instead of a name", "Sites of companies have names", "warning")
    if address.shown_host.isascii():
        return Check("ok", "Plain letters only", "No look-alike or Punycode characters", "check")
    scripts = _scripts(address.shown_host)
    if len(scripts) > 1 or scripts & {"CYRILLIC", "GREEK"}:
        return Check("bad", "Look-alike letters", f"{address.shown_host} is really {address.host}", "warning")
    return Check("warn", "Letters beyond ASCII", f"{address.shown_host} is looked up as {address.host}", "warning")


def _scripts(text: str) -> set[str]:
    """The scripts of the letters, by the first word of their Unicode names."""
    return {unicodedata.name(sign, "?").split(" ", 1)[0] for sign in text if sign.isalpha()}


def _same_site(address: Address, server_host: str) -> Check:
    if _registrable(server_host.lower()) == address.registrable:
        return Check("ok", "Same domain as the server", server_host, "link")
    return Check("warn", "Another domain than the server", f"The server is {server_host}", "link")
