"""Pixel sizes from files: believed, refused, or asked for; never guessed."""

import numpy as np
import pytest
from image_files import encode, tags, tiff, tissue, write
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from her2scope.base.errors import InputError
from her2scope.slides.images import read_field
from her2scope.slides.pixel_size import PixelSize, choose_pixel_um, unit_um

RGB = tissue()


def resolution(x, y, unit):
    """A TIFF with resolution tags as Pillow writes them."""
    return encode(RGB, "TIFF", tiffinfo=tags(_282=x, _283=y, _296=unit))


def ome(x, y, unit=""):
    pixels = f'<Pixels DimensionOrder="XYC" PhysicalSizeX="{x}" {unit} PhysicalSizeY="{y}" {unit.replace("X", "Y")}/>'
    text = f'<?xml version="1.0"?><OME xmlns="x"><Image ID="Image:0">{pixels}</Image></OME>'
    return tiff(RGB, description=text, metadata=None)


def imagej(per_unit, unit):
    return tiff(RGB, imagej=True, resolution=(per_unit, per_unit), metadata={"unit": unit})


def aperio(mpp):
    return tiff(RGB, description=f"Aperio Image Library v1\r\n260x300 |AppMag = 40|MPP = {mpp}|Left = 1", metadata=None)


def exif(x, y, unit):
    tag = Image.Exif()
    tag[282], tag[283], tag[296] = x, y, unit
    return tag


@pytest.mark.parametrize(
    ("name", "data", "expected_um"),
    [
        ("a.tif", resolution(40_000.0, 40_000.0, 3), 0.25),
        ("a.tif", resolution(25400 / 0.5, 25400 / 0.5, 2), 0.5),
        ("a.tif", tiff(RGB, resolution=(47170, 47170), resolutionunit="CENTIMETER"), 0.212),
        ("a.tif", tiff(RGB.astype(np.uint16), resolution=(47170, 47170), resolutionunit="CENTIMETER"), 0.212),
        ("a.tif", ome(0.424, 0.424), 0.424),
        ("a.tif", ome(424, 424, 'PhysicalSizeXUnit="nm"'), 0.424),
        ("a.tif", ome(0.000424, 0.000424, 'PhysicalSizeXUnit="mm"'), 0.424),
        ("a.tif", imagej(4.0, "um"), 0.25),
        ("a.tif", imagej(4.0, "micron"), 0.25),
        ("a.tif", imagej(4000.0, "mm"), 0.25),
        ("a.tif", imagej(4.0, "\\u00B5m"), 0.25),
        ("a.svs", aperio("0.4990"), 0.499),
        ("a.png", encode(RGB, dpi=(25400 / 0.212, 25400 / 0.212)), 0.212),
        ("a.bmp", encode(RGB, "BMP", dpi=(25400 / 0.424, 25400 / 0.424)), 0.424),
        ("a.jpg", encode(RGB, "JPEG", exif=exif(IFDRational(40_000), IFDRational(40_000), 3)), 0.25),
        ("a.jpg", encode(RGB, "JPEG", dpi=(50_800, 50_800)), 0.5),
        ("a.tif", resolution(40_000.0, 40_000.0 * 1.005, 3), 0.25),
    ],
)
def test_read_from_the_file(tmp_path, name, data, expected_um):
    frame = read_field(write(tmp_path / name, data), None)
    assert frame.pixel_um == pytest.approx(expected_um, rel=0.003)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plain.png", encode(RGB)),
        ("plain.tif", tiff(RGB)),
        ("screen.png", encode(RGB, dpi=(72, 72))),
        ("screen.jpg", encode(RGB, "JPEG", dpi=(96, 96))),
        ("print.tif", encode(RGB, "TIFF", dpi=(300, 300))),
        ("print.tif", encode(RGB, "TIFF", dpi=(1200, 1200))),
        ("zero.tif", resolution(0.0, 0.0, 3)),
        ("zero_below.tif", resolution(IFDRational(1, 0), IFDRational(1, 0), 3)),
        ("nan.tif", resolution(IFDRational(0, 0), IFDRational(0, 0), 3)),
        ("one_zero.tif", resolution(40_000.0, 0.0, 3)),
        ("no_unit.tif", resolution(40_000.0, 40_000.0, 1)),
        ("odd_unit.tif", resolution(40_000.0, 40_000.0, 99)),
        ("huge.tif", resolution(4e9, 4e9, 3)),
        ("nan.tif", ome("NaN", "NaN")),
        ("words.tif", ome("unknown", "unknown")),
        ("zero.tif", ome(0, 0)),
        ("minus.tif", ome(-0.25, -0.25)),
        ("coarse.tif", ome(2.0, 2.0)),
        ("pixels.tif", ome(0.25, 0.25, 'PhysicalSizeXUnit="pixel"')),
        ("pixels.tif", imagej(1.0, "pixel")),
        ("words.svs", aperio("unknown")),
        ("nan.svs", aperio("nan")),
        ("screen.jpg", encode(RGB, "JPEG", exif=exif(IFDRational(72), IFDRational(72), 2))),
        ("nan.jpg", encode(RGB, "JPEG", exif=exif(IFDRational(0, 0), IFDRational(0, 0), 3))),
    ],
)
def test_asked_for_when_the_file_states_none_that_can_be(tmp_path, name, data):
    path = write(tmp_path / name, data)
    with pytest.raises(InputError, match="states no pixel size; give it with --pixel-size"):
        read_field(path, None)
    frame = read_field(path, 0.3)
    assert frame.pixel_um == 0.3
    assert not any("states" in note for note in frame.notes)


@pytest.mark.parametrize("data", [resolution(40_000.0, 41_000.0, 3), ome(0.25, 0.30), ome(0.9, 1.1)])
def test_pixels_that_are_not_square_are_refused(tmp_path, data):
    path = write(tmp_path / "a.tif", data)
    with pytest.raises(InputError, match="not square"):
        read_field(path, None)
    assert "although the file states" in read_field(path, 0.5).notes[0]


class TestGivenByTheUser:
    STATED = (PixelSize(0.25, 0.25, "OME-XML"),)

    def test_wins_with_a_note(self):
        pixel_um, notes = choose_pixel_um("a.tif", 0.5, self.STATED)
        assert pixel_um == 0.5
        assert notes == ("pixel size 0.5 um as given, although the file states 0.25 um (OME-XML)",)

    @pytest.mark.parametrize(("given", "noted"), [(0.25, False), (0.26, False), (0.242, False), (0.27, True)])
    def test_a_small_difference_needs_no_note(self, given, noted):
        assert bool(choose_pixel_um("a.tif", given, self.STATED)[1]) is noted


@pytest.mark.parametrize("height_um", [0.0, -0.25, float("nan"), float("inf")])
def test_half_a_pixel_size_is_none(height_um):
    with pytest.raises(InputError, match="states no pixel size"):
        choose_pixel_um("a", None, (PixelSize(0.25, height_um, "tags"),))


def test_the_first_that_can_be_counts():
    screen, true, later = PixelSize(352, 352, "dpi"), PixelSize(0.25, 0.25, "OME"), PixelSize(0.5, 0.5, "tags")
    assert choose_pixel_um("a", None, (screen, true, later))[0] == 0.25


@pytest.mark.parametrize(
    ("name", "um"), [("µm", 1), ("μm", 1), ("um", 1), (" Micron ", 1), ("nm", 1e-3), ("cm", 1e4), ("inch", 25400)]
)
def test_units(name, um):
    assert unit_um(name) == um


def test_a_unit_that_is_no_length():
    assert np.isnan(unit_um("pixel"))
