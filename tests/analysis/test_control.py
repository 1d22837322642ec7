"""The positive control: gate and offered threshold."""

import numpy as np
import pytest

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.analysis.control import CalibrationParams, check_control, offer_t_intense
from her2scope.analysis.stain import ControlLimits
from her2scope.base.errors import ConfigError, InputError

LIMITS = ControlLimits(min_intense_complete=0.5, min_membrane_od=0.5)


def control(intense: int, unstained: int = 0, od: object = 1.2) -> Cells:
    n = intense + unstained
    classes = np.full(n, CellClass.UNSTAINED, np.uint8)
    classes[:intense] = CellClass.INTENSE_COMPLETE
    membrane_od = np.full(n, np.nan, np.float32)
    membrane_od[:intense] = od
    filled = np.ones(n, np.float32)
    return Cells(np.zeros((n, 2)), classes, filled, membrane_od, filled, np.ones(n, np.bool_))


def test_strong_control_passes() -> None:
    verdict = check_control([control(60, 20), control(40)], LIMITS)
    assert (verdict.passed, verdict.reasons, verdict.cells) == (True, (), 120)
    assert verdict.intense_complete == pytest.approx(100 / 120)
    assert verdict.membrane_od == pytest.approx(1.2)


def test_a_value_on_its_limit_passes() -> None:
    assert check_control([control(50, 50, 0.5)], LIMITS).passed


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([control(49, 51)], "intense complete cells are 49.0%, below the limit of 50%"),
        ([control(90, 10, 0.4)], "membrane OD is 0.400, below the limit of 0.5"),
        ([control(90, 10, np.nan)], "membrane OD is not measured"),
        ([control(40), control(9)], "49 of 50 cells needed"),
        ([], "0 of 50 cells needed"),
    ],
)
def test_weak_control_fails_with_its_reason(fields, words) -> None:
    verdict = check_control(fields, LIMITS)
    assert not verdict.passed
    assert len(verdict.reasons) == 1
    assert words in verdict.reasons[0]
    assert verdict.reasons[0].startswith("The positive control failed")


def test_both_limits_are_named() -> None:
    assert len(check_control([control(10, 90, 0.3)], LIMITS).reasons) == 2


def test_nothing_measured_is_none() -> None:
    verdict = check_control([], LIMITS)
    assert (verdict.intense_complete, verdict.membrane_od) == (None, None)


def test_uncounted_cells_do_not_pass_a_control() -> None:
    cells = control(100)
    cells.counted[:60] = False
    assert check_control([cells], LIMITS).cells == 40


def test_even_control_offers_its_mean_less_the_share() -> None:
    offer = offer_t_intense([control(100, 20, 1.2), control(50, 0, 1.0)])
    assert offer.mean_od == pytest.approx((100 * 1.2 + 50 * 1.0) / 150, abs=1e-6)
    assert offer.t_intense == pytest.approx(0.5 * offer.mean_od, abs=1e-6)
    assert offer.cells == 150
    assert offer.by_field == pytest.approx((1.2, 1.0))


def test_uneven_control_offers_its_mean_less_the_spread() -> None:
    od = np.random.default_rng(1).normal(1.2, 0.2, 500).clip(0.3)
    params = CalibrationParams(range_sd=2.0, range_share=0.1)
    offer = offer_t_intense([control(500, 0, od)], params)
    assert offer.t_intense == pytest.approx(od.mean() - 2 * od.std(ddof=1), abs=1e-4)
    assert (od >= offer.t_intense).mean() == pytest.approx(0.977, abs=0.02)


def test_brighter_control_offers_a_higher_threshold() -> None:
    weak, strong = (offer_t_intense([control(80, 0, od)]).t_intense for od in (0.9, 1.3))
    assert weak < strong


def test_field_without_intense_cells_has_no_mean() -> None:
    assert offer_t_intense([control(80), control(0, 30)]).by_field == (pytest.approx(1.2), None)


@pytest.mark.parametrize(
    ("fields", "params", "words"),
    [
        ([control(49)], CalibrationParams(), "49 measured intense complete cells of the 50 needed"),
        ([control(100, 0, np.nan)], CalibrationParams(), "0 measured"),
        ([], CalibrationParams(), "0 measured"),
        ([control(100, 0, np.tile([0.2, 2.0], 50))], CalibrationParams(range_sd=3.0), "too uneven"),
    ],
)
def test_no_offer_without_grounds(fields, params, words) -> None:
    with pytest.raises(InputError, match=words):
        offer_t_intense(fields, params)


@pytest.mark.parametrize("bad", [{"range_sd": -1.0}, {"range_sd": np.nan}, {"range_share": 1.0}, {"fewest_cells": 1}])
def test_bad_calibration_ranges_are_refused(bad) -> None:
    with pytest.raises(ConfigError, match="calibration"):
        CalibrationParams(**bad)


def test_uncounted_cells_do_not_move_the_membrane_od() -> None:
    od = np.where(np.arange(100) < 40, 0.7, 1.2)
    cells = control(100, 0, od)
    cells.counted[:40] = False
    assert check_control([cells], LIMITS).membrane_od == pytest.approx(1.2)
    assert offer_t_intense([cells]).mean_od == pytest.approx(1.2)
