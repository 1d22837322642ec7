"""Ranges of the activations of a network, which its 8-bit form needs: measured on pictures, kept with the weights."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from her2scope.nets.linknet import LinkNet, fused

Ranges = Mapping[str, tuple[float, float]]
"""By the name of a convolution of the fused network: the least and the greatest value of its input."""
_INSIDE = 0.9999
_LOOKED_AT = 200_000


def activation_ranges(net: LinkNet, pictures: Iterable[NDArray[np.uint8]]) -> dict[str, tuple[float, float]]:
    """Measure what goes into each convolution.

    Parameters
    ----------
    net
        A trained network; it is copied, not changed.
    pictures
        (H, W, 3) uint8 at the working pixel size, sides multiples of STRIDE, such as the network will see.

    Returns
    -------
    dict
        Ranges that hold all but one value in ten thousand, always with 0 inside: from 0 where nothing is negative,
        else as far below 0 as above.
    """
    ready = fused(copy.deepcopy(net).cpu().float().eval())
    seen: dict[str, list[float]] = {}
    hooks = [
        module.register_forward_pre_hook(_watch(seen.setdefault(name, [0.0, 0.0])))
        for name, module in ready.named_modules()
        if isinstance(module, nn.Conv2d)
    ]
    with torch.inference_mode():
        for rgb in pictures:
            ready(torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float() / 255)
    for hook in hooks:
        hook.remove()
    return {name: _symmetric(low, high) for name, (low, high) in seen.items()}


def _watch(span: list[float]):  # type: ignore[no-untyped-def]  # the shape of torch's hooks
    def look(_module: nn.Module, inputs: tuple[Tensor]) -> None:
        values = inputs[0].flatten()
        values = values[:: max(1, values.numel() // _LOOKED_AT)]
        ends = torch.quantile(values, torch.tensor([1 - _INSIDE, _INSIDE]))
        span[0], span[1] = min(span[0], float(ends[0])), max(span[1], float(ends[1]))

    return look


def _symmetric(low: float, high: float) -> tuple[float, float]:
    reach = max(-low, high, 1e-6)
    return (0.0, reach) if low > -1e-6 else (-reach, reach)


def ranges_text(ranges: Ranges) -> str:
    """Ranges as JSON, to be kept in a weights file."""
    return json.dumps({name: [round(low, 5), round(high, 5)] for name, (low, high) in ranges.items()})


def ranges_of(text: str | None) -> dict[str, tuple[float, float]] | None:
    """Ranges from the JSON of a weights file; None where it holds none.

    Raises
    ------
    ValueError, TypeError
        When it holds something else.
    """
    if text is None:
        return None
    ranges = {str(name): (float(low), float(high)) for name, (low, high) in json.loads(text).items()}
    if not all(np.isfinite(pair).all() and pair[0] <= 0 < pair[1] for pair in ranges.values()):
        raise ValueError("a range is not finite, or does not hold 0")
    return ranges
