"""What was measured of the application: plain data, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Latency:
    """How long one kind of answer took.

    Parameters
    ----------
    name
        From what to what.
    samples
        How often it was measured.
    median_ms, p95_ms, most_ms
        Median, 95th percentile and the longest.
    """

    name: str
    samples: int
    median_ms: float
    p95_ms: float
    most_ms: float


@dataclass(frozen=True)
class Situation:
    """What the window did meanwhile.

    Parameters
    ----------
    name
        What was going on.
    seconds
        For how long.
    shown_per_s
        Frames of the live picture painted in a second; None where a still field was in view.
    longest_block_ms
        The longest that the window's thread answered nothing.
    blocks
        How often it answered nothing for more than 50 ms.
    """

    name: str
    seconds: float
    shown_per_s: float | None
    longest_block_ms: float
    blocks: int


@dataclass(frozen=True)
class AppReport:
    """The application's times.

    Parameters
    ----------
    platform
        Qt's window system; "offscreen" paints into memory and has no screen.
    window_px, size_px
        Width and height of the window and of a frame.
    pixel_um
        Side of a frame's pixel in um.
    detector
        Name of the nucleus detector.
    cells
        Median of cells in the fields analysed.
    latencies, situations
        What was measured, in the order of measuring.
    continuous_per_s
        Results painted in a second of continuous mode while the stage moves.
    redraws, gaps
        On a still field in continuous mode: how often the overlay was painted anew, and frames painted without it.
    presses, answered
        Presses made, and those that brought a result.
    """

    platform: str
    window_px: tuple[int, int]
    size_px: tuple[int, int]
    pixel_um: float
    detector: str
    cells: int
    latencies: tuple[Latency, ...]
    situations: tuple[Situation, ...]
    continuous_per_s: float
    redraws: int
    gaps: int
    presses: int
    answered: int


def latency(name: str, times_s: Sequence[float]) -> Latency:
    """Sum up times in seconds; NaN where there are none."""
    ms = np.asarray(times_s, dtype=np.float64) * 1e3
    if not len(ms):
        return Latency(name, 0, float("nan"), float("nan"), float("nan"))
    return Latency(name, len(ms), float(np.median(ms)), float(np.percentile(ms, 95)), float(ms.max()))


def to_text(report: AppReport) -> str:
    """Lay a report out for the terminal."""
    width, height = report.size_px
    lines = [
        f"application on Qt's platform {report.platform}, window {report.window_px[0]} x {report.window_px[1]}",
        f"frames {width} x {height} px at {report.pixel_um:g} um/px, {report.detector} nuclei, {report.cells} cells",
        f"{report.answered} of {report.presses} presses answered",
        "",
        f"  {'':44}{'times':>6}{'median':>11}{'95%':>11}{'most':>11}",
    ]
    lines += [f"  {one.name:44}{one.samples:6}{_ms(one)}" for one in report.latencies]
    lines += ["", f"  {'':44}{'frames/s':>10}{'longest block':>16}{'over 50 ms':>12}"]
    lines += [_situation_line(one) for one in report.situations]
    still = f"on a still field {report.redraws} overlays painted anew, {report.gaps} frames without one"
    lines += ["", f"  continuous mode: {report.continuous_per_s:.1f} results/s while the stage moves; {still}", ""]
    return "\n".join(lines)


def _ms(one: Latency) -> str:
    return "".join(f"{ms:8.1f} ms" for ms in (one.median_ms, one.p95_ms, one.most_ms))


def _situation_line(one: Situation) -> str:
    shown = "" if one.shown_per_s is None else f"{one.shown_per_s:.1f}"
    return f"  {one.name:44}{shown:>10}{one.longest_block_ms:13.1f} ms{one.blocks:12}"
