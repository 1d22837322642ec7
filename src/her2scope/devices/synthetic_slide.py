"""A slide of synthetic tissue, as large as a real one, laid out of a few tiles."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.quilt import Raster
from her2scope.devices.specimen import GLASS, fit
from her2scope.devices.stage import BoundsUm
from her2scope.devices.tile_maker import TISSUE_PIXEL_UM, TileSet, read_first, read_tile

_LEVELS = 3  # 0.212, 0.424 and 0.848 um
_LOOK_S = 0.3  # how often new tiles are looked for
_GLASS_UM = 800.0  # around the tissue


class SyntheticSlide:
    """A piece of tissue with a ragged outline on glass.

    Its tiles are made by a process of its own while it is open, and kept. Until the first is there a small one is
    repeated, which is made within a second or two; before that, all is glass.

    Parameters
    ----------
    tiles
        The tiles and where they are kept.
    size_mm
        Width and height of the tissue.
    """

    def __init__(self, tiles: TileSet, size_mm: tuple[float, float]) -> None:
        self._tiles = tiles
        self._width_um, self._height_um = (1000 * side for side in size_mm)
        self._layout = _lay_out(tiles, self._width_um, self._height_um)
        self._outline = _Outline(tiles.seed, (self._width_um, self._height_um))
        self._levels: list[list[Raster]] = []
        self._first: list[Raster] = []
        self._maker: subprocess.Popen[bytes] | None = None
        self._next_look_s = 0.0

    @property
    def bounds_um(self) -> BoundsUm:
        """See Specimen."""
        return BoundsUm(-_GLASS_UM, -_GLASS_UM, self._width_um + _GLASS_UM, self._height_um + _GLASS_UM)

    @property
    def start_um(self) -> tuple[float, float]:
        """See Specimen: the middle of the tissue."""
        return self.bounds_um.centre

    def version(self) -> int:
        """See Specimen; reads tiles that were made meanwhile."""
        if len(self._levels) <= self._tiles.count and time.monotonic() >= self._next_look_s:
            self._next_look_s = time.monotonic() + _LOOK_S
            self._take_new_tiles()
        return len(self._levels) if self._first or self._levels else -1

    def progress(self) -> float | None:
        """See Specimen; above 0 as soon as there is tissue to see."""
        made, all_tiles = len(self._levels), self._tiles.count + 1
        if made == all_tiles:
            return None
        return (made + 0.5) / all_tiles if self._first or made else 0.0

    def view(self, centre_um: tuple[float, float], size_px: tuple[int, int], pixel_um: float) -> NDArray[np.uint8]:
        """See Specimen."""
        level = max((n for n in range(_LEVELS) if TISSUE_PIXEL_UM * 2**n <= pixel_um * 1.001), default=0)
        level_um = TISSUE_PIXEL_UM * 2**level
        width, height = (round(side * pixel_um / level_um) for side in size_px)
        left, top = (round(c / level_um - side / 2) for c, side in zip(centre_um, (width, height), strict=True))
        rgb = self._assemble(left, top, (width, height), level)
        rgb = fit(rgb, size_px)
        return self._outline.trim(rgb, centre_um, pixel_um)

    def __enter__(self) -> Self:
        """Start to make the tiles that are missing."""
        self._next_look_s = 0.0
        if not self._tiles.complete:
            tiles = self._tiles
            words = (str(tiles.folder), tiles.case, str(tiles.seed), str(tiles.tile_px), str(tiles.count))
            command = [sys.executable, "-m", "her2scope.devices.tile_maker", *words]
            self._maker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop making tiles."""
        maker, self._maker = self._maker, None
        if maker is not None:
            with contextlib.suppress(OSError):
                maker.kill()
            maker.communicate()

    def _take_new_tiles(self) -> None:
        """Two at a time: at the start all lie on the disk, and the first picture waits for them."""
        numbers = range(len(self._levels), self._tiles.count + 1)
        with ThreadPoolExecutor(2) as pool:
            for levels in pool.map(self._read, numbers):
                if levels is None:
                    break
                self._levels.append(levels)
        if len(self._levels) <= self._tiles.count:
            self._take_first_tile()
            self._check_maker()

    def _read(self, number: int) -> list[Raster] | None:
        tile = read_tile(self._tiles, number)
        return None if tile is None else _halve(tile)

    def _take_first_tile(self) -> None:
        """Show the small tile while there is no other."""
        if not self._levels and not self._first:
            tile = read_first(self._tiles)
            self._first = [] if tile is None else _halve(tile)

    def _check_maker(self) -> None:
        """Raise DeviceError when the tiles will never come."""
        maker = self._maker
        if maker is None or maker.poll() in (None, 0):
            return
        said = (maker.communicate()[1] or b"").decode(errors="replace").strip().splitlines()
        self._maker = None
        reason = said[-1].rstrip(".") if said else f"its process ended with {maker.returncode}"
        what = f"The simulated slide cannot be drawn ({reason})"
        raise DeviceError(Fault.PROGRAM, what, "free the disk and connect it again, or use another device set-up")

    def _assemble(self, left: int, top: int, size: tuple[int, int], level: int) -> Raster:
        """Copy the pieces of all tiles that a view touches; left and top are pixels of the level."""
        rgb = np.empty((size[1], size[0], 3), np.uint8)
        if not self._levels and not self._first:
            rgb[:] = GLASS
            return rgb
        side = self._tiles.tile_px >> level
        for row in range(top // side, (top + size[1] - 1) // side + 1):
            for column in range(left // side, (left + size[0] - 1) // side + 1):
                x, y = column * side - left, row * side - top
                target = rgb[max(y, 0) : y + side, max(x, 0) : x + side]
                tile = self._tile(row, column)[level]
                target[:] = tile[max(-y, 0) :, max(-x, 0) :][: target.shape[0], : target.shape[1]]
        return rgb

    def _tile(self, row: int, column: int) -> list[Raster]:
        """The tile of a place, or the ground while it is not there."""
        number = self._layout[row % self._layout.shape[0], column % self._layout.shape[1]]
        if not self._levels:
            return self._first
        return self._levels[number if number < len(self._levels) else 0]


def _lay_out(tiles: TileSet, width_um: float, height_um: float) -> NDArray[np.intp]:
    """Which tile lies where; never the same one twice in a row where there are enough."""
    tile_um = tiles.tile_px * TISSUE_PIXEL_UM
    shape = int(height_um / tile_um) + 2, int(width_um / tile_um) + 2
    rng = np.random.default_rng(tiles.seed)
    layout = np.zeros(shape, np.intp)
    for row, column in np.ndindex(shape):
        beside = {layout[row - 1, column] if row else 0, layout[row, column - 1] if column else 0}
        free = [n for n in range(1, tiles.count + 1) if n not in beside]
        layout[row, column] = rng.choice(free or range(tiles.count + 1))
    return layout


def _halve(tile: Raster) -> list[Raster]:
    """A tile at all levels."""
    levels = [tile]
    for _ in range(1, _LEVELS):
        height, width = levels[-1].shape[:2]
        levels.append(fit(levels[-1], (width // 2, height // 2)))
    return levels


class _Outline:
    """The ragged edge of the tissue: a rounded rectangle with bays, above 0 inside.

    Parameters
    ----------
    seed
        Which bays.
    size_um
        Width and height of the tissue.
    """

    _COARSE_UM = 5.0
    _WAVES = 40

    def __init__(self, seed: int, size_um: tuple[float, float]) -> None:
        rng = np.random.default_rng(seed)
        self._half = np.asarray(size_um) / 2
        length_um = np.geomspace(30, 2500, self._WAVES)
        angle = rng.uniform(0, 2 * np.pi, self._WAVES)
        self._waves = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (2 * np.pi / length_um)[:, None]
        self._phases = rng.uniform(0, 2 * np.pi, self._WAVES)
        self._heights_um = 0.15 * length_um**0.75

    def trim(self, rgb: Raster, centre_um: tuple[float, float], pixel_um: float) -> Raster:
        """Glass where a view leaves the tissue; changes `rgb`."""
        height, width = rgb.shape[:2]
        inside = self._inside_um(centre_um, (width * pixel_um, height * pixel_um))
        if inside.min() > self._COARSE_UM:
            return rgb
        fine = cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR)
        cv2.copyTo(np.full_like(rgb, GLASS), np.asarray(fine < 0, dtype=np.uint8), rgb)
        return rgb

    def _inside_um(self, centre_um: tuple[float, float], size_um: tuple[float, float]) -> NDArray[np.float32]:
        """(h, w) float32, about how far each place lies inside the tissue, in um; one every 5 um."""
        x, y = (
            c + (np.arange(n := max(int(s / self._COARSE_UM), 4)) + 0.5 - n / 2) * (s / n)
            for c, s in zip(centre_um, size_um, strict=True)
        )
        dx, dy = (np.abs(v - half) / half for v, half in zip((x, y), self._half, strict=True))
        inside = (1 - (dx[None, :] ** 6 + dy[:, None] ** 6) ** (1 / 6)) * self._half.min()
        if not abs(inside).min() < self._heights_um.sum():
            return np.asarray(inside, dtype=np.float32)
        for (u, v), phase, height_um in zip(self._waves, self._phases, self._heights_um, strict=True):
            inside += height_um * np.sin(u * x[None, :] + v * y[:, None] + phase)
        return np.asarray(inside, dtype=np.float32)
