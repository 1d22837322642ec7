"""Devices, pedals and objectives in the settings: what is chosen there is saved and used."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from her2scope.app.audit_window import AuditWindow
from her2scope.app.case_list import CaseList
from her2scope.app.choosing import Choosing
from her2scope.app.device_page import DevicePage
from her2scope.app.dialogs import ControlDialog, SignDialog
from her2scope.app.ish_dialog import IshDialog
from her2scope.app.lens_page import LensPage
from her2scope.app.main import Next, _calibration, _open_or_stay, _with_known_stain, new_session
from her2scope.app.model.kept_cases import KeptCase
from her2scope.app.model.lens_book import LensBook, LensRow
from her2scope.app.model.state import Role
from her2scope.app.model.views.ish import ish_view
from her2scope.app.pedal_editors import KeyRecorder
from her2scope.app.pedal_keys import PedalKeys
from her2scope.app.preferences import (
    Preferences,
    load_preferences,
    preferences_file,
    save_preferences,
    set_aside_broken,
)
from her2scope.app.settings_window import SettingsWindow
from her2scope.app.setup_pages import DeviceFinder, SetupPages
from her2scope.base.errors import ConfigError
from her2scope.devices.camera import CameraInfo
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.pedal import PedalAction
from her2scope.devices.setup import KeyboardSetup, SerialSetup
from her2scope.settings.calibration import Calibration, calibration_file
from her2scope.settings.devices import device_files, load_devices, save_devices
from her2scope.settings.guidelines import load_guideline
from her2scope.settings.stains import load_stain, save_stain

PORTS = [("usb:0403:6001", "/dev/ttyUSB0: FT232R USB UART"), ("/dev/ttyS0", "/dev/ttyS0: built in")]


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def pages(qapp):
    cameras = [CameraInfo("basler", "Basler ace", "1234")]
    made = SetupPages("simulated", DeviceFinder(lambda: cameras, lambda: PORTS))
    yield made
    for page in (made.devices, made.pedals):
        page.deleteLater()


def listed(page):
    return [page.list.item(k).text() for k in range(page.list.count())]


def test_the_dialog_lists_set_ups_and_what_is_connected(pages):
    page = pages.devices
    titles = [page.setup.itemText(k) for k in range(page.setup.count())]
    assert "Simulated microscope" in titles
    assert "Pedals: Space bar" in page.about.text()
    assert listed(page) == [f"Serial port: {text}" for _, text in PORTS]
    page.look.click()
    assert listed(page)[0] == "Camera: Basler ace (serial 1234)"


def test_a_list_that_cannot_be_had_is_a_sentence(qapp):
    def fail():
        raise DeviceError(Fault.MISSING, "Basler cameras cannot be used", "install pypylon")

    pages = SetupPages("simulated", DeviceFinder(fail, list))
    pages.devices.look.click()
    assert listed(pages.devices)[0] == "Basler cameras cannot be used; install pypylon."
    assert "No serial port" in listed(pages.devices)[1]


def test_another_set_up_brings_its_pedals(pages):
    pages.devices.setup.setCurrentIndex(pages.devices.setup.findData("basler_serial"))
    assert [type(editor.last) for editor in pages.pedals.editors] == [SerialSetup, KeyboardSetup]
    assert "only Basler camera" in pages.devices.about.text()
    assert pages.name == "basler_serial"


def test_nothing_edited_is_nothing_saved(pages):
    assert pages.fault() == ""
    assert not pages.save()


def test_a_key_is_recorded_by_pressing_it_and_a_long_press_is_set(pages):
    editor = pages.pedals.editors[0]
    QTest.keyClick(editor.key, Qt.Key.Key_F9)
    assert editor.key.text() == "F9"
    QTest.keyClick(editor.key, Qt.Key.Key_Shift)
    assert editor.key.text() == "F9"
    editor.presses.long.setCurrentIndex(editor.presses.long.findData(PedalAction.TAKE_BACK))
    editor.presses.long_s.setValue(1.2)
    assert pages.save()
    (pedal,) = load_devices("simulated").pedals
    assert (pedal.key, pedal.presses.long, pedal.presses.long_s) == ("F9", PedalAction.TAKE_BACK, 1.2)
    assert pedal.presses.short is PedalAction.ANALYSE


def test_a_key_of_the_window_is_said_to_be_taken(pages):
    editor = pages.pedals.editors[0]
    QTest.keyClick(editor.key, Qt.Key.Key_Return)
    assert "Keep in the case" in editor.note.text()


def test_the_pedals_own_key_is_recorded_and_not_pressed(qapp, desk):
    keys = PedalKeys({"Space": desk.bench.pedals[0]}, desk)
    keys.install(qapp)
    recorder = KeyRecorder("F9")
    recorder.show()
    recorder.activateWindow()
    recorder.setFocus()
    qapp.processEvents()
    QTest.keyClick(recorder, Qt.Key.Key_Space)
    assert recorder.text() == "Space"
    assert desk.bench.loop.waiting == 0
    qapp.removeEventFilter(keys)
    recorder.close()
    recorder.deleteLater()


def test_a_second_pedal_on_a_serial_port_is_added_and_takes_back(pages):
    pages.pedals.add_serial.click()
    editor = pages.pedals.editors[-1]
    assert editor.port.currentText() == PORTS[0][1]
    editor.more.click()
    second = editor.treadles[1]
    second.signal.setCurrentIndex(second.signal.findData("bytes"))
    second.press.setText("B\\r")
    assert pages.fault() == ""
    assert pages.save()
    serial = load_devices("simulated").pedals[-1]
    assert serial.port == "usb:0403:6001"
    assert [(t.line, t.press, t.short) for t in serial.treadles] == [
        ("cts", None, PedalAction.ANALYSE),
        (None, "B\r", PedalAction.TAKE_BACK),
    ]


def test_a_port_that_is_not_connected_stays_chosen(pages):
    pages.devices.setup.setCurrentIndex(pages.devices.setup.findData("basler_serial"))
    port = pages.pedals.editors[0].port
    assert port.currentText() == "/dev/ttyUSB0 (not connected)"
    assert pages.pedals.pedals == load_devices("basler_serial").pedals


@pytest.mark.parametrize("spoil", ["same key", "no bytes", "no analyse"])
def test_what_cannot_work_is_said_and_not_saved(pages, spoil):
    pages.pedals.add_keyboard.click()
    first, second = pages.pedals.editors
    if spoil == "same key":
        second.key.setText("space")
    elif spoil == "no bytes":
        pages.pedals.add_serial.click()
        treadle = pages.pedals.editors[-1].treadles[0]
        treadle.signal.setCurrentIndex(treadle.signal.findData("bytes"))
    else:
        for editor in (first, second):
            editor.presses.short.setCurrentIndex(editor.presses.short.findData(PedalAction.NOTHING))
            editor.presses.long.setCurrentIndex(editor.presses.long.findData(PedalAction.KEEP))
    assert pages.fault().endswith(".")
    dialog = SettingsWindow(load_preferences(), [], [], [("Pedals", pages.pedals)])
    dialog.may_save = pages.fault
    dialog._save()
    assert dialog.result() == 0
    assert dialog._fault.text() == pages.fault()
    with pytest.raises(ConfigError):
        pages.save()
    pages.pedals.setParent(None)
    dialog.deleteLater()


def test_a_removed_pedal_is_gone(pages):
    pages.pedals.editors[0].removed.emit()
    assert pages.pedals.pedals == ()
    assert pages.save()
    assert load_devices("simulated").pedals == ()


def test_a_broken_set_up_is_listed_and_cannot_be_chosen(qapp, tmp_path):
    folder = tmp_path / "config" / "her2scope" / "devices"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("name = ")
    pages = SetupPages("simulated", DeviceFinder(list, list))
    box = pages.devices.setup
    assert "mine (cannot be read)" in [box.itemText(k) for k in range(box.count())]
    box.setCurrentIndex(box.findData("mine"))
    assert "not valid TOML" in pages.fault()


def test_only_what_was_measured_can_be_forgotten(qapp):
    rows = [LensRow("40x", "0.2100, measured", "none", True, False), LensRow("20x", "0.424", "white", False, True)]
    page = LensPage(rows)
    assert (page.forgotten_pixels, page.forgotten_whites) == ((), ())
    page._pixels["40x"].setChecked(True)
    page._whites["20x"].setChecked(True)
    assert (page.forgotten_pixels, page.forgotten_whites) == (("40x",), ("20x",))
    page.deleteLater()


def choose(monkeypatch, prepare):
    """Answer the settings when they are asked."""

    def run(dialog):
        prepare(dialog)
        dialog._save()
        return dialog.result()

    monkeypatch.setattr(SettingsWindow, "exec", run)


def test_a_saved_stain_profile_is_put_in_force_and_is_that_of_new_cases(desk, monkeypatch):
    mine = replace(load_stain("default"), name="lab", t_intense=0.9)
    save_stain(mine, "lab")
    choose(monkeypatch, lambda dialog: dialog._stain.setCurrentText("lab"))
    desk.window.actions_["settings"].trigger()
    assert desk.session.state.stain == mine
    assert load_preferences().stain == "lab"
    assert (
        new_session(load_preferences(), LensBook((), Calibration(devices="bench"), lambda _: None)).state.stain == mine
    )
    desk.session.case.set_thresholds(0.1, 0.7)
    desk.window.thresholds.reset_asked.emit()
    assert desk.session.state.stain == mine


def test_settings_left_alone_change_neither_rules_nor_thresholds_of_the_case(desk, monkeypatch):
    save_preferences(Preferences(user="Dr Test", guideline="breast_2013"))
    desk.findChild(Choosing).preferences = load_preferences()
    desk.session.case.set_guideline(load_guideline("gastric_biopsy"))
    desk.session.case.set_thresholds(0.1, 0.7)
    before = desk.session.state
    choose(monkeypatch, lambda dialog: dialog._user.setText("Dr Other"))
    desk.window.actions_["settings"].trigger()
    assert desk.session.state == before
    assert (load_preferences().guideline, load_preferences().stain) == ("breast_2013", "")
    assert load_preferences().user == "Dr Other"


def test_a_stain_profile_that_cannot_be_read_is_said_and_not_chosen(desk, monkeypatch):
    save_stain(load_stain("default"), "lab").write_text("t_weak = [")
    choose(monkeypatch, lambda dialog: dialog._stain.setCurrentText("lab"))
    desk.window.actions_["settings"].trigger()
    assert "not valid TOML" in desk.window.banner.text
    assert desk.session.state.stain == load_stain("default")
    assert load_preferences().stain == ""
    preferences, sentence = _with_known_stain(Preferences(stain="lab"))
    assert preferences.stain == ""
    assert "This case uses the shipped profile" in sentence


def test_the_welcome_is_not_said_over_a_fault(desk):
    choosing = desk.findChild(Choosing)
    desk.on_fault("Something is wrong; mend it.")
    choosing.welcome()
    assert desk.window.banner.text == "Something is wrong; mend it."
    desk.window.banner.dismiss()
    choosing.welcome()
    assert "Drag the picture" in desk.window.banner.text
    assert load_preferences().was_welcomed


def test_settings_that_cannot_be_read_are_said_and_kept_aside(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert set_aside_broken() == ""  # none yet
    save_preferences(Preferences(guideline="gastric_biopsy"))
    assert set_aside_broken() == ""
    preferences_file().write_text('{"guideline": "gastric_biopsy", ')
    assert "window.broken" in set_aside_broken()
    assert not preferences_file().exists()
    assert "gastric_biopsy" in preferences_file().with_suffix(".broken").read_text()
    assert load_preferences() == Preferences()


def test_settings_forget_a_measurement_and_save_the_pedals(desk, wait, monkeypatch):
    choosing = desk.findChild(Choosing)
    book = choosing._place.book
    book.take_white("20x", (240.0, 238.0, 235.0), "Dr Test")
    asked, reopened = [], []
    no = QMessageBox.StandardButton.No
    monkeypatch.setattr(QMessageBox, "question", lambda *words: asked.append(words[2]) or no)
    choosing._place = replace(choosing._place, reopen=lambda: reopened.append(1))

    def run(dialog):
        dialog.findChild(LensPage)._whites["20x"].setChecked(True)
        dialog.findChild(KeyRecorder).setText("F9")
        dialog._save()
        return dialog.result()

    monkeypatch.setattr(SettingsWindow, "exec", run)
    desk.window.actions_["settings"].trigger()
    assert book.find("20x").white is None
    assert wait(lambda: desk.feed.newest.frame.white is None)
    assert load_devices("simulated").pedals[0].key == "F9"
    assert "Use these devices now?" in asked[0]
    assert reopened == []
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)

    def again(dialog):
        dialog.findChild(KeyRecorder).setText("F8")
        dialog._save()
        return dialog.result()

    monkeypatch.setattr(SettingsWindow, "exec", again)
    desk.window.actions_["settings"].trigger()
    assert reopened == [1]


def test_a_broken_calibration_is_a_sentence_and_no_end(tmp_path):
    path = calibration_file("simulated")
    path.parent.mkdir(parents=True)
    path.write_text("version = 7")
    calibration, fault = _calibration("simulated")
    assert calibration.objectives == ()
    assert "version = 7 is not 1" in fault
    assert "those of the device set-up" in fault


def test_a_case_that_cannot_be_opened_leaves_the_one_before(qapp, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    desk, devices = _open_or_stay(Next(tmp_path / "nothing here"), Next(None), None)
    assert "There is no case in that folder" in desk.window.banner.text
    assert devices.setup == "simulated"
    desk.stop()
    desk.window.deleteLater()


def test_every_input_of_every_dialog_has_a_name_and_a_tip(desk, wait):
    inputs = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit, QPlainTextEdit, QAbstractItemView)
    parts = (QAbstractSpinBox, QComboBox, QAbstractItemView, QDialogButtonBox, QTabBar, QLineEdit)
    pages = SetupPages("basler_serial", DeviceFinder(list, list))
    shown = (("Devices", pages.devices), ("Pedals", pages.pedals))
    ish = ish_view(desk.session.state, desk.session.tally())
    dialogs = [
        SettingsWindow(load_preferences(), [("a", "b")], [("c", "d")], shown),
        IshDialog(ish, desk.session.state.guideline, None),
        SignDialog("2+", ""),
        ControlDialog(),
        AuditWindow(),
        CaseList([KeptCase(Path("case"), "S24-1", "2026-11-28 11:40", 5)], Path()),
    ]
    for dialog in dialogs:
        for widget in dialog.findChildren(QWidget):
            if widget.window() is not dialog:  # the list that a choice folds out
                continue
            if not isinstance(widget, inputs) or isinstance(widget.parentWidget(), parts):
                continue
            assert widget.toolTip(), f"{type(dialog).__name__}: {widget} {getattr(widget, 'text', str)()}"
            assert widget.accessibleName() or isinstance(widget, QAbstractButton), widget
            assert widget.focusPolicy() is not Qt.FocusPolicy.NoFocus, widget
        dialog.deleteLater()


def test_the_specimen_of_the_simulated_slide_is_chosen(pages, tmp_path):
    page = pages.devices
    page.setup.setCurrentIndex(page.setup.findData("simulated"))
    assert page.specimen.isVisibleTo(page)
    assert page.specimen.currentData() == "3+"
    assert not pages.is_other_slide
    assert [page.specimen.itemData(i) for i in range(5)] == ["0", "0+", "1+", "2+", "3+"]
    page.specimen.setCurrentIndex(page.specimen.findData("2+"))
    assert pages.is_other_slide
    assert pages.save()
    assert load_devices("simulated").camera.case == "2+"
    assert str(device_files()["simulated"]).startswith(str(tmp_path)), "the shipped one stays as it is"
    page.setup.setCurrentIndex(page.setup.findData("basler_serial"))
    assert not page.specimen.isVisibleTo(page)
    assert not pages.is_other_slide


def test_a_specimen_written_by_hand_stays_chosen(pages):
    setup = load_devices("simulated")
    save_devices(msgspec.structs.replace(setup, camera=msgspec.structs.replace(setup.camera, case="3+ heterogeneous")))
    page = pages.devices
    page.setup.setCurrentIndex(page.setup.findData("basler_serial"))
    page.setup.setCurrentIndex(page.setup.findData("simulated"))
    assert page.specimen.currentData() == "3+ heterogeneous"
    assert not pages.save()


@pytest.mark.parametrize(
    ("answer", "done"), [("Begin a new case", "begin"), ("Go on with this case", "reopen"), ("Later", "")]
)
def test_another_slide_in_a_case_with_fields_asks_which_case_it_belongs_to(desk, wait, monkeypatch, answer, done):
    choosing = desk.findChild(Choosing)
    did = []
    choosing._place = replace(choosing._place, reopen=lambda: did.append("reopen"), begin=lambda: did.append("begin"))
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.keep()

    def choose_specimen(dialog):
        box = dialog.findChild(DevicePage).specimen
        box.setCurrentIndex(box.findData("2+"))
        dialog._save()
        return dialog.result()

    def press(box):
        next(button for button in box.buttons() if button.text() == answer).click()
        return 0

    monkeypatch.setattr(SettingsWindow, "exec", choose_specimen)
    monkeypatch.setattr(QMessageBox, "exec", press)
    desk.window.actions_["settings"].trigger()
    assert did == ([done] if done else [])
    assert load_devices("simulated").camera.case == "2+"


def test_a_slide_after_the_control_alone_belongs_to_the_case(desk, wait, monkeypatch):
    choosing, asked = desk.findChild(Choosing), []
    choosing._place = replace(choosing._place, reopen=lambda: asked.append("reopen"))
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    desk.keep()
    desk.session.fields.use_as(desk.session.state.fields[0].id, Role.CONTROL)

    def choose_specimen(dialog):
        box = dialog.findChild(DevicePage).specimen
        box.setCurrentIndex(box.findData("2+"))
        dialog._save()
        return dialog.result()

    monkeypatch.setattr(SettingsWindow, "exec", choose_specimen)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    desk.window.actions_["settings"].trigger()
    assert asked == ["reopen"]


def test_new_cases_take_on_the_profile_of_the_case_in_hand_where_that_is_ticked(desk, monkeypatch):
    """A profile saved from the threshold bar is the case's alone, and the settings say so."""
    choosing = desk.findChild(Choosing)
    save_stain(replace(desk.session.state.stain, name="lab"), "lab")
    desk.session.case.set_stain(load_stain("lab"), "saved")
    seen = []

    def save(dialog, is_ticked):
        seen.append(dialog._new_cases.text())
        dialog._new_cases.setChecked(is_ticked)
        return True

    for is_ticked, kept in ((False, ""), (True, "lab")):
        monkeypatch.setattr(SettingsWindow, "exec", lambda dialog, ticked=is_ticked: save(dialog, ticked))
        desk.window.actions_["settings"].trigger()
        assert choosing.preferences.stain == kept
    assert all("default" in text for text in seen)
    desk.window.actions_["settings"].trigger()
    assert seen[-1] == ""  # nothing differs any more
