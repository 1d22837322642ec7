"""Objectives as stated, measured, and forgotten again."""

import pytest

from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.micrometer import measure_pixel
from her2scope.base.errors import OutputError
from her2scope.devices.camera import BenchObjective, Objective
from her2scope.settings.calibration import Calibration, Measured

STATED = (Objective("40x", 0.212), Objective("20x", 0.424, (250.0, 250.0, 250.0)))
IN_FORCE = tuple(BenchObjective(name=o.name, pixel_um=o.pixel_um, white=o.white, setup="bench") for o in STATED)
MEASURED = measure_pixel((0, 0), (0, 500), 105.0)


@pytest.fixture
def kept():
    return []


@pytest.fixture
def book(kept):
    return LensBook(STATED, Calibration(devices="bench"), kept.append)


def test_without_a_measurement_the_set_up_holds(book):
    assert book.objectives == IN_FORCE
    assert not book.is_measured("40x")
    first, second = book.rows()
    assert first.pixel == "0.2120 µm/px, as the set-up says: not measured here"
    assert first.white.startswith("White not taken")
    assert second.white == "White 250, 250, 250, as the set-up says"
    assert not any((row.has_pixel, row.has_white) != (False, False) for row in (first, second))


def test_what_is_measured_is_in_force_under_its_objective_alone_and_kept(book, kept):
    book.take_pixel("40x", MEASURED, "Dr Test")
    book.take_white("40x", (240.0, 238.0, 235.0), "Dr Test")
    measured = BenchObjective(name="40x", pixel_um=0.21, white=(240.0, 238.0, 235.0), setup="bench")
    assert book.find("40x") == measured
    assert book.find("20x") == IN_FORCE[1]
    assert book.is_measured("40x")
    row = book.rows()[0]
    assert row.pixel.startswith("0.2100 µm/px (± 0.3%), measured 20")
    assert row.pixel.endswith("Dr Test")
    assert (row.has_pixel, row.has_white) == (True, True)
    again = LensBook(STATED, kept[-1], kept.append)
    assert again.objectives == book.objectives


def test_a_measurement_can_be_forgotten(book, kept):
    book.take_pixel("40x", MEASURED, "")
    book.take_white("20x", (240.0, 238.0, 235.0), "")
    book.forget_pixel("40x")
    book.forget_white("20x")
    assert book.objectives == IN_FORCE
    assert kept[-1] == Calibration(devices="bench")


def test_a_measurement_that_cannot_be_kept_is_in_force_all_the_same():
    def fail(_):
        raise OutputError("no room.")

    book = LensBook(STATED, Calibration(devices="bench"), fail)
    with pytest.raises(OutputError):
        book.take_pixel("40x", MEASURED, "")
    assert book.find("40x").pixel_um == 0.21


def test_entries_of_objectives_that_are_gone_stay_in_the_file(kept):
    gone = Measured(name="100x", pixel_um=0.1)
    book = LensBook(STATED, Calibration(devices="bench", objectives=(gone,)), kept.append)
    assert book.find("100x") is None
    book.take_white("40x", (240.0, 238.0, 235.0), "")
    assert kept[-1].find("100x") == gone
