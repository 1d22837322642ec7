"""The network on the CPU by OpenVINO: a third of the time that torch takes, on processors with bfloat16 and without.

Measured at 2624 x 2624 on two cores with AMX: torch bfloat16 422 ms, OpenVINO bfloat16 125, 8-bit 88, float32 494.
"""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from typing import Any

import numpy as np
import openvino
import torch
from numpy.typing import NDArray

from her2scope.base.errors import ConfigError, DeviceWarning
from her2scope.nets.calibration import Ranges
from her2scope.nets.engine import Precision, check_sides, cores, fast_bfloat16
from her2scope.nets.linknet import LinkNet
from her2scope.nets.memory import lacks_memory
from her2scope.nets.openvino_graph import build_graph

_SIZES_KEPT = 3


class OpenVinoEngine:
    """A network made ready for the CPU; it may be asked from several threads.

    Parameters
    ----------
    net
        In evaluation mode; it is copied, not changed.
    precision
        AUTO takes bfloat16 where the processor has it, else 8 bits where ranges are known, else float32.
    ranges
        Of the activations, from the weights file; None where they were never measured.

    Raises
    ------
    ConfigError
        When 8 bits are asked for without ranges.
    """

    def __init__(self, net: LinkNet, precision: Precision = Precision.AUTO, ranges: Ranges | None = None) -> None:
        self.device = torch.device("cpu")
        self._net = net
        self._precision = _chosen(precision, ranges)
        self._ranges = ranges if self._precision is Precision.INT8 else None
        self._core = openvino.Core()
        self._requests: OrderedDict[tuple[int, int], Any] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def described(self) -> str:
        """Device and numbers, such as "cpu bfloat16 (OpenVINO)"."""
        return f"cpu {self._precision.value} (OpenVINO)"

    def heat(self, rgb: NDArray[np.uint8]) -> torch.Tensor:
        """Heatmaps of one picture; see Engine."""
        check_sides(rgb)
        with self._lock:
            request = self._request((rgb.shape[0], rgb.shape[1]))
            outputs = request.infer({0: np.ascontiguousarray(rgb)[None]}, share_inputs=True, share_outputs=True)
            return torch.from_numpy(np.array(outputs[0][0], np.float32))

    def _request(self, shape: tuple[int, int]) -> Any:
        """A graph for this size, made once and kept while few others are used."""
        if shape not in self._requests:
            self._requests[shape] = self._compiled(shape).create_infer_request()
            if len(self._requests) > _SIZES_KEPT:
                self._requests.popitem(last=False)
        self._requests.move_to_end(shape)
        return self._requests[shape]

    def _compiled(self, shape: tuple[int, int]) -> Any:
        """In the numbers chosen; where the processor cannot have them, in float32 from then on, which is said once."""
        try:
            return self._compile(shape)
        except RuntimeError as error:
            if self._precision is Precision.FLOAT32 or lacks_memory(error):
                raise
            what = f"This processor cannot count the network in {self._precision.value}"
            warnings.warn(f"{what}; it is counted in float32, which is slower.", DeviceWarning, stacklevel=2)
            self._precision, self._ranges = Precision.FLOAT32, None
            return self._compile(shape)

    def _compile(self, shape: tuple[int, int]) -> Any:
        hints = {
            "INFERENCE_PRECISION_HINT": _hint(self._precision),
            "INFERENCE_NUM_THREADS": cores(),
            "PERFORMANCE_HINT": "LATENCY",
        }
        return self._core.compile_model(build_graph(self._net, shape, self._ranges), "CPU", hints)


def _hint(precision: Precision) -> str:
    """What is counted in between: with 8 bits what lies between the convolutions, in the fastest numbers there are."""
    is_half = precision is Precision.BFLOAT16 or (precision is Precision.INT8 and fast_bfloat16(torch.device("cpu")))
    return "bf16" if is_half else "f32"


def _chosen(precision: Precision, ranges: Ranges | None) -> Precision:
    if precision is Precision.INT8 and ranges is None:
        raise ConfigError("The detector's weights hold no ranges for 8 bits; choose another precision, or train again.")
    if precision is not Precision.AUTO:
        return precision
    if fast_bfloat16(torch.device("cpu")):
        return Precision.BFLOAT16
    return Precision.FLOAT32 if ranges is None else Precision.INT8
