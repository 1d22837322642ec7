"""What a device set-up looks at, told apart from other slides as far as the program can know."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from her2scope.app.model.setup_text import camera_text
from her2scope.app.model.state import Source
from her2scope.app.model.texts import say
from her2scope.devices.setup import CameraSetup, DeviceSetup, SimulatedSetup, SlideSetup


def source_of(setup: DeviceSetup) -> Source:
    """What fields are taken with from now on; under a real stage, a slide that no other session shares."""
    return Source(setup.name, _specimen(setup.camera), f"{setup.name}: {_slide(setup.camera)}")


def this_session() -> str:
    """A slide of which nothing is known but that it is looked at now."""
    return f"session {datetime.now(UTC).isoformat(timespec='seconds')} {uuid4().hex[:8]}"


def _specimen(camera: CameraSetup) -> str:
    words = camera_text(camera)
    return say("source.seed", words=words, seed=camera.seed) if isinstance(camera, SimulatedSetup) else words


def _slide(camera: CameraSetup) -> str:
    if isinstance(camera, SimulatedSetup):
        width, height = camera.slide_mm
        return f"simulated {camera.case}, seed {camera.seed}, {width:g} x {height:g} mm"
    if isinstance(camera, SlideSetup):
        return _file(camera)
    return this_session()


def _file(camera: SlideSetup) -> str:
    """Path, length and date: another image under the same name is another slide; so is one of another pixel size."""
    size = "of its own pixel size" if camera.pixel_um is None else f"{camera.pixel_um:g} um/px"
    try:
        path = Path(camera.image).expanduser().resolve()
        stat = path.stat()
    except (OSError, RuntimeError):
        return this_session()
    return f"image {path}, {stat.st_size} bytes, {stat.st_mtime_ns}, {size}"
