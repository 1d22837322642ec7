"""Pictures as PNG."""

import io

import numpy as np
import pytest
from image_files import tissue
from PIL import Image

from her2scope.report.pictures import png
from her2scope.slides.images import read_field


@pytest.mark.parametrize("pixel_um", [0.1, 0.212, 0.424, 1.0])
def test_pixels_and_their_size_come_back(tmp_path, pixel_um):
    (tmp_path / "a.png").write_bytes(png(tissue(), pixel_um))
    frame = read_field(tmp_path / "a.png", None)
    assert (frame.rgb == tissue()).all()
    assert frame.pixel_um == pytest.approx(pixel_um, rel=1e-5)


def test_says_research_use():
    assert "research use only" in Image.open(io.BytesIO(png(np.zeros((4, 4, 3), np.uint8), 0.5))).info["Comment"]
