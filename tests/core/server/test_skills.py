"""Skills, server and client (SEP-2640): what is listed, what is refused, what is fetched and when."""

from collections.abc import Sequence
from typing import Any

import pytest

from wireglass import Client, FastMCP
from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError, ProtocolError, SkillError
from wireglass.protocol.messages import Frame
from wireglass.protocol.skills import Skill
from wireglass.protocol.versions import SKILLS_EXTENSION
from wireglass.server.providers.base import Provider
from wireglass.server.resource_kinds import BinaryResource, TextResource
from wireglass.server.resources import Resource
from wireglass.skill_files import skill_entry

pytestmark = pytest.mark.anyio
MAIL = "skill://acme/mail"


def main(name: str, **more: str) -> bytes:
    head = "".join(f"{key}: {value}\n" for key, value in {"name": name, "description": f"Does {name}.", **more}.items())
    return f"---\n{head}---\nSee `forms/a.md`.\r\n".encode()


class Shelf(Provider):
    """Skills in memory, whose files a test can change behind their entries."""

    def __init__(self, folders: dict[str, dict[str, bytes]], *, dynamic: bool = False) -> None:
        super().__init__()
        self.entries = [skill_entry(root, files, dynamic=dynamic) for root, files in folders.items()]
        self.files = {f"{root}/{path}": content for root, files in folders.items() for path, content in files.items()}

    def offers_skills(self) -> bool:
        return True

    async def _list_skills(self) -> Sequence[Skill]:
        return self.entries

    async def _list_resources(self) -> Sequence[Resource]:
        return [_resource(uri, content) for uri, content in self.files.items()]


def _resource(uri: str, content: bytes) -> Resource:
    name = uri.rpartition("/")[2]
    try:
        return TextResource(uri=uri, name=name, text=content.decode(), mime_type="text/markdown")
    except UnicodeDecodeError:
        return BinaryResource(uri=uri, name=name, data=content)


@pytest.fixture
def shelf() -> Shelf:
    files = {"SKILL.md": main("mail"), "forms/a.md": "Ä\r\n".encode(), "forms/deep/b.bin": b"\xff\0"}
    return Shelf({MAIL: files, "skill://cook": {"SKILL.md": main("cook")}})


@pytest.fixture
def mcp(shelf: Shelf) -> FastMCP:
    server = FastMCP("skills", list_page_size=1)
    server.add_provider(shelf)
    return server


async def test_a_server_with_skills_declares_them_and_one_without_does_not(mcp: FastMCP) -> None:
    async with Client(mcp) as client:
        assert client.offers_skills
        assert client.facts.capabilities["extensions"][SKILLS_EXTENSION] == {"directoryRead": True}
        assert "resources" in client.facts.capabilities
    async with Client(mcp, mode="handshake") as client:
        assert "extensions" not in client.facts.capabilities  # they came with 2026-07-28
    async with Client(FastMCP("none")) as client:
        assert not client.offers_skills
        with pytest.raises(ProtocolError, match="does not offer"):
            await client.list_skills()
        with pytest.raises(McpError) as caught:
            await client.request("skills/list", {})
        assert caught.value.code == METHOD_NOT_FOUND


async def test_listing_pages_through_entries_and_fetches_no_file(mcp: FastMCP) -> None:
    frames: list[Frame] = []
    async with Client(mcp, tap=frames.append) as client:
        page = await client.list_skills_mcp()
        assert page["resultType"] == "complete"
        assert (page["ttlMs"], page["cacheScope"]) == (0, "private")
        assert [skill.name for skill in await client.list_skills()] == ["mail", "cook"]
    assert not [frame for frame in frames if "resources/read" in frame.raw]


async def test_one_entry_is_found_by_its_uri(mcp: FastMCP) -> None:
    async with Client(mcp) as client:
        listed = {skill.uri: skill for skill in await client.list_skills()}
        assert await client.get_skill(f"{MAIL}/SKILL.md") == listed[f"{MAIL}/SKILL.md"]
        assert "nextCursor" not in await client.get_skill_mcp(f"{MAIL}/SKILL.md")
        for wrong in ("skill://none/SKILL.md", f"{MAIL}/forms/a.md"):
            with pytest.raises(McpError) as caught:
                await client.get_skill(wrong)
            assert caught.value.code == INVALID_PARAMS


async def test_a_loaded_skill_reads_its_files_byte_for_byte(mcp: FastMCP) -> None:
    async with Client(mcp) as client:
        skill = await client.load_skill(f"{MAIL}/SKILL.md")
        assert (skill.name, skill.server, skill.body) == ("mail", "skills", "See `forms/a.md`.\r\n")
        assert await skill.read("forms/a.md") == "Ä\r\n".encode()
        assert await skill.read(f"{MAIL}/forms/deep/b.bin") == b"\xff\0"
        with pytest.raises(SkillError, match="no file"):
            await skill.read("forms/new.md")


@pytest.mark.parametrize("change", [b"changed", main("mail") + b"more", main("mail").replace(b"Does", b"Goes")])
async def test_a_skill_md_that_is_not_as_listed_is_not_loaded(mcp: FastMCP, shelf: Shelf, change: bytes) -> None:
    async with Client(mcp) as client:
        entry = (await client.list_skills())[0]
        shelf.files[entry.uri] = change
        with pytest.raises(SkillError, match="not the file"):
            await client.load_skill(entry)


async def test_a_head_that_the_entry_does_not_repeat_is_not_loaded(mcp: FastMCP, shelf: Shelf) -> None:
    """Digest and size fit, the text that a user would approve does not ("Frontmatter Verification")."""
    lie = {**shelf.entries[0].frontmatter, "description": "Harmless."}
    shelf.entries[0] = shelf.entries[0].model_copy(update={"frontmatter": lie})
    async with Client(mcp) as client:
        with pytest.raises(SkillError, match="description"):
            await client.load_skill(f"{MAIL}/SKILL.md")


async def test_a_kept_file_of_an_older_version_is_fetched_again(shelf: Shelf) -> None:
    mcp = FastMCP("skills", cache_ttl=60)
    mcp.add_provider(shelf)
    async with Client(mcp) as client:
        await client.load_skill(f"{MAIL}/SKILL.md")
        newer = {"SKILL.md": main("mail", license="MIT"), "forms/a.md": b"n"}
        shelf.entries[0] = skill_entry(MAIL, newer)
        shelf.files |= {f"{MAIL}/{path}": content for path, content in newer.items()}
        entry = await client.get_skill(f"{MAIL}/SKILL.md", cache_mode="refresh")
        assert "license: MIT" in (await client.load_skill(entry)).text


async def test_entries_that_break_the_rules_are_skipped_and_named(mcp: FastMCP, shelf: Shelf) -> None:
    shelf.entries[0] = Skill.model_construct(uri=f"{MAIL}/SKILL.md", frontmatter={}, resources=[])
    async with Client(mcp) as client:
        assert [skill.name for skill in await client.list_skills()] == ["cook"]
        assert [(method, entry["uri"]) for method, entry, _ in client.skipped] == [("skills/list", f"{MAIL}/SKILL.md")]
        with pytest.raises(SkillError, match="cannot be used"):
            await client.get_skill(f"{MAIL}/SKILL.md")


async def test_folders_are_listed_level_by_level(mcp: FastMCP) -> None:
    async with Client(mcp) as client:
        assert [(item.uri, item.mime_type) for item in await client.list_directory(MAIL)] == [
            (f"{MAIL}/SKILL.md", "text/markdown"),
            (f"{MAIL}/forms", "inode/directory"),
        ]
        deep = await client.list_directory(f"{MAIL}/forms")
        assert [item.name for item in deep] == ["a.md", "deep"]
        assert [item.name for item in await client.list_directory("skill://acme")] == ["mail"]
        for wrong in (f"{MAIL}/SKILL.md", f"{MAIL}/forms/", "skill://none"):
            with pytest.raises(McpError) as caught:
                await client.list_directory(wrong)
            assert caught.value.code == INVALID_PARAMS


async def test_dynamic_skills_are_loaded_only_when_asked_for() -> None:
    mcp = FastMCP("dynamic")
    mcp.add_provider(Shelf({MAIL: {"SKILL.md": main("mail"), "now/x.md": b"1"}}, dynamic=True))
    async with Client(mcp) as client:
        with pytest.raises(SkillError, match="cannot be verified"):
            await client.load_skill(f"{MAIL}/SKILL.md")
        skill = await client.load_skill(f"{MAIL}/SKILL.md", allow_dynamic=True)
        assert await skill.read("now/x.md") == b"1"
        assert [item.name for item in await client.list_directory(f"{MAIL}/now")] == ["x.md"]


async def test_skills_of_mounted_and_prefixed_servers_keep_entries_that_verify(mcp: FastMCP) -> None:
    outer = FastMCP("outer")
    outer.mount(mcp, "inner")
    async with Client(outer) as client:
        assert [skill.uri for skill in await client.list_skills()] == [
            "skill://inner/acme/mail/SKILL.md",
            "skill://inner/cook/SKILL.md",
        ]
        skill = await client.load_skill("skill://inner/acme/mail/SKILL.md")
        assert await skill.read("forms/a.md") == "Ä\r\n".encode()


async def test_a_skill_whose_skill_md_is_hidden_is_hidden(mcp: FastMCP) -> None:
    mcp.disable(keys={f"resource:{MAIL}/SKILL.md@", f"resource:{MAIL}/SKILL.md"})
    async with Client(mcp) as client:
        assert [skill.name for skill in await client.list_skills()] == ["cook"]
        with pytest.raises(McpError):
            await client.get_skill(f"{MAIL}/SKILL.md")


async def test_a_skill_beyond_the_limits_is_not_fetched(shelf: Shelf) -> None:
    big: dict[str, Any] = shelf.entries[1].wire()
    big["resources"].append({"uri": "skill://cook/big", "digest": "sha256:" + "0" * 64, "size": 1 << 30})
    shelf.entries[1] = Skill.model_validate(big)
    mcp = FastMCP("big")
    mcp.add_provider(shelf)
    frames: list[Frame] = []
    async with Client(mcp, tap=frames.append) as client:
        with pytest.raises(SkillError, match="is not loaded"):
            await client.load_skill("skill://cook/SKILL.md")
    assert not [frame for frame in frames if "resources/read" in frame.raw]
