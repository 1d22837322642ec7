"""Composition root of the application: chooses devices, case and windows, and runs them."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtWidgets import QApplication

from her2scope.app.interim_camera import InterimCamera
from her2scope.app.main_window import MainWindow
from her2scope.app.model.session import CaseSession
from her2scope.app.stand import Stand
from her2scope.app.theme import DARK, apply_theme
from her2scope.app.window_binding import bind
from her2scope.app.workbench import Workbench
from her2scope.devices.camera import Camera, Objective
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import DEFAULT_STAIN, load_stain


def new_session() -> CaseSession:
    """An empty case with the shipped stain profile and guideline."""
    return CaseSession(FieldSettings(load_stain(DEFAULT_STAIN)), load_guideline(default_guideline()))


def make_app(argv: Sequence[str]) -> QApplication:
    """The one application object, dressed."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(list(argv))
    app.setApplicationName("HER2Scope")
    apply_theme(app, DARK)
    return app


def compose(session: CaseSession, camera: Camera, objectives: tuple[Objective, ...]) -> Workbench:
    """Window and workbench, bound and not yet started."""
    window = MainWindow(DARK)
    desk = Workbench(window, session, camera)
    Stand(desk, objectives)
    bind(desk)
    return desk


def run_app(argv: Sequence[str] | None = None) -> int:
    """Start the application; returns the exit code."""
    app = make_app(sys.argv if argv is None else argv)
    camera = InterimCamera()
    desk = compose(new_session(), camera, (camera.objective,))
    desk.window.show()
    desk.start()
    return app.exec()
