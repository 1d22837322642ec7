"""The fastest engine that a machine has."""

from __future__ import annotations

import sys

from her2scope.nets.calibration import Ranges
from her2scope.nets.engine import Engine, Precision, TorchEngine, choose_device
from her2scope.nets.linknet import LinkNet


def make_engine(
    net: LinkNet, device: str = "auto", precision: Precision = Precision.AUTO, ranges: Ranges | None = None
) -> Engine:
    """An engine for a network: torch on a CUDA device that works, else OpenVINO on the CPU.

    Parameters
    ----------
    net
        In evaluation mode; it is copied, not changed.
    device
        "auto", "cpu" or "cuda"; see choose_device.
    precision
        Numbers the network counts in.
    ranges
        Of the activations, for 8 bits.

    Raises
    ------
    ConfigError
        When there is no such device, or 8 bits are asked for where they cannot be had.
    """
    if choose_device(device).type == "cuda":
        return TorchEngine(net, "cuda", precision)
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # else it writes to the home folder
    from her2scope.nets.openvino_engine import OpenVinoEngine  # noqa: PLC0415  not needed beside CUDA

    return OpenVinoEngine(net, precision, ranges)
