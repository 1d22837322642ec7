"""Zhang-Suen thinning (Commun ACM 27:236, 1984), 64 pixels at a time.

The published rule, as OpenCV's ximgproc has it; scikit-image's "zhang" table differs from it in 25 of 256 codes.
Pixels outside the image are background. Neighbours are named as in the paper: p2 is above, then clockwise to p9.
"""

from __future__ import annotations

import numba
import numpy as np

from her2scope.analysis.bits import PackedMask


def thin(mask: PackedMask) -> PackedMask:
    """Skeleton of a packed mask; the input is left as it was.

    Parameters
    ----------
    mask
        (H, words) uint64, see `bits`.

    Returns
    -------
    ndarray
        (H, words) uint64, the 8-connected skeleton.
    """
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), dtype=np.uint64)
    padded[1:-1, 1:-1] = mask
    _thin_in_place(padded)
    return np.ascontiguousarray(padded[1:-1, 1:-1])


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _thin_in_place(image):  # type: ignore[no-untyped-def]  # numba
    height = image.shape[0]
    fresh = np.ones(height, np.bool_)  # rows near a change of the last two passes
    while True:
        changed = np.zeros(height, np.bool_)
        deleted = _pass(image, fresh, changed, True)
        deleted |= _pass(image, fresh | _near(changed), changed, False)
        if not deleted:
            return
        fresh = _near(changed)


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _near(rows):  # type: ignore[no-untyped-def]  # numba
    near = rows.copy()
    near[1:] |= rows[:-1]
    near[:-1] |= rows[1:]
    return near


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _pass(image, rows, changed, first):  # type: ignore[no-untyped-def]  # numba
    """One sub-iteration; deletes at once, but judges by the image as it was before."""
    height, width = image.shape
    above = np.zeros(width, np.uint64)  # row y - 1 before this pass
    here = np.zeros(width, np.uint64)
    keep = np.empty(width, np.uint64)
    held = -1  # the row whose old state `above` holds
    any_deleted = False
    for y in range(1, height - 1):
        if not rows[y]:
            continue
        up = above if held == y - 1 else image[y - 1]
        middle = image[y]
        down = image[y + 1]
        row_deleted = _row_deletions(up, middle, down, keep, first)
        here[:] = middle
        if row_deleted:
            for j in range(1, width - 1):
                middle[j] &= keep[j]
            changed[y] = True
            any_deleted = True
        above, here = here, above
        held = y
    return any_deleted


@numba.njit(cache=True, nogil=True, boundscheck=False)
def _row_deletions(up, middle, down, keep, first):  # type: ignore[no-untyped-def]  # numba
    one = np.uint64(1)
    top = np.uint64(63)
    all_ones = np.uint64(0xFFFFFFFFFFFFFFFF)
    deletions = np.uint64(0)
    for j in range(1, middle.shape[0] - 1):
        p2, p6 = up[j], down[j]
        p9 = (up[j] << one) | (up[j - 1] >> top)
        p3 = (up[j] >> one) | (up[j + 1] << top)
        p8 = (middle[j] << one) | (middle[j - 1] >> top)
        p4 = (middle[j] >> one) | (middle[j + 1] << top)
        p7 = (down[j] << one) | (down[j - 1] >> top)
        p5 = (down[j] >> one) | (down[j + 1] << top)
        # exactly one 0 -> 1 step around the pixel
        s = ~p2 & p3
        once, twice = s, np.uint64(0)
        s = ~p3 & p4
        twice |= once & s
        once |= s
        s = ~p4 & p5
        twice |= once & s
        once |= s
        s = ~p5 & p6
        twice |= once & s
        once |= s
        s = ~p6 & p7
        twice |= once & s
        once |= s
        s = ~p7 & p8
        twice |= once & s
        once |= s
        s = ~p8 & p9
        twice |= once & s
        once |= s
        s = ~p9 & p2
        twice |= once & s
        once |= s
        # at least two neighbours, and at least two gaps
        a, b, c, d = p2 | p3, p4 | p5, p6 | p7, p8 | p9
        two_set = (p2 & p3) | (p4 & p5) | (p6 & p7) | (p8 & p9) | (a & b) | (c & d) | ((a | b) & (c | d))
        e, f, g, h = p2 & p3, p4 & p5, p6 & p7, p8 & p9
        all_but_one = ((p2 | p3) & (p4 | p5) & (p6 | p7) & (p8 | p9)) & (
            (e & f & g) | (e & f & h) | (e & g & h) | (f & g & h)
        )
        if first:
            blocked = (p4 & p6) & (p2 | p8)
        else:
            blocked = (p2 & p8) & (p4 | p6)
        gone = middle[j] & once & ~twice & two_set & ~all_but_one & ~blocked
        keep[j] = gone ^ all_ones
        deletions |= gone
    return deletions != 0
