"""Takes secrets out of what is written to disk: given values, headers, members by name, and tokens of known shapes.

Works on text, so that a frame that is not JSON is masked too and one that is stays valid JSON. Errs on the side of
masking; what was masked shows as `MASK`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import Final
from urllib.parse import quote

from wireglass.protocol.messages import HttpFacts
from wireglass.recording.sweeping import LONG, places, swept

__all__ = ["LEAST_LEARNED", "MASK", "Masker", "names_a_secret"]

MASK: Final = "•••"
_WORDS_KEPT: Final = 10_000
LEAST_LEARNED: Final = 8
"""Values that are learned from flags and variables must be this long: masking every "true" would help nobody."""

_SECRET_WORDS: Final = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "access-key",
    "accesskey",
    "private_key",
    "privatekey",
    "authorization",
    "cookie",
    "credential",
    "client_assertion",
    "code_verifier",
    "signature",
)
_NOT_SECRET: Final = re.compile(
    r"progressTokens?|max_?tokens?|token_?(?:type|endpoint|url|uri|count|limit|budget|usage)\w*"
    r"|\w*(?:input|output|total|prompt|completion|page|next|continuation|sync)_?tokens?"
    r"|\w*(?:endpoint|_url|_uri|supported|methods?|hint|name|description)",
    re.IGNORECASE,
)
"""Member names that hold a secret word and no secret: `progressToken` pairs frames, page tokens are cursors."""
_NAME_BEFORE: Final = re.compile(r"[\w.$ -]{0,60}\Z")
_TO_VALUE: Final = r"""(?P<mark>\\*")(?P<gap>\s*:\s*)(?P=mark)"""
_VALUE: Final = _TO_VALUE + r"""(?P<value>(?:\\{3}"|(?!(?P=mark))(?:\\.|[^"\\]))+)(?P=mark)"""
_SECRET_NAME: Final = r"(?P<name>(?:" + "|".join(_SECRET_WORDS) + r")[\w.$ -]{0,60})"
_MEMBER: Final = re.compile(_SECRET_NAME + _VALUE, re.IGNORECASE | re.DOTALL)
"""The end of a name that says that the value is secret, and the value; `mark` is the quote, escaped where the JSON
stands inside a JSON text. Begins at the secret word, because looking at every quote would be slow."""
_MEMBER_HEAD: Final = re.compile(_SECRET_NAME + _TO_VALUE, re.IGNORECASE | re.DOTALL)
"""As much of it as stands before the value."""

_SHAPES: Final[tuple[tuple[tuple[str, ...], int, re.Pattern[str]], ...]] = (
    (("eyJ",), 0, re.compile(r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*){1,3}")),
    (("earer ",), 6, re.compile(r"(?<=[Bb]earer )[\w.~+/=-]{8,}")),
    (("asic ",), 5, re.compile(r"(?<=[Bb]asic )[A-Za-z0-9+/=]{8,}")),
    (("gh",), 0, re.compile(r"\bgh[pousr]_\w{20,}")),
    (("github_pat_",), 0, re.compile(r"\bgithub_pat_\w{20,}")),
    (("glpat-",), 0, re.compile(r"\bglpat-[\w-]{16,}")),
    (("sk-", "rk-", "pk-"), 0, re.compile(r"\b[srp]k-[\w-]{16,}")),
    (("_live_", "_test_"), -2, re.compile(r"\b[srp]k_(?:live|test)_\w{10,}")),
    (("xox",), 0, re.compile(r"\bxox[abeoprs]-[\w-]{10,}")),
    (("AKIA", "ASIA"), 0, re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (("AIza",), 0, re.compile(r"\bAIza[\w-]{30,}")),
    (("ya29.",), 0, re.compile(r"\bya29\.[\w-]{20,}")),
    (("hf_",), 0, re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    (("npm_",), 0, re.compile(r"\bnpm_[A-Za-z0-9]{30,}")),
    (("pypi-",), 0, re.compile(r"\bpypi-[\w-]{30,}")),
    (("SG.",), 0, re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    (
        ("-----BEGIN ",),
        0,
        re.compile(r"""-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[^"\\]|\\[^"])*?(?=-----END|\\*"|\Z)"""),
    ),
    (("://",), 3, re.compile(r"(?<=://)[^/\s:@\"']{0,200}:[^/\s@\"']{1,200}(?=@)")),
    (
        ("?", "&"),
        1,
        re.compile(
            r"(?<=[?&])(?P<key>access_token|refresh_token|id_token|token|api_?key|key|sig|signature|code|client_secret|"
            r"client_assertion|password)=(?!•)[^&\s\"'#\\]+",
            re.IGNORECASE,
        ),
    ),
)
"""What to look for first (cheap), where the secret begins from there, and its pattern."""

_FLAG: Final = re.compile(r"(?P<flag>--?[\w-]*(?:" + "|".join(_SECRET_WORDS) + r")[\w-]*)(?P<value>=.+)?", re.I)
_FLAG_OF_FILE: Final = re.compile(r"file|path|url|endpoint|name|type", re.I)

_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_SECRET_HEADER: Final = re.compile(r"authori[sz]ation|cookie|token|secret|api-?key|signature|session", re.IGNORECASE)


def names_a_secret(name: str) -> bool:
    """Whether the value of a header, variable or member of this name is a secret."""
    lowered = name.lower()
    if _SECRET_HEADER.search(lowered):
        return _NOT_SECRET.fullmatch(name) is None
    return any(word in lowered for word in _SECRET_WORDS) and _NOT_SECRET.fullmatch(name) is None


class Masker:
    """Masks by the rules of this module and by `values`, secrets that somebody knows (from the keyring, say)."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._values: tuple[str, ...] = ()
        self._words: dict[str, str] = {}
        self._names: frozenset[str] = frozenset()
        self._named: tuple[re.Pattern[str], re.Pattern[str]] | None = None
        self.add(values)

    def add(self, values: Iterable[str]) -> None:
        """Masks these texts too, wherever they appear, also escaped in JSON or a URL.

        Texts of under four characters are ignored: they would mask half of everything.
        """
        spelled = set(self._values)
        for value in values:
            if len(value) < 4:
                continue
            escaped = json.dumps(value)[1:-1]
            plain = json.dumps(value, ensure_ascii=False)[1:-1]
            spelled |= {value, escaped, plain, json.dumps(escaped)[1:-1], quote(value, safe="")}
        self._values = tuple(sorted(spelled, key=len, reverse=True))
        self._words = {}

    def name(self, names: Iterable[str]) -> None:
        """The text values of members and headers that have exactly these names, in any case, are masked too.

        These names take the place of the ones given before.
        """
        self._names = frozenset(name.lower() for name in names if name)
        self._words = {}
        any_name = "|".join(map(re.escape, sorted(self._names)))
        named = [re.compile(rf'(?<=")(?P<name>{any_name}){rest}', re.I | re.DOTALL) for rest in (_VALUE, _TO_VALUE)]
        self._named = (named[0], named[1]) if any_name else None

    def text(self, text: str) -> str:
        """A text without its secrets; the same object when there are none."""
        if len(text) >= LONG:
            return self._long_text(text)
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        lowered = text.lower()
        if any(word in lowered for word in _SECRET_WORDS):
            text = _MEMBER.sub(_masked_member, text)
        if self._named is not None:
            text = self._named[0].sub(_without_value, text)
        for signs, _, pattern in _SHAPES:
            if any(sign in text for sign in signs):
                text = pattern.sub(_masked_shape, text)
        return text

    def _long_text(self, text: str) -> str:
        """The same as `text` does, for one in which a search would keep a window waiting."""
        for value in self._values:
            text = swept(text, places(text, (value,)), partial(_value_at, len(value)))
        text = swept(text, places(text, _SECRET_WORDS, fold=True), partial(_member_at, _MEMBER_HEAD, _is_open_name))
        if self._named is not None:
            names = places(text, sorted(self._names), fold=True)
            text = swept(text, names, partial(_member_at, self._named[1], _never))
        for signs, lead, pattern in _SHAPES:
            starts = (place + lead for place in places(text, signs) if place + lead >= 0)
            text = swept(text, starts, partial(_shape_at, pattern))
        return text

    def word(self, text: str) -> str:
        """The same for texts that come again and again: names of connections, channels, methods."""
        known = self._words.get(text)
        if known is None:
            known = self.text(text)
            if len(self._words) < _WORDS_KEPT:
                self._words[text] = known
        return known

    def about(self, path: str, text: str) -> str:
        """A sentence about the value at a JSON Pointer: quotes nothing of a value whose name says that it is secret."""
        if any(word in path.lower() for word in _SECRET_WORDS):
            text = _QUOTED.sub(f'"{MASK}"', text)
        return self.text(text)

    def command(self, arguments: Iterable[str]) -> list[str]:
        """The arguments of a command without the values of flags that hold secrets (`--api-key X`, `--token=X`)."""
        return [
            self.text(argument) if value is None else argument.removesuffix(value) + MASK
            for argument, value in _with_secrets(arguments)
        ]

    def learn_command(self, arguments: Iterable[str]) -> None:
        """Masks the values of such flags from now on, wherever they appear."""
        self.add(value for _, value in _with_secrets(arguments) if value is not None and len(value) >= LEAST_LEARNED)

    def http(self, facts: HttpFacts) -> HttpFacts:
        """The HTTP facts without the secrets of URL and headers."""
        return replace(
            facts,
            url=self.text(facts.url),
            request_headers=self._headers(facts.request_headers),
            response_headers=self._headers(facts.response_headers),
        )

    def _is_secret_header(self, name: str) -> bool:
        return name.lower() in self._names or _SECRET_HEADER.search(name) is not None

    def _headers(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name, _masked_header(value) if self._is_secret_header(name) else self.text(value))
            for name, value in headers
        )


def _with_secrets(arguments: Iterable[str]) -> Iterator[tuple[str, str | None]]:
    """Each argument, and the secret at its end if it has one."""
    expected = False
    for argument in arguments:
        flag = _FLAG.fullmatch(argument)
        named = flag is not None and not _FLAG_OF_FILE.search(flag["flag"]) and not _is_harmless(flag["flag"])
        inline = flag["value"] if flag is not None else None
        if expected and not argument.startswith("-"):
            yield argument, argument
        else:
            yield argument, inline.removeprefix("=") if named and inline else None
        expected = named and not inline


def _is_harmless(flag: str) -> bool:
    return _NOT_SECRET.fullmatch(flag.lstrip("-").replace("-", "_")) is not None


def _masked_header(value: str) -> str:
    """The scheme of an Authorization header may stay; nothing of the rest."""
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and scheme.lower() in ("bearer", "basic", "dpop") else MASK


def _masked_member(found: re.Match[str]) -> str:
    return found.group() if _is_open_name(found) else _without_value(found)


def _is_open_name(found: re.Match[str]) -> bool:
    """Whether the whole name, of which the secret word is a part, is one of no secret."""
    before = _NAME_BEFORE.search(found.string, max(0, found.start() - 60), found.start())
    name = (before.group() if before else "") + found["name"]
    return _NOT_SECRET.fullmatch(name.strip()) is not None


def _never(_found: re.Match[str]) -> bool:
    return False


def _without_value(found: re.Match[str]) -> str:
    mark = found["mark"]
    return f"{found['name']}{mark}{found['gap']}{mark}{MASK}{mark}"


def _value_at(length: int, _text: str, place: int) -> tuple[int, str]:
    return place + length, MASK


def _member_at(
    head: re.Pattern[str], is_open: Callable[[re.Match[str]], bool], text: str, place: int
) -> tuple[int, str] | None:
    """The member whose name begins there: where it ends, and what stands for it."""
    found = head.match(text, place)
    end = _end_of_value(text, found.end(), found["mark"]) if found is not None else None
    if found is None or end is None:
        return None
    return end, text[place:end] if is_open(found) else _without_value(found)


def _end_of_value(text: str, start: int, mark: str) -> int | None:
    """Behind the quote that ends a value, which is looked through in parts; None for an empty one or one without."""
    some = _some_of_value(mark)
    at = start
    while (part := some.match(text, at)) is not None:
        at = part.end()
    return at + len(mark) if at > start and text.startswith(mark, at) else None


@lru_cache(8)
def _some_of_value(mark: str) -> re.Pattern[str]:
    return re.compile(rf"""(?:\\{{3}}"|(?!{re.escape(mark)})(?:\\.|[^"\\])){{1,10000}}""", re.DOTALL)


def _shape_at(pattern: re.Pattern[str], text: str, place: int) -> tuple[int, str] | None:
    found = pattern.match(text, place, place + LONG)
    if found is not None and found.end() == place + LONG:
        found = pattern.match(text, place)
    return None if found is None else (found.end(), _masked_shape(found))


def _masked_shape(found: re.Match[str]) -> str:
    key = found.groupdict().get("key")
    return f"{key}={MASK}" if key else MASK
