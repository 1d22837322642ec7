"""Tiles of tissue fit beside each other in any order."""

import numpy as np
import pytest

from her2scope.devices.quilt import inlay, make_periodic, roll_plain_outside

OVERLAP = 48


def texture(seed, side):
    """Blots of about 15 px, as seams look for."""
    import cv2

    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.standard_normal((side, side, 3)).astype(np.float32), (0, 0), 6)
    return np.clip(128 + 40 * noise / noise.std(), 0, 255).astype(np.uint8)


def jumps(rgb, axis):
    """Mean step between neighbours along an axis, for each place."""
    return np.abs(np.diff(rgb.astype(int), axis=axis)).mean(axis=(1 - axis, 2))


@pytest.fixture(scope="module")
def ground():
    return make_periodic(texture(1, 256 + OVERLAP), OVERLAP)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_periodic_tile_goes_on_at_its_other_end(ground, axis):
    assert ground.shape == (256, 256, 3)
    twice = np.concatenate([ground, ground], axis=axis)
    steps = jumps(twice, axis)
    assert steps[255] < 1.5 * np.median(steps), "where the two meet there is no more of a step than elsewhere"
    plain = np.concatenate([texture(1, 256), texture(1, 256)], axis=axis)
    assert jumps(plain, axis)[255] > 4 * np.median(steps), "as there would be without"


def test_inlaid_tiles_share_the_grounds_border_and_keep_their_inside(ground):
    tile = texture(2, 256)
    made = inlay(tile, ground, OVERLAP)
    for side in (made[0], made[-1], made[:, 0], made[:, -1]):
        assert any(np.array_equal(side, g) for g in (ground[0], ground[-1], ground[:, 0], ground[:, -1]))
    inner = slice(OVERLAP, -OVERLAP)
    np.testing.assert_array_equal(made[inner, inner], tile[inner, inner])


def test_seams_run_where_the_tiles_agree(ground):
    """Where tile and ground agree on a winding line, the seam follows it, and the step across it is small."""
    tile = texture(3, 256)
    y = np.arange(256)
    line = (OVERLAP / 2 + 8 * np.sin(y / 25)).astype(int)
    for row, column in zip(y, line, strict=True):
        tile[row, column - 4 : column + 5] = ground[row, column - 4 : column + 5]
    made = inlay(tile, ground, OVERLAP)
    rows = slice(OVERLAP, -OVERLAP)
    left_of = np.abs(made.astype(int) - ground).sum(axis=2)[rows, : OVERLAP // 2 - 14]
    assert (left_of == 0).mean() > 0.95
    right_of = np.abs(made.astype(int) - tile).sum(axis=2)[rows, OVERLAP // 2 + 14 : OVERLAP]
    assert (right_of == 0).mean() > 0.95


def test_the_border_is_rolled_away_from_glass():
    tile = np.full((256, 256, 3), 150, np.uint8)
    tile[:20] = tile[:, 100:130] = 245
    rolled = roll_plain_outside(tile, 16)
    border = np.concatenate([rolled[:16], rolled[-16:]])
    assert (rolled == 245).sum() == (tile == 245).sum()
    assert (border[:, :, 0] == 245).mean() <= 30 / 256 + 1e-9
    sides = np.concatenate([rolled[:, :16], rolled[:, -16:]], axis=1)
    assert (sides[:, :, 0] == 245).mean() <= 20 / 256 + 1e-9
