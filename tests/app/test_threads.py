"""The bridge and the workers: order, newest wins, faults in words, threads that end."""

import threading

from her2scope.app.bridge import Bridge, Latest
from her2scope.app.jobs import Jobs
from her2scope.base.errors import InputError


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
