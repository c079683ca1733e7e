"""The Settings page: everything acts at once, is remembered, and is found by its words."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.desk import Desktop
from wireglass_app import motion
from wireglass_app.moments import clock_ms, heading, moments
from wireglass_app.panels.settings import SettingsPanel
from wireglass_app.preferences.index import GROUPS, SETTINGS
from wireglass_app.settings import Settings
from wireglass_app.theme import theme


@pytest.fixture
def make_page(make_window):
    def make() -> SettingsPanel:
        window = make_window()
        window.go("settings")
        page = window.host.panel
        assert isinstance(page, SettingsPanel)
        return page

    return make


def test_the_groups_are_those_of_the_design_and_hold_every_setting(make_page) -> None:
    page = make_page()
    assert [group.title for group in page.groups] == [title for _key, title in GROUPS]
    assert sorted(line.fact.key for line in page.lines) == sorted(fact.key for fact in SETTINGS)
    for group in page.groups:
        assert all(line.fact.group == group.key for line in group.lines), group.key


@pytest.mark.slow
@pytest.mark.parametrize(
    ("density", "row", "double"), [("comfortable", 26, 44), ("compact", 22, 37), ("touch", 34, 53)]
)
def test_density_changes_rows_at_once_and_is_remembered(desktop, density: str, row: int, double: int) -> None:
    """Design section 7: table row 26, compact 22, touch 34."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        desk.window.go("settings")
        page = desk.window.host.panel
        page.appearance.density.button(density).click()
        assert theme().density == density
        desk.window.go("frames")
        assert desk.window.host.panel.table.verticalHeader().defaultSectionSize() == row
        desk.window.go("tools")
        view = desk.tools.list.view
        heights = {view.visualRect(view.model().index(at, 0)).height() for at in range(view.model().rowCount())}
        assert double in heights
        desk.app.settings.save()
        assert Settings(desk.app.settings.path).get("density", "comfortable") == density

    desktop(scene)


def test_touch_makes_every_button_of_the_shell_34_high(make_page) -> None:
    page = make_page()
    page.appearance.density.button("touch").click()
    page.window().ensurePolished()
    assert page.appearance.ui_font.sizeHint().height() >= 34
    assert page.window().header.split.sizeHint().height() >= 34


def test_fonts_are_chosen_and_a_missing_family_falls_back_to_the_bundled_one(make_page) -> None:
    page = make_page()
    fonts = page.appearance
    fonts.ui_font.setFocus()
    fonts.ui_font.showPopup()
    fonts.ui_font.hidePopup()
    at = fonts.ui_font.findData("JetBrains Mono")
    assert at < 0, "the interface offers no fonts of one width"
    page.desk.settings.set("font.ui", "JetBrains Mono")
    assert QFontInfo(theme().font()).family() == "JetBrains Mono"
    page.desk.settings.set("font.ui", "No Such Font 9")
    assert QFontInfo(theme().font()).family() == "Inter"
    assert fonts.ui_font.currentText() == "No Such Font 9"
    fonts.ui_font.setCurrentIndex(0)
    fonts.ui_font.activated.emit(0)
    assert page.desk.settings.get("font.ui", "x") == ""
    page.desk.settings.set("font.mono", "Inter")
    assert QFontInfo(theme().font("mono")).family() == "Inter"


def test_reduced_motion_makes_every_duration_zero(make_page) -> None:
    """Design section 11."""
    page = make_page()
    page.appearance.motion.button("full").click()
    assert motion.duration(90) == 90
    page.appearance.motion.button("reduced").click()
    assert motion.reduced()
    assert motion.duration(90) == 0
    page.appearance.motion.button("system").click()
    assert motion.reduced(), "nobody sees an off-screen window"


def test_times_are_shown_in_utc_when_that_is_chosen(make_page) -> None:
    page = make_page()
    page.appearance.times.button("utc").click()
    assert moments().choice == "utc"
    assert clock_ms(1_000_000_000 * 10**9 + 123 * 10**6) == "01:46:40.123"
    assert heading("Time") == "Time UTC"
    page.appearance.times.button("local").click()
    assert heading("Time") == "Time"


def test_all_of_it_is_there_after_a_restart(make_page) -> None:
    page = make_page()
    page.appearance.density.button("compact").click()
    page.appearance.times.button("utc").click()
    page.appearance.motion.button("reduced").click()
    page.desk.act("zoom-in")
    page.desk.settings.save()
    theme().pack("comfortable")
    moments().choose("local")
    again = make_page()
    assert theme().density == "compact"
    assert again.appearance.times.current() == "utc"
    assert again.appearance.motion.current() == "reduced"
    assert again.appearance.zoom.text() == "110 %"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("font", {"font.ui", "font.mono"}),
        ("colour", {"theme"}),
        ("uv", {"run.with"}),
        ("redact", {"mask"}),
        ("no such thing", set()),
    ],
)
def test_settings_are_found_by_their_words(make_page, typed: str, found: set[str]) -> None:
    page = make_page()
    page.field.setText(typed)
    shown = {line.fact.key for line in page.lines if line.isVisible()}
    assert found <= shown
    assert "zoom" not in shown
    assert page.none_fits.isVisible() == (not shown)
    page.field.clear()
    assert all(line.isVisible() for line in page.lines)


def test_a_setting_is_reached_by_its_key_and_has_the_focus(make_page, qtbot) -> None:
    page = make_page()
    page.window().activateWindow()
    page.show_item(section="times")
    qtbot.waitUntil(lambda: _inside(page.window().focusWidget(), page.appearance.times), timeout=30_000)


def test_down_in_the_search_goes_to_the_first_setting_that_is_left(make_page, qtbot) -> None:
    page = make_page()
    page.field.setText("motion")
    page.field.setFocus()
    QTest.keyClick(page.field, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: _inside(page.window().focusWidget(), page.appearance.motion), timeout=30_000)


def test_what_was_typed_is_forgotten_and_nothing_else(make_page) -> None:
    page = make_page()
    settings = page.desk.settings
    settings.set("drafts.shop.stock", {"a": 1})
    settings.set("runs.shop.stock", [{"a": 1}])
    settings.set("recordings.recent", ["x"])
    privacy = next(group for group in page.groups if group.key == "privacy")
    privacy.forget.click()
    assert not [name for name in settings.names() if name.startswith(("drafts.", "runs."))]
    assert settings.get("recordings.recent", []) == ["x"]


def test_recording_and_masking_follow_the_settings(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        recording = desk.app.workbench.recording
        desk.window.go("settings", section="privacy")
        privacy = next(group for group in desk.window.host.panel.groups if group.key == "privacy")
        privacy.minutes.button("5").click()
        assert recording.keep_minutes == 5
        privacy.names.setText("iban, x-tenant, !")
        privacy.names.editingFinished.emit()
        assert desk.app.settings.get("mask.names", []) == ["iban", "x-tenant"]
        assert recording.masker.text('{"iban": "DE12"}') == '{"iban": "•••"}'

    desktop(scene)


def _inside(focus: QWidget | None, place: QWidget) -> bool:
    return focus is not None and (focus is place or place.isAncestorOf(focus))


def test_what_is_trusted_is_read_from_the_application_s_own_list(make_page) -> None:
    """Past fault: the page made a list of its own, so the tests of it read the developer's."""
    page = make_page()
    folder = page.desk.settings.path.parent
    assert page.desk.trust.path == folder / "trust.json"
    assert page.running._trust is page.desk.trust
