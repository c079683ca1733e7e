"""What authors return or attach instead of text: images, sound, files, icons."""

import base64
import binascii
import mimetypes
from os import PathLike
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import model_validator

from wireglass.protocol.content import (
    Annotations,
    AudioContent,
    BlobResourceContents,
    EmbeddedResource,
    ImageContent,
    TextResourceContents,
    WireIcon,
)

__all__ = ["Audio", "File", "Icon", "Image"]

_IMAGE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"} | {
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".bmp": "image/bmp",
    ".avif": "image/avif",
}
_AUDIO_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".m4a": "audio/mp4"} | {
    ".flac": "audio/flac",
    ".aac": "audio/aac",
}


class _Media:
    """Bytes, or a file that is read when the block is made."""

    _types: dict[str, str] = {}
    _family = "application"
    _default_type = "application/octet-stream"

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        data: bytes | None = None,
        format: str | None = None,
        annotations: Annotations | dict[str, Any] | None = None,
    ) -> None:
        if path is None and data is None:
            raise ValueError("Either path or data must be provided")
        if path is not None and data is not None:
            raise ValueError("Only one of path or data can be provided")
        self.path = Path(path).expanduser() if path is not None else None
        self.data = data
        self._format = format
        self.annotations = annotations
        self._mime_type = self._guess_type()

    def _guess_type(self) -> str:
        if self._format:
            return f"{self._family}/{self._format.lower()}"
        if self.path is not None:
            suffix = self.path.suffix.lower()
            return self._types.get(suffix, "application/octet-stream")
        return self._default_type

    def _bytes(self) -> bytes:
        return self.path.read_bytes() if self.path is not None else cast("bytes", self.data)

    def _encoded(self) -> str:
        return base64.b64encode(self._bytes()).decode("ascii")

    def _notes(self, annotations: Annotations | dict[str, Any] | None) -> Annotations | None:
        chosen = annotations if annotations is not None else self.annotations
        return Annotations.model_validate(chosen) if isinstance(chosen, dict) else chosen


class Image(_Media):
    """An image: `Image(path="plot.png")` or `Image(data=png, format="png")`. Raises OSError when the file is read."""

    _types = _IMAGE_TYPES
    _family = "image"
    _default_type = "image/png"

    def to_image_content(
        self, mime_type: str | None = None, annotations: Annotations | dict[str, Any] | None = None
    ) -> ImageContent:
        """The content block."""
        return ImageContent(
            data=self._encoded(), mime_type=mime_type or self._mime_type, annotations=self._notes(annotations)
        )

    def to_data_uri(self: "Image | str | PathLike[str]", mime_type: str | None = None) -> str:
        """A `data:` URI. Also callable on the class with a path: `Image.to_data_uri("icon.png")`."""
        image = self if isinstance(self, Image) else Image(path=self)
        return f"data:{mime_type or image._mime_type};base64,{image._encoded()}"


class Audio(_Media):
    """Sound: `Audio(path="hello.wav")` or `Audio(data=wav, format="wav")`."""

    _types = _AUDIO_TYPES
    _family = "audio"
    _default_type = "audio/wav"

    def to_audio_content(
        self, mime_type: str | None = None, annotations: Annotations | dict[str, Any] | None = None
    ) -> AudioContent:
        """The content block."""
        return AudioContent(
            data=self._encoded(), mime_type=mime_type or self._mime_type, annotations=self._notes(annotations)
        )


class File(_Media):
    """Any file, as an embedded resource; text types travel as text."""

    def __init__(
        self,
        path: str | PathLike[str] | None = None,
        data: bytes | None = None,
        format: str | None = None,
        name: str | None = None,
        annotations: Annotations | dict[str, Any] | None = None,
    ) -> None:
        self._name = name
        super().__init__(path, data, format, annotations)

    def _guess_type(self) -> str:
        if self._format:
            kind = self._format.lower()
            return kind if "/" in kind else f"text/{kind}" if kind in ("plain", "txt") else f"application/{kind}"
        if self.path is not None:
            guessed, _ = mimetypes.guess_type(self.path.name)
            return guessed or "application/octet-stream"
        return "application/octet-stream"

    def to_resource_content(
        self, mime_type: str | None = None, annotations: Annotations | dict[str, Any] | None = None
    ) -> EmbeddedResource:
        """The content block; its URI is the file's, or `file:///<name>`."""
        kind = mime_type or self._mime_type
        content = self._bytes()
        uri = self._uri(kind)
        notes = self._notes(annotations)
        if kind.startswith("text/"):
            try:
                text = TextResourceContents(uri=uri, mime_type=kind, text=content.decode())
                return EmbeddedResource(resource=text, annotations=notes)
            except UnicodeDecodeError:
                pass
        blob = BlobResourceContents(uri=uri, mime_type=kind, blob=base64.b64encode(content).decode("ascii"))
        return EmbeddedResource(resource=blob, annotations=notes)

    def _uri(self, kind: str) -> str:
        if self._name:
            suffix = f".{kind.rpartition('/')[2]}" if "." not in self._name else ""
            return f"file:///{self._name}{suffix}"
        if self.path is not None:
            return self.path.resolve().as_uri()
        return f"file:///resource.{kind.rpartition('/')[2]}"


_PIXELS = {"small": "16x16", "medium": "32x32", "large": "64x64"}


class Icon(WireIcon):
    """An icon of a server or component.

    `src` (or `url`) is an https or relative address, or a `data:` URI; `sizes` a list such as `["48x48"]`, or `size`
    one of "small" (16 px), "medium" (32 px), "large" (64 px). Raises ValueError for a torn data URI.
    """

    @model_validator(mode="before")
    @classmethod
    def _both_spellings(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        given = dict(cast("dict[str, Any]", data))
        if "url" in given:
            given.setdefault("src", given.pop("url"))
        if "size" in given:
            size = given.pop("size")
            if size is not None:
                given.setdefault("sizes", [_PIXELS.get(size, size)])
        if isinstance(given.get("sizes"), str):
            given["sizes"] = given["sizes"].split()
        _check_source(given.get("src"))
        return given

    @classmethod
    def from_file(
        cls, path: str | PathLike[str], size: Literal["small", "medium", "large"] | str | None = None
    ) -> "Icon":
        """The file as a `data:` URI. Raises OSError."""
        image = Image(path=path)
        return cls.model_validate({"src": image.to_data_uri(), "size": size, "mimeType": image._mime_type})

    @property
    def url(self) -> str:
        """The same as `src`."""
        return self.src


def _check_source(source: Any) -> None:
    if not isinstance(source, str):
        raise ValueError(f"Icon URL must be a string or data URI, not {type(source).__name__}.")
    if source.startswith("data:"):
        head, comma, body = source.partition(",")
        if not comma:
            raise ValueError("Invalid data URI format: it has no comma before its data.")
        if head.endswith(";base64"):
            try:
                base64.b64decode(body, validate=True)
            except binascii.Error as error:
                raise ValueError(f"Invalid data URI format: its base64 does not decode ({error}).") from error
    elif source.startswith("base64,"):
        raise ValueError(
            "Invalid data URI format: it starts with 'base64,'. "
            "Write 'data:image/png;base64,...' or use Icon.from_file."
        )
