"""Composition root of the application: chooses devices, case and windows, and runs them."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication

from her2scope.app.calibrating import Calibrating
from her2scope.app.case_keeping import CaseKeeping
from her2scope.app.comparing import Comparing
from her2scope.app.editing import Editing
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.main_window import MainWindow
from her2scope.app.model.alignment import Alignment
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.record import CaseStore
from her2scope.app.model.session import CaseSession
from her2scope.app.model.views.ar import ArSettings
from her2scope.app.pedal_keys import PedalKeys
from her2scope.app.stand import Stand
from her2scope.app.theme import DARK, apply_theme
from her2scope.app.tuning import Tuning
from her2scope.app.window_binding import bind
from her2scope.app.workbench import Workbench
from her2scope.devices.camera import Camera, Objective
from her2scope.devices.catalogue import build_camera, build_pedals
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import Pedal, PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import ButtonSetup, DeviceSetup, KeyboardSetup, SimulatedSetup
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


def default_setup() -> DeviceSetup:
    """The simulated microscope, with a pedal on the space bar."""
    return DeviceSetup(
        name="simulated",
        title="Simulated microscope",
        camera=SimulatedSetup(case="2+"),
        objectives=(Objective("20x", 0.424), Objective("40x", 0.212)),
        objective="40x",
        pedals=(
            ButtonSetup(name="Button"),
            KeyboardSetup(name="Space bar", key="Space", presses=PressRule(long=PedalAction.KEEP)),
        ),
    )


def cache_dir() -> Path:
    """Where the simulated slide is kept: her2scope under $XDG_CACHE_HOME or ~/.cache."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "her2scope"


def case_store() -> CaseStore:
    """Where the case in hand is kept: a new folder under her2scope/cases in $XDG_DATA_HOME or ~/.local/share."""
    base = os.environ.get("XDG_DATA_HOME", "")
    data = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return FolderStore(data / "her2scope" / "cases" / name, load_guideline)


def compose(
    session: CaseSession,
    store: CaseStore,
    camera: Camera,
    pedals: Sequence[Pedal],
    objectives: tuple[Objective, ...],
) -> Workbench:
    """Window and workbench, bound and not yet started."""
    window = MainWindow(DARK)
    desk = Workbench(window, session, camera, pedals)
    bind(desk)
    stand = Stand(desk, objectives)
    Calibrating(desk, stand.use_measured)
    Comparing(desk)
    Editing(desk)
    Tuning(desk)
    CaseKeeping(desk, store)
    Eyepiece(desk, ArSettings(), Alignment())
    return desk


def key_pedals(setup: DeviceSetup, pedals: Sequence[Pedal]) -> dict[str, ManualPedal]:
    """The pedals that type a key, by the key's name."""
    keys = {part.name: part.key for part in setup.pedals if isinstance(part, KeyboardSetup)}
    return {keys[pedal.name]: pedal for pedal in pedals if isinstance(pedal, ManualPedal) and pedal.name in keys}


def run_app(argv: Sequence[str] | None = None) -> int:
    """Start the application on the simulated microscope; returns the exit code."""
    app = make_app(sys.argv if argv is None else argv)
    setup = default_setup()
    camera, pedals = build_camera(setup, cache_dir()), build_pedals(setup)
    desk = compose(new_session(), case_store(), camera, pedals, setup.objectives)
    PedalKeys(key_pedals(setup, pedals), desk).install(app)
    desk.window.show()
    desk.start()
    return app.exec()
