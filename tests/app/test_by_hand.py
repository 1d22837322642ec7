"""What a hand does at the window, by mouse and keys, and that the window says how things are now."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from her2scope.analysis.classes import CellClass
from her2scope.app.banner import _Line
from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.case_list import CaseList
from her2scope.app.editing import Editing
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.model.kept_cases import KeptCase
from her2scope.app.model.state import ControlPhase, Role
from her2scope.app.model.views.thresholds import od_text

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def result(desk, wait):
    """The desk with a result in view and its overlay drawn."""
    desk.analyse()
    assert wait(lambda: desk.analysed is not None and desk.overlay is not None)
    return desk


def at(desk, xy):
    """Where a place of the field is in the view."""
    x, y = desk.window.view.transform_.to_view(*xy)
    return QPoint(round(x), round(y))


def click(desk, xy):
    QTest.mouseClick(desk.window.view, LEFT, pos=at(desk, xy))


def drag(desk, *places):
    view = desk.window.view
    QTest.mousePress(view, LEFT, pos=at(desk, places[0]))
    for xy in places[1:]:
        QTest.mouseMove(view, at(desk, xy))
    QTest.mouseRelease(view, LEFT, pos=at(desk, places[-1]))


def lonely_cell(desk):
    """A counted cell with no other within 12 um."""
    cells = desk.shown.result.cells
    apart = np.hypot(*(cells.xy_px[:, None] - cells.xy_px[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    row = int(np.flatnonzero((apart.min(axis=1) > 28) & cells.counted)[0])
    return row, tuple(cells.xy_px[row].tolist())


def middle_without_cells(desk):
    """A place of the excluded corner with no cell within 9 um."""
    places = np.stack(np.meshgrid(np.arange(24, 196, 4), np.arange(24, 196, 4)), axis=-1).reshape(-1, 2)
    cells = desk.shown.corrected.cells.xy_px
    far = np.hypot(*(places[:, None] - cells[None]).transpose(2, 0, 1)).min(axis=1) > 9 / 0.424
    return tuple(places[far][0].tolist())


def card(desk):
    panel = desk.window.cell_card
    return panel._title.text(), panel._lines.text()


def test_the_card_of_a_cell_says_what_it_is_now(result):
    row, place = lonely_cell(result)
    result.window.actions_["tool_select"].trigger()
    click(result, place)
    assert "found by the program" in card(result)[1]
    other = next(
        c for c in (CellClass.UNSTAINED, CellClass.WEAK_COMPLETE) if c != result.shown.result.cells.classes[row]
    )
    result.window.cell_card.class_chosen.emit(int(other))
    assert "class set by hand" in card(result)[1]
    result.window.actions_["undo"].trigger()
    assert "found by the program" in card(result)[1]
    result.window.actions_["delete"].trigger()
    assert card(result)[0] == "Point at a cell", "the cell is not there any more"


def test_several_chosen_cells_are_counted_by_class(result):
    result.window.actions_["tool_select"].trigger()
    drag(result, (100, 100), (300, 300), (500, 500))
    title, lines = card(result)
    chosen = int(title.split()[0])
    assert chosen > 20
    assert sum(int(line.split()[0]) for line in lines.split("\n")) == chosen
    result.window.cell_card.class_chosen.emit(int(CellClass.UNSTAINED))
    assert card(result) == (title, f"{chosen} unstained")


def test_delete_takes_the_boxed_cells_and_not_the_region_chosen_before(result, wait):
    result.keep()
    result.window.actions_["tool_exclude"].trigger()
    for xy in ((20, 20), (200, 20), (200, 200), (20, 200), (20, 20)):
        click(result, xy)
    result.window.actions_["tool_select"].trigger()
    result.findChild(Editing)._choose(result.shown, middle_without_cells(result))
    assert result.window.view.outlines[0].is_chosen
    drag(result, (320, 320), (400, 400), (560, 560))
    before = result.shown.result.cells.counts().total
    result.window.actions_["delete"].trigger()
    assert len(result.shown.taken.roi.exclude) == 1
    assert result.shown.result.cells.counts().total < before


def test_a_region_full_of_cells_is_chosen_at_its_outline(result):
    corners = ((150, 150), (450, 150), (450, 450), (150, 450), (150, 150))
    result.window.actions_["tool_exclude"].trigger()
    for xy in corners:
        click(result, xy)
    result.window.actions_["tool_select"].trigger()
    cells = result.shown.corrected.cells.xy_px
    on_edge = cells[(abs(cells[:, 0] - 150) < 6) & (cells[:, 1] > 200) & (cells[:, 1] < 400)][0]
    click(result, (150.0, float(on_edge[1])))
    assert result.window.view.outlines[0].is_chosen
    result.window.actions_["delete"].trigger()
    assert result.shown.taken.roi.exclude == ()


def test_a_freehand_outline_may_end_where_it_began(result):
    result.window.actions_["tool_exclude"].trigger()
    turn = np.linspace(0, 2 * np.pi, 25)
    drag(result, *zip((320 + 150 * np.cos(turn)).tolist(), (320 + 150 * np.sin(turn)).tolist(), strict=True))
    assert len(result.shown.taken.roi.exclude) == 1
    assert not result.window.view.draft.points


def test_a_hand_that_shakes_over_a_corner_draws_no_line(result):
    result.window.actions_["tool_exclude"].trigger()
    drag(result, (100, 100), (103, 100))
    assert result.window.view.draft.points
    assert result.session.state.fields == ()


def test_escape_gives_up_an_outline_before_it_leaves_the_result(result):
    result.window.actions_["tool_include"].trigger()
    click(result, (100, 100))
    click(result, (300, 100))
    result.window.actions_["live"].trigger()
    assert not result.window.view.draft.points
    assert not result.is_live
    result.window.actions_["live"].trigger()
    assert result.is_live


def test_an_outline_does_not_go_on_over_another_field(result, wait):
    result.window.actions_["tool_include"].trigger()
    click(result, (100, 100))
    click(result, (300, 100))
    first = result.analysed
    result.analyse()
    assert wait(lambda: result.analysed is not first)
    assert not result.window.view.draft.points


def test_a_cell_is_not_added_where_there_is_one(result):
    _, place = lonely_cell(result)
    result.window.actions_["tool_add_cell"].trigger()
    total = result.shown.result.cells.counts().total
    click(result, (place[0] + 4, place[1]))
    assert result.shown.result.cells.counts().total == total
    assert "There is a cell here already" in result.window.banner.text
    assert "1 of" in result.window.cell_card._choice.text()
    click(result, (place[0] + 18, place[1]))
    assert result.shown.result.cells.counts().total == total + 1
    assert "added by hand" in card(result)[1]


def test_arrow_keys_move_a_threshold_that_has_the_focus_and_not_the_stage(result, wait, qapp):
    bar, stage = result.window.thresholds, result.bench.camera.stage
    result.window.actions_["thresholds"].trigger()
    result.window.activateWindow()
    before, where = bar.values.t_intense, stage.position_um
    for widget in (bar.rows["t_intense"].number, bar.rows["t_intense"].slider):
        widget.setFocus()
        assert wait(lambda widget=widget: qapp.focusWidget() is widget)
        QTest.keyClick(widget, Qt.Key.Key_Up)
    assert bar.values.t_intense == pytest.approx(before + 0.02)
    assert result.session.state.stain.t_intense == pytest.approx(before + 0.02)
    assert (stage.position_um, result.is_live) == (where, False)
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert qapp.focusWidget() is not widget
    assert not result.is_live


def test_dragging_a_slider_leaves_the_arrow_keys_to_the_stage(desk):
    sliders = [row.slider for row in desk.window.thresholds.rows.values()]
    assert {slider.focusPolicy() for slider in sliders} == {Qt.FocusPolicy.TabFocus}


@pytest.mark.parametrize(("od", "text"), [(0.6, "0.60"), (0.685, "0.685"), (0.08, "0.08")])
def test_a_threshold_is_shown_as_it_is(desk, od, text):
    row = desk.window.thresholds.rows["t_intense"]
    row.show_od(od)
    assert row.number.text() == text == od_text(od)


def is_seen(widget, inside):
    """Whether all of a widget lies in the visible part of another."""
    top = widget.mapTo(inside, QPoint(0, 0)).y()
    return top >= 0 and top + widget.height() <= inside.height()


def test_all_classes_are_in_reach_on_a_small_screen_whatever_the_flags(result, qapp, wait):
    window = result.window
    window.resize(1366, 768)
    result.keep()
    result.act(lambda: result.session.case.skip_control("there was none on the slide that came from the other house"))
    window.actions_["tool_select"].trigger()
    result.window.view.clicked.emit(*lonely_cell(result)[1])
    assert wait(lambda: is_seen(window.cell_card, window.side.viewport()))
    assert window.case_panel._score.isVisible()


def test_an_advice_about_the_specimen_does_not_look_like_a_fault(desk):
    desk.telling.notice("Fields of this case were taken with another specimen.")
    desk.telling.fault("The camera is gone; plug it in.")
    lines = {line.accessibleName(): line.objectName() for line in desk.window.banner.findChildren(_Line)}
    assert lines["Fields of this case were taken with another specimen."] == "banner_info"
    assert lines["The camera is gone; plug it in."] == "banner_bad"


def test_the_eyepiece_follows_continuous_mode(desk, wait):
    eyepiece = desk.findChild(Eyepiece)
    desk.window.actions_["eyepiece"].trigger()
    desk.window.actions_["continuous"].trigger()
    assert wait(lambda: desk.overlay is not None and eyepiece.window._overlay is not None)
    assert desk.is_live
    desk.window.actions_["continuous"].trigger()
    assert wait(lambda: eyepiece.window._overlay is None)


def test_return_opens_the_chosen_case(qapp, wait, tmp_path, monkeypatch):
    monkeypatch.setattr(CaseList, "choose_folder", lambda _dialog: pytest.fail("asked for a folder"))
    dialog = CaseList([KeptCase(tmp_path / "one", "one", "today", 3, "")], tmp_path)
    dialog.show()
    dialog.table.setFocus()
    assert wait(lambda: qapp.focusWidget() is dialog.table)
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    assert dialog.folder == tmp_path / "one"
    dialog.deleteLater()


def test_return_never_presses_a_button_of_the_control_step(desk, qapp, wait, monkeypatch):
    keeping = desk.findChild(CaseKeeping)
    monkeypatch.setattr("her2scope.app.case_keeping.ask_reason", lambda *_: "none on the slide")
    desk.window.actions_["control_step"].trigger()
    QTest.keyClick(keeping.control, Qt.Key.Key_Return)
    assert desk.session.state.control.phase is ControlPhase.OPEN
    keeping.control.skip.click()
    assert desk.session.state.control.phase is ControlPhase.SKIPPED
    assert not keeping.control.isVisible(), "it would lie on the case's fields"


def test_the_control_beside_says_which_it_is(result, wait):
    result.role = Role.CONTROL
    result.keep()
    result.window.actions_["compare_control"].trigger()
    assert wait(result.window.second.isVisible)
    assert result.window.second.caption == "Control 1"
    assert result.window.view.caption == ""
