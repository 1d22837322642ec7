"""A camera, an analysis and a listener for tests of the live loop, all under the test's command."""

import threading
import time

import numpy as np

from her2scope.devices.camera import CameraInfo, FrameStamp, Objective
from her2scope.devices.faults import DeviceError, Fault


class ScriptedCamera:
    """Sends small frames whose grey value is their number; does what the test says."""

    info = CameraInfo("scripted", "Scripted camera", "1")

    def __init__(self, fps=100):
        self.stamp = FrameStamp(Objective("40x", 0.212))
        self.objective = self.stamp.objective
        self.period_s = 1 / fps
        self.error = None  # raised instead of the next frame, and at every opening
        self.mute = False
        self.still = False  # the same grey value in every frame
        self.lost = 0
        self.opened = self.closed = self.sent = 0

    def use_objective(self, objective):
        self.stamp.objective = objective

    def controls(self):
        return {}

    def set_control(self, _control, _value):
        raise AssertionError

    def unplug(self):
        self.error = DeviceError(Fault.UNPLUGGED, "The camera was unplugged", "plug it in again")

    def frames(self, stop):
        while not stop.wait(self.period_s):
            if self.error is not None:
                raise self.error
            if not self.mute:
                self.sent += 1
                rgb = np.full((256, 256, 3), 128 if self.still else self.sent % 256, np.uint8)
                yield self.stamp.stamp(rgb, lost=self.lost)

    def __enter__(self):
        if self.error is not None:
            raise self.error
        self.opened += 1
        return self

    def __exit__(self, *_):
        self.closed += 1


class Listener:
    """Remembers all that it is told, and in which thread."""

    def __init__(self):
        self.frames = 0
        self.presses, self.analysed, self.faults, self.recovered = [], [], [], []
        self.feedback_s = []
        self.threads = set()
        self.changed = threading.Condition()

    def _note(self, where, item):
        self.threads.add(threading.current_thread().name)
        with self.changed:
            where.append(item)
            self.changed.notify_all()

    def on_frame(self, _shot):
        with self.changed:
            self.frames += 1
            self.changed.notify_all()

    def on_press(self, event):
        if event.phase == "down":
            self.feedback_s.append(time.monotonic() - event.down_s)
        self._note(self.presses, event)

    def on_analysed(self, analysed):
        self._note(self.analysed, analysed)

    def on_fault(self, event):
        self._note(self.faults, event)

    def on_recovered(self, source):
        self._note(self.recovered, source)

    def wait(self, condition, timeout_s=5.0):
        """Wait until a condition holds; a test asserts the answer."""
        with self.changed:
            return self.changed.wait_for(condition, timeout_s)

    def fault_kinds(self):
        return [event.fault for event in self.faults]


def grey(frame):
    """An analysis: the frame's grey value."""
    return int(frame.rgb[0, 0, 0])


class SlowAnalysis:
    """An analysis that lasts until it is let go."""

    def __init__(self):
        self.started = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, frame):
        self.started.release()
        assert self.go.acquire(timeout=10)
        return grey(frame)


def loop_threads():
    """The threads of any live loop that are alive."""
    return [t.name for t in threading.enumerate() if t.name.startswith("her2scope")]


def until(condition, timeout_s=3.0):
    """Whether a condition comes to hold that nobody tells of."""
    end_s = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end_s:
        time.sleep(0.005)
    return condition()
