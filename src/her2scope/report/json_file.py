"""JSON with finite numbers only."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from her2scope.report.text import utf8


def to_json(document: Mapping[str, Any]) -> bytes:
    """Encode a document; NaN and infinities, which are not measured, become null.

    Mappings, sequences, text, numbers (numpy's too), truth values and None are taken; anything else is a TypeError.
    """
    text = json.dumps(finite(document), ensure_ascii=False, indent=2, allow_nan=False)
    return utf8(text + "\n")


def finite(value: Any) -> Any:
    """The value in plain types, with None in place of numbers that are not finite."""
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [finite(item) for item in value]
    if isinstance(value, np.generic):
        return finite(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
