"""The LinkNet as an OpenVINO graph, built node by node from its weights: no tracing, no file in between.

In 8 bits each convolution's input and weights are rounded to their ranges (FakeQuantize), which OpenVINO turns into
integer arithmetic; the last convolutions, whose outputs are the heatmap, are left out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray
from openvino import opset13 as ops
from torch import nn

from her2scope.nets.calibration import Ranges
from her2scope.nets.linknet import GREY, Head, LinkNet, Residual, Up, fused

Node = Any
_LEVELS = 256
_WEIGHT_LEVELS = 255
_UNSHUFFLE = 2


def build_graph(net: LinkNet, shape: tuple[int, int], ranges: Ranges | None) -> openvino.Model:
    """Build the graph of a network for pictures of one size.

    Parameters
    ----------
    net
        In evaluation mode; it is copied, not changed.
    shape
        Rows and columns of the pictures, multiples of STRIDE.
    ranges
        Of the activations, for 8 bits; None keeps floating point.

    Returns
    -------
    openvino.Model
        (1, rows, columns, 3) uint8 in, (1, 2, rows / 2, columns / 2) float32 out.
    """
    ready = fused(copy.deepcopy(net).cpu().float().eval())
    names: dict[nn.Module, str] = {m: name for name, m in ready.named_modules() if isinstance(m, nn.Conv2d)}
    return _Builder(names, ranges or {}).graph(ready, shape)


def _constant(values: NDArray[Any] | list[Any] | float) -> Node:
    return ops.constant(np.asarray(values, np.float32))


def _shuffled(x: Node) -> Node:
    return ops.depth_to_space(x, "depth_first", _UNSHUFFLE)


class _Builder:
    """Writes modules as nodes."""

    def __init__(self, names: Mapping[nn.Module, str], ranges: Ranges) -> None:
        self._names, self._ranges = names, ranges

    def graph(self, net: LinkNet, shape: tuple[int, int]) -> openvino.Model:
        picture = ops.parameter([1, *shape, 3], np.uint8, name="rgb")
        x = ops.convert(ops.transpose(picture, ops.constant(np.array([0, 3, 1, 2]))), "f32")
        x = ops.subtract(ops.divide(x, _constant(255.0)), _constant(GREY))
        stem = x = ops.relu(self._conv(x, net.encoder.stem[0]))
        features = []
        for stage in net.encoder.stages:
            for block in stage:  # type: ignore[attr-defined]
                x = self._residual(x, block)
            features.append(x)
        for up, skip in zip(net.ups, reversed(features[:-1]), strict=True):
            x = self._up(x, skip, up)  # type: ignore[arg-type]
        return openvino.Model([ops.result(self._head(x, stem, net.head))], [picture], "linknet")

    def _head(self, x: Node, stem: Node, head: Head) -> Node:
        x = ops.relu(self._conv(x, head.mix[0]))
        fine = ops.add(_shuffled(self._conv(x, head.deep[0])), self._conv(stem, head.edge[0]))
        sharp = self._conv(ops.relu(fine), head.sharp, is_last=True)
        return ops.add(_shuffled(self._conv(x, head.heat, is_last=True)), sharp)

    def _conv(self, x: Node, conv: nn.Module, *, is_last: bool = False) -> Node:
        if not isinstance(conv, nn.Conv2d) or conv.bias is None:
            raise TypeError("the network is not fused")
        weight, bias = (t.detach().numpy() for t in (conv.weight, conv.bias))
        kernel = _constant(weight)
        span = self._ranges.get(self._names[conv])
        if span is not None and not is_last:
            x = ops.fake_quantize(x, *map(_constant, span * 2), _LEVELS)
            reach = np.abs(weight).max(axis=(1, 2, 3), keepdims=True) + 1e-8
            kernel = ops.fake_quantize(kernel, *map(_constant, (-reach, reach) * 2), _WEIGHT_LEVELS)
        stride, padding = int(conv.stride[0]), int(conv.padding[0])
        y = ops.convolution(x, kernel, [stride] * 2, [padding] * 2, [padding] * 2, [1, 1])
        return ops.add(y, _constant(bias.reshape(1, -1, 1, 1)))

    def _residual(self, x: Node, block: Residual) -> Node:
        y = ops.relu(self._conv(x, block.first[0]))
        y = self._conv(y, block.second[0])
        is_same = isinstance(block.shortcut, nn.Identity)
        shortcut = x if is_same else self._conv(x, block.shortcut[0])  # type: ignore[index]
        return ops.relu(ops.add(y, shortcut))

    def _up(self, x: Node, skip: Node, up: Up) -> Node:
        y = ops.relu(self._conv(x, up.narrow[0]))
        y = ops.interpolate(
            y,
            ops.constant(np.array([2, 2], np.float32)),
            "nearest",
            "scales",
            axes=ops.constant(np.array([2, 3])),
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        y = ops.relu(self._conv(y, up.mix[0]))
        return ops.add(ops.relu(self._conv(y, up.widen[0])), skip)
