"""A template with a field at the place of each variable; expansion is RFC 6570's."""

import pytest
from PySide6.QtWidgets import QLabel

from wireglass.protocol.uritemplate import UriTemplate
from wireglass_app.resourceview.address import TemplateAddress


@pytest.mark.parametrize(
    ("template", "values", "around", "uri"),
    [
        ("a://{x}/events", {"x": "1 2"}, "a://[x]/events", "a://1%202/events"),
        ("a://t{/x,y}", {"x": "p", "y": "q"}, "a://t/[x]/[y]", "a://t/p/q"),
        ("a://t{?x,y}", {"y": "q"}, "a://t?x=[x]&y=[y]", "a://t?y=q"),
        ("a://{+path}{#at}", {"path": "b/c", "at": "d"}, "a://[path]#[at]", "a://b/c#d"),
        ("a://{x}/{x}", {"x": "1"}, "a://[x]/{x}", "a://1/1"),
        ("a://{host}{;v}{.ext}", {"host": "h", "v": "2", "ext": "png"}, "a://[host];v=[v].[ext]", "a://h;v=2.png"),
    ],
)
def test_fields_stand_where_their_values_go(qtbot, look, template: str, values: dict, around: str, uri: str) -> None:
    made = TemplateAddress(UriTemplate(template), values)
    qtbot.addWidget(made)
    shown = ""
    for at in range(made.layout().count()):
        widget = made.layout().itemAt(at).widget()
        shown += widget.text() if isinstance(widget, QLabel) else f"[{widget.line.accessibleName()}]"
    assert shown == around
    assert made.uri() == uri
    assert made.values() == values


def test_an_empty_field_is_an_undefined_variable(qtbot, look) -> None:
    made = TemplateAddress(UriTemplate("a://t{?x}"), {})
    qtbot.addWidget(made)
    assert made.uri() == "a://t"
    with qtbot.waitSignal(made.changed, timeout=30_000):
        made.fields["x"].line.setText("1")
    assert made.uri() == "a://t?x=1"
    assert made.first_empty() is made.fields["x"].line
