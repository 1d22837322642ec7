"""The parts of a training step: loss, running average of weights, learning rate, and batches made beside it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from her2scope.nets.linknet import LinkNet
from her2scope.nets.samples import Sample

Batch = tuple[Tensor, Tensor, Tensor]
_BUMP_WEIGHT = 4.0  # nuclei cover a tenth of a field
_SCALE = 10.0
_WARM_UP_STEPS = 80
_LAST_RATE = 0.02


def heatmap_loss(out: Tensor, heat: Tensor, known: Tensor) -> Tensor:
    """Weighted mean square error of tumour, other and their sum, where each is known.

    Parameters
    ----------
    out
        (B, 2, H, W) the network's heatmaps.
    heat, known
        (B, 3, H, W) as in Target.
    """
    maps = torch.cat([out, out.sum(dim=1, keepdim=True)], dim=1)
    weight = known * (1 + _BUMP_WEIGHT * heat.amax(dim=1, keepdim=True))
    return (weight * (maps - heat) ** 2).mean() * _SCALE


def learning_rate(step: int, steps: int, highest: float) -> float:
    """Warm-up, then a cosine down to a fiftieth."""
    fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return highest * min(1.0, (step + 1) / _WARM_UP_STEPS) * (fall * (1 - _LAST_RATE) + _LAST_RATE)


def average_into(average: LinkNet, net: LinkNet, step: int) -> None:
    """Move the running average of the weights towards the newest ones; it is what is validated and kept."""
    keep = min(0.998, step / (step + 20))
    with torch.no_grad():
        for mean, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(new, 1 - keep)
            else:
                mean.copy_(new)


def as_batch(samples: list[Sample]) -> Batch:
    """Tensors of a batch: RGB from 0 to 1 channels-last, heat and known."""
    rgb = torch.from_numpy(np.stack([s.rgb for s in samples])).permute(0, 3, 1, 2).float().div_(255)
    heat = torch.from_numpy(np.stack([s.target.heat for s in samples]))
    known = torch.from_numpy(np.stack([s.target.known for s in samples]))
    return rgb, heat, known


def batches(draw: Callable[[int], Sample], count: int, size: int, workers: int) -> Iterator[Batch]:
    """Batches of an epoch, made by threads beside the training; sample i is draw(i), whichever thread makes it.

    Parameters
    ----------
    draw
        Makes one sample.
    count, size
        Batches, and samples in each.
    workers
        Threads.
    """
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[list[Future[Sample]]] = deque()
        try:
            for index in range(count + 2):
                if index < count:
                    ahead.append([pool.submit(draw, index * size + k) for k in range(size)])
                if index >= 2:
                    yield as_batch([future.result() for future in ahead.popleft()])
        finally:
            pool.shutdown(cancel_futures=True)
