"""Renders the tissue tiles of a simulated slide into a folder, where they stay for the next start.

Runs as a process of its own (`python -m her2scope.devices.tile_maker FOLDER CASE SEED TILE_PX COUNT`), at low priority:
a tile takes seconds, the live picture must not wait for it, and a process can be ended at any time.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from her2scope.base.errors import Her2ScopeError, OutputError
from her2scope.devices.quilt import Raster, inlay, make_periodic, roll_plain_outside
from her2scope.synth.tissue import SHARP, render_field

TISSUE_PIXEL_UM = 0.212
_MADE_BY = "1"  # raise it when tiles of the same name would look different
_OVERLAP_UM = 40.0
_FIRST_SHARE = 2
_FIRST_OVERLAP_PX = 96


@dataclass(frozen=True)
class TileSet:
    """Which tiles, and where they lie.

    Parameters
    ----------
    folder
        Where they lie; it need not exist yet.
    case, seed
        Of the synthetic tissue.
    tile_px
        Side of a tile in pixels of TISSUE_PIXEL_UM; a multiple of 8.
    count
        Tiles with tissue of their own, besides the ground (tile 0).
    """

    folder: Path
    case: str
    seed: int
    tile_px: int = 1920
    count: int = 5

    @property
    def overlap_px(self) -> int:
        """Width of the borders in which tiles are joined."""
        return min(int(_OVERLAP_UM / TISSUE_PIXEL_UM), self.tile_px // 4) // 8 * 8

    def path(self, number: int) -> Path:
        """The file of tile 0 to `count`."""
        case = self.case.replace("+", "p").replace(" ", "_")
        return self.folder / f"{case}-{self.seed}-{self.tile_px}px-v{_MADE_BY}-{number}.png"

    @property
    def first_px(self) -> int:
        """Side of the small tile that is there first, an even part of a tile; 0 where tiles are small anyway."""
        return self.tile_px // _FIRST_SHARE if self.tile_px % (8 * _FIRST_SHARE) == 0 and self.tile_px >= 1024 else 0

    @property
    def first_path(self) -> Path:
        """The file of the small tile."""
        return self.path(0).with_name(f"first-{self.path(0).name}")

    @property
    def complete(self) -> bool:
        """Whether all tiles are there."""
        return all(self.path(n).is_file() for n in range(self.count + 1))


def read_tile(tiles: TileSet, number: int) -> Raster | None:
    """A tile, or None when it is not there yet; a damaged file is taken away, so that it is made again."""
    return _read(tiles.path(number), tiles.tile_px)


def _read(path: Path, side_px: int) -> Raster | None:
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if bgr is None or bgr.shape != (side_px, side_px, 3):
        path.unlink(missing_ok=True)
        return None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def read_first(tiles: TileSet) -> Raster | None:
    """The small tile repeated to a tile of full size, or None when it is not there."""
    small = _read(tiles.first_path, tiles.first_px) if tiles.first_px else None
    return None if small is None else np.ascontiguousarray(np.tile(small, (_FIRST_SHARE, _FIRST_SHARE, 1)))


def make_first(tiles: TileSet) -> None:
    """Render the small tile, unless it or a better one is there: a second, where a whole tile takes four.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    if not tiles.first_px or tiles.path(0).is_file() or read_first(tiles) is not None:
        return
    field = _render(tiles, 0, tiles.first_px + _FIRST_OVERLAP_PX)
    _write(tiles.first_path, make_periodic(field, _FIRST_OVERLAP_PX))


def make_tiles(tiles: TileSet) -> None:
    """Render the tiles that are missing, the ground first; the small tile is done with then.

    Raises
    ------
    OutputError
        When the folder cannot be written.
    """
    ground = read_tile(tiles, 0)
    if ground is None:
        endless = make_periodic(_render(tiles, 0, tiles.tile_px + tiles.overlap_px), tiles.overlap_px)
        ground = roll_plain_outside(endless, tiles.overlap_px)
        _write(tiles.path(0), ground)
    if tiles.first_px:
        tiles.first_path.unlink(missing_ok=True)
    for number in range(1, tiles.count + 1):
        if read_tile(tiles, number) is None:
            _write(tiles.path(number), inlay(_render(tiles, number, tiles.tile_px), ground, tiles.overlap_px))


def _render(tiles: TileSet, number: int, size_px: int) -> Raster:
    seed = tiles.seed * 1000 + number
    return render_field(tiles.case, seed, pixel_um=TISSUE_PIXEL_UM, size_px=size_px, optics=SHARP).rgb


def _write(path: Path, rgb: Raster) -> None:
    """Write a tile whole or not at all."""
    _, data = cv2.imencode(".png", np.ascontiguousarray(rgb[..., ::-1]), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data.tobytes())
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path.parent}: tissue cannot be kept there ({error.strerror}); free the disk.") from error


def main(arguments: list[str]) -> int:
    """Make the tiles named on the command line; 2 with one sentence when that fails."""
    folder, case, seed, tile_px, count = arguments
    cv2.setNumThreads(1)
    tiles = TileSet(Path(folder), case, int(seed), int(tile_px), int(count))
    try:
        make_first(tiles)
        if hasattr(os, "nice"):
            os.nice(10)
        make_tiles(tiles)
    except Her2ScopeError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
