"""The enhanced DAB images on a device: bilateral filter, haze and crosstalk, as in `analysis.enhancement`.

Morphology, tables and differences are whole numbers and the same to the last bit. The bilateral filter adds 13 float32
products, as OpenCV does, whose processors may round the sums otherwise: it differs by one step of OD_STEP, in about
one pixel of a million (the tests allow one of 20,000).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from her2scope.analysis.enhancement import BILATERAL_SIDE, disk, haze_side_px
from her2scope.analysis.membrane import MembraneParameters
from her2scope.analysis.stain import OD_STEP
from her2scope.base.geometry import Um, to_px
from her2scope.nets.device_arrays import looked_up, uint8_table


def enhance_on_device(stains: Tensor, pixel_um: float, parameters: MembraneParameters) -> Tensor:
    """Both membrane images of a field.

    Parameters
    ----------
    stains
        (2, H, W) uint8: hematoxylin and DAB in steps of OD_STEP.
    pixel_um
        Their pixel size in um.
    parameters
        See MembraneParameters.

    Returns
    -------
    Tensor
        (2, H, W) uint8: `line` and `dab` of MembraneImages.
    """
    smooth = bilateral(stains[1], parameters.bilateral_od / OD_STEP, parameters.bilateral_px)
    off = uint8_table(_share_of_levels(parameters.crosstalk_share), stains[0])
    if parameters.haze_share > 0:
        off = torch.maximum(off, _haze(smooth, pixel_um, parameters))
    return torch.stack([smooth - torch.minimum(smooth, off), smooth])


def bilateral(image: Tensor, sigma_level: float, sigma_px: float) -> Tensor:
    """Bilateral filter of an (H, W) uint8 image over a disk of diameter BILATERAL_SIDE, its border mirrored.

    Parameters
    ----------
    image
        (H, W) uint8, sides at least 3.
    sigma_level, sigma_px
        Range and spatial sigma.
    """
    r = BILATERAL_SIDE // 2
    height, width = image.shape
    values = functional.pad(image[None, None].float(), (r, r, r, r), mode="reflect")[0, 0]
    centre = image.to(torch.int16)
    sums, weights = torch.zeros_like(image, dtype=torch.float32), torch.zeros_like(image, dtype=torch.float32)
    levels = torch.from_numpy(_range_weights(sigma_level)).to(image.device)
    for dy, dx in np.argwhere(disk(r)).tolist():
        near = values[dy : dy + height, dx : dx + width]
        weight = looked_up(levels, (near.to(torch.int16) - centre).abs_())
        weight *= float(np.float32(np.exp(-0.5 * ((dy - r) ** 2 + (dx - r) ** 2) / sigma_px**2)))
        weights += weight
        sums += weight * near
    return (sums / weights).round_().to(torch.uint8)


def _range_weights(sigma_level: float) -> NDArray[np.float32]:
    levels = np.arange(256, dtype=np.float64)
    return np.asarray(np.exp(-0.5 * (levels / sigma_level) ** 2), dtype=np.float32)


def _share_of_levels(share: float) -> NDArray[np.uint8]:
    """(256,) uint8: each level times `share`, rounded as OpenCV does."""
    levels = np.arange(256, dtype=np.uint8)[None]
    return np.asarray(cv2.convertScaleAbs(levels, alpha=share), dtype=np.uint8).ravel()


def _haze(smooth: Tensor, pixel_um: float, parameters: MembraneParameters) -> Tensor:
    """See `enhancement.haze`."""
    spans = _spans(disk(to_px(Um(parameters.haze_radius_um), pixel_um)))
    broad = dilated(255 - dilated(255 - smooth, spans), spans)
    reach = haze_side_px(pixel_um, parameters) // 2
    local_max = dilated(smooth, [reach] * (2 * reach + 1))
    return torch.minimum(broad, uint8_table(_share_of_levels(parameters.haze_share), local_max))


def _spans(element: NDArray[np.uint8]) -> list[int]:
    """Half width of each row of a symmetric structuring element."""
    return [int(row) // 2 for row in element.sum(axis=1)]


def dilated(image: Tensor, spans: list[int]) -> Tensor:
    """Dilation of an (H, W) uint8 image; pixels outside it count as 0.

    Parameters
    ----------
    image
        (H, W) uint8.
    spans
        Half widths of the rows of the structuring element, top to bottom, symmetric and nowhere narrower towards the
        middle, so that it is a union of rectangles.
    """
    out = image
    for span in sorted(set(spans)):
        rows = sum(s >= span for s in spans) // 2
        out = torch.maximum(out, _sliding_maximum(_sliding_maximum(image, span, 1), rows, 0))
    return out


def _sliding_maximum(image: Tensor, reach: int, dim: int) -> Tensor:
    """Maximum over 2 * reach + 1 pixels along a dimension, in about log2 of as many steps."""
    length, window = image.shape[dim], 2 * reach + 1
    margins = (reach, reach, 0, 0) if dim == 1 else (0, 0, reach, reach)
    found, size = functional.pad(image, margins), 1
    while 2 * size <= window:
        rest = found.shape[dim] - size
        found = torch.maximum(found.narrow(dim, 0, rest), found.narrow(dim, size, rest))
        size *= 2
    return torch.maximum(found.narrow(dim, 0, length), found.narrow(dim, window - size, length))
