"""Bytes as offsets, hexadecimal and ASCII, row by row as they are seen."""

from collections.abc import Sequence
from typing import overload

from wireglass_app.controls import column
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.saving import SaveButton
from wireglass_app.plain import size

__all__ = ["HexRows", "HexView"]

_WIDTH = 16
_DOTS = bytes(code if 0x20 <= code < 0x7F else 0x2E for code in range(256))


class HexRows(Sequence[str]):
    """The rows of a hex dump, made when asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return -(-len(self._data) // _WIDTH)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._row(at) for at in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._row(index % len(self))

    def _row(self, at: int) -> str:
        part = self._data[at * _WIDTH : (at + 1) * _WIDTH]
        text = part.translate(_DOTS).decode("ascii")
        return f"{at * _WIDTH:08x}  {part.hex(' '):<{_WIDTH * 3 - 1}}  {text:<{_WIDTH}}"


class HexView(PayloadView):
    """A hex dump of any length."""

    kind = "binary"

    def __init__(self, data: bytes, mime_type: str = "", name: str = "") -> None:
        super().__init__()
        self.data = data
        self.facts = " · ".join(part for part in (name, mime_type, size(len(data))) if part)
        self._save = SaveButton(data, name or "data.bin")
        self.code = CodeView(numbers=False, name="Bytes in hexadecimal")
        self.code.set_source(HexRows(data), "hex")
        self.setLayout(column(self.code))

    def actions(self) -> list[SaveButton]:  # type: ignore[override]  # buttons are widgets
        return [self._save]

    def copy_text(self) -> str:
        return self.data[:1_000_000].hex(" ")
