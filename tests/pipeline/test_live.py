"""The live loop: no press lost, faults in words, nothing left behind."""

import contextlib
import itertools
import threading
import time

import pytest
from live_bench import Listener, ScriptedCamera, SlowAnalysis, grey, loop_threads, until

from her2scope.base.errors import InputError
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import PedalAction
from her2scope.devices.presses import PressRule
from her2scope.pipeline.live import LiveLoop, LiveOptions

QUICK = LiveOptions(silence_s=0.4, opening_s=0.6, retry_s=0.05, stop_s=3.0)
FRAME_MB = 256 * 256 * 3 / 2**20
TWO_WAY = PressRule(long=PedalAction.KEEP, long_s=0.3)


class Bench:
    def __init__(self, analyse=grey, options=QUICK, rule=None):
        self.camera, self.listener = ScriptedCamera(), Listener()
        self.pedal = ManualPedal("pedal", rule or PressRule())
        self.loop = LiveLoop(self.camera, [self.pedal], analyse, self.listener, options)

    def see_frames(self, count=1):
        target = self.listener.frames + count
        assert self.listener.wait(lambda: self.listener.frames >= target)

    def wait(self, condition, timeout_s=5.0):
        assert self.listener.wait(condition, timeout_s)


@contextlib.contextmanager
def running(**kinds):
    bench = Bench(**kinds)
    with bench.loop:
        bench.see_frames()
        yield bench
    assert loop_threads() == []


def test_a_press_brings_the_result_of_the_frame_it_saw():
    with running() as bench:
        before = bench.loop.newest.number
        bench.pedal.click()
        bench.wait(lambda: bench.listener.analysed)
        analysed = bench.listener.analysed[0]
        assert before <= analysed.shot.number <= bench.loop.newest.number
        assert analysed.result == grey(analysed.shot.frame)
        assert analysed.press.number == 1
        assert not analysed.stale
        assert 0 <= analysed.seconds <= analysed.since_press_s < 1


def test_a_short_press_is_of_the_moment_the_foot_went_down():
    with running(rule=TWO_WAY) as bench:
        bench.pedal.press()
        bench.wait(lambda: bench.listener.presses)
        latest = bench.loop.newest.number
        bench.see_frames(10)
        bench.pedal.release()
        bench.wait(lambda: bench.listener.analysed)
        assert bench.listener.analysed[0].shot.number <= latest


def test_a_long_press_is_told_and_not_analysed():
    with running(rule=TWO_WAY) as bench:
        bench.pedal.press()
        bench.wait(lambda: len(bench.listener.presses) == 2)
        bench.pedal.release()
        assert [e.action for e in bench.listener.presses] == [PedalAction.NOTHING, PedalAction.KEEP]
        assert bench.loop.drain(1)
        assert bench.listener.analysed == []


def test_presses_queue_while_a_field_is_analysed_and_the_picture_moves_on():
    slow = SlowAnalysis()
    with running(analyse=slow) as bench:
        for number in range(1, 6):
            bench.pedal.click()
            bench.wait(lambda n=number: bench.loop.waiting == n)
            bench.see_frames(3)
        for _ in range(5):
            slow.go.release()
        assert bench.loop.drain(5)
        assert [a.press.number for a in bench.listener.analysed] == [1, 2, 3, 4, 5]
        numbers = [a.shot.number for a in bench.listener.analysed]
        assert numbers == sorted(set(numbers)), "each press has the frame of its own moment"
        assert [a.result for a in bench.listener.analysed] == [grey(a.shot.frame) for a in bench.listener.analysed]


def test_one_press_too_many_is_told_not_lost():
    slow = SlowAnalysis()
    with running(analyse=slow, options=LiveOptions(waiting_mb=2 * FRAME_MB)) as bench:
        bench.pedal.click()
        assert slow.started.acquire(timeout=5)  # it is out of the queue before the others come
        for number in range(2, 6):
            bench.see_frames()
            bench.pedal.click()
            bench.wait(lambda n=number: len(bench.listener.presses) == 2 * n)
        bench.wait(lambda: len(bench.listener.faults) == 2)
        for _ in range(3):
            slow.go.release()
        assert bench.loop.drain(5)
        told = [a.press.number for a in bench.listener.analysed], [f.press.number for f in bench.listener.faults]
        assert told == ([1, 2, 3], [4, 5])
        assert bench.listener.faults[0].sentence == (
            "2 fields wait for their analysis, and there is memory for no more; "
            "wait until fewer wait, then press again at this field."
        )


def test_presses_wait_as_long_as_their_frames_find_room_and_one_always_does():
    """Presses on one and the same frame hold it once, so they take no room."""
    slow = SlowAnalysis()
    with running(analyse=slow, options=LiveOptions(waiting_mb=0)) as bench:
        for number in (1, 2):
            bench.pedal.click()
            bench.wait(lambda n=number: bench.loop.waiting == n)
            assert number == 2 or slow.started.acquire(timeout=5)
        assert bench.listener.faults == []
        slow.go.release()
        slow.go.release()
        assert bench.loop.drain(5)


def test_the_default_queue_holds_more_fields_than_a_foot_presses_during_an_analysis():
    assert LiveOptions().waiting_mb * 2**20 // (3008 * 3008 * 3) == 56


def test_an_analysis_that_throws_is_a_fault_and_the_next_press_works():
    def analyse(frame):
        if not bench.listener.faults:
            raise ZeroDivisionError("float division")
        if len(bench.listener.faults) == 1:
            raise InputError("frame: too small to score; give a larger one.")
        return "fine"

    with running(analyse=analyse) as bench:
        for _ in range(3):
            bench.pedal.click()
        bench.wait(lambda: bench.listener.analysed)
        program, refused = bench.listener.faults
        assert (program.fault, program.press.number) == (Fault.PROGRAM, 1)
        assert program.sentence.startswith("A mistake in the program (analysis: ZeroDivisionError: float division);")
        assert (refused.fault, refused.press.number) == (Fault.ANALYSIS, 2)
        assert (refused.what, refused.remedy) == ("frame: too small to score", "give a larger one")
        assert bench.listener.analysed[0].press.number == 3


def test_results_of_an_older_generation_are_marked_or_dropped():
    slow = SlowAnalysis()
    with running(analyse=slow) as bench:
        bench.pedal.click()
        assert slow.started.acquire(timeout=2)
        bench.loop.next_generation()
        slow.go.release()
        bench.wait(lambda: bench.listener.analysed)
        assert bench.listener.analysed[0].stale, "a press is told even when it is late"
        bench.loop.start_continuous()
        assert slow.started.acquire(timeout=2)
        bench.loop.stop_continuous()
        bench.loop.next_generation()
        slow.go.release()
        bench.see_frames(20)
        assert len(bench.listener.analysed) == 1, "a stale frame of continuous mode is not"


def test_a_waiting_press_keeps_the_analysis_it_was_made_with():
    slow = SlowAnalysis()
    with running(analyse=slow) as bench:
        bench.pedal.click()
        assert slow.started.acquire(timeout=2)
        bench.pedal.click()
        bench.wait(lambda: bench.loop.waiting == 2)
        bench.loop.use_analysis(lambda _frame: "new")
        bench.pedal.click()
        bench.wait(lambda: bench.loop.waiting == 3)
        slow.go.release()
        slow.go.release()
        assert bench.loop.drain(5)
        results = [a.result for a in bench.listener.analysed]
        assert isinstance(results[1], int)
        assert results[2] == "new"
        assert [a.stale for a in bench.listener.analysed] == [True, True, False]


def test_continuous_mode_takes_the_newest_frame_and_lets_presses_first():
    def analyse(frame):
        time.sleep(0.05)
        return grey(frame)

    with running(analyse=analyse) as bench:
        bench.loop.start_continuous()
        bench.wait(lambda: len(bench.listener.analysed) >= 4)
        bench.pedal.click()
        bench.wait(lambda: any(a.press for a in bench.listener.analysed))
        bench.loop.stop_continuous()
        bench.see_frames(12)
        seen = len(bench.listener.analysed)
        bench.see_frames(12)
        assert len(bench.listener.analysed) == seen
        steady = [a.shot.number for a in bench.listener.analysed[1:4]]
        assert all(later - earlier >= 3 for earlier, later in itertools.pairwise(steady)), "frames left out"


def test_continuous_mode_reads_a_still_field_once_until_it_is_asked_to_look_again():
    with running() as bench:
        bench.camera.still = True
        bench.see_frames(3)
        bench.loop.start_continuous()
        bench.wait(lambda: bench.listener.analysed)
        bench.see_frames(20)
        assert len(bench.listener.analysed) == 1
        bench.pedal.click()
        bench.wait(lambda: len(bench.listener.analysed) == 2)
        assert bench.listener.analysed[1].press is not None, "a press is always analysed"
        bench.loop.look_again()
        bench.wait(lambda: len(bench.listener.analysed) == 3)
        bench.loop.use_analysis(lambda _frame: "other settings")
        bench.wait(lambda: bench.listener.analysed[-1].result == "other settings")
        bench.see_frames(20)
        assert len(bench.listener.analysed) == 4


def test_a_fault_of_continuous_mode_is_told_once():
    def analyse(_frame):
        raise InputError("no tissue; move the slide.")

    with running(analyse=analyse) as bench:
        bench.loop.start_continuous()
        bench.wait(lambda: bench.listener.faults)
        bench.see_frames(20)
        assert len(bench.listener.faults) == 1
        bench.loop.use_analysis(grey)
        bench.wait(lambda: bench.listener.recovered == ["analysis"])


def test_a_camera_that_is_unplugged_comes_back():
    with running() as bench:
        bench.camera.unplug()
        bench.wait(lambda: bench.listener.faults)
        time.sleep(0.2)  # several attempts to open it
        assert [(f.source, f.fault) for f in bench.listener.faults] == [("camera", Fault.UNPLUGGED)]
        assert bench.listener.faults[0].sentence == "The camera was unplugged; plug it in again."
        bench.camera.error = None
        bench.wait(lambda: bench.listener.recovered == ["camera"])
        bench.see_frames(3)
    assert bench.camera.opened == bench.camera.closed == 2


def test_a_press_without_a_fresh_picture_is_told_not_lost():
    bench = Bench()
    bench.camera.mute = True
    with bench.loop:
        bench.pedal.click()
        bench.wait(lambda: bench.listener.faults)
        first = bench.listener.faults[0]
        assert (first.press.number, first.what) == (1, "There is no picture to analyse yet")
        bench.camera.mute = False
        bench.see_frames()
        bench.camera.mute = True
        bench.wait(lambda: Fault.SILENT in [f.fault for f in bench.listener.faults if f.source == "camera"])
        bench.pedal.click()
        bench.wait(lambda: any(f.press and f.press.number == 2 for f in bench.listener.faults))
        assert "was not analysed" in bench.listener.faults[-1].what
        assert bench.listener.analysed == []


def test_frames_that_stop_coming_are_told_and_the_camera_is_opened_again():
    with running() as bench:
        bench.camera.mute = True
        silent_since = time.monotonic()
        bench.wait(lambda: bench.listener.faults)
        assert 0.3 < time.monotonic() - silent_since < 1.0
        assert bench.listener.faults[0].sentence.startswith("The camera sends no pictures any more; check its cable")
        assert until(lambda: bench.camera.opened >= 2)
        bench.camera.mute = False
        bench.wait(lambda: bench.listener.recovered == ["camera"])
    assert bench.listener.fault_kinds() == [Fault.SILENT]


def test_a_camera_that_never_sends_is_told():
    bench = Bench()
    bench.camera.mute = True
    with bench.loop:
        bench.wait(lambda: bench.listener.fault_kinds() == [Fault.SILENT])


def test_damaged_frames_are_told_as_a_slow_connection(monkeypatch):
    monkeypatch.setattr("her2scope.pipeline.watch._WINDOW_S", 0.3)
    with running() as bench:
        bench.camera.lost = 1
        bench.wait(lambda: bench.listener.faults)
        assert (bench.listener.faults[0].source, bench.listener.faults[0].fault) == (
            "camera connection",
            Fault.BANDWIDTH,
        )
        bench.camera.lost = 0
        bench.wait(lambda: bench.listener.recovered == ["camera connection"])
        assert len(bench.listener.faults) == 1


class LockedPedal(ManualPedal):
    """A pedal whose port another program holds at first."""

    def __init__(self):
        super().__init__("foot pedal", PressRule())
        self.locked = True

    def __enter__(self):
        if self.locked:
            raise DeviceError(Fault.TAKEN, "foot pedal: COM3 is used by another program", "close that program")
        return self


def test_a_pedal_that_another_program_holds_works_once_it_is_free():
    pedal, listener = LockedPedal(), Listener()
    with LiveLoop(ScriptedCamera(), [pedal], grey, listener, QUICK):
        assert listener.wait(lambda: listener.faults and listener.frames)
        assert (listener.faults[0].source, listener.faults[0].fault) == ("foot pedal", Fault.TAKEN)
        pedal.click()
        pedal.locked = False
        assert listener.wait(lambda: listener.analysed)
        assert listener.recovered == ["foot pedal"]
    assert len(listener.faults) == 1


def test_a_mistake_in_a_device_is_a_fault_too():
    with running() as bench:
        bench.camera.error = AttributeError("no such thing")
        bench.wait(lambda: bench.listener.faults)
        assert bench.listener.faults[0].fault is Fault.PROGRAM
        bench.camera.error = None
        bench.wait(lambda: bench.listener.recovered == ["camera"])


def test_presses_that_wait_at_the_end_are_told():
    slow = SlowAnalysis()
    bench = Bench(analyse=slow)
    with bench.loop:
        bench.see_frames()
        for _ in range(3):
            bench.pedal.click()
        bench.wait(lambda: bench.loop.waiting == 3)
        assert slow.started.acquire(timeout=2)  # the first is under way, not only queued
        threading.Timer(1.0, slow.go.release).start()  # well after the end began, on a busy machine too
    assert [a.press.number for a in bench.listener.analysed] == [1]
    assert [f.press.number for f in bench.listener.faults] == [2, 3]
    assert "program was closing" in bench.listener.faults[0].sentence


def test_presses_that_were_not_even_read_at_the_end_are_told():
    """The camera's listener holds up nothing; the pedal's thread sleeps in its listener while the foot goes on."""
    bench, gate = Bench(), threading.Event()
    note = bench.listener.on_press
    bench.listener.on_press = lambda event: (note(event), gate.wait(5))
    with bench.loop:
        bench.see_frames()
        for _ in range(3):
            bench.pedal.click()
        bench.wait(lambda: bench.listener.presses)
        threading.Timer(0.3, gate.set).start()
    told = [f.press.number for f in bench.listener.faults] + [a.press.number for a in bench.listener.analysed]
    assert sorted(told) == [1, 2, 3]
    assert {f.what for f in bench.listener.faults} == {"A field was not analysed because the program was closing"}


def test_a_press_that_has_only_begun_at_the_end_is_told():
    bench = Bench(rule=TWO_WAY)
    with bench.loop:
        bench.see_frames()
        bench.pedal.press()
        bench.wait(lambda: bench.listener.presses)
    assert [f.press.number for f in bench.listener.faults] == [1]


def test_an_analysis_that_takes_too_long_is_told_and_waited_for():
    slow = SlowAnalysis()
    with running(analyse=slow, options=LiveOptions(analysis_s=0.2)) as bench:
        bench.pedal.click()
        bench.wait(lambda: bench.listener.faults)
        assert bench.listener.faults[0].sentence.startswith("The analysis of a field has taken more than 0.2 s")
        assert bench.listener.faults[0].press is None, "the press has not ended yet"
        slow.go.release()
        bench.wait(lambda: bench.listener.recovered == ["analysis time"])
        assert [a.press.number for a in bench.listener.analysed] == [1]


def test_a_thread_that_hangs_is_told_and_does_not_hold_the_end():
    slow = SlowAnalysis()
    bench = Bench(analyse=slow, options=LiveOptions(stop_s=0.2))
    asked = time.monotonic()
    with bench.loop:
        bench.see_frames()
        bench.pedal.click()
        assert slow.started.acquire(timeout=2)
        asked = time.monotonic()
    assert time.monotonic() - asked < 1
    assert "did not stop in time" in bench.listener.faults[-1].what
    slow.go.release()
    bench.wait(lambda: bench.listener.analysed)


def test_stop_joins_every_thread_within_half_a_second():
    bench = Bench()
    bench.loop.start()
    bench.see_frames()
    assert sorted(loop_threads()) == [
        "her2scope analysis", "her2scope camera", "her2scope pedal pedal", "her2scope watchdog",
    ]  # fmt: skip
    asked = time.monotonic()
    bench.loop.stop()
    assert time.monotonic() - asked < 0.5
    assert loop_threads() == []
    assert bench.camera.closed == 1


def test_listener_is_never_called_in_the_callers_thread():
    with running() as bench:
        bench.pedal.click()
        bench.wait(lambda: bench.listener.analysed)
    assert bench.listener.threads == {"her2scope analysis", "her2scope pedal pedal"}


@pytest.mark.parametrize("rule", [PressRule(), TWO_WAY], ids=["at once", "on release"])
def test_every_press_of_a_flurry_is_answered(rule):
    with running(rule=rule, options=LiveOptions(waiting_mb=1000)) as bench:
        for _ in range(200):
            bench.pedal.click()
        bench.wait(lambda: len(bench.listener.analysed) == 200)
        assert [a.press.number for a in bench.listener.analysed] == list(range(1, 201))
        assert sorted(bench.listener.feedback_s)[190] < 0.05
