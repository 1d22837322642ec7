"""Bad image files are refused, each with one sentence that names the file and the remedy."""

import contextlib
import os
import struct
import time
import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from image_files import PIXEL_UM, encode, png_claiming, tiff, tissue, write
from PIL import Image

from her2scope.base.errors import InputError
from her2scope.slides.images import read_field

RGB = tissue()
JPEG = encode(RGB, "JPEG")
SIXTEEN = cv2.imencode(".png", (RGB.astype(np.uint16) * 257)[..., ::-1])[1].tobytes()


def refusal(path, pixel_um=PIXEL_UM):
    """The sentence with which a file is refused: one line, with the file's name first and a full stop last."""
    with pytest.raises(InputError) as caught:
        read_field(path, pixel_um)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path.name}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def samples_with(value):
    samples = (RGB / 255).astype(np.float32)
    samples[100, 100, 1] = value
    return tiff(samples)


def patched(data, position, new):
    return data[:position] + new + data[position + len(new) :]


def retagged(data, tag, value):
    """A little-endian TIFF with another value of a tag of one 32-bit number."""
    return patched(data, data.index(struct.pack("<HHI", tag, 4, 1)) + 8, struct.pack("<I", value))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.png", b"", "empty (0 bytes)"),
        ("text.png", b"this is no picture\n" * 50, "not an image"),
        ("page.tif", b"<html>", "not an image"),
        ("sound.webp", b"RIFF\x00\x00\x00\x00WAVEfmt ", "not an image"),
        ("one.png", encode(RGB[:1, :1]), "1 x 1 px is too small"),
        ("small.png", encode(tissue(255, 300)), "300 x 255 px is too small"),
        ("long.png", encode(Image.new("RGB", (4097, 256))), "4097 x 256 px is larger"),
        ("grey.png", encode(Image.fromarray(RGB).convert("L")), "grey"),
        ("grey.jpg", encode(Image.fromarray(RGB).convert("L"), "JPEG"), "grey"),
        ("grey_alpha.png", encode(Image.fromarray(RGB).convert("LA")), "grey"),
        ("two.png", encode(Image.fromarray(RGB).convert("1")), "grey"),
        ("grey.tif", encode(Image.fromarray(RGB).convert("L"), "TIFF"), "grey"),
        ("grey16.png", encode(Image.fromarray(RGB[..., 0].astype(np.uint16))), "grey"),
        ("grey16.tif", tiff(RGB[..., 0].astype(np.uint16), photometric="minisblack"), "grey"),
        ("channels.tif", tiff(np.moveaxis(RGB, -1, 0), photometric="minisblack"), "grey"),
        ("nan.tif", samples_with(np.nan), "NaN"),
        ("inf.tif", samples_with(np.inf), "infinite"),
        ("minus.tif", samples_with(-0.5), "neither 0 to 1 nor 0 to 255"),
        ("much.tif", samples_with(4000.0), "neither 0 to 1 nor 0 to 255"),
        ("signed.tif", tiff(RGB.astype(np.int16)), "int16"),
        ("long.tif", tiff(RGB.astype(np.uint32)), "uint32"),
        ("lab.tif", tiff(RGB, photometric="cielab"), "CIELAB is not read"),
        ("anim.gif", encode(Image.fromarray(RGB), "GIF", save_all=True, append_images=[Image.fromarray(255 - RGB)]),
         "animated GIF of 2 frames"),
        ("anim.png", encode(Image.fromarray(RGB), save_all=True, append_images=[Image.fromarray(255 - RGB)]),
         "animated PNG of 2 frames"),
        ("anim.webp", encode(Image.fromarray(RGB), "WEBP", save_all=True, append_images=[Image.fromarray(255 - RGB)]),
         "animated WebP of 2 frames"),
    ],
)  # fmt: skip
def test_refused_with_the_reason(tmp_path, name, data, words):
    assert words in refusal(write(tmp_path / name, data))


class TestHeadersThatClaimTooMuch:
    """Refused from the header, before memory is taken."""

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("bomb.png", png_claiming(60_000, 60_000)),
            ("bomb.jpg", patched(JPEG, JPEG.index(b"\xff\xc0") + 5, struct.pack(">HH", 60_000, 60_000))),
            ("bomb.bmp", patched(encode(RGB, "BMP"), 18, struct.pack("<ii", 60_000, 60_000))),
            ("bomb.tif", retagged(retagged(tiff(RGB), 256, 60_000), 257, 60_000)),
        ],
    )  # fmt: skip
    def test_60000_px_a_side(self, tmp_path, name, data):
        path = write(tmp_path / name, data)
        tracemalloc.start()
        start = time.perf_counter()
        sentence = refusal(path)
        seconds = time.perf_counter() - start
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "larger than a field of view" in sentence
        assert "60000 x 60000 px" in sentence
        assert seconds < 0.5
        assert peak < 5_000_000

    def test_a_real_9000_px_a_side(self, tmp_path):
        path = write(tmp_path / "wide.png", encode(Image.new("RGB", (9000, 9000)), compress_level=1))
        assert "9000 x 9000 px is larger" in refusal(path)


WHOLE = {
    "a.png": encode(RGB),
    "deep.png": SIXTEEN,
    "a.jpg": JPEG,
    "progressive.jpg": encode(RGB, "JPEG", progressive=True),
    "a.tif": encode(RGB, "TIFF"),
    "lzw.tif": encode(RGB, "TIFF", compression="tiff_lzw"),
    "deep.tif": tiff(RGB.astype(np.uint16)),
    "deflate.tif": tiff(RGB.astype(np.uint16), compression="zlib"),
    "tiles.tif": tiff(RGB, tile=(64, 64)),
    "a.bmp": encode(RGB, "BMP"),
    "a.webp": encode(RGB, "WEBP"),
}


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.5, 0.9, 0.99, -13, -3, -1])
def test_cut_short_is_refused_not_half_read(tmp_path, name, kept):
    data = WHOLE[name]
    length = int(len(data) * kept) if kept > 0 else len(data) + kept
    assert refusal(write(tmp_path / name, data[:length]))


@pytest.mark.parametrize("name", ["a.png", "deep.png"])
def test_damaged_data_is_refused_by_its_checksum(tmp_path, name):
    data = WHOLE[name]
    middle = data.index(b"IDAT") + 40
    damaged = patched(data, middle, bytes([data[middle] ^ 0xFF]))
    assert "damaged" in refusal(write(tmp_path / name, damaged))


def test_missing_strips_are_refused(tmp_path):
    assert "damaged" in refusal(write(tmp_path / "a.tif", retagged(tiff(RGB), 279, 0)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4),
)
def test_damage_anywhere_is_read_or_refused_never_a_crash(tmp_path, name, changes):
    data = WHOLE[name]
    for place, new in changes:
        data = patched(data, int(place**3 * (len(data) - 5)), new)
    with contextlib.suppress(InputError):  # any other error is a crash
        read_field(write(tmp_path / name, data), PIXEL_UM)


class TestNotAFile:
    def test_no_such_file(self, tmp_path):
        assert "no such file" in refusal(tmp_path / "none.png")

    def test_no_such_folder(self, tmp_path):
        assert "no such file" in refusal(write(tmp_path / "a", b"x") / "none.png")

    def test_a_dangling_link(self, tmp_path):
        (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
        assert "a link to a file that is not there" in refusal(tmp_path / "link.png")

    def test_a_link_to_itself(self, tmp_path):
        (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
        assert "cannot be opened" in refusal(tmp_path / "loop.png")

    def test_a_folder(self, tmp_path):
        (tmp_path / "folder.png").mkdir()
        assert "not a file" in refusal(tmp_path / "folder.png")

    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.png")
        assert "not a file" in refusal(tmp_path / "pipe.png")

    def test_a_name_with_a_nul(self, tmp_path):
        assert "no file can have this name" in refusal(tmp_path / "a\0b.png")

    def test_a_name_too_long(self, tmp_path):
        assert "cannot be opened" in refusal(tmp_path / ("a" * 300 + ".png"))

    def test_a_file_that_may_not_be_read(self, tmp_path, monkeypatch):
        path = write(tmp_path / "a.png", encode(RGB))
        monkeypatch.setattr("pathlib.Path.open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "denied")))
        assert "may not be read; change its permissions" in refusal(path)


@pytest.mark.parametrize("pixel_um", [0.0, -0.25, float("nan"), float("inf"), 0.05, 3.0])
def test_a_pixel_size_out_of_range(tmp_path, pixel_um):
    assert "outside 0.1 to 1.0 um" in refusal(write(tmp_path / "a.png", encode(RGB)), pixel_um)
