"""Each press ends in exactly one of: its result in the window, or a sentence in a banner."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox

from her2scope.app.model.presses import End
from her2scope.base.errors import InputError
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRecogniser, PressRule
from her2scope.pipeline.field import analyse_field
from her2scope.pipeline.live import LiveOptions


class Gate:
    """An analysis that lasts until it is let go, as often as it is; may fail instead."""

    def __init__(self):
        self.began, self.go, self.error = threading.Semaphore(0), threading.Semaphore(0), None

    def __call__(self, frame, settings):
        self.began.release()
        assert self.go.acquire(timeout=20)
        if self.error is not None:
            raise self.error
        return analyse_field(frame, settings)

    def open(self):
        self.go.release(1000)


@pytest.fixture
def gate(monkeypatch, desk):
    gate = Gate()
    monkeypatch.setattr("her2scope.app.bench.analyse_field", gate)
    yield gate
    gate.open()


def ends(desk):
    return desk.presses.ends[End.SHOWN], desk.presses.ends[End.TOLD]


def begin(desk, gate, wait):
    """Press; the analysis has the frame and waits."""
    desk.analyse()
    assert wait(lambda: gate.began.acquire(blocking=False))
    assert wait(lambda: desk.presses.waiting == 1)


def press(desk, wait, presses=1):
    """Press; each is in the book before the next."""
    for _ in range(presses):
        known = sum(desk.presses.ends.values()) + desk.presses.waiting
        desk.analyse()
        assert wait(lambda known=known: sum(desk.presses.ends.values()) + desk.presses.waiting == known + 1)


def test_presses_during_an_analysis_are_all_shown_in_order(desk, wait, gate):
    shown = []
    desk.changed.connect(lambda: shown.append(desk.analysed.press.number if desk.analysed else None))
    begin(desk, gate, wait)
    press(desk, wait, 24)
    assert desk.window.mode.text() == "Analysing (25)…"
    gate.open()
    assert wait(lambda: desk.presses.waiting == 0)
    assert [n for n in dict.fromkeys(shown) if n] == list(range(1, 26))
    assert ends(desk) == (25, 0)
    assert desk.window.mode.text() == "Result, not kept"


def test_results_that_arrive_while_the_window_is_busy_are_each_shown(desk, wait, gate):
    """The window's thread answers nothing from the first press to the last result."""
    shown = []
    desk.changed.connect(lambda: shown.append(desk.analysed.press.number if desk.analysed else None))
    gate.open()
    for _ in range(5):
        desk.analyse()
    for _ in range(5):
        assert gate.began.acquire(timeout=20)
    assert desk.bench.loop.drain(20)
    assert ends(desk) == (0, 0)
    assert wait(lambda: ends(desk) == (5, 0))
    assert [n for n in dict.fromkeys(shown) if n] == [1, 2, 3, 4, 5]


def test_presses_that_find_no_room_are_told_in_one_line_that_counts_them(desk, wait, gate):
    desk.bench.loop._worker._room_bytes = 0
    begin(desk, gate, wait)
    for _ in range(4):
        shot = desk.live_shot
        assert wait(lambda shot=shot: desk.live_shot is not shot)  # a frame of its own
        press(desk, wait)
    assert desk.presses.waiting == 2
    assert desk.window.banner.shown == (
        "3 presses brought no result. The last one: 1 field waits for its analysis, and there is memory for no "
        "more; wait until fewer wait, then press again at this field.",
    )
    gate.open()
    assert wait(lambda: desk.presses.waiting == 0)
    assert ends(desk) == (2, 3)


def test_a_press_on_an_old_picture_is_told_each_time_though_the_line_was_closed(desk, wait, monkeypatch):
    desk.bench.loop._options = LiveOptions(silence_s=0.05)
    desk.bench.camera.is_paused = True
    number = desk.feed.newest.number
    assert not wait(lambda: desk.feed.newest.number > number + 1, 0.3)
    for told in (1, 2):
        press(desk, wait)
        (line,) = (line for line in desk.window.banner.shown if "was not analysed" in line)
        assert line.startswith("A press brought no result. The picture is 0 s old and was not analysed;")
        assert ends(desk) == (0, told)
        desk.window.banner.close_line(line)
    desk.bench.camera.is_paused = False


def open_field(desk):
    desk.on_strip(desk.session.state.fields[0].id, "open")


def other_lens(desk):
    desk.window.actions_["objective"].trigger()


def threshold(desk):
    desk.act(lambda: desk.session.case.set_thresholds(0.12, desk.session.state.stain.t_intense))


def white(desk):
    stain = desk.session.state.stain
    desk.act(lambda: desk.session.case.set_stain(replace(stain, white=(231.0, 229.0, 233.0))))


def undo(desk):
    desk.window.actions_["undo"].trigger()


def continuous(desk):
    desk.window.actions_["continuous"].trigger()


def control_step(desk):
    desk.window.actions_["control_step"].trigger()


def go_live(desk):
    desk.go_live()


DEEDS = [open_field, other_lens, threshold, white, undo, continuous, control_step, go_live]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_a_result_is_shown_whatever_was_done_meanwhile(desk, wait, gate, deed):
    gate.go.release()
    begin(desk, gate, wait)
    assert wait(lambda: desk.analysed is not None)
    desk.keep()
    begin(desk, gate, wait)
    press(desk, wait)
    deed(desk)
    gate.open()
    assert wait(lambda: desk.presses.waiting == 0)
    assert ends(desk) == (3, 0)
    assert desk.analysed.press.number == 3
    assert not desk.is_live


def test_an_analysis_that_fails_is_told_and_the_next_press_is_shown(desk, wait, gate):
    gate.error = InputError("The field is too dark; raise the light.")
    begin(desk, gate, wait)
    gate.go.release()
    assert wait(lambda: ends(desk) == (0, 1))
    assert desk.window.banner.shown == ("A press brought no result. The field is too dark; raise the light.",)
    assert desk.window.mode.text() == "Live"
    gate.error = None
    begin(desk, gate, wait)
    gate.open()
    assert wait(lambda: ends(desk) == (1, 1))


def test_a_result_that_cannot_be_shown_is_told(desk, wait, monkeypatch):
    def fail():
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(desk, "refresh", fail)
    press(desk, wait)
    assert wait(lambda: ends(desk) == (0, 1))
    assert "A press brought no result. A mistake in the program (window: ZeroDivisionError" in desk.window.banner.text
    assert desk.window.mode.text() == "Live"


def set_rule(desk, rule):
    desk.bench.pedals[0]._recogniser = PressRecogniser("Button", rule)


@pytest.mark.parametrize("action", [PedalAction.KEEP, PedalAction.TAKE_BACK])
def test_a_press_that_finds_nothing_to_do_says_so_and_is_over(desk, wait, action):
    set_rule(desk, PressRule(short=action))
    press(desk, wait)
    assert desk.presses.ends[End.OTHER] == 1
    assert desk.window.banner.shown[0].startswith("There is no")
    assert desk.window.mode.text() == "Live"


def test_a_foot_is_answered_before_it_is_known_what_it_asks_for(desk, wait):
    set_rule(desk, PressRule(long=PedalAction.KEEP, long_s=5.0))
    desk.bench.pedals[0].press()
    assert wait(lambda: desk.window.mode.text() == "Pressed…")
    desk.bench.pedals[0].release()
    assert wait(lambda: desk.analysed is not None)
    assert ends(desk) == (1, 0)


def test_a_result_that_nobody_could_look_at_is_told(desk, wait, gate):
    begin(desk, gate, wait)
    desk.bench.camera._rgb = np.ascontiguousarray(desk.bench.camera._rgb[::-1])
    shot = desk.live_shot
    assert wait(lambda: desk.live_shot.number > shot.number + 2)
    press(desk, wait)
    gate.open()
    assert wait(lambda: ends(desk) == (2, 0))
    assert "in view for a moment only and is not kept" in desk.window.banner.text


def test_two_presses_on_one_field_say_nothing(desk, wait, gate):
    begin(desk, gate, wait)
    press(desk, wait)
    gate.open()
    assert wait(lambda: ends(desk) == (2, 0))
    assert desk.window.banner.text == ""


@pytest.mark.parametrize("closes", [True, False], ids=["close", "wait"])
def test_closing_asks_while_presses_wait(desk, wait, gate, monkeypatch, closes):
    asked = []

    def answer(box):
        asked.append(box.text())
        (button,) = (b for b in box.buttons() if b.text().startswith("Close") == closes)
        button.click()

    monkeypatch.setattr("her2scope.app.leaving.is_seen", lambda: True)
    monkeypatch.setattr(QMessageBox, "exec", answer)
    begin(desk, gate, wait)
    press(desk, wait)
    threading.Timer(0.5, gate.open).start()
    assert desk.window.close() == closes
    assert asked == ["2 fields are still being analysed."]
    if not closes:
        assert wait(lambda: ends(desk) == (2, 0))


def test_what_is_in_view_is_not_kept_while_the_foot_has_asked_for_another_field(desk, gate, wait):
    begin(desk, gate, wait)
    desk.keep()
    assert "still being analysed" in desk.window.banner.text
    gate.go.release()
    assert wait(lambda: desk.analysed is not None)
    first = desk.analysed
    begin(desk, gate, wait)
    desk.keep()
    assert desk.session.state.fields == ()
    gate.go.release()
    assert wait(lambda: desk.analysed is not first)
    newer = desk.analysed.frame.name
    desk.keep()
    assert [taken.name for taken in desk.session.state.fields] == [newer]
