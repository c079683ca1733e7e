"""Folders of skills as resources, and copies of them from a server."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from wireglass import Client, FastMCP
from wireglass.client.skill_downloads import (
    download_skill,
    get_skill_manifest,
    list_skills,
    sync_skills,
)
from wireglass.errors import McpError
from wireglass.protocol.skills import digest_of
from wireglass.server.path_security import PathEscapeError, safe_join
from wireglass.server.providers import skill_vendors
from wireglass.server.providers.skills import SkillProvider, SkillsDirectoryProvider
from wireglass.server.resource_kinds import TextResource

pytestmark = pytest.mark.anyio
MAIL = "---\nname: mail\ndescription: Writes letters.\n---\n\n# Mail\n\nSee forms.\n"


def skill(root: Path, name: str, text: str = MAIL, **files: bytes) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text(text, encoding="utf-8", newline="")
    for file, content in files.items():
        path = folder / file.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "skills"
    skill(folder, "mail", forms__order_dot_md="Ä\r\n".encode(), picture_dot_bin=b"\xff\x00")
    skill(folder, "cook", "# How to cook\n\nWell.\n")
    (folder / "not-a-skill").mkdir()
    return folder


def serving(provider: Any) -> FastMCP:
    return FastMCP("skills", providers=[provider])


async def test_instructions_and_manifests_are_listed_and_other_files_are_a_template(root: Path) -> None:
    async with Client(serving(SkillsDirectoryProvider(root))) as client:
        listed = {str(item.uri): item for item in await client.list_resources()}
        assert list(listed) == [
            "skill://cook/SKILL.md",
            "skill://cook/_manifest",
            "skill://mail/SKILL.md",
            "skill://mail/_manifest",
        ]
        assert listed["skill://mail/SKILL.md"].description == "Writes letters."
        assert listed["skill://cook/SKILL.md"].description == "How to cook"
        assert listed["skill://mail/SKILL.md"].name == "mail/SKILL.md"
        meta = listed["skill://mail/_manifest"].meta
        assert meta is not None
        assert meta["fastmcp"]["skill"] == {"name": "mail", "is_manifest": True}
        templates = [item.uri_template for item in await client.list_resource_templates()]
        assert templates == ["skill://cook/{path*}", "skill://mail/{path*}"]


async def test_all_files_can_be_listed_instead(root: Path) -> None:
    async with Client(serving(SkillsDirectoryProvider(root, supporting_files="resources"))) as client:
        listed = [str(item.uri) for item in await client.list_resources()]
        assert listed[-2:] == ["skill://mail/forms/order.md", "skill://mail/picture.bin"]
        assert await client.list_resource_templates() == []
        assert (await client.read_resource("skill://mail/forms/order.md"))[0].text == "Ä\r\n"


async def test_files_are_read_as_text_or_bytes(root: Path) -> None:
    async with Client(serving(SkillsDirectoryProvider(root))) as client:
        (main,) = await client.read_resource("skill://mail/SKILL.md")
        assert (main.text, main.mime_type) == (MAIL, "text/markdown")
        assert (await client.read_resource("skill://mail/forms/order.md"))[0].text == "Ä\r\n"
        assert (await client.read_resource("skill://mail/picture.bin"))[0].blob == "/wA="
        manifest = json.loads((await client.read_resource("skill://mail/_manifest"))[0].text)
        assert manifest["skill"] == "mail"
        assert manifest["files"][0] == {
            "path": "SKILL.md",
            "size": len(MAIL.encode()),
            "hash": digest_of(MAIL.encode()),
        }
        with pytest.raises(McpError, match="nothing"):
            await client.read_resource("skill://mail/nothing.md")


@pytest.mark.parametrize("path", ["../cook/SKILL.md", "..%2Fcook%2FSKILL.md", "forms/../../cook/SKILL.md"])
async def test_no_path_leaves_its_skill(root: Path, path: str) -> None:
    async with Client(serving(SkillsDirectoryProvider(root))) as client:
        with pytest.raises(McpError):
            await client.read_resource(f"skill://mail/{path}")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
async def test_links_that_lead_out_count_for_nothing(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("secret")
    (root / "mail" / "link.md").symlink_to(secret)
    async with Client(serving(SkillsDirectoryProvider(root))) as client:
        manifest = await get_skill_manifest(client, "mail")
        assert [file.path for file in manifest.files] == ["SKILL.md", "forms/order.md", "picture.bin"]
        with pytest.raises(McpError, match="escapes"):
            await client.read_resource("skill://mail/link.md")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
async def test_a_folder_that_becomes_a_link_is_not_followed(root: Path, tmp_path: Path) -> None:
    elsewhere = skill(tmp_path, "elsewhere", "# Other\n")
    resource = await SkillsDirectoryProvider(root).get_resource("skill://cook/SKILL.md")
    assert resource is not None
    (root / "cook" / "SKILL.md").unlink()
    (root / "cook").rmdir()
    (root / "cook").symlink_to(elsewhere, target_is_directory=True)
    with pytest.raises(PathEscapeError):
        await resource.read()


async def test_one_folder_can_be_served_alone(root: Path) -> None:
    provider = SkillProvider(root / "mail")
    assert provider.skill_info.frontmatter == {"name": "mail", "description": "Writes letters."}
    assert [file.path for file in provider.skill_info.files] == ["SKILL.md", "forms/order.md", "picture.bin"]
    assert [item.name for item in await provider.list_resources()] == ["mail/SKILL.md", "mail/_manifest"]
    with pytest.raises(FileNotFoundError, match="directory"):
        SkillProvider(root / "nowhere")
    with pytest.raises(FileNotFoundError, match="Main skill file"):
        SkillProvider(root / "not-a-skill")


async def test_the_first_root_wins_and_missing_roots_are_empty(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    skill(other, "mail", "# Another mail\n")
    skill(other, "paint", "# Paint\n")
    provider = SkillsDirectoryProvider([tmp_path / "missing", root, other])
    found = {item.name: item.description for item in await provider.list_resources()}
    assert found["mail/SKILL.md"] == "Writes letters."
    assert found["paint/SKILL.md"] == "Paint"


@pytest.mark.parametrize("reload", [False, True])
async def test_new_folders_appear_with_reload_only(root: Path, reload: bool) -> None:
    async with Client(serving(SkillsDirectoryProvider(root, reload=reload))) as client:
        before = len(await client.list_resources())
        skill(root, "new", "# New\n")
        assert len(await client.list_resources()) - before == (2 if reload else 0)


async def test_the_extension_is_offered_only_when_asked_for(root: Path) -> None:
    async with Client(serving(SkillsDirectoryProvider(root)), mode="stateless") as client:
        assert not client.offers_skills


async def test_skills_are_listed_verified_and_found_at_any_depth(root: Path) -> None:
    skill(root, "team/review", "---\nname: review\ndescription: Reviews.\n---\nRead.\r\n")
    provider = SkillsDirectoryProvider(root, experimental_skills=True)
    async with Client(serving(provider), mode="stateless") as client:
        entries = await client.list_skills()
        assert [entry.uri for entry in entries] == ["skill://mail/SKILL.md", "skill://team/review/SKILL.md"]
        loaded = await client.load_skill(entries[0])
        assert await loaded.read("forms/order.md") == "Ä\r\n".encode()
        assert (await client.load_skill(entries[1])).body == "Read.\r\n"
        # What cannot be an entry (no name) is served as resources all the same.
        assert (await client.read_resource("skill://cook/SKILL.md"))[0].text.startswith("# How")


def test_programs_have_their_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    skill(tmp_path / ".claude" / "skills", "mail")
    for name in skill_vendors.__all__:
        provider = getattr(skill_vendors, name)()
        assert len(provider.providers) == (1 if name == "ClaudeSkillsProvider" else 0)


def test_joining_refuses_what_leads_out(tmp_path: Path) -> None:
    assert safe_join(tmp_path, "a", "b.md") == (tmp_path / "a" / "b.md").resolve()
    for bad in ("../x", "/etc/passwd", "a/../../x", "C:\\x", "a\0b"):
        with pytest.raises(PathEscapeError):
            safe_join(tmp_path, bad)


# Copies


async def test_skills_are_found_and_copied_whole(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies"
    async with Client(serving(SkillsDirectoryProvider(root))) as client:
        assert [(item.name, item.description) for item in await list_skills(client)] == [
            ("cook", "How to cook"),
            ("mail", "Writes letters."),
        ]
        assert await download_skill(client, "mail", target) == target / "mail"
        assert (target / "mail" / "forms" / "order.md").read_bytes() == "Ä\r\n".encode()
        assert (target / "mail" / "picture.bin").read_bytes() == b"\xff\0"
        with pytest.raises(FileExistsError, match="overwrite"):
            await download_skill(client, "mail", target)
        assert await sync_skills(client, target) == [target / "cook"]
        (target / "mail" / "old.md").write_text("old")
        assert len(await sync_skills(client, target, overwrite=True)) == 2
        assert not (target / "mail" / "old.md").exists()
    assert sorted(path.name for path in target.iterdir()) == ["cook", "mail"]


@pytest.mark.parametrize("path", ["../out.md", "/tmp/out.md", "a\\..\\..\\out.md"])
async def test_a_manifest_cannot_write_elsewhere(tmp_path: Path, path: str) -> None:
    mcp = FastMCP("evil")
    files = [{"path": path, "size": 1, "hash": digest_of(b"x")}]
    manifest = json.dumps({"skill": "evil", "files": files})
    mcp.add_resource(TextResource(uri="skill://evil/_manifest", name="m", text=manifest))
    async with Client(mcp) as client:
        with pytest.raises(ValueError, match="outside"):
            await download_skill(client, "evil", tmp_path / "copies")
        with pytest.raises(ValueError, match="no name"):
            await download_skill(client, "../evil", tmp_path / "copies")
    assert not (tmp_path / "out.md").exists()


async def test_a_file_that_its_manifest_does_not_describe_is_refused(tmp_path: Path) -> None:
    mcp = FastMCP("wrong")
    manifest = json.dumps({"skill": "s", "files": [{"path": "SKILL.md", "size": 1, "hash": digest_of(b"y")}]})
    mcp.add_resource(TextResource(uri="skill://s/_manifest", name="m", text=manifest))
    mcp.add_resource(TextResource(uri="skill://s/SKILL.md", name="s", text="x"))
    async with Client(mcp) as client:
        with pytest.raises(ValueError, match="manifest"):
            await download_skill(client, "s", tmp_path)
        with pytest.raises(ValueError, match="Could not read"):
            await get_skill_manifest(client, "missing")
    assert not (tmp_path / "s").exists()


async def test_resources_of_the_extension_are_named_as_it_wants(tmp_path: Path) -> None:
    """SEP-2640, "Resource Metadata": the front matter's name, and no keys of others in `_meta`."""
    folder = tmp_path / "team" / "review"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: review\ndescription: Reviews.\n---\n")
    for extension, name in ((True, "review"), (False, "review/SKILL.md")):
        provider = SkillProvider(folder, experimental_skills=extension)
        main = next(item for item in await provider.list_resources() if item.uri.endswith("/SKILL.md"))
        listed = main.wire()
        assert listed["name"] == name
        assert ("_meta" in listed) != extension
