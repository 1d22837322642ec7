"""From the camera's frames to the picture on screen: off the GUI thread, newest frame wins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from her2scope.app.bridge import Bridge, Latest
from her2scope.app.pictures import LivePicture
from her2scope.devices.camera import CameraFrame

_BUFFERS = 3
"""One on screen, one on its way, one being written."""


class LiveFeed:
    """Turns frames into pictures at the size that the screen needs, into buffers used in turn.

    Parameters
    ----------
    bridge
        Into the GUI thread.
    receive
        Called there with the newest picture and its frame.
    """

    def __init__(self, bridge: Bridge, receive: Callable[[LivePicture, CameraFrame], None]) -> None:
        self._receive = receive
        self._latest: Latest[tuple[LivePicture, CameraFrame, int]] = Latest(bridge, self._hand_over)
        self._buffers: list[NDArray[np.uint8] | None] = [None] * _BUFFERS
        self._shown = self._written = 0
        self.shrink = 4
        """Field pixels per picture pixel; the view sets it, any thread reads it."""
        self.is_shown = True
        """Whether the live picture is in view; while it is not, frames are kept but not turned into pictures."""
        self.newest: CameraFrame | None = None
        """The newest frame, whole."""

    def put(self, shot: CameraFrame) -> None:
        """Take a frame; called by the camera's thread alone."""
        self.newest = shot
        if not self.is_shown:
            return
        free = next(k for k in range(_BUFFERS) if k not in {self._shown, self._written})
        picture = LivePicture(shot.frame.rgb, self.shrink, self._buffers[free])
        self._buffers[free] = picture.bgra
        self._written = free
        self._latest.put((picture, shot, free))

    def _hand_over(self, newest: tuple[LivePicture, CameraFrame, int]) -> None:
        picture, shot, self._shown = newest
        self._receive(picture, shot)
