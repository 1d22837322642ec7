"""The LinkNet detector: a field of any size and pixel size in, its tumour nuclei out.

A field is resampled to the working pixel size, so that one set of weights serves all; its border is mirrored; the
network sees it in one piece, or in tiles whose overlap is wider than the network's view, which gives the same peaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from her2scope.analysis.nuclei import Nuclei
from her2scope.analysis.stain import StainImages
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame
from her2scope.base.geometry import PointsPx
from her2scope.nets.device_peaks import find_peaks_on_device
from her2scope.nets.engine import Engine, Precision
from her2scope.nets.engines import make_engine
from her2scope.nets.linknet import CHANNELS, HEAT_STRIDE, STRIDE
from her2scope.nets.memory import lacks_memory
from her2scope.nets.peaks import PeakRule, Peaks, find_peaks
from her2scope.nets.picture_size import at_working_size, to_field
from her2scope.nets.points import Kind, Points
from her2scope.nets.weights import load_weights, shipped_weights

BORDER_PX = 32
"""Mirrored surroundings, so that nuclei at the field's border are seen in context."""
OVERLAP_PX = 320
"""What a tile sees beyond its own part: more than the network's view to one side."""
_NO_MEMORY = "The memory does not suffice to find nuclei, not even in small tiles; close other programs and try again."
WHOLE_PX = 2752
"""Largest side that the network takes in one piece; wider fields go in tiles."""


@dataclass(frozen=True)
class Tiling:
    """How a field is cut.

    Parameters
    ----------
    side_px
        Largest side of the part that a tile answers for, a multiple of STRIDE.
    """

    side_px: int = WHOLE_PX

    def parts(self, length: int) -> Iterator[tuple[int, int, int, int]]:
        """Begin and end of what each tile sees, and of what it answers for, along one side."""
        step = length if length <= self.side_px else max(STRIDE, self.side_px // STRIDE * STRIDE)
        for begin in range(0, length, step):
            end = min(length, begin + step)
            yield max(0, begin - OVERLAP_PX), min(length, end + OVERLAP_PX), begin, end


def heatmaps(engine: Engine, rgb: NDArray[np.uint8], tiling: Tiling) -> Tensor:
    """Heatmaps of a picture at the working pixel size.

    Parameters
    ----------
    engine
        The network.
    rgb
        (H, W, 3) uint8.
    tiling
        How it is cut; the result does not depend on it beyond rounding.

    Returns
    -------
    Tensor
        (2, ceil(H / 2), ceil(W / 2)) float32 on the engine's device: tumour, other.
    """
    height, width = rgb.shape[:2]
    bordered = cv2.copyMakeBorder(
        rgb, BORDER_PX, BORDER_PX + -height % STRIDE, BORDER_PX, BORDER_PX + -width % STRIDE, cv2.BORDER_REFLECT_101
    )
    padded = np.asarray(bordered, np.uint8)
    border = BORDER_PX // HEAT_STRIDE
    rows, columns = -(-height // HEAT_STRIDE), -(-width // HEAT_STRIDE)
    return _assembled(engine, padded, tiling)[:, border : border + rows, border : border + columns]


def _assembled(engine: Engine, padded: NDArray[np.uint8], tiling: Tiling) -> Tensor:
    """Heatmaps of a picture with its border, in one piece or put together from tiles."""
    if max(padded.shape[:2]) <= tiling.side_px:
        return engine.heat(padded)
    shape = (CHANNELS, padded.shape[0] // HEAT_STRIDE, padded.shape[1] // HEAT_STRIDE)
    heat = torch.empty(shape, device=engine.device)
    for top, bottom, y0, y1 in tiling.parts(padded.shape[0]):
        for left, right, x0, x1 in tiling.parts(padded.shape[1]):
            tile = engine.heat(padded[top:bottom, left:right])
            heat[:, _half(y0, y1), _half(x0, x1)] = tile[:, _half(y0 - top, y1 - top), _half(x0 - left, x1 - left)]
    return heat


def _half(begin: int, end: int) -> slice:
    return slice(begin // HEAT_STRIDE, end // HEAT_STRIDE)


def peaks_of(heat: Tensor, rule: PeakRule) -> Peaks:
    """Peaks of heatmaps, found where they lie."""
    return find_peaks(heat.numpy(), rule) if heat.device.type == "cpu" else find_peaks_on_device(heat, rule)


class LinkNetDetector:
    """Finds the tumour nuclei of a field.

    Parameters
    ----------
    weights
        A weights file; None: the shipped one.
    device
        "auto", "cpu" or "cuda".
    precision
        Numbers the network counts in.

    Raises
    ------
    ConfigError
        When the weights cannot be used.
    """

    def __init__(
        self, weights: Path | None = None, device: str = "auto", precision: Precision = Precision.AUTO
    ) -> None:
        loaded = load_weights(weights or shipped_weights())
        self._engine = make_engine(loaded.net, device, precision, loaded.ranges)
        self._rule = loaded.rule
        self._name = "linknet" if weights is None else f"linknet {weights.stem} {loaded.facts['sha256'][:8]}"
        self.tiling = Tiling()

    @property
    def name(self) -> str:
        """What results call it: linknet, and with weights of one's own also their file and hash."""
        return self._name

    @property
    def engine(self) -> Engine:
        """Where the network runs."""
        return self._engine

    @property
    def rule(self) -> PeakRule:
        """What counts as a nucleus."""
        return self._rule

    def detect(self, frame: Frame, stains: StainImages | None = None) -> Nuclei:  # noqa: ARG002
        """Tumour nuclei of a frame; the stain images are for other detectors."""
        peaks, xy = self._find(frame)
        tumour = peaks.tumour >= self._rule.tumour_share
        return Nuclei(xy[tumour], peaks.score[tumour])

    def detect_all(self, frame: Frame) -> Points:
        """Every nucleus of a frame, told apart as tumour or other."""
        peaks, xy = self._find(frame)
        kind = np.where(peaks.tumour >= self._rule.tumour_share, Kind.TUMOUR, Kind.OTHER)
        return Points(xy, kind.astype(np.uint8))

    def _find(self, frame: Frame) -> tuple[Peaks, PointsPx]:
        working = at_working_size(frame.rgb, frame.pixel_um)
        peaks = peaks_of(self._heat(working), self._rule)
        xy = to_field(peaks.xy, working.shape, frame.rgb.shape)
        last = np.array(frame.rgb.shape[1::-1], dtype=np.float64) - 1
        return peaks, np.clip(xy, 0, last)  # a peak at the border may lie a fraction of a pixel outside

    def _heat(self, working: NDArray[np.uint8]) -> Tensor:
        """In one piece, or in tiles of half the side for as long as memory does not suffice."""
        while True:
            try:
                return heatmaps(self._engine, working, self.tiling)
            except (MemoryError, torch.OutOfMemoryError, RuntimeError) as error:
                if not lacks_memory(error):
                    raise
                if self.tiling.side_px <= 2 * STRIDE:
                    raise InputError(_NO_MEMORY) from error
                smaller = min(self.tiling.side_px, max(working.shape[:2])) // 2 // STRIDE * STRIDE
                self.tiling = replace(self.tiling, side_px=max(STRIDE, smaller))
