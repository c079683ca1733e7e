"""Skills of a server, for hosts (the extension `io.modelcontextprotocol/skills`, SEP-2640).

Listing fetches no file. A skill is loaded on demand, and nothing of it is returned before it was compared with the
skill's entry. What a skill says is untrusted text of its server: show where it came from, and run nothing it asks for
without asking the user.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

from wireglass.client import typed
from wireglass.client.calls import TypedCalls
from wireglass.client.lists import MAX_PAGES
from wireglass.client.raw_results import RawResult
from wireglass.errors import ProtocolError, SkillError
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.versions import SKILLS_EXTENSION

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill

__all__ = ["LoadedSkill", "SkillCalls"]


@dataclass(frozen=True, slots=True)
class LoadedSkill:
    """A skill whose `SKILL.md` was read and verified. `entry` is held: its files are read as it lists them."""

    entry: "Skill"
    text: str
    """All of the `SKILL.md`."""
    server: str
    """The server it came from, for whoever shows it."""
    client: "SkillCalls"

    @property
    def name(self) -> str:
        """Its label."""
        return self.entry.name

    @property
    def body(self) -> str:
        """The instructions: the `SKILL.md` without the YAML at its top."""
        from wireglass.skill_files import body_of

        return body_of(self.text)

    async def read(self, reference: str) -> bytes:
        """A file by its URI or its path in the skill. Raises SkillError for one that the entry does not list or
        describes otherwise; McpError when the server does not have it."""
        return await self.client._skill_file(self.entry, self.entry.resolve(reference))


class SkillCalls(TypedCalls):
    """The calls of the extension, on top of the others."""

    @property
    def offers_skills(self) -> bool:
        """Whether the server declares the extension."""
        return self._skill_settings is not None

    @property
    def _skill_settings(self) -> JsonObject | None:
        settings = as_object(self._offered.get("extensions")).get(SKILLS_EXTENSION)
        return settings if is_object(settings) else None

    def _require_skills(self) -> JsonObject:
        settings = self._skill_settings
        if settings is None:
            raise ProtocolError(
                "The server does not offer skills.",
                next_step=f"Its capabilities would name the extension {SKILLS_EXTENSION}.",
            )
        return settings

    async def list_skills_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of `skills/list`, raw. Raises ProtocolError when the server does not offer skills."""
        self._require_skills()
        return await self._page("skills/list", cursor, cache_mode)

    async def list_skills(self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None) -> "list[Skill]":
        """The skills that the server lists; it may serve others, which `get_skill` finds by their URI.

        Entries that must not be loaded are left out and noted in `skipped`. Raises ProtocolError, McpError.
        """
        from wireglass.protocol.skills import Skill

        self._require_skills()
        return await self._list("skills/list", "skills", Skill, max_pages, cache_mode)

    async def get_skill_mcp(self, uri: str, *, cache_mode: str | None = None) -> RawResult:
        """The raw result of `skills/get`. Raises ProtocolError when the server does not offer skills."""
        self._require_skills()
        return RawResult(await self._cached("skills/get", {"uri": str(uri)}, cache_mode))

    async def get_skill(self, uri: str, *, cache_mode: str | None = None) -> "Skill":
        """The entry of one skill. Raises McpError when there is none, SkillError for one that must not be loaded."""
        from wireglass.protocol.skills import Skill

        raw = await self.get_skill_mcp(uri, cache_mode=cache_mode)
        try:
            entry = Skill.model_validate(raw.get("skill"))
        except ValidationError as error:
            first = error.errors()[0]
            raise SkillError(f"The entry of {uri} cannot be used: {first['msg']}.") from error
        if entry.uri != uri:
            raise SkillError(f"The server was asked for {uri} and described {entry.uri}.")
        return entry

    async def load_skill(self, skill: "Skill | str", *, allow_dynamic: bool = False) -> LoadedSkill:
        """Reads and verifies the `SKILL.md` of a skill, given by its entry or URI.

        Raises SkillError when it is not what the entry says, when the skill is larger than hosts need to take, and,
        unless `allow_dynamic`, when its content cannot be verified at all.
        """
        from wireglass.skill_files import check_frontmatter

        entry = await self.get_skill(skill) if isinstance(skill, str) else skill
        if (why := entry.beyond_limits()) is not None:
            raise SkillError(f"The skill {entry.name} is not loaded. {why}")
        if entry.is_dynamic and not allow_dynamic:
            raise SkillError(
                f"The content of the skill {entry.name} is made when it is asked for and cannot be verified.",
                next_step="Load it with allow_dynamic=True if you trust the server.",
            )
        content = await self._skill_file(entry, entry.uri)
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise SkillError(f"{entry.uri} is not UTF-8.") from error
        check_frontmatter(entry, text)
        return LoadedSkill(entry, text, self._server_name, self)

    async def list_directory(self, uri: str, max_pages: int = MAX_PAGES) -> "list[typed.Resource]":
        """The children of a folder (`resources/directory/read`): what the server has now, not what an entry lists.

        Raises ProtocolError when the server does not declare it, McpError for what is no folder.
        """
        if self._require_skills().get("directoryRead") is not True:
            raise ProtocolError("The server does not list folders: its skills come without directoryRead.")
        entries = await self._pages("resources/directory/read", "resources", max_pages, params={"uri": str(uri)})
        return self._read("resources/directory/read", entries, typed.Resource)

    async def _skill_file(self, entry: "Skill", uri: str) -> bytes:
        """The verified bytes of one file. Raises SkillError."""
        kept = self._cache and self._catalogue.get("resources/read", {"uri": uri}) is not None
        content = _bytes_of(await self._cached("resources/read", {"uri": uri}, "use"), uri)
        if kept and entry.is_other(uri, content):  # what we kept is of another version of the skill
            content = _bytes_of(await self._cached("resources/read", {"uri": uri}, "refresh"), uri)
        entry.verify(uri, content)
        return content

    @property
    def _server_name(self) -> str:
        raise NotImplementedError


def _bytes_of(raw: JsonObject, uri: str) -> bytes:
    """The file in the result of `resources/read`. Raises SkillError unless it is exactly one."""
    parts: Any = raw.get("contents")
    if not isinstance(parts, list) or len(parts) != 1 or not is_object(parts[0]):
        raise SkillError(f"The server answered with {len(parts) if isinstance(parts, list) else 'no'} parts for {uri}.")
    text, blob = parts[0].get("text"), parts[0].get("blob")
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(str(blob), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SkillError(f"The content of {uri} is neither text nor Base64.") from error
