"""The bridge and the workers: order, newest wins, faults in words, threads that end."""

import dataclasses
import threading

import numpy as np

from her2scope.app.bridge import Bridge, Latest
from her2scope.app.feed import LiveFeed
from her2scope.app.jobs import Jobs
from her2scope.base.errors import InputError
from her2scope.devices.camera import FrameStamp, Objective


def test_calls_run_in_the_gui_thread_in_order(qapp, wait):
    bridge, seen = Bridge(), []
    thread = threading.Thread(
        target=lambda: [bridge.post(lambda k=k: seen.append((k, threading.current_thread()))) for k in range(50)]
    )
    thread.start()
    thread.join()
    assert seen == []
    assert wait(lambda: len(seen) == 50)
    assert seen == [(k, threading.main_thread()) for k in range(50)]


def test_newest_wins(qapp, wait):
    bridge, seen, posts = Bridge(), [], []
    bridge._posted.connect(posts.append)
    latest = Latest(bridge, seen.append)
    for k in range(20):
        latest.put(k)
    assert len(posts) == 1
    assert wait(lambda: bool(seen))
    assert seen == [19]
    latest.put(20)
    assert wait(lambda: len(seen) == 2)


def test_closed_bridge_drops(qapp):
    bridge, seen = Bridge(), []
    bridge.post(lambda: seen.append(1))
    bridge.close()
    qapp.processEvents()
    assert seen == []


def test_waiting_job_of_the_same_kind_is_replaced(qapp, wait):
    done, gate, began = [], threading.Event(), threading.Event()
    jobs = Jobs(Bridge(), done.append)

    def first():
        began.set()
        gate.wait(5)
        return "first"

    jobs.submit("draw", first, done.append)
    assert began.wait(5)
    for k in range(9):
        jobs.submit("draw", lambda k=k: k, done.append)
    jobs.submit("other", str, done.append)
    gate.set()
    assert wait(lambda: len(done) == 3)
    assert done == ["first", 8, ""]
    jobs.stop()


def test_fault_is_told_and_the_worker_goes_on(qapp, wait):
    said, done = [], []
    jobs = Jobs(Bridge(), said.append)

    def fail():
        raise InputError("a.png: broken; take another.")

    jobs.submit("a", fail, done.append)
    jobs.submit("b", lambda: 1, done.append)
    assert wait(lambda: done == [1] and bool(said))
    assert said == ["a.png: broken; take another."]
    jobs.stop()
    assert not jobs._thread.is_alive()


def test_urgent_kinds_go_first(qapp, wait):
    done, gate, began = [], threading.Event(), threading.Event()
    jobs = Jobs(Bridge(), done.append, ("preview", "overlay"))
    jobs.submit("first", lambda: (began.set(), gate.wait(5)), lambda _: None)
    assert began.wait(5)
    for kind in ("histogram", "overlay", "level", "preview"):
        jobs.submit(kind, lambda kind=kind: kind, done.append)
    gate.set()
    assert wait(lambda: len(done) == 4)
    assert done == ["preview", "overlay", "histogram", "level"]
    jobs.stop()


def test_job_waits_until_it_may_begin(qapp, wait):
    done, rest = [], threading.Event()
    jobs = Jobs(Bridge(), done.append, may_begin=rest.is_set)
    jobs.submit("pack", rest.is_set, done.append)
    assert not wait(lambda: bool(done), 0.2)
    rest.set()
    assert wait(lambda: done == [True])
    rest.clear()
    jobs.submit("pack", str, done.append)
    jobs.stop()
    assert not jobs._thread.is_alive()


def test_live_picture_moves_at_a_lower_rate_while_somebody_waits(qapp):
    waiting, feed = threading.Event(), LiveFeed(Bridge(), lambda *_: None)
    feed.is_busy = waiting.is_set
    made, stamp = [], FrameStamp(Objective("40x", 0.212))
    feed._latest.put = lambda item: made.append(item[1].number)
    for number in range(60):
        shot = stamp.stamp(np.zeros((256, 256, 3), np.uint8))
        waiting.set() if 20 <= number < 40 else waiting.clear()
        feed.put(dataclasses.replace(shot, time_s=100 + number / 30))
    assert feed.newest.number == 60
    at_rest = [n for n in made if n <= 20 or n > 42]
    assert at_rest == [*range(1, 21), *range(43, 61)]
    assert 9 <= len(made) - len(at_rest) <= 12
