"""Icons of servers: only what came along, small, and nothing that reaches out."""

import base64

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

from wireglass_app.given_icon import carried_icon, draw_icon, remote_icon

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><path d="M0 0h4v4H0z" fill="#f00"/></svg>'


def uri(data: bytes, kind: str = "image/svg+xml") -> dict:
    return {"icons": [{"src": f"data:{kind};base64,{base64.b64encode(data).decode()}"}]}


def test_an_icon_that_came_along_is_drawn(qapp) -> None:
    found = carried_icon(uri(SVG))
    assert found is not None
    image = draw_icon(*found, 16)
    assert image is not None
    assert image.pixelColor(8, 8).red() == 255


def test_a_picture_of_any_size_is_drawn_small(qapp) -> None:
    picture = QImage(600, 300, QImage.Format.Format_RGB32)
    picture.fill(0x00FF00)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    found = carried_icon(uri(bytes(buffer.data().data()), "image/png"))
    assert found is not None
    drawn = draw_icon(*found, 32)
    assert drawn is not None
    assert (drawn.width(), drawn.height()) == (32, 16)


@pytest.mark.parametrize(
    "svg",
    [
        SVG.replace(b"<path", b'<image xlink:href="file:///etc/passwd"/><path'),
        SVG.replace(b"<path", b'<use href="#a"/><path'),
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG,
        SVG.replace(b'fill="#f00"', b'fill="url(http://a.example)"'),
        SVG + b" " * 70_000,
        b"not a picture",
    ],
)
def test_an_svg_that_could_reach_out_or_grow_is_not_drawn(qapp, svg: bytes) -> None:
    assert draw_icon(svg, "image/svg+xml", 16) is None


def test_an_address_is_named_and_never_fetched() -> None:
    owner = {"icons": [{"src": "https://a.example/i.png"}]}
    assert carried_icon(owner) is None
    assert remote_icon(owner) == "https://a.example/i.png"


@pytest.mark.parametrize("owner", [None, {}, {"icons": "x"}, {"icons": [1, {"src": 2}, {"src": "data:,x"}]}])
def test_nonsense_is_no_icon(owner) -> None:
    assert carried_icon(owner) is None


def test_the_icon_for_the_theme_comes_first() -> None:
    light, dark = uri(SVG)["icons"][0], uri(SVG.replace(b"f00", b"0f0"))["icons"][0]
    owner = {"icons": [{**light, "theme": "light"}, {**dark, "theme": "dark"}]}
    assert b"0f0" in carried_icon(owner, dark=True)[0]
    assert b"f00" in carried_icon(owner, dark=False)[0]
