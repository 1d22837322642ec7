"""Cameras for tests: small, and fed with pictures whose pixels are known."""

import cv2
import numpy as np

from her2scope.devices.camera import Objective
from her2scope.devices.replay import FolderCamera, slide_microscope
from her2scope.devices.setup import BaslerSetup, FolderSetup, SimulatedSetup, SlideSetup
from her2scope.devices.simulated import simulated_microscope
from her2scope.devices.tile_maker import TileSet, make_tiles

O40 = Objective("40x", 0.212)
O20 = Objective("20x", 0.424)


def ramp(height, width):
    """A smooth colour picture of its own at every place."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    channels = (x / width, y / height, (x + y) / (width + height))
    return np.dstack([40 + 180 * c for c in channels]).astype(np.uint8)


def write_png(path, rgb):
    cv2.imwrite(str(path), np.ascontiguousarray(rgb[..., ::-1]))
    return path


def small_tiles(folder):
    """Small tiles of tissue, made on the spot."""
    tiles = TileSet(folder, "3+", 4, tile_px=256, count=2)
    make_tiles(tiles)
    return tiles


def make_basler(request, tmp_path, **setup):
    basler = request.getfixturevalue("pylon_emulation")
    picture = write_png(tmp_path / "feed.png", ramp(480, 640))
    features = {"TestImageSelector": "Off", "ImageFilename": str(picture), "ImageFileMode": "On"}
    kinds = {"pixel_format": "RGB8Packed", "size_px": (640, 480), "features": features, **setup}
    return basler.BaslerCamera(BaslerSetup(serial="0815-0001", **kinds), O40, {})


def make_simulated(request, tmp_path, **setup):
    kinds = {"size_px": (400, 320), "fps": 60, "seed": 4, "slide_mm": (1.0, 0.8), **setup}
    return simulated_microscope(SimulatedSetup(**kinds), O40, {}, request.getfixturevalue("tiles"))


def make_folder(request, tmp_path, **setup):
    for name, size in (("a.png", (300, 400)), ("b.png", (320, 480))):
        write_png(tmp_path / name, ramp(*size))
    return FolderCamera(FolderSetup(folder=str(tmp_path), fps=60, **setup), O40)


def make_slide(request, tmp_path, **setup):
    path = write_png(tmp_path / "slide.png", ramp(1000, 1200))
    return slide_microscope(SlideSetup(image=str(path), pixel_um=0.424, size_px=(400, 300), fps=60, **setup), O40)


MAKERS = {"basler": make_basler, "simulated": make_simulated, "folder": make_folder, "slide": make_slide}
