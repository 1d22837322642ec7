"""Connected regions of packed masks by runs: faces of a skeleton, specks of a mask.

A row is cut into runs of like pixels; runs that touch are joined by union-find. On the thin masks of this
program that is several times faster than labelling pixels, and gives areas and border contact for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from her2scope.analysis.bits import PackedMask


@dataclass(frozen=True)
class Regions:
    """Regions of an (H, W) mask, as runs.

    Parameters
    ----------
    start, stop
        (R,) int32, columns of each run, stop excluded; rows one after another.
    row
        (H + 1,) int32, the runs of row y are row[y] to row[y + 1].
    label
        (R,) int32, region of each run, 0 to L - 1.
    area_px
        (L,) int64, pixels of each region.
    on_border
        (L,) bool, whether it touches the border of the image.
    """

    start: NDArray[np.int32]
    stop: NDArray[np.int32]
    row: NDArray[np.int32]
    label: NDArray[np.int32]
    area_px: NDArray[np.int64]
    on_border: NDArray[np.bool_]

    def label_at(self, y: NDArray[np.intp], x: NDArray[np.intp]) -> NDArray[np.int32]:
        """Labels of pixels; -1 where a pixel is in no region or outside the image."""
        return np.asarray(_labels_at(self.start, self.stop, self.row, self.label, y, x))

    def raster(self, keep: NDArray[np.bool_], width: int) -> NDArray[np.uint8]:
        """(H, width) uint8 image, 255 in the regions that `keep` (L,) names."""
        return np.asarray(_raster(self.start, self.stop, self.row, keep[self.label], width))


def faces(skeleton: PackedMask, width: int) -> Regions:
    """4-connected regions of the background of a packed (H, words) mask of `width` columns."""
    return Regions(*_regions(skeleton, width, False))


def components(mask: PackedMask, width: int) -> Regions:
    """8-connected regions of the foreground of a packed (H, words) mask of `width` columns."""
    return Regions(*_regions(mask, width, True))


def without_specks(mask: PackedMask, width: int, min_px: float) -> PackedMask:
    """The mask without its 8-connected components of fewer than `min_px` pixels; a new array."""
    found = components(mask, width)
    cleaned = mask.copy()
    _erase_runs(cleaned, found.start, found.stop, found.row, (found.area_px < min_px)[found.label])
    return cleaned


@numba.njit(cache=True, nogil=True)
def trailing_zeros(word):  # type: ignore[no-untyped-def]  # numba
    """Number of the lowest set bit of a uint64 that is not 0; for kernels."""
    x = (word & (~word + np.uint64(1))) - np.uint64(1)
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@numba.njit(cache=True, nogil=True)
def _row_runs(words, width, foreground, start, stop, n):  # type: ignore[no-untyped-def]  # numba
    """Append the runs of one row at n; returns the new n. A run ends where the bit changes."""
    last = 0
    flip = np.uint64(0)  # all ones while inside a foreground run
    for j in range(words.shape[0]):
        word = words[j] ^ flip
        base = 64 * j
        while word != 0:
            at = trailing_zeros(word)
            position = base + at
            inside = flip != 0
            if inside == foreground and position > last:
                start[n], stop[n] = last, position
                n += 1
            last = position
            flip = ~flip
            word = (words[j] ^ flip) & ((~np.uint64(0)) << np.uint64(at))
    if (flip != 0) == foreground and width > last:
        start[n], stop[n] = last, width
        n += 1
    return n


@numba.njit(cache=True, nogil=True)
def _find(parent, i):  # type: ignore[no-untyped-def]  # numba
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@numba.njit(cache=True, nogil=True)
def _all_runs(mask, width, foreground):  # type: ignore[no-untyped-def]  # numba
    height = mask.shape[0]
    row = np.zeros(height + 1, np.int32)
    capacity = height * 64 + width
    start = np.empty(capacity, np.int32)
    stop = np.empty(capacity, np.int32)
    n = 0
    for y in range(height):
        if n + width > capacity:
            capacity *= 2
            grown = np.empty(capacity, np.int32)
            grown[:n] = start[:n]
            start = grown
            grown = np.empty(capacity, np.int32)
            grown[:n] = stop[:n]
            stop = grown
        n = _row_runs(mask[y], width, foreground, start, stop, n)
        row[y + 1] = n
    return start[:n].copy(), stop[:n].copy(), row


@numba.njit(cache=True, nogil=True)
def _join_rows(start, stop, row, reach):  # type: ignore[no-untyped-def]  # numba
    """Union-find over touching runs of neighbouring rows; reach 1 joins diagonals too."""
    parent = np.arange(start.shape[0])
    for y in range(1, row.shape[0] - 1):
        i, i_end = row[y - 1], row[y]
        k, k_end = row[y], row[y + 1]
        while i < i_end and k < k_end:
            if start[i] < stop[k] + reach and start[k] < stop[i] + reach:
                a, b = _find(parent, i), _find(parent, k)
                if a < b:
                    parent[b] = a
                else:
                    parent[a] = b
            if stop[i] < stop[k]:
                i += 1
            else:
                k += 1
    return parent


@numba.njit(cache=True, nogil=True)
def _regions(mask, width, foreground):  # type: ignore[no-untyped-def]  # numba
    start, stop, row = _all_runs(mask, width, foreground)
    parent = _join_rows(start, stop, row, 1 if foreground else 0)
    n = start.shape[0]
    label = np.empty(n, np.int32)
    area = np.zeros(n, np.int64)
    border = np.zeros(n, np.bool_)
    count = 0
    height = row.shape[0] - 1
    for y in range(height):
        for i in range(row[y], row[y + 1]):
            root = _find(parent, i)
            if root == i:
                label[i] = count
                count += 1
            else:
                label[i] = label[root]
            area[label[i]] += stop[i] - start[i]
            if y == 0 or y == height - 1 or start[i] == 0 or stop[i] == width:
                border[label[i]] = True
    return start, stop, row, label, area[:count].copy(), border[:count].copy()


@numba.njit(cache=True, nogil=True)
def _labels_at(start, stop, row, label, y, x):  # type: ignore[no-untyped-def]  # numba
    found = np.full(y.shape[0], -1, np.int32)
    for k in range(y.shape[0]):
        if y[k] < 0 or y[k] >= row.shape[0] - 1:
            continue
        low, high = row[y[k]], row[y[k] + 1]
        while low < high:
            middle = (low + high) // 2
            if stop[middle] <= x[k]:
                low = middle + 1
            else:
                high = middle
        if low < row[y[k] + 1] and start[low] <= x[k] < stop[low]:
            found[k] = label[low]
    return found


@numba.njit(cache=True, nogil=True)
def _raster(start, stop, row, keep, width):  # type: ignore[no-untyped-def]  # numba
    image = np.zeros((row.shape[0] - 1, width), np.uint8)
    for y in range(row.shape[0] - 1):
        for i in range(row[y], row[y + 1]):
            if keep[i]:
                image[y, start[i] : stop[i]] = 255
    return image


@numba.njit(cache=True, nogil=True)
def _erase_runs(mask, start, stop, row, erase):  # type: ignore[no-untyped-def]  # numba
    for y in range(row.shape[0] - 1):
        for i in range(row[y], row[y + 1]):
            if erase[i]:
                for x in range(start[i], stop[i]):
                    mask[y, x >> 6] &= ~(np.uint64(1) << np.uint64(x & 63))
