"""Opens the application on the simulated microscope, measures it, and closes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec
from PySide6.QtGui import QGuiApplication

from her2scope.app.main import Devices, case_store, compose, make_app, open_devices
from her2scope.app.model.session import CaseSession
from her2scope.app.preferences import Preferences
from her2scope.app.timing.notes import Notes
from her2scope.app.timing.plan import AppPlan
from her2scope.app.timing.report import AppReport, Latency
from her2scope.app.timing.scenario import run_scenario
from her2scope.app.timing.stage import OpenedApp
from her2scope.app.timing.start import measure_starts
from her2scope.base.errors import Her2ScopeError, InputError
from her2scope.devices.setup import SimulatedSetup
from her2scope.devices.tile_maker import TileSet
from her2scope.pipeline.backends import DeferredBackend
from her2scope.pipeline.detectors import DeferredDetector
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.calibration import Calibration
from her2scope.settings.devices import DEFAULT_DEVICES, load_devices, tissue_cache_dir
from her2scope.settings.guidelines import default_guideline, load_guideline
from her2scope.settings.stains import DEFAULT_STAIN, load_stain

Tell = Callable[[str], None]


def measure_app(plan: AppPlan, command: Sequence[str], tell: Tell) -> AppReport:
    """Measure the application on the simulated microscope; takes a minute and a half.

    Parameters
    ----------
    plan
        What to measure.
    command
        That starts the application in a process of its own.
    tell
        Called with a few words before each step.

    Raises
    ------
    Her2ScopeError
        When the slide cannot be drawn, or the camera shows nothing.
    """
    setup = load_devices(DEFAULT_DEVICES)
    camera = setup.camera
    if not isinstance(camera, SimulatedSetup):
        raise InputError("The benchmark needs the simulated microscope; take your own set-up of that name away.")
    draw_slide(camera, tell)
    starts = measure_starts(command, plan.starts, tell)
    camera = msgspec.structs.replace(camera, size_px=(plan.size_px, plan.size_px))
    setup = msgspec.structs.replace(setup, camera=camera)
    return measure_devices(plan, open_devices(setup, Calibration(devices=setup.name)), tell, starts)


def draw_slide(camera: SimulatedSetup, tell: Tell) -> None:
    """Draw the simulated slide if it was never shown, so that drawing does not disturb the measuring."""
    tiles = TileSet(tissue_cache_dir(), camera.case, camera.seed)
    if tiles.complete:
        return
    tell("drawing the simulated slide, once")
    words = (str(tiles.folder), tiles.case, str(tiles.seed), str(tiles.tile_px), str(tiles.count))
    done = subprocess.run([sys.executable, "-m", "her2scope.devices.tile_maker", *words], check=False)
    if done.returncode:
        raise Her2ScopeError("The simulated slide cannot be drawn; free the disk and try again.")


def measure_devices(plan: AppPlan, devices: Devices, tell: Tell, starts: Sequence[Latency] = ()) -> AppReport:
    """Measure the application on given devices; see `measure_app`."""
    preferences = Preferences(user="benchmark")
    app = make_app(["her2scope"], preferences)
    detector, backend = DeferredDetector(plan.detector), DeferredBackend("auto")
    settings = FieldSettings(load_stain(DEFAULT_STAIN), detector, backend=backend)
    session = CaseSession(settings, load_guideline(default_guideline()), preferences.user)
    with TemporaryDirectory(prefix="her2scope-benchmark-") as folder:
        desk = compose(session, case_store(Path(folder) / "case", preferences), devices, preferences)
        desk.window.resize(*plan.window_px)
        desk.window.show()
        desk.start()
        opened = OpenedApp(desk, next(iter(devices.keys.values())), app)
        try:
            if not opened.wait.until(lambda: opened.painted.seen.pictures > 0):
                raise Her2ScopeError("The camera showed nothing within 20 s; try the benchmark again.")
            report = _report(run_scenario(opened, plan, tell), opened, plan, starts)
        finally:
            opened.close()
            desk.window.close()
    return report


def _report(notes: Notes, opened: OpenedApp, plan: AppPlan, starts: Sequence[Latency]) -> AppReport:
    window, shot = opened.desk.window, opened.desk.live_shot
    assert shot is not None  # the first picture was waited for
    height, width = shot.frame.rgb.shape[:2]
    return AppReport(
        platform=QGuiApplication.platformName(),
        window_px=(window.width(), window.height()),
        size_px=(width, height),
        pixel_um=shot.frame.pixel_um,
        detector=plan.detector,
        cells=round(median(notes.cells)) if notes.cells else 0,
        latencies=(*starts, *notes.latencies),
        situations=tuple(notes.situations),
        continuous_per_s=notes.continuous_per_s,
        redraws=notes.redraws,
        gaps=notes.gaps,
        presses=len(notes.presses),
        answered=sum(press.overlay_s is not None for press in notes.presses),
    )
