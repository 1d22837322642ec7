"""The network: shapes, folding, peaks and targets."""

import copy

import numpy as np
import pytest
import torch

from her2scope.nets.device_peaks import find_peaks_on_device
from her2scope.nets.linknet import HEAT_STRIDE, LinkNet, LinkNetShape, fused
from her2scope.nets.peaks import PeakRule, find_peaks
from her2scope.nets.points import Kind, Points
from her2scope.nets.targets import make_target

SMALL = LinkNetShape(4, (1, 1, 1, 1))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    net = LinkNet(SMALL)
    for _ in range(2):  # give batch normalisation something to fold
        net(torch.rand(2, 3, 64, 64))
    return net.eval()


def test_heatmaps_have_two_channels_at_half_the_side(net):
    with torch.inference_mode():
        assert net(torch.zeros(2, 3, 64, 96)).shape == (2, 2, 32, 48)


def test_folding_batch_normalisation_changes_nothing(net):
    x = torch.rand(1, 3, 96, 64)
    with torch.inference_mode():
        folded = fused(copy.deepcopy(net))
        assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in folded.modules())
        torch.testing.assert_close(folded(x), net(x), rtol=1e-3, atol=1e-5)


def test_a_network_can_learn_one_picture():
    torch.manual_seed(1)
    net = LinkNet(SMALL)
    rgb, wanted = torch.rand(1, 3, 64, 64), torch.zeros(1, 2, 32, 32)
    wanted[0, 0, 10, 12] = 1
    adam = torch.optim.Adam(net.parameters(), 1e-2)
    losses = []
    for _ in range(25):
        loss = ((net(rgb) - wanted) ** 2).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.3 * losses[0]


@pytest.mark.parametrize("xy", [(20.0, 30.0), (20.37, 30.81), (0.0, 63.0)])
def test_a_peak_is_found_where_its_bump_was_drawn(xy):
    target = make_target(Points.of(np.array([xy]), Kind.TUMOUR), (32, 32), HEAT_STRIDE)
    peaks = find_peaks(target.heat[:2], PeakRule())
    assert len(peaks.xy) == 1
    np.testing.assert_allclose((peaks.xy[0] + 0.5) * HEAT_STRIDE - 0.5, xy, atol=0.6)
    assert peaks.tumour[0] > 0.9


def test_neighbours_a_nucleus_apart_stay_two_and_tell_their_kind():
    marks = Points(np.array([(20.0, 20.0), (34.0, 20.0)]), np.array([Kind.TUMOUR, Kind.OTHER], np.uint8))
    peaks = find_peaks(make_target(marks, (32, 32), HEAT_STRIDE).heat[:2], PeakRule())
    order = np.argsort(peaks.xy[:, 0])
    np.testing.assert_allclose(peaks.tumour[order], [1, 0], atol=0.1)


def test_nothing_above_the_floor_is_nothing():
    assert find_peaks(np.full((2, 16, 16), 0.1, np.float32), PeakRule(floor=0.3)).xy.shape == (0, 2)


def test_a_mark_that_does_not_tell_asks_for_a_nucleus_alone():
    target = make_target(Points.of(np.array([(32.0, 32.0)]), Kind.ANY), (32, 32), HEAT_STRIDE)
    assert target.heat[2].max() > 0.9
    assert target.heat[:2].max() == 0
    assert target.known[:2, 16, 16].max() == 0
    assert target.known[2].min() == 1


def test_an_ignored_mark_asks_for_nothing():
    target = make_target(Points.of(np.array([(32.0, 32.0)]), Kind.IGNORE), (32, 32), HEAT_STRIDE)
    assert target.heat.max() == 0
    assert target.known[:, 16, 16].max() == 0
    assert target.known[:, 0, 0].min() == 1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_peaks_on_the_device_are_those_of_the_reference(seed):
    rng = np.random.default_rng(seed)
    marks = Points(rng.uniform(0, 256, (120, 2)), rng.integers(0, 2, 120).astype(np.uint8))
    heat = make_target(marks, (128, 128), HEAT_STRIDE).heat[:2] + rng.normal(0, 0.02, (2, 128, 128)).astype(np.float32)
    reference, found = find_peaks(heat, PeakRule()), find_peaks_on_device(torch.from_numpy(heat), PeakRule())
    assert len(reference.xy) > 60
    np.testing.assert_allclose(found.xy, reference.xy, atol=1e-3)
    np.testing.assert_allclose(found.score, reference.score, atol=1e-5)
    np.testing.assert_allclose(found.tumour, reference.tumour, atol=1e-4)


def test_a_plateau_is_one_peak():
    heat = np.zeros((2, 40, 40), np.float32)
    heat[0, 10:30, 10:30] = 0.8
    reference, found = find_peaks(heat, PeakRule()), find_peaks_on_device(torch.from_numpy(heat), PeakRule())
    assert len(reference.xy) == 1
    assert len(found.xy) == 1
