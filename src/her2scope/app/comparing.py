"""The second reading of the field in view: its patches against the control, and the control beside it."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from her2scope.analysis.patch_drawing import draw_patches
from her2scope.app.model.naming import field_titles
from her2scope.app.model.patches import Loaded, PatchBench, PatchesRead, PatchJob, control_beside, same_scale_zoom
from her2scope.app.model.views.patches import patch_view
from her2scope.app.pictures import StillPicture
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError
from her2scope.base.frame import Frame
from her2scope.pipeline.case import reference_score


class Comparing(QObject):
    """Binds the patch reading and the control's view.

    Parameters
    ----------
    desk
        Whose field is compared.
    """

    def __init__(self, desk: Workbench) -> None:
        super().__init__(desk)
        self._desk, self._bench = desk, PatchBench(desk.session)
        self._patches, self._beside = (desk.window.actions_[name] for name in ("patches", "compare_control"))
        self._patches.triggered.connect(self._read)
        self._beside.triggered.connect(self._show_beside)
        desk.changed.connect(self._read_if_wanted)
        desk.window.view.zoomed.connect(self._match_scale)

    @Slot()
    def _read_if_wanted(self) -> None:
        if self._patches.isChecked():
            self._read()

    @Slot()
    def _read(self) -> None:
        """Read the field by patches; switched off, take them away."""
        view, frame, shown = self._desk.window.view, self._desk.frame, self._desk.shown
        if not self._patches.isChecked() or frame is None or shown is None:
            view.show_patches(None)
            return
        try:
            job = self._bench.job(frame, shown)
        except Her2ScopeError as error:
            self._patches.setChecked(False)
            self._desk.on_fault(str(error))
            return
        self._desk.patient.submit("patches", partial(_read_and_draw, job), partial(self._on_read, frame))

    def _on_read(self, frame: Frame, read: tuple[PatchesRead, QImage | None]) -> None:
        outcome, picture = read
        self._bench.accept(outcome)
        shown = self._desk.shown
        if frame is not self._desk.frame or shown is None or outcome.reading is None:
            return
        self._desk.window.view.show_patches(picture)
        score = reference_score(shown.result, self._desk.session.state.guideline)
        words = patch_view(score, outcome.reading)
        self._desk.hint(
            words.disagreement or f"By cells {words.cells}, by patches {words.patches}: {', '.join(words.counts)}."
        )

    @Slot()
    def _show_beside(self) -> None:
        """Show the newest control field beside the picture, or hide it."""
        second = self._desk.window.second
        if not self._beside.isChecked():
            second.hide()
            return
        job = control_beside(self._desk.session)
        if job is None:
            self._beside.setChecked(False)
            self._desk.hint("There is no control field yet: take one in the positive control step (Ctrl+K).")
            return
        self._desk.patient.submit("control beside", job.run, self._on_loaded)

    def _on_loaded(self, loaded: Loaded) -> None:
        second, fields = self._desk.window.second, self._desk.session.state.fields
        second.caption = field_titles(fields).get(loaded.field_id, "")
        second.is_live = False
        second.pixel_um = loaded.frame.pixel_um
        second.show_picture(StillPicture(loaded.frame.rgb))
        second.show()
        self._match_scale()

    @Slot()
    def _match_scale(self) -> None:
        view, second = self._desk.window.view, self._desk.window.second
        if second.isVisible() and view.pixel_um is not None and second.pixel_um is not None:
            second.set_scale(same_scale_zoom(view.transform_.scale, view.pixel_um, second.pixel_um))


def _read_and_draw(job: PatchJob) -> tuple[PatchesRead, QImage | None]:
    outcome = job.run()
    return outcome, None if outcome.reading is None else _image(draw_patches(outcome.reading))


def _image(rgba: NDArray[np.uint8]) -> QImage:
    """A copy as a Qt image with straight alpha; (H, W, 4) uint8 RGBA."""
    data = np.ascontiguousarray(rgba)
    height, width = data.shape[:2]
    return QImage(data.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
