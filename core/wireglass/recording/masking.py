"""Takes secrets out of what is written to disk: given values, headers, members by name, and tokens of known shapes.

Works on text, so that a frame that is not JSON is masked too and one that is stays valid JSON. Errs on the side of
masking; what was masked shows as `MASK`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from wireglass.protocol.messages import HttpFacts

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
_VALUE: Final = (
    r"""(?P<mark>\\*")(?P<gap>\s*:\s*)(?P=mark)"""
    r"""(?P<value>(?:\\{3}"|(?!(?P=mark))(?:\\.|[^"\\]))+)(?P=mark)"""
)
_MEMBER: Final = re.compile(
    r"(?P<name>(?:" + "|".join(_SECRET_WORDS) + r")[\w.$ -]{0,60})" + _VALUE, re.IGNORECASE | re.DOTALL
)
"""The end of a name that says that the value is secret, and the value; `mark` is the quote, escaped where the JSON
stands inside a JSON text. Begins at the secret word, because looking at every quote would be slow."""

_SHAPES: Final[tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]] = (
    (("eyJ",), re.compile(r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*){1,3}")),
    (("earer ",), re.compile(r"(?<=[Bb]earer )[\w.~+/=-]{8,}")),
    (("asic ",), re.compile(r"(?<=[Bb]asic )[A-Za-z0-9+/=]{8,}")),
    (("gh",), re.compile(r"\bgh[pousr]_\w{20,}")),
    (("github_pat_",), re.compile(r"\bgithub_pat_\w{20,}")),
    (("glpat-",), re.compile(r"\bglpat-[\w-]{16,}")),
    (("sk-", "rk-", "pk-"), re.compile(r"\b[srp]k-[\w-]{16,}")),
    (("_live_", "_test_"), re.compile(r"\b[srp]k_(?:live|test)_\w{10,}")),
    (("xox",), re.compile(r"\bxox[abeoprs]-[\w-]{10,}")),
    (("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (("AIza",), re.compile(r"\bAIza[\w-]{30,}")),
    (("ya29.",), re.compile(r"\bya29\.[\w-]{20,}")),
    (("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    (("npm_",), re.compile(r"\bnpm_[A-Za-z0-9]{30,}")),
    (("pypi-",), re.compile(r"\bpypi-[\w-]{30,}")),
    (("SG.",), re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    (
        ("PRIVATE KEY",),
        re.compile(r"""-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[^"\\]|\\[^"])*?(?=-----END|\\*"|\Z)"""),
    ),
    (("://",), re.compile(r"(?<=://)[^/\s:@\"']{0,200}:[^/\s@\"']{1,200}(?=@)")),
    (
        ("=",),
        re.compile(
            r"(?<=[?&])(?P<key>access_token|refresh_token|id_token|token|api_?key|key|sig|signature|code|client_secret|"
            r"client_assertion|password)=(?!•)[^&\s\"'#\\]+",
            re.IGNORECASE,
        ),
    ),
)
"""What to look for first (cheap), and the pattern of the secret itself."""

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
        self._named: re.Pattern[str] | None = None
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
        self._named = re.compile(rf'(?<=")(?P<name>{any_name}){_VALUE}', re.I | re.DOTALL) if any_name else None

    def text(self, text: str) -> str:
        """A text without its secrets; the same object when there are none."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        lowered = text.lower()
        if any(word in lowered for word in _SECRET_WORDS):
            text = _MEMBER.sub(_masked_member, text)
        if self._named is not None:
            text = self._named.sub(_without_value, text)
        for signs, pattern in _SHAPES:
            if any(sign in text for sign in signs):
                text = pattern.sub(_masked_shape, text)
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
    before = _NAME_BEFORE.search(found.string, max(0, found.start() - 60), found.start())
    name = (before.group() if before else "") + found["name"]
    if _NOT_SECRET.fullmatch(name.strip()):
        return found.group()
    return _without_value(found)


def _without_value(found: re.Match[str]) -> str:
    mark = found["mark"]
    return f"{found['name']}{mark}{found['gap']}{mark}{MASK}{mark}"


def _masked_shape(found: re.Match[str]) -> str:
    key = found.groupdict().get("key")
    return f"{key}={MASK}" if key else MASK
