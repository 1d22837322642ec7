"""A field's reading as JSON: arrays as lists, NaN (not measured) as null."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.analysis.nuclei import Nuclei
from her2scope.analysis.quality import Finding, Status
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.counting import Reading
from her2scope.base.errors import ConfigError
from her2scope.pipeline.field import FieldResult


class _Cells(msgspec.Struct, forbid_unknown_fields=True):
    xy_px: list[tuple[float, float]]
    classes: list[int]
    completeness: list[float | None]
    membrane_od: list[float | None]
    membrane_width_um: list[float | None]
    counted: list[bool]


class _Nuclei(msgspec.Struct, forbid_unknown_fields=True):
    xy_px: list[tuple[float, float]]
    score: list[float | None]


class SavedReading(msgspec.Struct, forbid_unknown_fields=True):
    """The file's content."""

    name: str
    pixel_um: float
    shape: tuple[int, int]
    status: Status
    reasons: list[str]
    notes: list[str]
    cells: _Cells
    detector: str
    white: tuple[float, float, float]
    timings_ms: dict[str, float]
    findings: list[Finding]
    nuclei: _Nuclei
    uncut: list[bool]
    stain: StainProfile


def encode_reading(reading: Reading) -> bytes:
    """The reading without its membranes, which its pictures give back; msgspec writes NaN as null."""
    result = reading.result
    cells, nuclei = asdict(result.cells), asdict(result.nuclei)
    saved = {
        **{
            key: getattr(result, key) for key in ("name", "pixel_um", "shape", "status", "reasons", "notes", "detector")
        },
        **{key: getattr(result, key) for key in ("white", "timings_ms", "findings")},
        "cells": {key: values.tolist() for key, values in cells.items()},
        "nuclei": {key: values.tolist() for key, values in nuclei.items()},
        "uncut": result.uncut.tolist(),
        "stain": reading.stain,
    }
    return msgspec.json.encode(saved)


def decode_reading(data: bytes) -> Reading:
    """What `encode_reading` wrote.

    Raises
    ------
    ValueError
        When the data is anything else, or its lists do not fit each other.
    """
    try:
        saved = msgspec.json.decode(data, type=SavedReading)
    except ConfigError as error:  # a stain profile that cannot be
        raise ValueError(str(error).rstrip(".")) from error
    result = FieldResult(
        name=saved.name,
        pixel_um=saved.pixel_um,
        shape=saved.shape,
        status=saved.status,
        reasons=tuple(saved.reasons),
        notes=tuple(saved.notes),
        cells=_cells(saved.cells),
        membranes=None,
        detector=saved.detector,
        white=saved.white,
        timings_ms=saved.timings_ms,
        findings=tuple(saved.findings),
        nuclei=Nuclei(_points(saved.nuclei.xy_px), _floats(saved.nuclei.score)),
        uncut=np.array(saved.uncut, dtype=np.bool_),
    )
    _check_lengths(result)
    return Reading(result, saved.stain)


def _points(xy: list[tuple[float, float]]) -> NDArray[np.float64]:
    return np.array(xy, dtype=np.float64).reshape(-1, 2)


def _floats(values: list[float | None]) -> NDArray[np.float32]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float32)


def _cells(saved: _Cells) -> Cells:
    if any(not 0 <= k < len(CellClass) for k in saved.classes):
        raise ValueError("a cell class is unknown")
    return Cells(
        _points(saved.xy_px),
        np.array(saved.classes, dtype=np.uint8),
        _floats(saved.completeness),
        _floats(saved.membrane_od),
        _floats(saved.membrane_width_um),
        np.array(saved.counted, dtype=np.bool_),
    )


def _check_lengths(result: FieldResult) -> None:
    cells = [len(values) for values in vars(result.cells).values()]
    nuclei = [len(result.nuclei.xy_px), len(result.nuclei.score)]
    if len({*cells, *nuclei, len(result.uncut)}) != 1:
        raise ValueError("the lists of cells differ in length")
