"""Serves skills (the extension `io.modelcontextprotocol/skills`, SEP-2640): their entries, and their folders.

Providers say which skills they have (`Provider._list_skills`) and serve the files as resources; nothing here reads a
file. An entry is shown to those who may read its `SKILL.md`.
The models of entries are imported with the first provider that has any: most servers serve no skills.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.protocol.versions import SKILLS_EXTENSION
from wireglass.server.pages import page

if TYPE_CHECKING:
    from wireglass.protocol.skills import Skill
    from wireglass.server.app import FastMCP

__all__ = ["Skills"]


class Skills:
    """The skills of one server."""

    def __init__(self, server: "FastMCP") -> None:
        self._server = server

    def offered(self) -> bool:
        """Whether any provider serves skills."""
        return any(provider.offers_skills() for provider in self._server.providers)

    def capability(self) -> dict[str, Any]:
        """What the server declares under `extensions`: `directoryRead` too, because folders follow from the entries."""
        return {SKILLS_EXTENSION: {"directoryRead": True}}

    async def all(self) -> "list[Skill]":
        """The skills that the caller may see, in the order of their providers; the first with a URI wins."""
        found: dict[str, Skill] = {}
        for provider in self._server.providers:
            for skill in await provider.list_skills():
                found.setdefault(skill.uri, skill)
        shown: Sequence[Skill] = list(found.values())
        for transform in self._server.transforms:
            shown = await transform.list_skills(shown)
        return [skill for skill in shown if await self._readable(skill.uri)]

    # The methods

    async def list_entries(self, cursor: str | None) -> dict[str, Any]:
        """`skills/list`. Raises McpError for a cursor that we did not make, and when no skills are served."""
        self._require()
        items, following = page(await self.all(), cursor, self._server.list_page_size)
        result: dict[str, Any] = {"skills": [skill.wire() for skill in items]}
        return result if following is None else {**result, "nextCursor": following}

    async def get_entry(self, uri: str) -> dict[str, Any]:
        """`skills/get`. Raises McpError -32602 for a URI that is no skill of ours."""
        self._require()
        for skill in await self.all():
            if skill.uri == uri:
                return {"skill": skill.wire()}
        raise McpError(INVALID_PARAMS, f"No skill is served at {uri}", {"uri": uri})

    async def read_directory(self, uri: str, cursor: str | None) -> dict[str, Any]:
        """`resources/directory/read`. Raises McpError -32602 for a URI that is no folder of a skill of ours."""
        from wireglass.protocol.skills import children_of

        self._require()
        children = children_of(uri, await self._file_uris())
        if children is None:
            raise McpError(INVALID_PARAMS, f"{uri} is not a directory resource", {"uri": uri})
        items, following = page(sorted(children.items()), cursor, self._server.list_page_size)
        result: dict[str, Any] = {"resources": [await self._child(*item) for item in items]}
        return result if following is None else {**result, "nextCursor": following}

    # Parts

    def _require(self) -> None:
        if not self.offered():
            raise McpError(METHOD_NOT_FOUND, "This server serves no skills.")

    async def _readable(self, uri: str) -> bool:
        server = self._server
        return await server.find("resource", uri) is not None or await server.find("resource_template", uri) is not None

    async def _file_uris(self) -> list[str]:
        """Every file of every skill that is shown; of dynamic ones, those that `resources/list` names."""
        skills = await self.all()
        uris = [file.uri for skill in skills for file in skill.files]
        dynamic = [skill for skill in skills if skill.is_dynamic]
        if dynamic:
            uris += [skill.uri for skill in dynamic]
            listed = [resource.uri for resource in await self._server.list_resources()]
            uris += [uri for uri in listed if any(uri.startswith(f"{skill.root}/") for skill in dynamic)]
        return list(dict.fromkeys(uris))

    async def _child(self, uri: str, directory: bool) -> dict[str, Any]:
        import mimetypes

        from wireglass.protocol.skills import DIRECTORY_TYPE

        name = uri.rpartition("/")[2]
        if directory:
            return {"uri": uri, "name": name, "mimeType": DIRECTORY_TYPE}
        resource = await self._server.find("resource", uri)
        if resource is not None:
            return resource.wire()
        kind = "text/markdown" if name.endswith(".md") else mimetypes.guess_type(name)[0]
        return {"uri": uri, "name": name, **({"mimeType": kind} if kind else {})}
