"""LinkNet (Chaurasia & Culurciello 2017) as the nucleus detector: encoder, decoder and head apart.

RGB at the working pixel size in, two heatmaps at half its resolution out: tumour nuclei and other nuclei
(paper 001, 3.1.1, has the first alone). The decoder stops at a quarter of the resolution, where each pixel predicts
a square of 2 x 2 heatmap pixels: a fifth of the arithmetic of a full decoder, and a peak is still found to 1 um. What
the stem saw at half resolution is added last, through a few channels: it parts nuclei that touch.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

STRIDE = 32
"""Sides of the input must be multiples of it."""
HEAT_STRIDE = 2
"""Input pixels per heatmap pixel."""
CHANNELS = 2
"""Heatmaps: tumour, other."""
GREY = 0.7
"""Taken off the picture, so that numbers lie around 0."""
_UNSHUFFLE = 2
_FINE = 8
"""Channels of the head at half resolution."""


@dataclass(frozen=True)
class LinkNetShape:
    """Size of the network.

    Parameters
    ----------
    width
        Channels of the first convolution; each stage doubles them.
    blocks
        Residual blocks of each of the four stages.
    """

    width: int = 24
    blocks: tuple[int, int, int, int] = (2, 2, 2, 1)

    @property
    def stage_channels(self) -> tuple[int, ...]:
        """Channels of the four stages."""
        return tuple(self.width * factor for factor in (2, 4, 6, 8))


def _conv(inside: int, outside: int, kernel: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outside))


class Residual(nn.Module):
    """Two 3 x 3 convolutions and a shortcut."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        """Make the block; the shortcut is a 1 x 1 convolution where shapes differ."""
        super().__init__()
        self.first = _conv(inside, outside, 3, stride)
        self.second = _conv(outside, outside, 3)
        same = inside == outside and stride == 1
        self.shortcut = nn.Identity() if same else _conv(inside, outside, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inside, H, W) to (B, outside, H / stride, W / stride)."""
        y = functional.relu(self.first(x), inplace=True)
        return functional.relu(self.second(y) + self.shortcut(x), inplace=True)


class Encoder(nn.Module):
    """Stem at half resolution, then four stages at 1/4, 1/8, 1/16 and 1/32."""

    def __init__(self, shape: LinkNetShape) -> None:
        """Make the stages."""
        super().__init__()
        self.stem = _conv(3, shape.width, 5, 2)
        channels = (shape.width, *shape.stage_channels)
        self.stages = nn.ModuleList(
            nn.Sequential(
                Residual(channels[i], channels[i + 1], 2),
                *(Residual(channels[i + 1], channels[i + 1], 1) for _ in range(shape.blocks[i] - 1)),
            )
            for i in range(4)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of the stem and the four stages, finest first."""
        x = functional.relu(self.stem(x), inplace=True)
        features = [x]
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class Up(nn.Module):
    """One decoder step: narrow, double the side, widen to the skip's channels, add the skip (the link)."""

    def __init__(self, inside: int, outside: int) -> None:
        """Make the step."""
        super().__init__()
        narrow = max(8, inside // 4)
        self.narrow = _conv(inside, narrow, 1)
        self.mix = _conv(narrow, narrow, 3)
        self.widen = _conv(narrow, outside, 1)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(B, inside, H, W) and (B, outside, 2H, 2W) to (B, outside, 2H, 2W)."""
        y = functional.relu(self.narrow(x), inplace=True)
        y = functional.interpolate(y, scale_factor=2.0, mode="nearest")
        y = functional.relu(self.mix(y), inplace=True)
        return functional.relu(self.widen(y), inplace=True) + skip


class Head(nn.Module):
    """Features at 1/4 and the stem's at 1/2 to heatmaps at 1/2: every pixel at 1/4 gives a square of 2 x 2."""

    def __init__(self, inside: int, stem: int) -> None:
        """Make the head; `sharp` begins at zero, so that a head without it is where training may begin."""
        super().__init__()
        self.mix = _conv(inside, inside, 3)
        self.heat = nn.Conv2d(inside, CHANNELS * _UNSHUFFLE**2, 3, 1, 1)
        self.deep = _conv(inside, _FINE * _UNSHUFFLE**2, 1)
        self.edge = _conv(stem, _FINE, 1)
        self.sharp = nn.Conv2d(_FINE, CHANNELS, 3, 1, 1)
        for parameter in self.sharp.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, stem: Tensor) -> Tensor:
        """(B, inside, H, W) and (B, stem, 2H, 2W) to (B, 2, 2H, 2W)."""
        x = functional.relu(self.mix(x), inplace=True)
        fine = functional.pixel_shuffle(self.deep(x), _UNSHUFFLE) + self.edge(stem)
        coarse = functional.pixel_shuffle(self.heat(x), _UNSHUFFLE)
        sharp: Tensor = self.sharp(functional.relu(fine, inplace=True))
        return coarse + sharp


class LinkNet(nn.Module):
    """The detector's network.

    Parameters
    ----------
    shape
        Its size.
    """

    def __init__(self, shape: LinkNetShape | None = None) -> None:
        """Make the network with random weights."""
        super().__init__()
        self.shape = shape or LinkNetShape()
        channels = self.shape.stage_channels
        self.encoder = Encoder(self.shape)
        self.ups = nn.ModuleList(Up(channels[i + 1], channels[i]) for i in (2, 1, 0))
        self.head = Head(channels[0], self.shape.width)

    def forward(self, x: Tensor) -> Tensor:
        """Heatmaps of a batch.

        Parameters
        ----------
        x
            (B, 3, H, W), RGB from 0 to 1, sides multiples of STRIDE.

        Returns
        -------
        Tensor
            (B, 2, H / 2, W / 2): tumour, other; about 1 at a nucleus's centre, about 0 away from any.
        """
        stem, *skips, deep = self.encoder(x - GREY)
        for up, skip in zip(self.ups, reversed(skips), strict=True):
            deep = up(deep, skip)
        heat: Tensor = self.head(deep, stem)
        return heat


def fused(net: LinkNet) -> LinkNet:
    """Fold every batch normalisation into its convolution, in place, for inference.

    Parameters
    ----------
    net
        In evaluation mode.
    """
    for module in net.modules():
        if isinstance(module, nn.Sequential) and len(module) == 2 and isinstance(module[1], nn.BatchNorm2d):
            conv = module[0]
            if not isinstance(conv, nn.Conv2d):  # only _conv makes such pairs
                continue
            module[0] = torch.nn.utils.fusion.fuse_conv_bn_eval(conv, module[1])
            module[1] = nn.Identity()
    return net
