"""Skills (extension `io.modelcontextprotocol/skills`, SEP-2640): what an entry says, and what a host checks with it.

An entry describes one skill: a folder of files, its `SKILL.md` first, each of them a resource with a digest. What the
YAML at the top of a `SKILL.md` says is read elsewhere (`wireglass.skill_files`).
"""

import re
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote

from pydantic import Field, field_validator, model_validator

from wireglass.errors import SkillError
from wireglass.protocol.model import WireModel

__all__ = [
    "DIRECTORY_TYPE",
    "DYNAMIC",
    "MAIN_FILE",
    "MAX_FILES",
    "MAX_TOTAL_BYTES",
    "Skill",
    "SkillFile",
    "children_of",
    "digest_of",
    "skill_name",
]

MAIN_FILE: Final = "SKILL.md"
DYNAMIC: Final = "dynamic"
DIRECTORY_TYPE: Final = "inode/directory"
"""The media type of a resource whose children `resources/directory/read` lists."""
MAX_FILES: Final = 512
"""Entries of `resources` that every host supports ("Limits")."""
MAX_TOTAL_BYTES: Final = 16 * 1024 * 1024
"""Bytes of all files together that every host supports ("Limits")."""
_NAME: Final = re.compile(r"(?!-)(?!.*--)[a-z0-9-]{1,64}(?<!-)")


class SkillFile(WireModel):
    """One file of a skill."""

    uri: str
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    """SHA-256 of the file's bytes: `sha256:` and 64 lower-case hexadecimal digits."""
    size: Annotated[int, Field(ge=0, strict=True)]
    """Bytes."""


class Skill(WireModel):
    """The entry of one skill. A value that breaks a MUST of "Skill Entries" is refused: a host may not load it."""

    uri: str
    """The URI of its `SKILL.md`."""
    frontmatter: dict[str, Any]
    """The YAML at the top of its `SKILL.md`, as JSON: everything the author wrote."""
    resources: list[SkillFile] | Literal["dynamic"]
    """Every file, or "dynamic" for content that has no stable digests."""

    @field_validator("frontmatter")
    @classmethod
    def _named(cls, value: dict[str, Any]) -> dict[str, Any]:
        for member in ("name", "description"):
            if not isinstance(value.get(member), str) or not value[member]:
                raise ValueError(f"{member} must be a text that is not empty")
        if not _NAME.fullmatch(value["name"]):
            raise ValueError("name must be 1 to 64 of a-z, 0-9 and single hyphens between them")
        return value

    @model_validator(mode="after")
    def _whole(self) -> "Skill":
        if skill_name(self.uri) != self.name:
            raise ValueError(f"the folder of {self.uri} is not called {self.name!r}, as its SKILL.md is")
        if isinstance(self.resources, str):
            return self
        listed = [file.uri for file in self.resources]
        if len(set(listed)) != len(listed):
            raise ValueError("resources lists a file twice")
        if self.uri not in listed:
            raise ValueError("resources does not list the SKILL.md itself")
        outside = [uri for uri in listed if not _inside(self.root, uri)]
        if outside:
            raise ValueError(f"{outside[0]} is not a file of this skill")
        return self

    @property
    def name(self) -> str:
        """Its label; several skills may share one. The identity is the server and `uri`."""
        return self.frontmatter["name"]

    @property
    def description(self) -> str:
        """When to use it, as its author says."""
        return self.frontmatter["description"]

    @property
    def root(self) -> str:
        """The URI of its folder, without a slash at the end."""
        return self.uri.removesuffix(f"/{MAIN_FILE}")

    @property
    def is_dynamic(self) -> bool:
        """Whether it names no files: then nothing of it can be verified."""
        return isinstance(self.resources, str)

    @property
    def files(self) -> tuple[SkillFile, ...]:
        """Its files; none for a dynamic skill."""
        return () if isinstance(self.resources, str) else tuple(self.resources)

    def beyond_limits(self) -> str | None:
        """Why a host may decline it because of its size, or None ("Limits")."""
        total = sum(file.size for file in self.files)
        if len(self.files) > MAX_FILES:
            return f"It has {len(self.files)} files; hosts need not take more than {MAX_FILES}."
        if total > MAX_TOTAL_BYTES:
            return f"Its files have {total:,} bytes; hosts need not take more than {MAX_TOTAL_BYTES:,}."
        return None

    def resolve(self, reference: str) -> str:
        """The URI of a file, from its URI or its path in the skill. Raises SkillError when the entry does not list it.

        While a host acts on a skill, a file that its entry does not list counts as a change of the skill ("The Acting
        Window and the Held Entry").
        """
        uri = reference if reference.startswith(f"{self.root}/") else f"{self.root}/{_plain(reference)}"
        if not _inside(self.root, uri) or (not self.is_dynamic and all(file.uri != uri for file in self.files)):
            raise SkillError(
                f"The skill {self.name} has no file {reference!r}.",
                next_step="Ask for the skill's entry again: it may have changed since.",
            )
        return uri

    def is_other(self, uri: str, content: bytes) -> str | None:
        """What sets `content` apart from the file that the entry lists, or None for the file itself.

        Nothing does for a dynamic skill. Raises SkillError for a file that is not listed.
        """
        if self.is_dynamic:
            return None
        listed = next((file for file in self.files if file.uri == uri), None)
        if listed is None:
            raise SkillError(f"The skill {self.name} has no file {uri!r}.")
        if len(content) != listed.size:
            return f"has {len(content)} bytes and not {listed.size}"
        return "has another digest" if digest_of(content) != listed.digest else None

    def verify(self, uri: str, content: bytes) -> None:
        """Checks what was read against size and digest. Raises SkillError; then `content` must not be used."""
        what = self.is_other(uri, content)
        if what is None:
            return
        raise SkillError(
            f"{uri} is not the file that the skill's entry describes: it {what}.",
            next_step="Do not use it. Ask for the entry again if the skill may have been updated.",
        )


def digest_of(content: bytes) -> str:
    """The digest of a file's bytes as entries write it."""
    from hashlib import sha256  # brings OpenSSL along

    return f"sha256:{sha256(content).hexdigest()}"


def skill_name(uri: str) -> str | None:
    """The name in the URI of a `SKILL.md`: its folder. None for any other URI."""
    _, colon, path = uri.partition("://")
    parts = path.split("/")
    if not colon or len(parts) < 2 or parts[-1] != MAIN_FILE or not parts[-2]:
        return None
    return unquote(parts[-2])


def children_of(directory: str, uris: list[str]) -> dict[str, bool] | None:
    """The direct children of a directory that `uris` are in, in their order: URI to whether it is a directory.

    None when no URI is inside: then `directory` is not one.
    """
    found: dict[str, bool] = {}
    for uri in uris:
        if directory and uri.startswith(f"{directory}/"):
            first, slash, _ = uri[len(directory) + 1 :].partition("/")
            found[f"{directory}/{first}"] = found.get(f"{directory}/{first}", False) or bool(slash)
    return found or None


def _plain(reference: str) -> str:
    return reference.removeprefix("./")


def _inside(root: str, uri: str) -> bool:
    """Whether a URI is below a folder, and stays there however its dots are read."""
    return uri.startswith(f"{root}/") and all(
        part not in ("", ".", "..") and not {"/", "\\"} & set(part)
        for part in map(unquote, uri[len(root) + 1 :].split("/"))
    )
