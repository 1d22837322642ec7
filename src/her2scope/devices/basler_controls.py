"""Exposure, gain and white balance of a GenICam camera, under the names that its generation uses.

Knows no vendor's library: a node is whatever `find_node` gives, with Value, Min and Max.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from her2scope.devices.camera import Control, ControlRange


@dataclass(frozen=True)
class _Feature:
    """Where a control lies.

    Parameters
    ----------
    names
        Node names, newest first.
    unit
        How many of the node's units make one of the control's.
    channel
        Colour that is selected before, or "".
    """

    names: tuple[str, ...]
    unit: float = 1.0
    channel: str = ""


_FEATURES = {
    Control.EXPOSURE_MS: _Feature(("ExposureTime", "ExposureTimeAbs"), unit=1000.0),
    Control.GAIN_DB: _Feature(("Gain",)),  # GainRaw of older cameras has no unit
    Control.WHITE_RED: _Feature(("BalanceRatio", "BalanceRatioAbs"), channel="Red"),
    Control.WHITE_GREEN: _Feature(("BalanceRatio", "BalanceRatioAbs"), channel="Green"),
    Control.WHITE_BLUE: _Feature(("BalanceRatio", "BalanceRatioAbs"), channel="Blue"),
}


class BaslerControls:
    """The controls that a camera has.

    Parameters
    ----------
    find_node
        Gives the open camera's node of a name if it can be set, else None.
    """

    def __init__(self, find_node: Callable[[str], Any]) -> None:
        self._selector = find_node("BalanceRatioSelector")
        self._lock = threading.Lock()  # a channel is selected, then read or set
        self._found = {
            control: node for control, f in _FEATURES.items() if (node := self._find(f, find_node)) is not None
        }

    def ranges(self) -> dict[Control, ControlRange]:
        """Value and range of each, now."""
        with self._lock:
            return {control: self._range(control) for control in self._found}

    def set(self, control: Control, value: float) -> None:
        """Set one; the caller has checked that it is there."""
        with self._lock:
            self._select(control)
            self._found[control].Value = value * _FEATURES[control].unit

    def _range(self, control: Control) -> ControlRange:
        self._select(control)
        node, unit = self._found[control], _FEATURES[control].unit
        return ControlRange(node.Min / unit, node.Max / unit, node.Value / unit)

    def _select(self, control: Control) -> None:
        if channel := _FEATURES[control].channel:
            self._selector.Value = channel

    def _find(self, feature: _Feature, find_node: Callable[[str], Any]) -> Any:
        if feature.channel and self._selector is None:
            return None
        return next((node for name in feature.names if (node := find_node(name)) is not None), None)
