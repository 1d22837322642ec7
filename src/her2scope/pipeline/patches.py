"""The second reading of a field: patches against the positive control (METHOD.md, paper 000)."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.bits import unpack
from her2scope.analysis.patches import PatchReading, control_area, read_patches
from her2scope.analysis.quality import Status
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldResult


def stained_area(result: FieldResult) -> NDArray[np.bool_]:
    """The field's DAB-stained area, M_weak, at the field's own resolution; (H, W) bool, empty in a blocked field."""
    height, width = result.shape
    if result.membranes is None:
        return np.zeros((height, width), dtype=np.bool_)
    mask = unpack(result.membranes.weak.mask, result.membranes.images.line.shape[1])
    return np.asarray(cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0)


def control_patch_area(fields: Sequence[tuple[Frame, FieldResult]]) -> float:
    """The area under the characteristic curve of all control fields that are not blocked.

    Raises
    ------
    InputError
        When they show no stained area to compare with.
    """
    passed = [(frame, result) for frame, result in fields if result.status is not Status.BLOCKED]
    return control_area([(frame.rgb, stained_area(result)) for frame, result in passed])


def patch_reading(frame: Frame, result: FieldResult, control: float) -> PatchReading | None:
    """Read a field by patches against the control's area; None in a blocked field."""
    if result.status is Status.BLOCKED:
        return None
    return read_patches(frame.rgb, stained_area(result), frame.pixel_um, control)
