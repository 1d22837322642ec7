"""What options name: stain profile, thresholds, detector, device."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version

from her2scope.analysis.stain import StainProfile
from her2scope.base.frame import check_pixel_um
from her2scope.pipeline.backends import find_backend
from her2scope.pipeline.detectors import DEFAULT_DETECTOR, find_detector
from her2scope.pipeline.field import FieldSettings
from her2scope.settings.stains import DEFAULT_STAIN, load_stain


@dataclass(frozen=True)
class Analysis:
    """How fields are analysed, as the user said it; None where nothing was said.

    Parameters
    ----------
    pixel_um
        Side of a pixel in um; None: as each file states it.
    stain
        Name or file of a stain profile.
    detector
        Name of a nucleus detector.
    weak, intense
        Thresholds on DAB OD (base 10) in place of the profile's.
    device
        Where to compute: "auto", "cpu" or "cuda".
    """

    pixel_um: float | None = None
    stain: str | None = None
    detector: str = DEFAULT_DETECTOR
    weak: float | None = None
    intense: float | None = None
    device: str = "auto"


def field_settings(analysis: Analysis) -> FieldSettings:
    """Load what the options name.

    Raises
    ------
    InputError
        When the pixel size is out of range.
    ConfigError
        When there is no such profile, detector or device, or a threshold cannot be.
    """
    if analysis.pixel_um is not None:
        check_pixel_um("--pixel-size", analysis.pixel_um)
    stain, backend = _stain(analysis), find_backend(analysis.device)
    return FieldSettings(stain, find_detector(analysis.detector, analysis.device), backend=backend)


def _stain(analysis: Analysis) -> StainProfile:
    """The profile with the thresholds given."""
    profile = load_stain(analysis.stain or DEFAULT_STAIN)
    weak = profile.t_weak if analysis.weak is None else analysis.weak
    intense = profile.t_intense if analysis.intense is None else analysis.intense
    return replace(profile, t_weak=weak, t_intense=intense)


def software() -> str:
    """Name and version of the program."""
    return f"her2scope {version('her2scope')}"
