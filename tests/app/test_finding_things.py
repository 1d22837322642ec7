"""What a new user looks for: who works, the pedal's key, the reason of a skipped control, the proportions."""

import msgspec
import pytest
from PySide6.QtWidgets import QInputDialog

from her2scope.app.actions import show_key
from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.main import open_devices
from her2scope.app.preferences import load_preferences
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import KeyboardSetup
from her2scope.settings.calibration import Calibration
from her2scope.settings.devices import load_devices


def test_who_works_is_asked_from_the_menu_and_kept(desk, monkeypatch):
    who = desk.window.actions_["who"]
    assert who.text() == "Who works: Dr Test…"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, text: (text, False))
    who.trigger()
    assert desk.session.ledger.user == "Dr Test"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (" Dr Other ", True))
    who.trigger()
    assert (desk.session.ledger.user, load_preferences().user) == ("Dr Other", "Dr Other")
    assert who.text() == "Who works: Dr Other…"


def test_the_key_that_analyses_is_that_of_the_set_up(qapp, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    setup = load_devices("simulated")
    keep = KeyboardSetup(name="Keeps", key="F8", presses=PressRule(short=PedalAction.KEEP))
    foot = KeyboardSetup(name="Foot", key="F9")
    for pedals, key in ((setup.pedals, "Space"), ((keep, foot), "F9"), ((keep,), ""), ((), "")):
        devices = open_devices(msgspec.structs.replace(setup, pedals=pedals), Calibration(devices="simulated"))
        assert devices.analyse_key == key


def test_the_menu_shows_the_key_only_where_there_is_one(desk):
    analyse = desk.window.actions_["analyse"]
    assert analyse.text() == "Analyse"
    assert "(" not in analyse.toolTip()
    show_key(analyse, "F9")
    assert analyse.text() == "Analyse\tF9"
    assert analyse.toolTip().endswith("(F9)")
    assert not analyse.shortcuts(), "the pedal listens for its key, not the action"


def test_the_reason_of_a_skipped_control_is_named_and_does_not_alarm(desk):
    keeping = desk.findChild(CaseKeeping)
    desk.act(lambda: desk.session.case.skip_control("none on the slide"))
    assert keeping.control._reasons.text() == "Reason: none on the slide"
    assert keeping.control._reasons.objectName() == "small"


@pytest.mark.parametrize(("height", "has_room"), [(768, False), (1080, True)])
def test_the_fields_proportions_stay_while_cells_are_corrected(desk, wait, qapp, height, has_room):
    window = desk.window
    window.resize(1600, height)
    desk.analyse()
    assert wait(lambda: desk.analysed is not None)
    window.actions_["tool_select"].trigger()
    qapp.processEvents()
    assert window.field_card.chart.isVisible()
    assert window.case_panel.chart.isVisible() is has_room
    window.resize(1600, 1080)
    assert wait(window.case_panel.chart.isVisible)
    window.resize(1600, height)
    window.actions_["tool_pan"].trigger()
    assert wait(window.case_panel.chart.isVisible)
