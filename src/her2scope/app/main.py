"""Composition root of the application: chooses devices, case and windows, and runs them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from PySide6.QtWidgets import QApplication

from her2scope.app.calibrating import Calibrating
from her2scope.app.case_keeping import CaseKeeping, Next
from her2scope.app.choosing import Choosing, camera_lines
from her2scope.app.compare_window import ProfileComparing
from her2scope.app.comparing import Comparing
from her2scope.app.editing import Editing
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.main_window import MainWindow
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.record import CaseStore
from her2scope.app.model.session import CaseSession
from her2scope.app.pedal_keys import PedalKeys
from her2scope.app.preferences import Preferences, load_preferences
from her2scope.app.readying import Readying
from her2scope.app.stand import Stand
from her2scope.app.theme import DARK, THEMES, apply_theme
from her2scope.app.timing.start import UNTIL_PICTURE, UntilPicture
from her2scope.app.tuning import Tuning
from her2scope.app.window_binding import bind
from her2scope.app.workbench import Workbench
from her2scope.base.errors import InputError
from her2scope.devices.camera import Camera, Objective
from her2scope.devices.catalogue import build_camera, build_pedals, connected_cameras
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import Pedal
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import DeviceSetup, KeyboardSetup
from her2scope.pipeline.backends import DeferredBackend
from her2scope.pipeline.detectors import DEFAULT_DETECTOR, DeferredDetector
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.devices import load_devices, tissue_cache_dir
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import DEFAULT_STAIN, load_stain


@dataclass(frozen=True)
class Devices:
    """What stands on the bench: camera and pedals, closed, and the objectives."""

    camera: Camera
    pedals: tuple[Pedal, ...]
    objectives: tuple[Objective, ...]
    keys: dict[str, ManualPedal]


def open_devices(setup: DeviceSetup) -> Devices:
    """The devices of a set-up, and a pedal on the screen before them."""
    pedals = build_pedals(setup)
    keys = {part.name: part.key for part in setup.pedals if isinstance(part, KeyboardSetup)}
    typed = {keys[pedal.name]: pedal for pedal in pedals if isinstance(pedal, ManualPedal) and pedal.name in keys}
    on_screen = ManualPedal("Button on the screen", PressRule())
    return Devices(build_camera(setup, tissue_cache_dir()), (on_screen, *pedals), setup.objectives, typed)


def new_session(preferences: Preferences) -> CaseSession:
    """An empty case with the shipped stain profile, and the guideline preferred."""
    guideline = load_guideline(preferences.guideline or default_guideline())
    detector, backend = DeferredDetector(DEFAULT_DETECTOR), DeferredBackend("auto")
    return CaseSession(FieldSettings(load_stain(DEFAULT_STAIN), detector, backend=backend), guideline, preferences.user)


def opened_session(store: CaseStore, preferences: Preferences) -> CaseSession:
    """The case that a store keeps; InputError when it keeps none."""
    record = store.load()
    if record is None:
        raise InputError("There is no case in that folder; choose one that holds a case.json.")
    detector, backend = DeferredDetector(DEFAULT_DETECTOR), DeferredBackend("auto")
    return CaseSession.opened(record, FieldSettings(record.state.stain, detector, backend=backend), preferences.user)


def cases_dir(preferences: Preferences) -> Path:
    """The folder of the cases: as preferred, else her2scope/cases in $XDG_DATA_HOME or ~/.local/share."""
    base = os.environ.get("XDG_DATA_HOME", "")
    data = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "share"
    return Path(preferences.cases_dir) if preferences.cases_dir else data / "her2scope" / "cases"


def case_store(folder: Path | None, preferences: Preferences) -> FolderStore:
    """Where a case is kept: `folder`, or for a new one a folder named by the time."""
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return FolderStore(folder or cases_dir(preferences) / name, load_guideline)


def make_app(argv: Sequence[str], preferences: Preferences) -> QApplication:
    """The one application object, dressed."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(list(argv))
    app.setApplicationName("HER2Scope")
    apply_theme(app, THEMES.get(preferences.theme, DARK))
    return app


def compose(session: CaseSession, store: CaseStore, devices: Devices, preferences: Preferences) -> Workbench:
    """Window and workbench, bound and not yet started."""
    desk = Workbench(MainWindow(THEMES.get(preferences.theme, DARK)), session, devices.camera, devices.pedals)
    bind(desk)
    stand = Stand(desk, devices.objectives)
    Editing(desk)
    Tuning(desk)
    Comparing(desk)
    ProfileComparing(desk)
    Calibrating(desk, stand.use_measured)
    CaseKeeping(desk, store)
    Readying(desk)
    eyepiece = Eyepiece(desk, preferences.ar, preferences.alignment)
    Choosing(desk, eyepiece, preferences, camera_lines(connected_cameras))
    return desk


def has_display() -> bool:
    """Whether a window can be opened: on Linux, a display server or a Qt platform is named."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def run_app(argv: Sequence[str] | None = None) -> int:
    """Start the application; returns the exit code.

    Parameters
    ----------
    argv
        Arguments without the program's name: `--devices NAME` chooses a device set-up for this time, `--case FOLDER`
        goes on with a case that was kept.

    Raises
    ------
    Her2ScopeError
        When a set-up, stain profile, guideline or case cannot be used.
    """
    parser = argparse.ArgumentParser(prog="her2scope", description="The microscope application. Research use only.")
    parser.add_argument("--devices", help="name or TOML file of a device set-up")
    parser.add_argument("--case", type=Path, help="folder of a case to go on with")
    parser.add_argument(UNTIL_PICTURE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    code = 0
    following: Next | None = Next(options.case)
    app = make_app(["her2scope"], load_preferences())
    while following is not None:
        preferences = load_preferences()
        devices = open_devices(load_devices(options.devices or preferences.devices))
        store = case_store(following.folder, preferences)
        session = new_session(preferences) if following.folder is None else opened_session(store, preferences)
        desk = compose(session, store, devices, preferences)
        if options.until_picture:
            UntilPicture(desk)
        code = _show_and_run(app, desk, devices)
        following = desk.findChildren(CaseKeeping)[0].next_case
        desk.window.deleteLater()
    return code


def _show_and_run(app: QApplication, desk: Workbench, devices: Devices) -> int:
    keys = PedalKeys(devices.keys, desk)
    keys.install(app)
    sys.excepthook = _teller(desk)
    desk.window.show()
    desk.start()
    for choosing in desk.findChildren(Choosing):
        choosing.welcome()
    code = app.exec()
    app.removeEventFilter(keys)
    return code


def _teller(desk: Workbench):  # type: ignore[no-untyped-def]  # the shape of sys.excepthook
    """An excepthook that tells a mistake of ours in the window, and lets the program go on."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        desk.on_fault(f"A mistake in the program ({kind.__name__}: {error}); the case is safe, please report it.")

    return tell
