"""Nucleus detectors by name; the network's libraries are loaded only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from her2scope.analysis.nuclei import Detector, Nuclei
from her2scope.analysis.rough import RoughDetector
from her2scope.analysis.stain import StainImages
from her2scope.base.errors import ConfigError
from her2scope.base.frame import Frame

DEFAULT_DETECTOR = "linknet"
WEIGHTS = ".safetensors"


def _linknet(device: str, weights: Path | None = None) -> Detector:
    from her2scope.nets.preload import load_library  # noqa: PLC0415  before torch, which takes a second to load

    load_library()
    from her2scope.nets.predict import LinkNetDetector  # noqa: PLC0415

    return LinkNetDetector(weights, device)


def _rough(_device: str) -> Detector:
    return RoughDetector()


DETECTORS: dict[str, Callable[[str], Detector]] = {"linknet": _linknet, "rough": _rough}
"""Each is made for a device by its name."""


def find_detector(name: str, device: str = "auto") -> Detector:
    """Make the nucleus detector of a name, or the LinkNet with the weights of a .safetensors file.

    Parameters
    ----------
    name
        One of DETECTORS, or a file.
    device
        Where a network runs: "auto", "cpu" or "cuda".

    Raises
    ------
    ConfigError
        When there is no such detector, or its weights cannot be used.
    """
    _check_name(name)
    return _linknet(device, Path(name)) if name.endswith(WEIGHTS) else DETECTORS[name](device)


def _check_name(name: str) -> None:
    if name not in DETECTORS and not name.endswith(WEIGHTS):
        raise ConfigError(f"There is no detector {name!r}; choose one of {', '.join(DETECTORS)}, or a {WEIGHTS} file.")


class DeferredDetector:
    """A detector that is made at its first field, so that a window need not wait for the network's libraries.

    Parameters
    ----------
    name
        One of DETECTORS.

    Raises
    ------
    ConfigError
        When there is no such detector; from `detect`, when its weights cannot be used.
    """

    def __init__(self, name: str) -> None:
        _check_name(name)
        self._name = name
        self._lock = Lock()
        self._made: Detector | None = None

    @property
    def name(self) -> str:
        """What results call it."""
        return self._name if self._made is None else self._made.name

    def detect(self, frame: Frame, stains: StainImages) -> Nuclei:
        """Nuclei of a frame, by the detector that it stands for."""
        return self.ready().detect(frame, stains)

    def ready(self) -> Detector:
        """The detector itself, made now if need be; safe to call from any thread."""
        with self._lock:
            if self._made is None:
                self._made = find_detector(self._name)
            return self._made
