"""Skills that a server offers as resources (`skill://NAME/SKILL.md` and a manifest): what there is, and copies on disk.

For servers with the skills extension see `wireglass.client.skills`, which verifies entries too. Here every file is
compared with the manifest before it is written, and nothing is written outside the skill's own folder.
"""

import asyncio
import base64
import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wireglass.client.client import Client
from wireglass.errors import McpError
from wireglass.protocol.skills import MAIN_FILE, digest_of

__all__ = [
    "SkillFile",
    "SkillManifest",
    "SkillSummary",
    "download_skill",
    "get_skill_manifest",
    "list_skills",
    "sync_skills",
]

_SCHEME = "skill://"


@dataclass(frozen=True)
class SkillSummary:
    """What a list of resources says of a skill."""

    name: str
    description: str
    uri: str


@dataclass(frozen=True)
class SkillFile:
    """One file: path in the skill, bytes, digest as `sha256:...`."""

    path: str
    size: int
    hash: str


@dataclass(frozen=True)
class SkillManifest:
    """All files of a skill."""

    name: str
    files: list[SkillFile] = field(default_factory=list[SkillFile])


async def list_skills(client: Client) -> list[SkillSummary]:
    """The skills of a server, in the order of its resources."""
    found: list[SkillSummary] = []
    for resource in await client.list_resources():
        uri = str(resource.uri)
        name = uri.removeprefix(_SCHEME).removesuffix(f"/{MAIN_FILE}")
        if uri.startswith(_SCHEME) and uri.endswith(f"/{MAIN_FILE}") and name:
            found.append(SkillSummary(name, resource.description or "", uri))
    return found


async def get_skill_manifest(client: Client, skill_name: str) -> SkillManifest:
    """The files of a skill. Raises ValueError when there is no manifest or it cannot be read."""
    try:
        content = _bytes_of(await client.read_resource(f"{_SCHEME}{skill_name}/_manifest"))
        data: Any = json.loads(content)
        files = [SkillFile(str(item["path"]), int(item["size"]), str(item["hash"])) for item in data["files"]]
        return SkillManifest(str(data["skill"]), files)
    except McpError as error:
        raise ValueError(f"Could not read the manifest of skill {skill_name!r}: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"The manifest of skill {skill_name!r} is invalid: {error}") from error


async def download_skill(client: Client, skill_name: str, target_dir: str | Path, *, overwrite: bool = False) -> Path:
    """Copies a skill into a folder of its name. Returns that folder, which is there whole or not at all.

    Raises FileExistsError when it exists and `overwrite` is not set, ValueError when the server's files are not what
    its manifest says.
    """
    target = _target(target_dir, skill_name)
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} exists already. Pass overwrite=True to replace it.")
    manifest = await get_skill_manifest(client, skill_name)
    contents = {file.path: await _verified(client, skill_name, file) for file in manifest.files}
    await asyncio.to_thread(_place, target, contents)
    return target


async def sync_skills(client: Client, target_dir: str | Path, *, overwrite: bool = False) -> list[Path]:
    """Copies every skill of a server. Those that exist are left as they are unless `overwrite` is set."""
    copied: list[Path] = []
    for skill in await list_skills(client):
        try:
            copied.append(await download_skill(client, skill.name, target_dir, overwrite=overwrite))
        except FileExistsError:
            continue
    return copied


def _target(folder: str | Path, name: str) -> Path:
    parts = Path(name).parts
    if not parts or ".." in parts or Path(name).is_absolute() or "\\" in name:
        raise ValueError(f"{name!r} is no name for a folder.")
    return (Path(folder).expanduser() / name).absolute()


async def _verified(client: Client, skill_name: str, file: SkillFile) -> bytes:
    if Path(file.path).is_absolute() or ".." in Path(file.path).parts or "\\" in file.path:
        raise ValueError(f"The manifest of skill {skill_name!r} names a file outside of it: {file.path!r}.")
    content = _bytes_of(await client.read_resource(f"{_SCHEME}{skill_name}/{file.path}"))
    if digest_of(content) != file.hash:
        raise ValueError(f"{file.path} of skill {skill_name!r} is not what its manifest says.")
    return content


def _bytes_of(contents: list[Any]) -> bytes:
    if not contents:
        raise ValueError("The server sent nothing.")
    text = getattr(contents[0], "text", None)
    return text.encode() if isinstance(text, str) else base64.b64decode(contents[0].blob)


def _place(target: Path, contents: dict[str, bytes]) -> None:
    """Beside the place first: a copy that fails half-way leaves the old one as it was."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".skill-") as scratch:
        made = Path(scratch) / "new"
        made.mkdir()
        for path, content in contents.items():
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        if target.exists():
            target.rename(Path(scratch) / "old")
        shutil.move(made, target)
