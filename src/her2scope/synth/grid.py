"""Where things lie: the field in um, smooth random maps over it, and the pixel windows that are painted."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
PointsUm = NDArray[np.float64]
"""(N, 2) float64, x right and y down in um from the field's top-left corner."""


@dataclass(frozen=True)
class Extent:
    """The field in um, and how far tissue goes on around it, so that cells at its border are whole.

    Parameters
    ----------
    width_um, height_um
        The field.
    margin_um
        Tissue on every side of it.
    """

    width_um: float
    height_um: float
    margin_um: float = 30.0

    def shape(self, spacing_um: float) -> tuple[int, int]:
        """Rows and columns of a map of the field and its margin."""
        return (
            int(np.ceil((self.height_um + 2 * self.margin_um) / spacing_um)) + 1,
            int(np.ceil((self.width_um + 2 * self.margin_um) / spacing_um)) + 1,
        )

    @property
    def fine_um(self) -> float:
        """Spacing of the finest maps: half a um, unless the field is so large that they would fill the memory."""
        return 0.5 if self.width_um * self.height_um < 3e6 else 1.0

    def map_window(self, spacing_um: float) -> Window:
        """A window whose pixels are the samples of a map of the field and its margin."""
        rows, columns = self.shape(spacing_um)
        return Window(spacing_um, columns, rows, offset_um=self.margin_um + spacing_um / 2)

    def holds(self, xy_um: PointsUm, around_um: float = 0.0) -> NDArray[np.bool_]:
        """Which points lie in the field itself, or not further from it than `around_um`."""
        x, y = xy_um.T
        a = around_um
        return np.asarray((x >= -a) & (y >= -a) & (x < self.width_um + a) & (y < self.height_um + a))


@dataclass(frozen=True)
class Window:
    """The pixels of a strip of the image.

    Parameters
    ----------
    pixel_um
        Side of a pixel in um.
    width_px, height_px
        Size of the strip.
    top_px
        The image's row that is the strip's first.
    offset_um
        How far the first pixel's corner lies outside the field's, to the left and above.
    """

    pixel_um: float
    width_px: int
    height_px: int
    top_px: int = 0
    offset_um: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height_px, self.width_px

    def to_px(self, xy_um: PointsUm) -> PointsUm:
        """Points in pixels from the centre of the strip's first pixel."""
        return np.asarray((xy_um + self.offset_um) / self.pixel_um - 0.5 - np.array([0.0, self.top_px]))


@dataclass(frozen=True)
class Raster:
    """A map sampled on a square lattice in um.

    Parameters
    ----------
    values
        (rows, columns) float32.
    spacing_um
        Distance between samples.
    origin_um
        x and y of the first sample.
    """

    values: Floats
    spacing_um: float
    origin_um: float

    def at(self, xy_um: PointsUm) -> NDArray[np.float64]:
        """(N,) values at points, bilinear; points outside take the border's value."""
        rows, columns = self.values.shape
        grid = (xy_um - self.origin_um) / self.spacing_um
        x = np.clip(grid[:, 0], 0, columns - 1.001)
        y = np.clip(grid[:, 1], 0, rows - 1.001)
        i, j = y.astype(np.intp), x.astype(np.intp)
        u, v = x - j, y - i
        top = self.values[i, j] * (1 - u) + self.values[i, j + 1] * u
        bottom = self.values[i + 1, j] * (1 - u) + self.values[i + 1, j + 1] * u
        return np.asarray(top * (1 - v) + bottom * v, dtype=np.float64)

    def over(self, window: Window) -> Floats:
        """The map resampled to a window's pixels, bilinear."""
        step = window.pixel_um / self.spacing_um
        origin_um = self.origin_um + window.offset_um
        x0 = (0.5 * window.pixel_um - origin_um) / self.spacing_um
        y0 = ((window.top_px + 0.5) * window.pixel_um - origin_um) / self.spacing_um
        return _warp(self.values, np.array([[step, 0, x0], [0, step, y0]]), window.shape, cv2.BORDER_REPLICATE)


def smooth_noise(
    rng: np.random.Generator,
    extent: Extent,
    wavelength_um: float,
    *,
    spacing_um: float = 1.0,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> Raster:
    """Smooth random map over the field and its margin, mean about 0 and standard deviation about 1.

    Parameters
    ----------
    rng
        Source of randomness.
    extent
        The field.
    wavelength_um
        Distance from one bump to the next, across the grain.
    spacing_um
        Distance between the map's samples.
    stretch, angle
        How much longer bumps are along `angle` (radians) than across.
    """
    shape = extent.shape(spacing_um)
    long, short = wavelength_um * stretch / 4, wavelength_um / 4
    diagonal = float(np.hypot(*shape)) * spacing_um
    lattice = rng.standard_normal((int(diagonal / short) + 8, int(diagonal / long) + 8)).astype(np.float32)
    lattice = cv2.GaussianBlur(lattice, (0, 0), 1.0) * np.float32(2 * np.sqrt(np.pi))
    c, s = np.cos(angle) * spacing_um, np.sin(angle) * spacing_um
    turn = np.array([[c / long, s / long, 0.0], [-s / short, c / short, 0.0]])
    turn[:, 2] = np.array(lattice.shape[::-1]) / 2 - turn[:, :2] @ (np.array(shape[::-1]) / 2)
    return Raster(_warp(lattice, turn, shape, cv2.BORDER_REFLECT, cv2.INTER_CUBIC), spacing_um, -extent.margin_um)


def texture(rng: np.random.Generator, grain_px: float, side: int = 512) -> Floats:
    """(side, side) float32 noise that tiles without a seam, mean 0 and standard deviation 1."""
    noise = rng.standard_normal((side, side)).astype(np.float32)
    pad = int(4 * grain_px) + 1
    blurred = cv2.GaussianBlur(np.pad(noise, pad, mode="wrap"), (0, 0), grain_px)[pad:-pad, pad:-pad]
    return np.asarray((blurred - blurred.mean()) / blurred.std(), dtype=np.float32)


def tiled(tile: Floats, spacing_um: float, window: Window) -> Floats:
    """A texture repeated over a window; `spacing_um` is the distance between its samples."""
    side = tile.shape[0]
    step = window.pixel_um / spacing_um
    x = np.arange(window.width_px) * step % side
    y = (np.arange(window.height_px) + window.top_px) * step % side
    wrapped = np.pad(tile, ((0, 1), (0, 1)), mode="wrap")
    at_x, at_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return np.asarray(cv2.remap(wrapped, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _warp(
    values: Floats, inverse: NDArray[np.float64], shape: tuple[int, int], border: int, how: int = cv2.INTER_LINEAR
) -> Floats:
    warped = cv2.warpAffine(values, inverse, shape[::-1], flags=how | cv2.WARP_INVERSE_MAP, borderMode=border)
    return np.asarray(warped, dtype=np.float32)
