"""The ISH result and the list of changes, in their windows."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog

from her2scope.app.ish_dialog import IshDialog
from her2scope.app.model.state import IshEntry, Role
from her2scope.app.model.views.ish import ish_view
from her2scope.app.recording import Recording


@pytest.fixture
def two_plus(desk, wait):
    """A case that is 2+ by rules that a small field satisfies."""
    few = replace(desk.session.state.guideline, minimum_cells=20, minimum_cells_per_field=5, minimum_fields=1)
    desk.session.case.set_guideline(few)
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.keep()
    assert desk.session.tally().score.score == "2+"
    return desk


def dialog_of(desk, entered=None):
    return IshDialog(ish_view(desk.session.state, desk.session.tally()), desk.session.state.guideline, entered)


def answer(monkeypatch, prepare):
    """Answer the dialog when it is asked."""

    def run(dialog):
        prepare(dialog)
        return True

    monkeypatch.setattr(IshDialog, "exec", run)


def test_a_count_chooses_the_group_and_a_recount_is_asked_for(two_plus):
    dialog = dialog_of(two_plus)
    assert dialog.entry is None
    assert not dialog.ok.isEnabled()
    dialog._ratio.setValue(1.5)
    assert not dialog.ok.isEnabled()
    dialog._copies.setValue(4.4)
    assert dialog.entry == IshEntry(4, False, 1.5, 4.4)
    assert "second observer" in dialog._meaning.text()
    dialog._recounted.setChecked(True)
    assert "HER2-low" in dialog._meaning.text()
    dialog._copies.setValue(3.0)
    assert dialog.entry == IshEntry(5, False, 1.5, 3.0)  # group 5 needs no second observer
    dialog.deleteLater()


def test_a_count_can_be_typed_at_once(two_plus, wait, qapp):
    dialog = dialog_of(two_plus)
    dialog.show()
    assert wait(lambda: qapp.focusWidget() is dialog._ratio)
    QTest.keyClicks(dialog._ratio, "1.8")
    QTest.keyClick(dialog._ratio, Qt.Key.Key_Tab)
    QTest.keyClicks(qapp.focusWidget(), "4.5")
    QTest.keyClick(dialog._copies, Qt.Key.Key_Tab)
    assert dialog.entry == IshEntry(4, False, 1.8, 4.5)
    dialog.close()
    dialog.deleteLater()


@pytest.mark.parametrize("language", ["C", "en_US", "de_DE", "fr_FR"])
def test_a_decimal_comma_is_a_decimal_point_whatever_the_language(two_plus, qapp, language):
    """A ratio of 1,9 read as 19 would make a negative case a positive one."""
    before = QLocale()
    QLocale.setDefault(QLocale(language))
    try:
        for ratio, copies in (("1,9", "3,5"), ("1.9", "3.5")):
            dialog = dialog_of(two_plus)
            dialog.show()
            for box, typed in ((dialog._ratio, ratio), (dialog._copies, copies)):
                box.selectAll()
                QTest.keyClicks(box, typed)
                QTest.keyClick(box, Qt.Key.Key_Tab)
            assert "," not in dialog._ratio.text()
            assert dialog.entry == IshEntry(5, False, 1.9, 3.5)
            dialog.close()
            dialog.deleteLater()
    finally:
        QLocale.setDefault(before)


def test_a_group_alone_can_be_chosen_and_what_was_entered_is_shown_again(two_plus):
    dialog = dialog_of(two_plus)
    dialog._groups.button(1).setChecked(True)
    assert dialog.entry == IshEntry(1)
    assert dialog.ok.isEnabled()
    again = dialog_of(two_plus, IshEntry(2, True, 2.4, 3.5))
    assert again.entry == IshEntry(2, True, 2.4, 3.5)
    for made in (dialog, again):
        made.deleteLater()


def test_an_ish_result_shows_in_the_reading_is_saved_undone_and_recorded(two_plus, wait, tmp_path, monkeypatch):
    panel, actions = two_plus.window.case_panel, two_plus.window.actions_
    assert panel.ish.isVisible()
    answer(monkeypatch, lambda dialog: (dialog._ratio.setValue(2.4), dialog._copies.setValue(5.0)))
    actions["ish"].trigger()
    assert panel._meaning.text() == "HER2 positive (2+ with ISH group 1)"
    assert panel._score.text() == "2+"
    assert "ratio 2.40" in panel._ish.text()
    kept = tmp_path / "case" / "case.json"
    assert wait(lambda: kept.exists() and '"ratio":2.4' in kept.read_text())
    actions["undo"].trigger()
    assert two_plus.session.state.ish is None
    actions["redo"].trigger()
    answer(monkeypatch, lambda dialog: dialog.back.click())
    panel.ish.click()
    assert two_plus.session.state.ish is None
    assert [entry.note.what for entry in two_plus.session.ledger.history.audit][-1] == "Took the ISH result back"


def test_ish_is_not_asked_for_where_it_resolves_nothing(desk):
    desk.window.actions_["ish"].trigger()
    assert "2+ only" in desk.window.banner.text
    assert not desk.window.case_panel.ish.isVisible()


def test_a_case_gets_a_name_that_stands_in_the_title_and_undo_takes_it_back(desk, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (" H-2026/17 ", True))
    desk.window.actions_["name_case"].trigger()
    assert desk.session.state.name == "H-2026/17"
    assert desk.window.windowTitle() == "H-2026/17 | HER2Scope: research use only"
    desk.window.actions_["name_case"].trigger()
    assert len(desk.session.ledger.history.audit) == 1
    desk.window.actions_["undo"].trigger()
    assert desk.window.windowTitle() == "HER2Scope: research use only"


def test_a_field_is_put_to_the_control_and_back(two_plus):
    (card,) = two_plus.window.strip._cards.values()

    def choose(what):
        actions = {action.data(): action for action in card.menu().actions()}
        actions[what].trigger()

    choose("as_control")
    assert two_plus.session.state.fields[0].role is Role.CONTROL
    assert two_plus.session.tally().counting == 0
    choose("as_case")
    assert two_plus.session.state.fields[0].role is Role.CASE


def test_the_list_of_changes_follows_the_case_and_can_be_narrowed(two_plus):
    window = two_plus.findChild(Recording).audit
    two_plus.window.actions_["audit"].trigger()
    assert window.table.rowCount() == 2
    two_plus.act(lambda: two_plus.session.case.set_thresholds(0.2, 0.6))
    assert window.table.item(0, 2).text().startswith("Set t_weak 0.200")
    assert window.table.item(0, 1).text() == "Dr Test"
    window.topic.setCurrentIndex(window.topic.findData("field"))
    assert window.table.rowCount() == 1
    assert window.count.text() == "1 of 3 changes"
    window.topic.setCurrentIndex(0)
    window.words.setText("t_weak")
    assert window.table.rowCount() == 1
    window.words.setText("nothing like it")
    assert not window.copy.isEnabled()
    window.close()


def test_the_list_of_changes_is_copied_and_written(two_plus, tmp_path):
    window = two_plus.findChild(Recording).audit
    two_plus.window.actions_["audit"].trigger()
    window.copy.click()
    assert QGuiApplication.clipboard().text().count("Dr Test: ") == 2
    window.table.selectRow(0)
    window.copy_rows()
    assert "Took Field 1 (frame" in QGuiApplication.clipboard().text()
    assert QGuiApplication.clipboard().text().count("\n") == 1
    window.write(tmp_path / "changes.csv")
    window.write(tmp_path / "changes.txt")
    assert (tmp_path / "changes.csv").read_text().startswith("when_utc,who,topic,what,why\n")
    assert (tmp_path / "changes.txt").read_text().count("\n") == 2
    window.close()
