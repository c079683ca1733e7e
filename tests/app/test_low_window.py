"""A low window with large text (200 % in 1440 x 720): one half at a time, nothing out of reach, the focus is kept."""

from PySide6.QtWidgets import QApplication

from app.desk import Desktop
from wireglass_app.theme import theme


def test_form_and_result_take_turns_where_both_have_no_room(desktop) -> None:
    """Before, both were squeezed until neither could be read."""

    async def scene(desk: Desktop) -> None:
        theme().zoom(2.0)
        desk.window.resize(1440, 720)
        await desk.desk()
        desk.window.go("tools", name="add")
        tools = desk.tools
        await desk.until(lambda: tools.halves.single, "one half alone")
        assert tools.form is not None
        assert (tools.form.isVisible(), tools.dossier.isVisible()) == (True, False)
        await desk.until(lambda: tools.form.isAncestorOf(QApplication.focusWidget() or desk.window), "focus in a field")
        tools.form.set_value({"a": 1, "b": 2})
        tools.run_primary()
        assert (tools.form.isVisible(), tools.dossier.isVisible()) == (False, True), "the result is brought up"
        call = tools.session.calls[-1]
        await desk.until(lambda: call.ended, "the end of the call")
        focus = QApplication.focusWidget()
        assert tools.halves.switch.isAncestorOf(focus), "the hidden field passed its focus on within the view"
        tools.halves.switch.button("form").click()
        assert tools.form.isVisible()
        footer = tools.form.footer
        await desk.until(lambda: footer.height() >= footer.minimumSizeHint().height(), "its two lines whole")
        bottom = footer.mapTo(desk.window, footer.rect().bottomLeft()).y()
        assert bottom <= desk.window.strip.mapTo(desk.window, desk.window.strip.rect().topLeft()).y()
        tools.halves.switch.button("result").click()
        assert tools.list.select("big")
        assert tools.form.isVisible(), "it never ran: there is no result to open on"
        tools.halves.switch.button("result").click()
        assert tools.list.select("add")
        assert tools.dossier.isVisible(), "what was run opens as the last one was left"

    desktop(scene)


def test_they_stand_side_by_side_again_when_there_is_room(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        desk.window.go("tools", name="add")
        tools = desk.tools
        desk.window.resize(1440, 900)
        await desk.until(lambda: not tools.halves.single, "both halves")
        assert tools.form is not None
        await desk.until(lambda: tools.form.isVisible() and tools.dossier.isVisible(), "both in sight")
        assert not tools.halves.switch.isVisible()

    desktop(scene)


def test_request_options_are_below_the_fields_and_below_the_json(desktop) -> None:
    """Picture 01."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        desk.window.go("tools", name="add")
        tools = desk.tools
        assert tools.form is not None
        assert tools.options.isVisible()
        field = tools.form.root.mapTo(tools.form, tools.form.root.rect().bottomLeft()).y()
        options = tools.options.mapTo(tools.form, tools.options.rect().topLeft()).y()
        footer = tools.form.footer.y()
        assert field <= options < footer
        tools.toggle_json()
        await desk.until(tools.options.isVisible, "the options below the JSON")
        desk.window.go("tools", name="big")
        assert tools.form.isAncestorOf(tools.options)
        assert tools.options.isVisible()

    desktop(scene)
