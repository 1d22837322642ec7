"""Says over the picture that a simulated slide is still being made: a blank field is never left without a word."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from her2scope.app.model.texts import say
from her2scope.app.parts import column, label
from her2scope.app.workbench import Workbench
from her2scope.devices.specimen import HasProgress

_LOOK_MS = 200
_MARGIN = 14


class PreparingPanel(QFrame):
    """Covers the picture while there is nothing to see; then a small note in its corner, until all is there."""

    def __init__(self, view: QWidget) -> None:
        """Start hidden, over a view."""
        super().__init__(view)
        self._view = view
        self._words, self._bar, self._is_blank = label("", "reading"), QProgressBar(), True
        self._bar.setRange(0, 100)
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(220, 4)
        inside = column(self._words, self._bar)
        inside.setSpacing(8)
        inside.setAlignment(Qt.AlignmentFlag.AlignCenter)
        whole = column(-1, inside, -1, margins=(14, 10, 14, 10))
        self.setLayout(whole)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.installEventFilter(self)
        self.hide()

    def show_progress(self, progress: float) -> None:
        """Show how much is made, 0 to 1; 0 covers the picture."""
        self._is_blank = progress <= 0
        self.setObjectName("cover" if self._is_blank else "note")
        self.style().unpolish(self)
        self.style().polish(self)
        self._words.setText(say("slide.blank" if self._is_blank else "slide.partly"))
        self._bar.setValue(round(100 * progress))
        self._place()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt names the handlers
        """Keep its place when the view changes size."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        if self._is_blank:
            self.setGeometry(self._view.rect())
            self.lower()
            return
        self.adjustSize()
        self.move(_MARGIN, self._view.height() - self.height() - _MARGIN)


class Preparing(QObject):
    """Asks the camera now and then how far its slide is.

    Parameters
    ----------
    desk
        Whose camera, and over whose picture.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk = desk
        self.panel = PreparingPanel(desk.window.view)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        desk.window.closing.connect(self._timer.stop)
        if isinstance(desk.bench.camera, HasProgress):
            self._look()
            self._timer.start()

    @Slot()
    def _look(self) -> None:
        camera = self._desk.bench.camera
        progress = camera.progress() if isinstance(camera, HasProgress) else None
        if progress is None:
            self._timer.stop()
            self.panel.hide()
        elif self._desk.is_live or progress <= 0:
            self.panel.show_progress(progress)
        else:
            self.panel.hide()
