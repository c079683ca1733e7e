"""Resources that need no function: a text, bytes, a file, a folder's list, what a URL answers."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from wireglass.errors import ResourceError
from wireglass.server.resource_results import ResourceContent, ResourceResult
from wireglass.server.resources import Resource

__all__ = ["BinaryResource", "DirectoryResource", "FileResource", "HttpResource", "TextResource"]

_TEXT_TYPES = ("application/json", "application/xml", "application/javascript", "application/yaml")


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("Path must be absolute")
    return path


AbsolutePath = Annotated[Path, AfterValidator(_absolute)]


class TextResource(Resource):
    """A fixed text."""

    text: str

    async def read(self) -> ResourceResult:
        """The text."""
        return ResourceResult([ResourceContent(self.text, mime_type=self.mime_type, meta=self.meta)])


class BinaryResource(Resource):
    """Fixed bytes."""

    data: bytes

    async def read(self) -> ResourceResult:
        """The bytes."""
        return ResourceResult([ResourceContent(self.data, mime_type=self.mime_type, meta=self.meta)])


class FileResource(Resource):
    """A file, read anew each time. Text unless `is_binary`, or unless the MIME type is not a text's."""

    path: AbsolutePath
    is_binary: bool = False
    encoding: str = "utf-8"

    @model_validator(mode="after")
    def _binary_by_type(self) -> "FileResource":
        if "is_binary" not in self.model_fields_set:
            self.is_binary = not (self.mime_type.startswith("text/") or self.mime_type in _TEXT_TYPES)
        return self

    async def read(self) -> ResourceResult:
        """The file's content. Raises ResourceError when it cannot be read."""
        try:
            content = await asyncio.to_thread(self._content)
        except (OSError, UnicodeError) as error:
            raise ResourceError(f"Error reading file {self.path}: {error}") from error
        return ResourceResult([ResourceContent(content, mime_type=self.mime_type, meta=self.meta)])

    def _content(self) -> str | bytes:
        return self.path.read_bytes() if self.is_binary else self.path.read_text(encoding=self.encoding)


class HttpResource(Resource):
    """What a URL answers, asked anew each time."""

    url: str

    async def read(self) -> ResourceResult:
        """The answer's body. Raises ResourceError when there is none."""
        import httpx

        try:
            async with httpx.AsyncClient(follow_redirects=True) as client:
                response = await client.get(self.url)
                response.raise_for_status()
        except httpx.HTTPError as error:
            raise ResourceError(f"Error reading {self.url}: {error}") from error
        return ResourceResult([ResourceContent(response.text, mime_type=self.mime_type, meta=self.meta)])


class DirectoryResource(Resource):
    """The names of the files in a folder, as JSON."""

    path: AbsolutePath
    recursive: bool = False
    pattern: str | None = None
    mime_type: str = Field(default="application/json")

    def list_files(self) -> list[Path]:
        """The files, sorted. Raises FileNotFoundError or NotADirectoryError."""
        if not self.path.exists():
            raise FileNotFoundError(f"Directory not found: {self.path}")
        if not self.path.is_dir():
            raise NotADirectoryError(f"Not a directory: {self.path}")
        return sorted(path for path in self._matches() if path.is_file())

    def _matches(self) -> Iterator[Path]:
        pattern = self.pattern or "*"
        return self.path.rglob(pattern) if self.recursive else self.path.glob(pattern)

    async def read(self) -> ResourceResult:
        """`{"files": [...]}` with paths relative to the folder. Raises ResourceError."""
        try:
            files = await asyncio.to_thread(self.list_files)
        except OSError as error:
            raise ResourceError(f"Error reading directory {self.path}: {error}") from error
        listed = json.dumps({"files": [str(file.relative_to(self.path)) for file in files]}, indent=2)
        return ResourceResult([ResourceContent(listed, mime_type=self.mime_type, meta=self.meta)])
