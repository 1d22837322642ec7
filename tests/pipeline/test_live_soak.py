"""The whole loop for half a minute, and for ten when asked (pytest -m soak)."""

import gc
import os
import random
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from cameras import O20, O40, small_tiles
from live_bench import loop_threads, until

from her2scope.devices.camera import Control
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import SimulatedSetup
from her2scope.devices.simulated import simulated_microscope
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.pipeline.live import LiveLoop
from her2scope.settings.stains import load_stain


def resident_mb():
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Tally:
    """Keeps numbers only, so that memory shows what the loop keeps."""

    def __init__(self):
        self.frames, self.presses, self.answered = 0, [], []
        self.feedback_ms, self.wait_ms, self.faults = [], [], []

    def on_frame(self, _shot):
        self.frames += 1

    def on_press(self, event):
        self.presses.append(event.number)
        self.feedback_ms.append((time.monotonic() - event.down_s) * 1e3)

    def on_analysed(self, analysed):
        self.answered.append(analysed.press.number)
        self.wait_ms.append(analysed.since_press_s * 1e3)

    def on_fault(self, event):
        self.faults.append(event.sentence)

    def on_recovered(self, source):
        self.faults.append(f"recovered: {source}")


def soak(tiles, presses, seconds):
    """Press at random moments while stage, focus and objective move; checks everything, gives (frames/s, tally)."""
    threads_before = set(threading.enumerate())
    setup = SimulatedSetup(size_px=(512, 384), fps=30, seed=4, slide_mm=(1.5, 1.0))
    camera, pedal, tally = simulated_microscope(setup, O40, {}, tiles), ManualPedal("pedal", PressRule()), Tally()
    analyse = partial(analyse_field, settings=FieldSettings(load_stain("default")))
    warm_up(camera, analyse)
    chance = random.Random(1)
    memory_mb = []
    start_s = time.monotonic()
    with LiveLoop(camera, [pedal], analyse, tally) as loop:
        while tally.frames < 3:
            time.sleep(0.02)
        for number in range(presses):
            camera.stage.move_by(chance.uniform(-60, 60), chance.uniform(-60, 60))
            camera.set_control(Control.FOCUS_UM, chance.uniform(-1, 1))
            camera.use_objective(chance.choice([O40, O20]))
            pedal.click()
            due_s = start_s + seconds * (number + chance.uniform(0.2, 1)) / presses
            time.sleep(max(due_s - time.monotonic(), 0))
            if number % max(presses // 20, 1) == 0:
                memory_mb.append(resident_mb())
        assert until(lambda: len(tally.presses) == 2 * presses), "a press was not even seen"
        assert loop.drain(60)
    rate = tally.frames / (time.monotonic() - start_s)
    check(tally, presses, memory_mb)
    assert loop_threads() == []
    assert [t for t in set(threading.enumerate()) - threads_before if t.is_alive()] == []
    return rate, tally, memory_mb


def warm_up(camera, analyse):
    """Compile what is compiled at first use: it takes seconds and memory."""
    with camera:
        for objective in (O20, O40):
            camera.use_objective(objective)
            analyse(next(camera.frames(threading.Event())).frame)


def check(tally, presses, memory_mb):
    assert tally.faults == []
    assert tally.answered == list(range(1, presses + 1)), "a press was lost, or answered twice"
    assert tally.presses == [n for n in range(1, presses + 1) for _ in (0, 1)]
    settled, end = memory_mb[len(memory_mb) // 4], memory_mb[-1]
    assert end - settled < 25, f"memory grew from {settled:.0f} to {end:.0f} MB"
    slowest = sorted(tally.feedback_ms)[int(0.95 * len(tally.feedback_ms)) :]
    assert slowest[0] < 50, f"feedback took {slowest} ms"


@pytest.fixture(scope="module")
def tiles(tmp_path_factory):
    return small_tiles(tmp_path_factory.mktemp("tissue"))


def test_half_a_minute_and_a_hundred_presses(tiles):
    rate, _, _ = soak(tiles, presses=100, seconds=28)
    assert rate > 10  # 30 on a machine that does nothing else


@pytest.mark.soak
def test_ten_minutes(request, tiles, capsys):
    if "soak" not in (request.config.getoption("-m") or ""):
        pytest.skip("ten minutes; run pytest -m soak")
    rate, tally, memory_mb = soak(tiles, presses=2000, seconds=600)
    with capsys.disabled():
        wait = sorted(tally.wait_ms)
        print(f"\n{rate:.1f} frames/s; press to result {wait[1000]:.0f} ms, 95% {wait[1900]:.0f} ms;")  # noqa: T201
        print(f"feedback {max(tally.feedback_ms):.1f} ms at most; MB {[round(m) for m in memory_mb]}")  # noqa: T201
