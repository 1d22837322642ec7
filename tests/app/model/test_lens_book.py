"""Objectives as stated, measured, and forgotten again."""

import pytest

from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_vectors import StainVectors
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.micrometer import measure_pixel
from her2scope.base.errors import OutputError
from her2scope.base.frame import Lens
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


LAB = StainProfile("lab", t_weak=0.11)
L40, L20, ELSEWHERE = Lens("bench", "40x"), Lens("bench", "20x"), Lens("scanner", "40x")
ONE = StainVectors((0.60, 0.72, 0.35), (0.35, 0.56, 0.75))
TWO = StainVectors((0.70, 0.66, 0.25), (0.20, 0.58, 0.79))


def test_a_profile_takes_on_what_is_kept_for_it_alone(book, kept):
    book.take_stain("40x", "lab", ONE, "Dr Test")
    book.take_stain("40x", "other", TWO, "Dr Test")
    assert book.dressed(LAB) == LAB.with_vectors(L40, ONE)
    assert book.dressed(StainProfile("third")) == StainProfile("third")
    again = LensBook(STATED, kept[-1], kept.append)
    assert again.dressed(LAB) == book.dressed(LAB)
    assert book.find("40x") == IN_FORCE[0]


def test_what_was_picked_is_named_and_can_be_forgotten(book, kept):
    book.take_stain("40x", "lab", ONE, "Dr Test")
    book.take_stain("40x", "other", TWO, "")
    (first, second), none = (row.stains for row in book.rows())
    assert none == ()
    assert (first.profile, second.profile) == ("lab", "other")
    words = first.text.replace("\u00a0", " ")
    assert words.startswith("Stain of profile lab: hematoxylin 0.600 0.720 0.350, DAB 0.350 0.560 0.751, picked 20")
    assert first.text.endswith("Dr Test")
    book.forget_stain("40x", "lab")
    assert book.dressed(LAB) == LAB
    assert [row.profile for row in book.rows()[0].stains] == ["other"]
    book.forget_stain("40x", "other")
    assert kept[-1] == Calibration(devices="bench")


def test_other_measurements_of_the_objective_stay(book, kept):
    book.take_pixel("40x", MEASURED, "")
    book.take_stain("40x", "lab", ONE, "")
    book.take_white("40x", (240.0, 238.0, 235.0), "")
    book.forget_pixel("40x")
    assert kept[-1].find("40x").stain_of("lab").vectors == ONE
    book.forget_white("40x")
    assert book.dressed(LAB).under(L40).vectors == ONE


def test_what_a_case_holds_of_another_set_up_stays_with_its_profile(book):
    book.take_stain("40x", "lab", ONE, "")
    before = LAB.with_vectors(ELSEWHERE, TWO).with_vectors(L20, TWO)
    assert book.dressed(LAB, before) == LAB.with_vectors(L40, ONE).with_vectors(ELSEWHERE, TWO)
    other = StainProfile("other")
    assert book.dressed(other, before) == other


def test_where_a_case_differs_from_what_is_kept(book):
    book.take_stain("40x", "lab", ONE, "")
    assert book.unlike(LAB.with_vectors(L40, ONE)) == ()
    assert book.unlike(LAB.with_vectors(L40, ONE).with_vectors(ELSEWHERE, TWO)) == ()
    assert book.unlike(LAB) == ("40x",)
    assert book.unlike(LAB.with_vectors(L40, TWO).with_vectors(L20, TWO)) == ("40x", "20x")


def test_a_profile_saved_under_another_name_has_its_vectors_there_too(book, kept):
    book.take_stain("40x", "lab", ONE, "Dr Test")
    mine = LAB.with_vectors(L40, ONE).with_vectors(L20, TWO).with_vectors(ELSEWHERE, TWO)
    book.take_stains(mine, "lab-own", "Dr Other")
    assert book.dressed(StainProfile("lab-own")).lenses == tuple(e for e in mine.lenses if e.lens != ELSEWHERE)
    assert kept[-1].find("40x").stain_of("lab-own").who == "Dr Test"  # who picked them, not who saved the profile
    assert kept[-1].find("20x").stain_of("lab-own").who == "Dr Other"
    assert book.dressed(LAB) == LAB.with_vectors(L40, ONE)
    saved = len(kept)
    book.take_stains(LAB, "plain", "Dr Test")
    assert len(kept) == saved


def test_an_objective_without_a_name_says_nothing_of_where_a_field_was_seen():
    book = LensBook((Objective("", 0.212), Objective("40x", 0.212)), Calibration(devices="bench"), lambda _: None)
    assert [lens.lens for lens in book.objectives] == [None, L40]
