"""What every pedal must do, whatever it is."""

import contextlib
import itertools
import os
import pty
import threading
import time
import tty

import pytest

from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import PedalAction, Phase
from her2scope.devices.presses import PressRule
from her2scope.devices.serial_pedal import SerialPedal, find_port
from her2scope.devices.setup import SerialSetup, Treadle

WORDS = {"short": PedalAction.ANALYSE, "long": PedalAction.KEEP, "long_s": 0.3}


class Manual:
    def __init__(self):
        self.pedal = ManualPedal("pedal", PressRule(**WORDS))
        self.down, self.up = self.pedal.press, self.pedal.release

    def close(self):
        pass


class Bytes:
    """A pedal that sends "D" and "U", over a pseudo-terminal."""

    def __init__(self, **treadle):
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self.slave = slave
        kinds = {**WORDS, "press": "D\r\n", "release": "U\r\n", **treadle}
        self.pedal = SerialPedal(SerialSetup(name="cable", port=self.path, treadles=(Treadle(name="pedal", **kinds),)))

    def send(self, data):
        os.write(self.master, data)

    def down(self):
        self.send(b"D\r\n")

    def up(self):
        self.send(b"U\r\n")

    def unplug(self):
        os.close(self.slave)
        os.close(self.master)
        self.master = None

    def close(self):
        if self.master is not None:
            self.unplug()


class Lines:
    """A contact between RTS and CTS, emulated by pyserial's loop."""

    def __init__(self, active="high"):
        treadle = Treadle(name="pedal", line="cts", active=active, debounce_s=0.02, **WORDS)
        self.pedal = SerialPedal(SerialSetup(name="cable", port="loop://", treadles=(treadle,)))
        self.closed = active == "high"

    def _contact(self, closed):
        self.pedal._port.rts = closed == self.closed

    def down(self):
        self._contact(True)

    def up(self):
        self._contact(False)

    def close(self):
        pass


class ActiveLow(Lines):
    def __init__(self):
        super().__init__("low")


@pytest.fixture(params=[Manual, Bytes, Lines, ActiveLow])
def bench(request):
    bench = request.param()
    yield bench
    bench.close()


@pytest.fixture
def stop():
    return threading.Event()


class Reader:
    """Reads a pedal in a thread, as the live loop does."""

    def __init__(self, pedal, stop):
        self.seen, self.at_s, self.error = [], [], None
        self._thread = threading.Thread(target=self._read, args=(pedal, stop))
        self._thread.start()

    def _read(self, pedal, stop):
        try:
            for event in pedal.events(stop):
                self.at_s.append(time.monotonic())
                self.seen.append(event)
        except DeviceError as error:
            self.error = error

    def wait(self, count, patience_s=3.0):
        until = time.monotonic() + patience_s
        while len(self.seen) < count and self.error is None and time.monotonic() < until:
            time.sleep(0.002)
        return [e.phase for e in self.seen]

    def join(self):
        self._thread.join(3)
        assert not self._thread.is_alive()


@contextlib.contextmanager
def reading(bench, stop):
    """An open pedal at rest, being read."""
    with bench.pedal:
        if isinstance(bench, Lines):
            bench.up()
        reader = Reader(bench.pedal, stop)
        try:
            time.sleep(0.06)  # a contact that was closed at the start comes to rest
            yield reader
        finally:
            stop.set()
            reader.join()


@pytest.fixture
def reader(bench, stop):
    with reading(bench, stop) as reader:
        yield reader


class TestPedal:
    def test_short_press(self, bench, reader):
        bench.down()
        assert reader.wait(1) == [Phase.DOWN]
        time.sleep(0.05)
        bench.up()
        assert reader.wait(2) == [Phase.DOWN, Phase.SHORT]
        down, short = reader.seen
        assert (down.action, short.action) == (PedalAction.NOTHING, PedalAction.ANALYSE)
        assert down.number == short.number == 1
        assert down.pedal == "pedal"

    def test_long_press_acts_while_the_foot_is_down(self, bench, reader):
        bench.down()
        assert reader.wait(2) == [Phase.DOWN, Phase.LONG]
        assert reader.seen[1].action is PedalAction.KEEP
        assert 0.28 < reader.at_s[1] - reader.seen[1].down_s < 0.6
        bench.up()
        time.sleep(0.05)
        assert len(reader.seen) == 2

    def test_feedback_is_at_once(self, bench, reader):
        pressed = time.monotonic()
        bench.down()
        reader.wait(1)
        assert reader.at_s[0] - pressed < 0.05
        assert abs(reader.seen[0].down_s - pressed) < 0.05

    def test_no_press_is_lost(self, bench, reader):
        for _ in range(12):
            bench.down()
            time.sleep(0.045)
            bench.up()
            time.sleep(0.045)
        assert reader.wait(24) == [Phase.DOWN, Phase.SHORT] * 12
        assert [e.number for e in reader.seen] == [n for n in range(1, 13) for _ in (0, 1)]

    def test_stop_ends_the_events_soon(self, stop, reader):
        asked = time.monotonic()
        stop.set()
        reader.join()
        assert time.monotonic() - asked < 0.5

    def test_opens_again(self, bench):
        for _ in range(2):
            with reading(bench, threading.Event()) as reader:
                bench.down()
                time.sleep(0.04)
                bench.up()
                assert reader.wait(2) == [Phase.DOWN, Phase.SHORT]


def test_presses_of_a_key_wait_for_their_reader(stop):
    pedal = ManualPedal("key", PressRule())
    for _ in range(100):
        pedal.click()
    steps = [e.number for e in itertools.islice(pedal.events(stop), 200)]
    assert steps == [n for n in range(1, 101) for _ in (0, 1)]


@pytest.fixture
def cable():
    made = []

    def make(**treadle):
        made.append(Bytes(**treadle))
        return made[-1]

    yield make
    for bench in made:
        bench.close()


def read_for(pedal, seconds):
    stop = threading.Event()
    reader = Reader(pedal, stop)
    time.sleep(seconds)
    stop.set()
    reader.join()
    return [(e.phase, e.number) for e in reader.seen]


def test_bytes_in_pieces_and_in_heaps(cable):
    bench = cable()
    with bench.pedal:
        bench.send(b"noise D\r")
        stop = threading.Event()
        reader = Reader(bench.pedal, stop)
        time.sleep(0.05)
        assert reader.seen == []
        bench.send(b"\n..")
        assert reader.wait(1) == [Phase.DOWN]
        time.sleep(0.05)
        bench.send(b"U\r\nxx")
        assert reader.wait(2) == [Phase.DOWN, Phase.SHORT]
        stop.set()
        reader.join()


def test_one_byte_pedal_without_a_release(cable):
    bench = cable(press="p", release=None, debounce_s=0.1)
    with bench.pedal:
        bench.send(b"ppp")
        assert read_for(bench.pedal, 0.15) == [(Phase.DOWN, 1), (Phase.SHORT, 1)]
        bench.send(b"p")
        assert read_for(bench.pedal, 0.05) == [(Phase.DOWN, 2), (Phase.SHORT, 2)]


def test_bytes_from_before_it_was_opened_are_no_press(cable):
    bench = cable()
    bench.down()
    with bench.pedal:
        assert read_for(bench.pedal, 0.05) == []


def test_a_double_pedal_on_one_cable(cable):
    bench = cable()
    treadles = (
        Treadle(name="left", press="L", short=PedalAction.ANALYSE),
        Treadle(name="right", press="R", short=PedalAction.TAKE_BACK),
    )
    with SerialPedal(SerialSetup(name="double", port=bench.path, treadles=treadles)) as pedal:
        bench.send(b"RL")
        stop = threading.Event()
        reader = Reader(pedal, stop)
        reader.wait(4)
        stop.set()
        reader.join()
    acts = {e.pedal: e.action for e in reader.seen if e.phase is Phase.SHORT}
    assert acts == {"left": PedalAction.ANALYSE, "right": PedalAction.TAKE_BACK}


def test_unplugged_while_the_foot_is_down_tells_the_press_and_the_fault(cable, stop):
    bench = cable()
    with bench.pedal:
        reader = Reader(bench.pedal, stop)
        bench.down()
        reader.wait(1)
        bench.unplug()
        reader.join()
    assert [e.phase for e in reader.seen] == [Phase.DOWN, Phase.SHORT]
    assert reader.error.fault is Fault.UNPLUGGED
    assert "plug it in again" in str(reader.error)


def opening(port, **treadle):
    treadle = treadle or {"press": "D"}
    setup = SerialSetup(name="foot pedal", port=port, treadles=(Treadle(name="t", **treadle),))
    with pytest.raises(DeviceError) as caught, SerialPedal(setup):
        pass
    return caught.value


def test_taken_by_another_program(cable):
    bench = cable()
    with bench.pedal:
        error = opening(bench.path)
    assert error.fault is Fault.TAKEN
    assert str(error) == f"foot pedal: {bench.path} is used by another program; close that program."


@pytest.mark.parametrize("port", ["/dev/ttyUSB_none", "/dev/null", "nonsense://"])
def test_no_such_port(port):
    error = opening(port)
    assert error.fault is Fault.MISSING
    assert port in str(error)


def test_a_port_without_lines(cable):
    error = opening(cable().path, line="dsr")
    assert error.fault is Fault.REFUSED
    assert "no line DSR" in str(error)


class FakePort:
    def __init__(self, device, vid, pid, serial_number):
        self.device, self.description = device, "a port"
        self.vid, self.pid, self.serial_number = vid, pid, serial_number

    def __lt__(self, other):
        return self.device < other.device


def test_ports_are_found_by_usb_id(monkeypatch):
    ports = [
        FakePort("COM1", None, None, None),
        FakePort("COM7", 0x0403, 0x6001, "A1"),
        FakePort("COM8", 0x0403, 0x6001, "B2"),
        FakePort("COM9", 0x1A86, 0x7523, None),
    ]
    monkeypatch.setattr("her2scope.devices.serial_pedal.list_ports.comports", lambda: ports)
    assert find_port("COM1") == "COM1"
    assert find_port("usb:1a86:7523") == "COM9"
    assert find_port("USB:0403:6001:B2") == "COM8"
    with pytest.raises(DeviceError, match="fits 2 connected devices") as caught:
        find_port("usb:0403:6001")
    assert caught.value.fault is Fault.REFUSED
    with pytest.raises(DeviceError, match="plug it in") as caught:
        find_port("usb:dead:beef")
    assert caught.value.fault is Fault.MISSING
