"""cells.csv and the nuclei table."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from her2scope.analysis.cells import Cells
from her2scope.analysis.classes import CellClass
from her2scope.analysis.nuclei import Nuclei
from her2scope.base.spreadsheet import protect, unprotect
from her2scope.report.tables import cells_csv, nuclei_csv

CELLS = Cells(
    xy_px=np.array([(1.0, 2.0), (30.126, 4.5)]),
    classes=np.array([CellClass.INTENSE_COMPLETE, CellClass.UNSTAINED], np.uint8),
    completeness=np.array([1.0, 0.0], np.float32),
    membrane_od=np.array([0.91237, np.nan], np.float32),
    membrane_width_um=np.array([2.1, np.inf], np.float32),
    counted=np.array([True, False]),
)


def rows(data):
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def test_cells():
    assert cells_csv([("a.png", CELLS)]).decode() == (
        "field,cell,x_px,y_px,class,completeness,membrane_od,membrane_width_um,counted\n"
        "a.png,1,1.00,2.00,intense_complete,1.000,0.9124,2.100,true\n"
        "a.png,2,30.13,4.50,unstained,0.000,,,false\n"
    )


def test_no_fields_leave_the_header():
    assert len(rows(cells_csv([]))) == 1


def test_nuclei():
    nuclei = Nuclei(np.array([(1.0, 2.0)]), np.array([0.5], np.float32))
    assert nuclei_csv([("a.png", nuclei), ("b.png", nuclei)]).decode() == (
        "image,x_px,y_px,score\na.png,1.00,2.00,0.5000\nb.png,1.00,2.00,0.5000\n"
    )


@pytest.mark.parametrize(
    "name",
    ["a,b.png", 'say "so".png', "two\nlines.png", "back\rreturn.png", "组织.png", " space.png", "100%.png", "'a'"]
)  # fmt: skip
def test_names_come_back(name):
    assert [row[0] for row in rows(cells_csv([(name, CELLS)]))[1:]] == [name, name]


@pytest.mark.parametrize(
    "name", ["=1+1.png", "+1.png", "-dash.png", "@SUM(A1).png", "\tx", "\rx", "\nx", "=cmd|' /C calc'!A0"]
)
def test_no_name_is_a_formula(name):
    written = rows(cells_csv([(name, CELLS)]))[1][0]
    assert written == f"'{name}"
    assert unprotect(written) == name


@given(st.text(alphabet="'=+-@ab\n\t", max_size=6))
def test_protection_is_undone(name):
    assert unprotect(protect(name)) == name
    assert protect(name)[:1] not in set("=+-@\t\n")


def test_names_that_are_not_unicode():
    assert rows(cells_csv([("f\udce9ld.png", CELLS)]))[1][0] == "f\ufffdld.png"
