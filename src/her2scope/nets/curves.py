"""Learning curves as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import OutputError
from her2scope.nets.checkpoint import Epoch

_WIDTH, _HEIGHT, _MARGIN = 900, 480, 60
_LINES = (("training loss", (90, 90, 90), 2), ("F1 any nucleus", (0, 114, 178), 5), ("F1 tumour", (213, 94, 0), 2))
"""Name, RGB and width; the thin line of tumour lies on the thick one of any nucleus, so that both show when equal."""
_LEAST_APART_PX = 40


def draw_curves(path: Path, history: Sequence[Epoch]) -> None:
    """Write a PNG of loss (scaled to its highest) and validation F1 over the epochs; OutputError when it cannot be."""
    canvas = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    _axes(canvas, len(history))
    losses = np.array([e.loss for e in history])
    rows = (losses / max(1e-9, float(losses.max())), [e.any_f1 for e in history], [e.tumour_f1 for e in history])
    for index, ((name, colour, width), values) in enumerate(zip(_LINES, rows, strict=True)):
        _line(canvas, np.asarray(values, np.float64), colour, width)
        place = (_MARGIN + 20 + 260 * index, 30)
        cv2.putText(canvas, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, colour, 1, cv2.LINE_AA)
    _, data = cv2.imencode(".png", canvas[..., ::-1])
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise OutputError(f"{path}: the learning curves cannot be written; check the folder and its space.") from error


def _axes(canvas: NDArray[np.uint8], epochs: int) -> None:
    black = (0, 0, 0)
    right, bottom = _WIDTH - _MARGIN // 2, _HEIGHT - _MARGIN
    cv2.rectangle(canvas, (_MARGIN, _MARGIN), (right, bottom), black, 1)
    for level in np.linspace(0, 1, 6):
        y = round(bottom - level * (bottom - _MARGIN))
        cv2.line(canvas, (_MARGIN, y), (right, y), (220, 220, 220), 1)
        cv2.putText(canvas, f"{level:.1f}", (15, y + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.5, black, 1, cv2.LINE_AA)
    every = max(1, -(-epochs * _LEAST_APART_PX // (right - _MARGIN)))
    for epoch, x in list(enumerate(np.rint(_columns(epochs)).astype(int).tolist(), 1))[::every]:
        cv2.putText(canvas, str(epoch), (x - 5, bottom + 18), cv2.FONT_HERSHEY_SIMPLEX, 0.45, black, 1, cv2.LINE_AA)
    note = f"epochs 1 to {epochs}; the loss is drawn relative to its highest"
    cv2.putText(canvas, note, (_MARGIN, _HEIGHT - 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, black, 1, cv2.LINE_AA)


def _columns(epochs: int) -> NDArray[np.float64]:
    """Where each epoch is drawn."""
    return np.linspace(_MARGIN, _WIDTH - _MARGIN // 2, max(2, epochs))[:epochs]


def _line(canvas: NDArray[np.uint8], values: NDArray[np.float64], colour: tuple[int, int, int], width: int) -> None:
    bottom = _HEIGHT - _MARGIN
    x = _columns(len(values))
    y = bottom - np.clip(values, 0, 1) * (bottom - _MARGIN)
    points = np.rint(np.stack([x, y], axis=1)).astype(np.int32)
    cv2.polylines(canvas, [points], False, colour, width, cv2.LINE_AA)
    for px, py in points:
        cv2.circle(canvas, (int(px), int(py)), width + 1, colour, -1, cv2.LINE_AA)
