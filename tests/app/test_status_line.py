"""The line at the foot on a small screen."""

from PySide6.QtCore import Qt

from her2scope.app.model.views.status import StatusItem
from her2scope.app.model.views.tone import Tone
from her2scope.app.status_bar import StatusLine
from her2scope.app.theme import DARK

SAID = {
    "camera": "Simulated microscope (3+): 30 frames/s",
    "pedal": "Space bar: ready",
    "detector": "Detector: linknet",
    "control": "Control passed",
    "focus": "in focus",
    "light": "well exposed",
    "case": "Nothing to save",
    "timing": "Last analysis 3928 ms",
}


def cut(label):
    return label.width() < label.sizeHint().width()


def test_the_cameras_name_gives_way_first(qapp, wait):
    line = StatusLine(DARK)
    for key, text in SAID.items():
        line.show_item(StatusItem(key, text, Tone.QUIET, text))
    line.resize(3000, 32)
    line.show()
    qapp.processEvents()
    whole = line.sizeHint().width()
    line.resize(whole - 90, 32)
    qapp.processEvents()
    longer = SAID | {"camera": "Simulated microscope (3+): 300 frames/s", "focus": "no tissue"}
    for key, text in longer.items():
        line.show_item(StatusItem(key, text, Tone.QUIET, text))
    qapp.processEvents()
    words = {key: cell.words for key, cell in line.items.items()}
    assert cut(words["camera"])
    assert words["camera"].mode is Qt.TextElideMode.ElideMiddle
    assert wait(lambda: [key for key, label in words.items() if cut(label)] == ["camera"], 3), [
        (key, label.width(), label.sizeHint().width()) for key, label in words.items()
    ]
    line.resize(whole + 90, 32)
    qapp.processEvents()
    assert not cut(words["camera"])
    line.deleteLater()
