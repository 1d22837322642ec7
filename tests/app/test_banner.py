"""Several sentences at once: no fault is lost under what is said after it."""

import pytest
from PySide6.QtWidgets import QLabel, QToolButton

from her2scope.app.banner import LINES, _Line
from her2scope.app.main_window import MainWindow
from her2scope.app.telling import Telling
from her2scope.app.theme import DARK
from her2scope.devices.faults import DeviceError, Fault
from her2scope.pipeline.live_events import FaultEvent


@pytest.fixture
def window(qapp):
    made = MainWindow(DARK)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def labels(banner):
    """What the visible lines say."""
    lines = [line for line in banner.findChildren(_Line) if line.isVisible()]
    return [[part.text() for part in line.findChildren(QLabel) if part.isVisible() and part.text()] for line in lines]


def test_a_fault_is_seen_beside_the_hint_after_it_and_outlives_it(window):
    telling = Telling(window)
    telling.fault("The folder is full; free it.")
    telling.hint("Click twice.")
    assert labels(window.banner) == [["The folder is full; free it."], ["Click twice."]]
    window.banner.expire()
    assert window.banner.shown == ("The folder is full; free it.",)


def test_a_newer_hint_takes_the_place_of_the_one_before(window):
    telling = Telling(window)
    telling.hint("One.")
    telling.hint("Two.")
    assert window.banner.shown == ("Two.",)


def test_faults_that_find_no_room_wait_and_come_back(window):
    telling = Telling(window)
    for number in range(LINES + 2):
        telling.fault(f"Fault {number}.")
    telling.fault("Fault 3.")
    assert window.banner.shown == ("Fault 2.", "Fault 4.", "Fault 3.")
    assert labels(window.banner)[0] == ["Fault 2.", "+2 more"]
    for sentence in window.banner.shown:
        window.banner.close_line(sentence)
    assert window.banner.shown == ("Fault 0.", "Fault 1.")
    assert labels(window.banner) == [["Fault 0."], ["Fault 1."]]


def test_the_button_closes_its_own_line(window, wait):
    telling = Telling(window)
    telling.fault("First.")
    telling.fault("Second.")
    first = next(line for line in window.banner.findChildren(_Line) if line.accessibleName() == "First.")
    first.findChild(QToolButton).click()
    assert wait(lambda: window.banner.shown == ("Second.",))


def test_each_standing_fault_stays_closed_and_comes_back_when_it_is_new(window):
    telling = Telling(window)
    camera = FaultEvent.of("camera", DeviceError(Fault.UNPLUGGED, "The camera is gone", "plug it in"))
    pedal = FaultEvent.of("Foot", DeviceError(Fault.UNPLUGGED, "The pedal is gone", "plug it in"))
    for event in (camera, pedal):
        telling.device_fault(event)
    for sentence in window.banner.shown:
        window.banner.close_line(sentence)
    for event in (camera, pedal):
        telling.device_fault(event)
    assert window.banner.shown == ()
    telling.recovered("camera")
    telling.device_fault(camera)
    assert window.banner.shown == ("The camera is gone; plug it in.",)
    telling.stand("camera", "The camera is taken; close the other program.")
    assert window.banner.shown == ("The camera is taken; close the other program.",)


def test_a_file_that_is_left_out_stays_said_though_the_camera_goes_on(window):
    telling = Telling(window)
    event = FaultEvent.of("camera", DeviceError(Fault.FILE, "Left out: bad.png: no image", "mend it"))
    telling.device_fault(event)
    telling.recovered("camera")
    assert window.banner.shown == ("Left out: bad.png: no image; mend it.",)
    window.banner.close_line(event.sentence)
    telling.device_fault(event)  # the folder has come round again
    assert window.banner.shown == ()


def test_the_banners_keep_their_place_and_room_for_their_words(window, qapp):
    telling = Telling(window)
    window.resize(1366, 768)
    for number in range(LINES):
        telling.fault(f"{number} " + "a rather long sentence that needs more than one line; do something. " * 3)
    qapp.processEvents()
    banner = window.banner
    assert banner.y() == 14
    assert banner.height() >= banner.heightForWidth(banner.width()) > 3 * 44
    assert banner.width() <= 760
