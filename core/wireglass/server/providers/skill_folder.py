"""A skill's folder on disk: what it says of itself, which files it has, and what is in one of them."""

import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wireglass.errors import NotFoundError, SkillError
from wireglass.protocol.skills import digest_of
from wireglass.server.path_security import inside
from wireglass.server.resource_results import ResourceContent, ResourceResult

__all__ = ["SkillFileInfo", "SkillInfo", "is_file", "load", "paths_in", "read_file", "scan", "type_of"]

_TEXT = {".md": "text/markdown", ".txt": "text/plain", ".yaml": "application/yaml", ".yml": "application/yaml"}
_DESCRIPTION = 200
"""Characters taken of a first line that has to serve as a description."""


@dataclass(frozen=True)
class SkillFileInfo:
    """One file: its path in the skill with `/`, its bytes, `sha256:` and their digest."""

    path: str
    size: int
    hash: str


@dataclass(frozen=True)
class SkillInfo:
    """What a folder said when it was loaded."""

    name: str
    description: str
    path: Path
    """Absolute, without links: where the files have to stay."""
    main_file: str
    files: list[SkillFileInfo] = field(default_factory=list[SkillFileInfo])
    frontmatter: dict[str, Any] = field(default_factory=dict[str, Any])

    def uri(self, file: str) -> str:
        """The URI of one of its files."""
        return f"skill://{self.name}/{file}"


def scan(folder: Path) -> list[SkillFileInfo]:
    """The files of a skill in the order of their paths. Links that lead out of it do not count."""
    found: list[SkillFileInfo] = []
    for path in paths_in(folder):
        content = inside(folder, path).read_bytes()
        found.append(SkillFileInfo(path, len(content), digest_of(content)))
    return found


def paths_in(folder: Path) -> list[str]:
    """The paths of all files of a skill, with `/`, sorted; links that lead out of it do not count."""
    found = [path for path in folder.rglob("*") if is_file(path) and path.resolve().is_relative_to(folder)]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def is_file(path: Path) -> bool:
    """Whether a path leads to a file; one whose links run in a circle leads nowhere."""
    try:
        return path.is_file()
    except OSError:
        return False


def load(given: Path, main_file_name: str, name: str | None) -> SkillInfo:
    """What a folder says of itself. Raises FileNotFoundError without a main file, PathEscapeError when that lies
    elsewhere, OSError."""
    if not given.is_dir():
        raise FileNotFoundError(f"Skill directory not found: {given}")
    folder = given.resolve()
    if not (folder / main_file_name).is_file():
        raise FileNotFoundError(f"Main skill file not found: {folder / main_file_name}")
    text = inside(folder, main_file_name).read_text(encoding="utf-8", errors="replace")
    frontmatter, body = _parts(text)
    described = frontmatter.get("description")
    description = described if isinstance(described, str) and described.strip() else _first_line(body)
    return SkillInfo(
        name=name or folder.name,
        description=description or f"Skill: {name or folder.name}",
        path=folder,
        main_file=main_file_name,
        files=scan(folder),
        frontmatter=frontmatter,
    )


def _parts(text: str) -> tuple[dict[str, Any], str]:
    """The YAML at the top and the rest; here, unlike in the extension, YAML that cannot be read is no YAML."""
    from wireglass.skill_files import body_of, frontmatter_of

    try:
        return frontmatter_of(text), body_of(text)
    except SkillError:
        return {}, body_of(text)


def _first_line(text: str) -> str:
    lines = (line.strip().lstrip("#").strip() for line in text.splitlines())
    return next((line for line in lines if line), "")[:_DESCRIPTION]


def type_of(path: str) -> str:
    """The media type by the ending of a path."""
    suffix = Path(path).suffix.lower()
    return _TEXT.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def read_file(folder: Path, path: str, mime_type: str | None) -> ResourceResult:
    """One file: text where its bytes are text. Raises NotFoundError, PathEscapeError, OSError."""
    file = inside(folder, path)
    if not file.is_file():
        raise NotFoundError(f"Resource not found: the skill {folder.name!r} has no file {path!r}.")
    content = file.read_bytes()
    kind = mime_type or type_of(path)
    try:
        return ResourceResult([ResourceContent(content.decode(), mime_type=kind)])
    except UnicodeDecodeError:
        return ResourceResult([ResourceContent(content, mime_type=kind)])
