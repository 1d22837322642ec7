"""Odd but good image files are read rightly."""

import io

import cv2
import numpy as np
import pytest
from image_files import CORNERS, PIXEL_UM, encode, tags, tiff, tissue, write
from PIL import Image, ImageOps

from her2scope.slides.images import read_field, read_picture
from her2scope.slides.samples import upright

RGB = tissue()
ORIENTATIONS = range(1, 9)


def read(tmp_path, data, name="field.png"):
    return read_field(write(tmp_path / name, data), PIXEL_UM)


def assert_close(actual, expected, tolerance):
    assert actual.shape == expected.shape
    assert np.abs(actual.astype(int) - expected).max() <= tolerance


@pytest.mark.parametrize(
    ("name", "data", "tolerance"),
    [
        ("a.png", encode(RGB), 0),
        ("a.bmp", encode(RGB, "BMP"), 0),
        ("a.webp", encode(RGB, "WEBP", lossless=True), 0),
        ("a.jpg", encode(RGB, "JPEG", quality=100, subsampling=0), 4),
        ("a.jpg", encode(RGB, "JPEG", quality=100, subsampling=0, progressive=True), 4),
        ("a.tif", encode(RGB, "TIFF"), 0),
        ("a.tif", encode(RGB, "TIFF", compression="tiff_lzw"), 0),
        ("a.tif", encode(RGB, "TIFF", compression="packbits"), 0),
        ("a.tif", encode(RGB, "TIFF", compression="jpeg", quality=100), 60),
        ("a.tif", tiff(RGB, compression="zlib", predictor=True), 0),
        ("a.tif", tiff(RGB, tile=(64, 64)), 0),
        ("a.tif", tiff(RGB, bigtiff=True), 0),
        ("a.tif", tiff(RGB, byteorder=">"), 0),
        ("a.tif", tiff(np.moveaxis(RGB, -1, 0), planarconfig="separate"), 0),
    ],
)
def test_plain_colour(tmp_path, name, data, tolerance):
    frame = read(tmp_path, data, name)
    assert_close(frame.rgb, RGB, tolerance)
    assert (frame.name, frame.pixel_um, frame.notes) == (name, PIXEL_UM, ())


class TestSixteenBit:
    """Scaled by the range that the samples show, and said so."""

    FULL = RGB.astype(np.uint16) * 257

    @pytest.mark.parametrize(
        "data",
        [
            cv2.imencode(".png", FULL[..., ::-1])[1].tobytes(),
            tiff(FULL),
            tiff(FULL, byteorder=">"),
            tiff(FULL, compression="zlib", predictor=True),
            tiff(np.moveaxis(FULL, -1, 0), planarconfig="separate"),
            cv2.imencode(".tif", FULL[..., ::-1], [cv2.IMWRITE_TIFF_COMPRESSION, 5])[1].tobytes(),
        ],
        ids=["png", "tiff", "big-endian", "deflate", "planar", "lzw"],
    )
    def test_full_range(self, tmp_path, data):
        frame = read(tmp_path, data, "a.tif" if data[:2] in (b"II", b"MM") else "a.png")
        assert (frame.rgb == RGB).all()
        assert frame.notes == ("16 bit read with the range 0 to 65535",)

    @pytest.mark.parametrize("bits", [8, 10, 12, 14])
    def test_camera_range(self, tmp_path, bits):
        top = 2**bits - 1
        frame = read(tmp_path, tiff(np.round(RGB * (top / 255)).astype(np.uint16)), "a.tif")
        assert_close(frame.rgb, RGB, 0)
        assert f"0 to {top}, {bits}-bit data by its largest sample" in frame.notes[0]

    def test_a_sample_above_a_camera_range_needs_the_next_one(self, tmp_path):
        samples = np.full((256, 256, 3), 4096, np.uint16)
        assert read(tmp_path, tiff(samples), "a.tif").rgb.max() == round(4096 * 255 / 16383)

    def test_transparency(self, tmp_path):
        samples = np.dstack([self.FULL, np.zeros(RGB.shape[:2], np.uint16)])
        samples[:, 100:, 3] = 65535
        data = cv2.imencode(".png", samples[..., [2, 1, 0, 3]])[1].tobytes()
        frame = read(tmp_path, data)
        assert (frame.rgb[:, :100] == 255).all()
        assert (frame.rgb[:, 100:] == RGB[:, 100:]).all()


class TestFloat:
    @pytest.mark.parametrize(("dtype", "top"), [("float32", 1), ("float64", 255), ("float16", 1)])
    def test_known_ranges(self, tmp_path, dtype, top):
        frame = read(tmp_path, tiff((RGB * (top / 255)).astype(dtype)), "a.tif")
        assert_close(frame.rgb, RGB, 0)
        assert frame.notes == (f"decimal numbers read with the range 0 to {top}",)


class TestTransparency:
    """What is transparent is glass: white, not black."""

    RGBA = np.dstack([RGB, np.full(RGB.shape[:2], 255, np.uint8)])
    RGBA[:, :100] = 0
    RGBA[:, 100:150, 3] = 128

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.png", encode(RGBA)),
            ("a.webp", encode(RGBA, "WEBP", lossless=True, exact=True)),
            ("a.tif", tiff(RGBA, extrasamples=[2])),
        ],
    )
    def test_straight(self, tmp_path, name, data):
        frame = read(tmp_path, data, name)
        assert (frame.rgb[:, :100] == 255).all()
        assert_close(frame.rgb[:, 100:150], np.round((RGB[:, 100:150] * 128.0 + 255 * 127) / 255), 1)
        assert (frame.rgb[:, 150:] == RGB[:, 150:]).all()
        assert frame.notes == ("transparent parts read as empty glass",)

    def test_premultiplied(self, tmp_path):
        alpha = self.RGBA[..., 3:].astype(float) / 255
        data = tiff(np.dstack([np.round(RGB * alpha), self.RGBA[..., 3]]).astype(np.uint8), extrasamples=[1])
        assert_close(read(tmp_path, data, "a.tif").rgb, np.round(RGB * alpha + 255 * (1 - alpha)), 2)

    def test_premultiplied_16_bit(self, tmp_path):
        alpha = self.RGBA[..., 3:].astype(float) / 255
        samples = np.round(np.dstack([RGB * alpha, self.RGBA[..., 3]]) * 257).astype(np.uint16)
        samples[0, 200, :3] = 65535
        data = tiff(samples, extrasamples=[1])
        assert_close(read(tmp_path, data, "a.tif").rgb[1:], np.round(RGB * alpha + 255 * (1 - alpha))[1:], 2)

    def test_a_fourth_channel_of_no_stated_meaning_is_left_out(self, tmp_path):
        data = tiff(self.RGBA, extrasamples=[0])
        assert (read(tmp_path, data, "a.tif").rgb == self.RGBA[..., :3]).all()

    def test_a_transparent_palette_entry(self, tmp_path):
        palette = Image.fromarray(RGB).quantize(16)
        data = encode(palette, transparency=palette.getpixel((0, 0)))
        assert (read(tmp_path, data).rgb[:40, :60] == 255).all()

    def test_a_transparent_colour(self, tmp_path):
        data = encode(Image.fromarray(RGB), transparency=CORNERS["red"])
        frame = read(tmp_path, data)
        assert (frame.rgb[:40, :60] == 255).all()
        assert (frame.rgb[40:] == RGB[40:]).all()


class TestPaletteAndInk:
    @pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
    def test_palette(self, tmp_path, kind):
        palette = Image.fromarray(RGB).quantize(64)
        frame = read(tmp_path, encode(palette, kind), f"a.{kind.lower()}")
        assert (frame.rgb == np.asarray(palette.convert("RGB"))).all()

    @pytest.mark.parametrize(("kind", "tolerance"), [("TIFF", 0), ("JPEG", 12)])
    def test_cmyk(self, tmp_path, kind, tolerance):
        options = {"quality": 100} if kind == "JPEG" else {}
        frame = read(tmp_path, encode(Image.fromarray(RGB).convert("CMYK"), kind, **options), f"a.{kind.lower()}")
        assert_close(frame.rgb, RGB, tolerance)
        assert "CMYK" in frame.notes[0]

    def test_cmyk_of_16_bit(self, tmp_path):
        inks = np.asarray(Image.fromarray(RGB).convert("CMYK")).astype(np.uint16) * 257
        assert (read(tmp_path, tiff(inks, photometric="separated"), "a.tif").rgb == RGB).all()


class TestOrientation:
    """Rotated and mirrored by tag; RGB is the upright picture."""

    @staticmethod
    def stored(orientation):
        """What a camera stores for RGB to be the upright picture."""
        inverse = {6: 8, 8: 6}.get(orientation, orientation)
        return np.ascontiguousarray(upright(RGB, inverse))

    @staticmethod
    def exif(orientation):
        exif = Image.Exif()
        exif[274] = orientation
        return exif

    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
    def test_exif(self, tmp_path, kind, orientation):
        options = {"PNG": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}[kind]
        data = encode(self.stored(orientation), kind, exif=self.exif(orientation), **options)
        frame = read(tmp_path, data, f"a.{kind.lower()}")
        assert_close(frame.rgb, RGB, 4)
        assert frame.notes == ((f"turned upright (orientation {orientation})",) if orientation > 1 else ())

    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    @pytest.mark.parametrize("compression", [None, "tiff_lzw"])
    def test_tiff(self, tmp_path, orientation, compression):
        data = encode(self.stored(orientation), "TIFF", tiffinfo=tags(_274=orientation), compression=compression)
        assert (read(tmp_path, data, "a.tif").rgb == RGB).all()

    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    @pytest.mark.parametrize("lzw", [False, True])
    def test_16_bit_tiff(self, tmp_path, monkeypatch, orientation, lzw):
        if lzw:  # tifffile writes no LZW here; let it fail to decode as it fails on LZW
            monkeypatch.setattr("tifffile.TiffPage.asarray", lambda _: (_ for _ in ()).throw(ValueError("imagecodecs")))
        samples = self.stored(orientation).astype(np.uint16) * 257
        data = tiff(samples, extratags=[(274, "H", 1, orientation, True)])
        assert (read(tmp_path, data, "a.tif").rgb == RGB).all()

    def test_agrees_with_pillow(self):
        for orientation in ORIENTATIONS:
            image = Image.open(io.BytesIO(encode(RGB, exif=self.exif(orientation))))
            assert (np.asarray(ImageOps.exif_transpose(image)) == upright(RGB, orientation)).all()


class TestPagesAndNames:
    def test_the_first_of_many_pages_is_read_with_a_note(self, tmp_path):
        pages = [Image.fromarray(page) for page in (RGB, 255 - RGB, RGB // 2)]
        data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
        frame = read(tmp_path, data, "a.tif")
        assert (frame.rgb == RGB).all()
        assert frame.notes == ("first of 3 pages",)

    @pytest.mark.parametrize(
        ("name", "kind"), [("a.png", "JPEG"), ("a.jpg", "TIFF"), ("a.tif", "PNG"), ("a.txt", "PNG"), ("a", "PNG")]
    )
    def test_content_decides_what_a_file_is(self, tmp_path, name, kind):
        frame = read(tmp_path, encode(RGB, kind), name)
        assert_close(frame.rgb, RGB, 80)
        assert frame.notes == (f"read as {kind}, which its content is",)

    @pytest.mark.parametrize(
        "name",
        ["a b.png", "it's \"so\".png", "100%s %d.png", "two\nlines.png", "-dash.png", "--help.png",
         "Gewebe_ä_组织_ткань.png", "=1+1.png", "*.png", "[a].png", "trailing .png",
         ".hidden.png", "emoji\U0001f52c.png"],
    )  # fmt: skip
    def test_any_name(self, tmp_path, name):
        frame = read(tmp_path, encode(RGB), name)
        assert (frame.rgb == RGB).all()
        assert frame.name == name

    def test_a_name_that_is_not_unicode(self, tmp_path):
        path = write(tmp_path / "f\udce9ld.png", encode(RGB))
        assert (read_field(path, PIXEL_UM).rgb == RGB).all()

    def test_a_link_is_followed(self, tmp_path):
        (tmp_path / "link.png").symlink_to(write(tmp_path / "a.png", encode(RGB)))
        assert (read_field(tmp_path / "link.png", PIXEL_UM).rgb == RGB).all()

    def test_a_name_can_be_given(self, tmp_path):
        assert read_field(write(tmp_path / "a.png", encode(RGB)), PIXEL_UM, "left/a.png").name == "left/a.png"


def test_the_largest_and_smallest_fields(tmp_path):
    for height, width in ((256, 4096), (4096, 256)):
        frame = read(tmp_path, encode(np.full((height, width, 3), 200, np.uint8)))
        assert frame.rgb.shape == (height, width, 3)


def test_a_picture_needs_no_pixel_size(tmp_path):
    assert (read_picture(write(tmp_path / "white.png", encode(RGB))).rgb == RGB).all()
