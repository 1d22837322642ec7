"""A small synthetic slide under a stage, until the simulated microscope is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

import numpy as np

from her2scope.devices.camera import CameraFrame, CameraInfo, Control, ControlRange, FrameStamp, Objective, Pacer
from her2scope.devices.stage import BoundsUm, VirtualStage
from her2scope.synth.tissue import render_field

_SIDE, _PIXEL_UM, _VIEW = 2048, 0.212, 1504


class InterimCamera:
    """One synthetic field, mirrored to a slide."""

    info = CameraInfo("simulated", "Simulated microscope", "0")

    def __init__(self) -> None:
        """Stand in the middle."""
        self.objective = Objective("40x", _PIXEL_UM)
        self._stamp = FrameStamp(self.objective)
        low, high = _VIEW / 2 * _PIXEL_UM, (2 * _SIDE - _VIEW / 2) * _PIXEL_UM
        self.stage = VirtualStage(BoundsUm(low, low, high, high), (low + 40, low + 30))

    def use_objective(self, objective: Objective) -> None:
        """There is only one."""

    def controls(self) -> Mapping[Control, ControlRange]:
        """Nothing can be turned."""
        return {}

    def set_control(self, control: Control, value: float) -> None:
        """Nothing can be turned."""

    def frames(self, stop: threading.Event) -> Iterator[CameraFrame]:
        """The view, 30 times a second."""
        field = render_field("2+", 5, pixel_um=_PIXEL_UM, size_px=_SIDE).rgb
        half = np.concatenate([field, field[:, ::-1]], axis=1)
        slide = np.concatenate([half, half[::-1]], axis=0)
        pacer = Pacer(30, stop)
        while not stop.is_set():
            left, top = (int(v / _PIXEL_UM) - _VIEW // 2 for v in self.stage.position_um)
            yield self._stamp.stamp(np.ascontiguousarray(slide[top : top + _VIEW, left : left + _VIEW]))
            pacer.wait()

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""
