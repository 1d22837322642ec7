"""What runs a network: the protocol, and torch behind it, which serves CUDA and training, and is the reference.

On a CPU bfloat16 is two to four times faster than float32 with AVX512-BF16 or AMX, and 7 times slower without, so it is
used only there; batch normalisation is folded into the convolutions, tensors are channels-last.
"""

from __future__ import annotations

import copy
import os
import warnings
from enum import Enum
from functools import cache
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from her2scope.base.errors import ConfigError, DeviceWarning
from her2scope.nets.linknet import STRIDE, LinkNet, fused


class Precision(Enum):
    """Numbers that the network counts in."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"


class Engine(Protocol):
    """A network made ready for one device."""

    @property
    def device(self) -> torch.device:
        """Where its heatmaps lie."""

    @property
    def described(self) -> str:
        """Device and numbers, such as "cpu bfloat16"."""

    def heat(self, rgb: NDArray[np.uint8]) -> torch.Tensor:
        """Heatmaps of one picture, on the engine's device.

        Parameters
        ----------
        rgb
            (H, W, 3) uint8 at the working pixel size, sides multiples of STRIDE.

        Returns
        -------
        Tensor
            (2, H / 2, W / 2) float32.
        """


class TorchEngine:
    """A network made ready for one device by torch.

    Parameters
    ----------
    net
        In evaluation mode; it is copied, not changed.
    device
        "cpu", "cuda", or "auto": CUDA where it works. Where CUDA is there but broken, a warning says so once and the
        CPU is used.
    precision
        AUTO takes what is fastest on the device.

    Raises
    ------
    ConfigError
        When there is no such device, or 8 bits are asked for.
    """

    def __init__(self, net: LinkNet, device: str = "auto", precision: Precision = Precision.AUTO) -> None:
        if precision is Precision.INT8:
            raise ConfigError(
                "Here the network counts in float32 or bfloat16; choose one of these, or the CPU for 8 bits."
            )
        self._net = fused(copy.deepcopy(net).eval())
        self._device = choose_device(device)
        half = precision is Precision.BFLOAT16 or (precision is Precision.AUTO and fast_bfloat16(self._device))
        self.dtype = torch.bfloat16 if half else torch.float32
        self._net = self._net.to(self._device, self.dtype)
        self._net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def device(self) -> torch.device:
        """Where its heatmaps lie."""
        return self._device

    @property
    def described(self) -> str:
        """Device and numbers, such as "cpu bfloat16"."""
        return f"{self._device.type} {str(self.dtype).removeprefix('torch.')}"

    def heat(self, rgb: NDArray[np.uint8]) -> torch.Tensor:
        """Heatmaps of one picture; see Engine."""
        check_sides(rgb)
        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(rgb))
            if self._device.type == "cuda":
                x = x.pin_memory().to(self._device, non_blocking=True)
            x = x.permute(2, 0, 1)[None]  # channels-last as it lies in memory
            x = x.to(self.dtype).div_(255)
            heat: torch.Tensor = self._net(x)[0].float()
            return heat


def check_sides(rgb: NDArray[np.uint8]) -> None:
    """Refuse a picture whose sides are no multiples of STRIDE (ValueError)."""
    if rgb.shape[0] % STRIDE or rgb.shape[1] % STRIDE:
        raise ValueError("sides must be multiples of the network's stride")


def cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is the faster choice on a device."""
    if device.type == "cuda":
        return True
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(known is not None and known())


def choose_device(device: str) -> torch.device:
    """The device of a name; a CUDA device that fails a trial gives way to the CPU, with one warning.

    Raises
    ------
    ConfigError
        When the name is none of auto, cpu and cuda.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"There is no device {device!r}; choose auto, cpu or cuda.")
    if device == "cpu" or (device == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    return torch.device("cuda" if _cuda_works() else "cpu")


@cache
def _cuda_works() -> bool:
    """Whether a small convolution succeeds on CUDA; tried once, and where it fails a warning says so."""
    try:
        conv = torch.nn.Conv2d(3, 8, 3).to("cuda", torch.bfloat16)
        conv(torch.zeros(1, 3, 16, 16, device="cuda", dtype=torch.bfloat16)).sum().item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        warnings.warn(f"CUDA cannot be used ({reason}); everything runs on the CPU.", DeviceWarning, stacklevel=3)
        return False
    return True
