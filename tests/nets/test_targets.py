"""What the network is asked to say: bumps that stay apart however close two nuclei lie."""

import numpy as np
import pytest

from her2scope.nets.peaks import PeakRule, find_peaks
from her2scope.nets.points import Kind, Points
from her2scope.nets.targets import SIGMA_PX, make_target


def _heat(xy, kind=Kind.TUMOUR):
    return make_target(Points.of(np.asarray(xy, np.float64), kind), (40, 40), 1)


def test_a_nucleus_alone_has_a_bump_of_the_full_width():
    heat = _heat([(20, 20)]).heat[0]
    assert heat[20, 20] == 1
    assert heat[20, 22] == pytest.approx(np.exp(-4 / (2 * SIGMA_PX**2)))


@pytest.mark.parametrize("apart_px", [3, 4, 5])
def test_crowded_nuclei_are_two_peaks(apart_px):
    target = _heat([(18, 20), (18 + apart_px, 20)])
    peaks = find_peaks(target.heat[:2], PeakRule(floor=0.3))
    assert len(peaks.xy) == 2
    assert np.diff(np.sort(peaks.xy[:, 0])) == pytest.approx(apart_px, abs=0.4)


def test_what_is_no_nucleus_does_not_crowd():
    alone = _heat([(20, 20)]).heat
    beside = Points.of(np.array([(20.0, 20.0)]), Kind.TUMOUR).joined(Points.of(np.array([(22.0, 20.0)]), Kind.IGNORE))
    np.testing.assert_array_equal(make_target(beside, (40, 40), 1).heat, alone)


def test_crowding_counts_nuclei_of_every_kind():
    marks = Points.of(np.array([(20.0, 20.0)]), Kind.TUMOUR).joined(Points.of(np.array([(23.0, 20.0)]), Kind.OTHER))
    total = make_target(marks, (40, 40), 1).heat[2]
    assert total[20, 21] < 0.75
    assert total[20, 20] == total[20, 23] == 1
