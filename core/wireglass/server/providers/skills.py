"""Folders of skills as resources: the instructions, a manifest of the files, and the files.

With `experimental_skills` they are offered by the skills extension too (SEP-2640, `wireglass.server.skills`).
"""

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import SkillError
from wireglass.protocol.skills import MAIN_FILE, Skill
from wireglass.server.components import META_KEY
from wireglass.server.path_security import PathEscapeError, inside
from wireglass.server.prompts import Prompt
from wireglass.server.providers.aggregate import AggregateProvider
from wireglass.server.providers.base import Provider
from wireglass.server.providers.skill_folder import (
    SkillFileInfo,
    SkillInfo,
    is_file,
    load,
    paths_in,
    read_file,
    scan,
    type_of,
)
from wireglass.server.resource_results import ResourceContent, ResourceResult
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.tools import Tool
from wireglass.server.versions import VersionSpec

__all__ = [
    "SkillFileInfo",
    "SkillFileResource",
    "SkillFileTemplate",
    "SkillInfo",
    "SkillProvider",
    "SkillResource",
    "SkillsDirectoryProvider",
    "SupportingFiles",
]

log = logging.getLogger(__name__)

SupportingFiles = Literal["template", "resources"]
MANIFEST = "_manifest"


class SkillResource(Resource):
    """A skill's instructions or its manifest, read anew each time."""

    skill_info: SkipJsonSchema[SkillInfo] = Field(exclude=True)
    is_manifest: bool = False
    of_extension: bool = False
    """Served by the extension too, which wants no keys of others in the `_meta` of a skill's resources."""

    def get_meta(self, include_fastmcp_meta: bool | None = None) -> dict[str, Any] | None:
        """Says which skill it belongs to."""
        if self.of_extension:
            return self.meta
        return _marked(
            super().get_meta(include_fastmcp_meta), {"name": self.skill_info.name, "is_manifest": self.is_manifest}
        )

    async def read(self) -> ResourceResult:
        """The text. Raises PathEscapeError, OSError."""
        info = self.skill_info
        if not self.is_manifest:
            return await asyncio.to_thread(read_file, info.path, info.main_file, self.mime_type)
        files = await asyncio.to_thread(scan, info.path)
        text = json.dumps({"skill": info.name, "files": [vars(file) for file in files]}, indent=2)
        return ResourceResult([ResourceContent(text, mime_type="application/json")])


class SkillFileResource(Resource):
    """Another file of a skill."""

    skill_info: SkipJsonSchema[SkillInfo] = Field(exclude=True)
    file_path: str

    def get_meta(self, include_fastmcp_meta: bool | None = None) -> dict[str, Any] | None:
        """Says which skill it belongs to."""
        return _marked(super().get_meta(include_fastmcp_meta), {"name": self.skill_info.name})

    async def read(self) -> ResourceResult:
        """Text where the bytes are text. Raises PathEscapeError, OSError."""
        return await asyncio.to_thread(read_file, self.skill_info.path, self.file_path, self.mime_type)


class SkillFileTemplate(ResourceTemplate):
    """All other files of a skill, by their paths."""

    skill_info: SkipJsonSchema[SkillInfo] = Field(exclude=True)

    async def read(self, arguments: dict[str, Any]) -> ResourceResult:
        """Raises NotFoundError, PathEscapeError."""
        path = str(arguments.get("path", ""))
        return await asyncio.to_thread(read_file, self.skill_info.path, path, None)

    async def create_resource(self, uri: str, params: dict[str, Any]) -> Resource:
        """The one file."""
        return _file_resource(self.skill_info, str(params.get("path", "")), uri)


class SkillProvider(Provider):
    """One folder. Raises FileNotFoundError when it has no main file, PathEscapeError when that lies elsewhere."""

    def __init__(
        self,
        skill_path: str | Path,
        main_file_name: str = MAIN_FILE,
        supporting_files: SupportingFiles = "template",
        *,
        experimental_skills: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__()
        self._main_file_name = main_file_name
        self._supporting_files: SupportingFiles = supporting_files
        self._experimental = experimental_skills
        self._skill_info = load(Path(skill_path).expanduser(), main_file_name, name)
        self._complained = ""

    def __repr__(self) -> str:
        return f"SkillProvider(skill_path={str(self.skill_info.path)!r}, supporting_files={self._supporting_files!r})"

    @property
    def skill_info(self) -> SkillInfo:
        """What the folder said."""
        return self._skill_info

    def offers_skills(self) -> bool:
        return self._experimental

    async def _list_resources(self) -> Sequence[Resource]:
        info = self.skill_info
        listed: list[Resource] = [self._main(), self._manifest()]
        if self._supporting_files == "resources":
            others = [file.path for file in info.files if file.path != info.main_file]
            listed += [_file_resource(info, path, info.uri(path)) for path in others]
        return listed

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        if self._supporting_files != "template":
            return []
        info = self.skill_info
        template = SkillFileTemplate(
            uri_template=info.uri("{path*}"),
            name=f"{info.name}_files",
            description=f"Access files within {info.name}",
            mime_type="application/octet-stream",
            parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
            skill_info=info,
        )
        return [template]

    def _main(self) -> Resource:
        info = self.skill_info
        name = info.frontmatter.get("name") if self._experimental else None
        return SkillResource(
            uri=info.uri(info.main_file),
            name=name if isinstance(name, str) else f"{info.name}/{info.main_file}",
            description=info.description,
            mime_type="text/markdown",
            skill_info=info,
            of_extension=self._experimental,
        )

    def _manifest(self) -> Resource:
        info = self.skill_info
        return SkillResource(
            uri=info.uri(MANIFEST),
            name=f"{info.name}/{MANIFEST}",
            description=f"File listing for {info.name}",
            mime_type="application/json",
            skill_info=info,
            is_manifest=True,
        )

    async def _list_skills(self) -> Sequence["Skill"]:
        """Its entry, from the bytes as they are now; none when it breaks a rule of the extension."""
        if not self._experimental:
            return []
        try:
            entry = await asyncio.to_thread(self._entry)
        except (SkillError, OSError, PathEscapeError) as error:
            self._complain(str(error))
            return []
        return [entry]

    def _entry(self) -> "Skill":
        from wireglass.skill_files import skill_entry

        info = self.skill_info
        files = {path: inside(info.path, path).read_bytes() for path in paths_in(info.path)}
        entry = skill_entry(f"skill://{info.name}", files)
        too_big = entry.beyond_limits()
        if too_big:
            raise SkillError(f"{info.name} is not offered as a skill. {too_big}")
        return entry

    def _complain(self, why: str) -> None:
        if why != self._complained:  # once for each reason, not at every request
            self._complained = why
            log.warning("Skill %s is not offered: %s", self.skill_info.name, why)


class SkillsDirectoryProvider(AggregateProvider):
    """Every folder with a main file below one or several roots; of two with one name the first is taken.

    With `reload` the roots are looked at again at each request. With `experimental_skills`, folders at any depth count
    and are named by their path (`skill://team/review/SKILL.md`), as the extension has it.
    """

    def __init__(
        self,
        roots: str | Path | Sequence[str | Path],
        reload: bool = False,
        main_file_name: str = MAIN_FILE,
        supporting_files: SupportingFiles = "template",
        *,
        experimental_skills: bool = False,
    ) -> None:
        super().__init__()
        given = [roots] if isinstance(roots, (str, Path)) else roots
        self._roots = [Path(root).expanduser().resolve() for root in given]
        self._reload = reload or experimental_skills
        self._main_file_name = main_file_name
        self._supporting_files: SupportingFiles = supporting_files
        self._experimental = experimental_skills
        self._discover()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(roots={[str(root) for root in self._roots]!r}, reload={self._reload})"

    def offers_skills(self) -> bool:
        return self._experimental

    def _discover(self) -> None:
        """Loads what is there. A folder that cannot be loaded is noted and does not stop the others."""
        found: dict[str, SkillProvider] = {}
        taken: set[Path] = set()
        for root in self._roots:
            for folder in self._folders(root):
                name = folder.relative_to(root).as_posix() if self._experimental else None
                try:
                    provider = SkillProvider(
                        folder,
                        self._main_file_name,
                        self._supporting_files,
                        experimental_skills=self._experimental,
                        name=name,
                    )
                except (OSError, ValueError, RuntimeError) as error:
                    log.warning("The skill in %s cannot be loaded: %s", folder, error)
                    continue
                info = provider.skill_info
                if info.path not in taken:
                    taken.add(info.path)
                    found.setdefault(info.name, provider)
        self.providers = list(found.values())

    def _folders(self, root: Path) -> list[Path]:
        try:
            if not root.is_dir():
                return []
            if self._experimental:
                folders = {path.parent for path in root.rglob(self._main_file_name) if not path.parent.is_symlink()}
                return sorted(folders - {root})
            return sorted(path for path in root.iterdir() if is_file(path / self._main_file_name))
        except OSError as error:
            log.warning("%s cannot be searched for skills: %s", root, error)
            return []

    async def _refresh(self) -> None:
        if self._reload:
            await asyncio.to_thread(self._discover)

    async def _list_tools(self) -> Sequence[Tool]:
        return []

    async def _list_prompts(self) -> Sequence[Prompt]:
        return []

    async def _list_resources(self) -> Sequence[Resource]:
        await self._refresh()
        return await super()._list_resources()

    async def _get_resource(self, uri: str, version: VersionSpec | None = None) -> Resource | None:
        await self._refresh()
        return await super()._get_resource(uri, version)

    async def _list_resource_templates(self) -> Sequence[ResourceTemplate]:
        await self._refresh()
        return await super()._list_resource_templates()

    async def _get_resource_template(self, uri: str, version: VersionSpec | None = None) -> ResourceTemplate | None:
        await self._refresh()
        return await super()._get_resource_template(uri, version)

    async def _list_skills(self) -> Sequence["Skill"]:
        await self._refresh()
        return await super()._list_skills()


def _file_resource(info: SkillInfo, path: str, uri: str) -> Resource:
    return SkillFileResource(
        uri=uri,
        name=f"{info.name}/{path}",
        description=f"File from {info.name} skill",
        mime_type=type_of(path),
        skill_info=info,
        file_path=path,
    )


def _marked(meta: dict[str, Any] | None, skill: dict[str, Any]) -> dict[str, Any]:
    own = meta or {}
    return {**own, META_KEY: {**cast("dict[str, Any]", own.get(META_KEY) or {}), "skill": skill}}
