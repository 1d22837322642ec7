"""Composition root of the application: chooses devices, case and windows, and runs them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType

import msgspec
from PySide6.QtWidgets import QApplication

from her2scope.app.actions import show_key
from her2scope.app.autosave import Autosave, FolderCaseStore
from her2scope.app.calibrating import Calibrating
from her2scope.app.case_keeping import CaseKeeping, Next
from her2scope.app.choosing import Choosing, Workplace
from her2scope.app.compare_window import ProfileComparing
from her2scope.app.comparing import Comparing
from her2scope.app.editing import Editing
from her2scope.app.eyepiece import Eyepiece
from her2scope.app.main_window import MainWindow
from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.record import CaseStore
from her2scope.app.model.session import CaseSession
from her2scope.app.model.setup_text import pedal_lines
from her2scope.app.open_marks import OpenMarks, mark_while_open
from her2scope.app.pedal_keys import PedalKeys, check_key
from her2scope.app.picking import Picking
from her2scope.app.places import cases_dir, marks_dir
from her2scope.app.platform_noise import is_seen, keep_noise_away
from her2scope.app.preferences import Preferences, load_preferences, set_aside_broken
from her2scope.app.preparing import Preparing
from her2scope.app.readying import Readying
from her2scope.app.recording import Recording
from her2scope.app.setup_pages import DeviceFinder
from her2scope.app.sources import source_of
from her2scope.app.stand import Stand
from her2scope.app.starting import Start, ask_go_on, ask_way, ways_on
from her2scope.app.theme import DARK, THEMES, apply_theme
from her2scope.app.tuning import Tuning
from her2scope.app.until_picture import UNTIL_PICTURE, UntilPicture
from her2scope.app.window_binding import bind
from her2scope.app.workbench import Workbench
from her2scope.base.errors import Her2ScopeError, InputError
from her2scope.devices.camera import Camera
from her2scope.devices.catalogue import build_camera, build_pedals, connected_cameras, connected_ports
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.pedal import Pedal, PedalAction
from her2scope.devices.presses import PressRule
from her2scope.devices.setup import DeviceSetup, KeyboardSetup
from her2scope.pipeline.backends import DeferredBackend
from her2scope.pipeline.detectors import DEFAULT_DETECTOR, DeferredDetector
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.calibration import Calibration, load_calibration, save_calibration
from her2scope.settings.devices import DEFAULT_DEVICES, load_devices, tissue_cache_dir
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import DEFAULT_STAIN, load_stain


@dataclass(frozen=True)
class Devices:
    """What stands on the bench.

    Parameters
    ----------
    camera, pedals
        Closed.
    book
        The objectives.
    keys
        Pedals that are keys, by the key's name.
    setup
        Name of the set-up.
    presses
        What the presses of its pedals do: (key or name, in words).
    analyse_key
        The key whose short press analyses; empty where none does.
    """

    camera: Camera
    pedals: tuple[Pedal, ...]
    book: LensBook
    keys: dict[str, ManualPedal]
    setup: str = DEFAULT_DEVICES
    presses: tuple[tuple[str, str], ...] = ()
    analyse_key: str = ""


def open_devices(setup: DeviceSetup, calibration: Calibration) -> Devices:
    """The devices of a set-up as it was measured, and a pedal on the screen before them."""
    book = LensBook(setup.objectives, calibration, save_calibration)
    setup = msgspec.structs.replace(setup, objectives=book.objectives)
    pedals = build_pedals(setup)
    keys = {part.name: part.key for part in setup.pedals if isinstance(part, KeyboardSetup)}
    for key in keys.values():
        check_key(key)
    typed = {keys[pedal.name]: pedal for pedal in pedals if isinstance(pedal, ManualPedal) and pedal.name in keys}
    on_screen = ManualPedal("Button on the screen", PressRule())
    camera = build_camera(setup, tissue_cache_dir())
    analyse = [p.key for p in setup.pedals if isinstance(p, KeyboardSetup) and p.presses.short is PedalAction.ANALYSE]
    key = next(iter(analyse), "")
    return Devices(camera, (on_screen, *pedals), book, typed, setup.name, pedal_lines(setup), key)


def new_session(preferences: Preferences, book: LensBook) -> CaseSession:
    """An empty case with the guideline and the stain profile preferred, as the profile was measured on this bench."""
    guideline = load_guideline(preferences.guideline or default_guideline())
    stain = book.dressed(load_stain(preferences.stain or DEFAULT_STAIN))
    detector, backend = DeferredDetector(DEFAULT_DETECTOR), DeferredBackend("auto")
    return CaseSession(FieldSettings(stain, detector, backend=backend), guideline, preferences.user)


def opened_session(store: CaseStore, preferences: Preferences) -> CaseSession:
    """The case that a store keeps; InputError when it keeps none."""
    record = store.load()
    if record is None:
        raise InputError("There is no case in that folder; choose one that holds a case.json.")
    detector, backend = DeferredDetector(DEFAULT_DETECTOR), DeferredBackend("auto")
    return CaseSession.opened(record, FieldSettings(record.state.stain, detector, backend=backend), preferences.user)


def case_store(folder: Path | None, preferences: Preferences) -> FolderStore:
    """Where a case is kept: `folder`, or for a new one a folder named by the time."""
    name = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return FolderStore(folder or cases_dir(preferences) / name, load_guideline)


def make_app(argv: Sequence[str], preferences: Preferences) -> QApplication:
    """The one application object, dressed."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(list(argv))
        keep_noise_away()
    app.setApplicationName("HER2Scope")
    apply_theme(app, THEMES.get(preferences.theme, DARK))
    return app


def compose(session: CaseSession, store: FolderCaseStore, devices: Devices, preferences: Preferences) -> Workbench:
    """Window and workbench, bound and not yet started."""
    desk = Workbench(MainWindow(THEMES.get(preferences.theme, DARK)), session, devices.camera, devices.pedals)
    desk.window.pedals = devices.presses
    show_key(desk.window.actions_["analyse"], devices.analyse_key)
    bind(desk)
    stand = Stand(desk, devices.book)
    Preparing(desk)
    Editing(desk)
    tuning = Tuning(desk, devices.book)
    Comparing(desk)
    ProfileComparing(desk, devices.book)
    Calibrating(desk, devices.book, stand.use_lens)
    Picking(desk, devices.book)
    autosave = Autosave(desk, store, partial(case_store, preferences=preferences))
    keeping = CaseKeeping(desk, autosave, cases_dir(preferences))
    mark_while_open(desk, autosave, OpenMarks(marks_dir()))
    Recording(desk)
    Readying(desk)
    eyepiece = Eyepiece(desk, preferences.ar, preferences.alignment, preferences.ar_display)
    find = DeviceFinder(connected_cameras, connected_ports)
    place = Workplace(devices.setup, devices.book, stand.use_lens, tuning.use, find, keeping.reopen, keeping.begin)
    Choosing(desk, eyepiece, preferences, place)
    return desk


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
    unread = set_aside_broken()
    app = make_app(["her2scope"], load_preferences())
    start, (desk, devices) = _open_first(options.case or _left_open(), options.devices)
    given = start.devices
    if unread:
        desk.on_fault(unread)
    while True:
        chosen = load_preferences().devices
        if options.until_picture:
            UntilPicture(desk)
        code = _show_and_run(app, desk, devices)
        keeping = desk.findChildren(CaseKeeping)[0]
        if keeping.next_case is None:
            return code
        if load_preferences().devices != chosen:
            given = None  # chosen in the window since
        desk.window.deleteLater()
        desk, devices = _open_or_stay(keeping.next_case, keeping.this_case, given)


def _left_open() -> Path | None:
    """The case that was not closed, if somebody wants to go on with it."""
    left = OpenMarks(marks_dir()).take_left() if is_seen() else None
    return left.folder if left is not None and ask_go_on(left) else None


def _open_first(folder: Path | None, given: str | None) -> tuple[Start, tuple[Workbench, Devices]]:
    """The first case; a fault is said in a window where there is one to see, with the ways on that there are."""
    start = Start(given, folder is not None)
    while True:
        try:
            return start, _open(Next(folder if start.is_opening else None), start.devices, load_preferences())
        except Her2ScopeError as error:
            way = ask_way(str(error), ways_on(start)) if is_seen() else None
            if way is None:
                raise
            way.prepare()
            start = way.start


def _open_or_stay(wanted: Next, before: Next, given: str | None) -> tuple[Workbench, Devices]:
    """The case wanted; where it cannot be opened, the one before, and a sentence."""
    try:
        return _open(wanted, given, load_preferences())
    except Her2ScopeError as error:
        desk, devices = _open(before, given, load_preferences())
        desk.on_fault(str(error))
        return desk, devices


def _open(following: Next, given: str | None, preferences: Preferences) -> tuple[Workbench, Devices]:
    """A case on its devices, not yet started; `given` is the set-up of the command line."""
    setup = load_devices(given or preferences.devices)
    calibration, fault = _calibration(setup.name)
    devices = open_devices(setup, calibration)
    store = case_store(following.folder, preferences)
    preferences, unread = _with_known_stain(preferences)
    is_new = following.folder is None
    session = new_session(preferences, devices.book) if is_new else opened_session(store, preferences)
    session.source = source_of(setup)
    desk = compose(session, store, devices, preferences)
    for sentence in (fault, unread if is_new else ""):
        if sentence:
            desk.on_fault(sentence)
    return desk, devices


def _with_known_stain(preferences: Preferences) -> tuple[Preferences, str]:
    """The shipped stain profile, and why, where the one preferred cannot be read: that must not stop the start."""
    try:
        load_stain(preferences.stain or DEFAULT_STAIN)
    except Her2ScopeError as error:
        sentence = f"{error} This case uses the shipped profile; choose another in the settings."
        return msgspec.structs.replace(preferences, stain=""), sentence
    return preferences, ""


def _calibration(name: str) -> tuple[Calibration, str]:
    """What was measured with a set-up; nothing, and why, where its file is broken: that must not stop the start."""
    try:
        return load_calibration(name), ""
    except Her2ScopeError as error:
        until = "Until then pixel sizes are those of the device set-up, and stain vectors those of the profile."
        return Calibration(devices=name), f"{error} {until}"


def _show_and_run(app: QApplication, desk: Workbench, devices: Devices) -> int:
    keys = PedalKeys(devices.keys, desk)
    keys.install(app)
    sys.excepthook = _teller(desk)
    desk.window.showMaximized()  # a small screen has no room for a title bar and a whole window
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
