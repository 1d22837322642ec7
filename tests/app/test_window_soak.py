"""The whole application at work for half a minute, and for ten when asked (pytest -m soak)."""

import gc
import os
import random
import threading
import time
from pathlib import Path
from statistics import median

import pytest
from cameras import O20, O40, small_tiles

from her2scope.app.main import Devices, compose
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.presses import End
from her2scope.app.model.session import CaseSession
from her2scope.app.preferences import Preferences
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import SimulatedSetup
from her2scope.devices.simulated import simulated_microscope
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.calibration import Calibration, save_calibration
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import load_stain

MOST_FIELDS, MOST_TAKEN = 4, 15
"""A case that stays as large as it is, and an undo list that holds no more fields, so that memory shows what leaks."""


A_SLOW_MACHINE = ("A press brought no result. The picture is", "The camera sends no pictures any more")
"""What may be said where other programs leave this one no time for seconds."""


class Watch:
    """Notes by its number what became of each press, and keeps numbers only."""

    def __init__(self, desk):
        self._desk, self.seen, self.told, self.feedback_ms, self.faults = desk, {}, {}, [], []
        desk.changed.connect(self.look)
        fault, press_fault = desk.telling.fault, desk.telling.press_fault
        desk.telling.fault = lambda sentence: (self.faults.append(sentence), fault(sentence))
        desk.telling.press_fault = lambda event: (self.tell(event), press_fault(event))

    def look(self):
        """A result that is read again, at other thresholds, is of the same press."""
        analysed = self._desk.analysed
        if analysed is not None:
            self.seen.setdefault(analysed.press.number, analysed.waited_ms)

    def tell(self, event):
        assert event.press.number not in self.told, "a press was told twice"
        self.told[event.press.number] = event.sentence

    @property
    def ended(self):
        return len(self.seen) + len(self.told)

    def check(self, presses):
        """Each press was shown or told, none both, and the window's own book says the same."""
        assert sorted([*self.seen, *self.told]) == list(range(1, presses + 1)), self.told
        book = self._desk.presses
        assert (book.ends[End.SHOWN], book.ends[End.TOLD], book.waiting) == (len(self.seen), len(self.told), 0)
        assert [f for f in self.faults if not (f.startswith(A_SLOW_MACHINE) or "presses brought no" in f)] == []
        assert [why for why in self.told.values() if not why.startswith("The picture is")] == []


def resident_mb():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def make(tiles, folder):
    """The application on a small simulated microscope, started."""
    setup = SimulatedSetup(size_px=(512, 384), fps=30, seed=4, slide_mm=(1.5, 1.0))
    camera, pedal = simulated_microscope(setup, O40, {}, tiles), ManualPedal("pedal", PressRule())
    book = LensBook((O40, O20), Calibration(devices="bench"), save_calibration)
    session = CaseSession(FieldSettings(load_stain("default")), load_guideline(default_guideline()), "Dr Test")
    desk = compose(session, FolderStore(folder, load_guideline), Devices(camera, (pedal,), book, {}), Preferences())
    desk.window.resize(1366, 768)
    desk.window.show()
    desk.start()
    return desk, pedal


def move(desk, chance):
    desk.window.actions_[chance.choice(["left", "right", "up", "down", "focus_up", "focus_down"])].trigger()


def keep(desk, _chance):
    if desk.analysed is not None and desk.session._next_id <= MOST_TAKEN:
        desk.window.actions_["keep"].trigger()


def open_field(desk, chance):
    if desk.session.state.fields:
        desk.on_strip(chance.choice(desk.session.state.fields).id, "open")


def turn_threshold(desk, chance):
    t_intense = desk.session.state.stain.t_intense
    desk.act(lambda: desk.session.case.set_thresholds(chance.uniform(0.1, 0.25), t_intense))


def use(desk, chance):
    desk.window.actions_[chance.choice(["undo", "redo", "overlay", "live", "objective", "take_back"])].trigger()


def act(desk, chance):
    """One thing that a person might do between two presses; keeps the case small."""
    chance.choice([move, move, keep, keep, open_field, turn_threshold, use, use])(desk, chance)
    while len(desk.session.state.fields) > MOST_FIELDS:
        desk.window.actions_["take_back"].trigger()


def press(desk, pedal, wait):
    """Press the pedal; how long the window takes to answer, in ms."""
    start_s = time.monotonic()
    desk.window.show_mode("")
    pedal.click()
    assert wait(lambda: desk.window.mode.text() != ""), "a press got no answer"
    return (time.monotonic() - start_s) * 1e3


def soak(tiles, folder, wait, presses, seconds):
    """Press at random moments while a person works; checks everything, gives (Watch, MB)."""
    before = set(threading.enumerate())
    desk, pedal = make(tiles, folder)
    watch, chance, memory_mb = Watch(desk), random.Random(1), []
    assert wait(lambda: desk.live_shot is not None)
    start_s = time.monotonic()
    for number in range(presses):
        watch.feedback_ms.append(press(desk, pedal, wait))
        act(desk, chance)
        due_s = start_s + seconds * (number + chance.uniform(0.2, 1)) / presses
        wait(lambda due_s=due_s: time.monotonic() >= due_s)
        if number % max(presses // 20, 1) == 0:
            memory_mb.append(resident_mb())
    wait(lambda: watch.ended >= presses and desk.presses.waiting == 0, 120)
    watch.check(presses)
    frames = desk.feed.newest.number
    assert wait(lambda: desk.feed.newest.number > frames)
    desk.window.close()
    assert (folder / "case.json").exists()
    assert [t for t in set(threading.enumerate()) - before if t.is_alive()] == []
    desk.window.deleteLater()
    return watch, memory_mb


def check_memory(memory_mb, most_mb):
    settled, end = memory_mb[len(memory_mb) // 2], memory_mb[-1]
    assert end - settled < most_mb, f"memory grew: {[round(m) for m in memory_mb]} MB"


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    return small_tiles(tmp_path_factory.mktemp("tissue"))


@pytest.fixture(autouse=True)
def config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_half_a_minute_and_a_hundred_presses(qapp, wait, tiles, tmp_path):
    watch, memory_mb = soak(tiles, tmp_path / "case", wait, presses=100, seconds=28)
    assert len(watch.told) <= 5
    check_memory(memory_mb, 30)


@pytest.mark.soak
def test_ten_minutes(request, qapp, wait, tiles, tmp_path, capsys):
    if "soak" not in (request.config.getoption("-m") or ""):
        pytest.skip("ten minutes; run pytest -m soak")
    watch, memory_mb = soak(tiles, tmp_path / "case", wait, presses=2000, seconds=600)
    with capsys.disabled():
        wait_ms, feedback_ms = sorted(watch.seen.values()), sorted(watch.feedback_ms)
        print(f"\n{len(wait_ms)} presses shown, {len(watch.told)} told: {watch.told}")  # noqa: T201
        print(f"press to result {median(wait_ms):.0f} ms, 95% {wait_ms[int(0.95 * len(wait_ms))]:.0f} ms;")  # noqa: T201
        print(f"feedback {feedback_ms[1000]:.1f} ms, 95% {feedback_ms[1900]:.1f}, most {feedback_ms[-1]:.0f};")  # noqa: T201
        print(f"MB {[round(m) for m in memory_mb]}")  # noqa: T201
    check_memory(memory_mb, 30)
