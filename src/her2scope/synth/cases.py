"""What makes a case 0, 0+, 1+, 2+ or 3+: recipes, all data.

A recipe says how much of the tumour carries each kind of staining (`shares`, strongest first: where staining is
strongest the first kind grows), and which measured proportion decides its score and is brought into `aim`. The kinds
are what a cell asks of its membrane; its true class comes out of the edges as painted, its own and its neighbours'.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from her2scope.analysis.classes import CellClass
from her2scope.base.errors import InputError


class Kind(IntEnum):
    """What a tumour cell asks of its membrane."""

    NONE = 0
    WEAK_PART = 1
    WEAK_RING = 2
    INTENSE_PART = 3
    INTENSE_RING = 4


@dataclass(frozen=True)
class Recipe:
    """How a case is stained.

    Parameters
    ----------
    name
        What the case is called, such as "1+".
    shares
        Kinds of cells and their share of the tumour at full amount, strongest first.
    driver
        The kinds whose share is raised or lowered until the aim is met.
    aim_classes, aim
        The classes whose proportion is aimed at, and its range.
    weak_od, intense_od
        Range of the mean DAB optical density (base 10) of weak and of intense lines in a cell.
    weak_um
        Range of the width of weak lines in um (Scheel 2018: 1+ 0.64, 2+ 1.0; intense 2.14).
    haze_od, weak_haze_od
        Median DAB optical density (base 10) over the cytoplasm of cells ringed by intense stain, and of other
        stained cells.
    """

    name: str
    shares: tuple[tuple[Kind, float], ...] = ()
    driver: tuple[Kind, ...] = ()
    aim_classes: tuple[CellClass, ...] = ()
    aim: tuple[float, float] = (0.0, 0.0)
    weak_od: tuple[float, float] = (0.30, 0.42)
    intense_od: tuple[float, float] = (0.85, 1.35)
    weak_um: tuple[float, float] = (0.64, 0.8)
    haze_od: float = 0.26
    weak_haze_od: float = 0.03


STAINED = tuple(c for c in CellClass if c != CellClass.UNSTAINED)

_RECIPES = (
    Recipe("0"),
    Recipe("0+", ((Kind.WEAK_PART, 0.20),), (Kind.WEAK_PART,), STAINED, (0.035, 0.06)),
    Recipe("1+", ((Kind.WEAK_RING, 0.004), (Kind.WEAK_PART, 0.8)), (Kind.WEAK_PART,), STAINED, (0.32, 0.66)),
    Recipe(
        "2+",
        ((Kind.INTENSE_RING, 0.004), (Kind.WEAK_RING, 0.70), (Kind.WEAK_PART, 0.25)),
        (Kind.WEAK_RING,),
        (CellClass.WEAK_COMPLETE,),
        (0.25, 0.55),
        weak_od=(0.36, 0.50),
        weak_um=(0.85, 1.15),
    ),
    Recipe(
        "3+",
        ((Kind.INTENSE_RING, 0.97), (Kind.WEAK_RING, 0.3), (Kind.WEAK_PART, 0.15)),
        (Kind.INTENSE_RING,),
        (CellClass.INTENSE_COMPLETE,),
        (0.45, 0.85),
        weak_od=(0.36, 0.50),
        weak_um=(0.85, 1.15),
    ),
    Recipe(
        "control",
        ((Kind.INTENSE_RING, 1.0), (Kind.WEAK_RING, 0.5)),
        (Kind.INTENSE_RING,),
        (CellClass.INTENSE_COMPLETE,),
        (0.88, 0.97),
        weak_od=(0.36, 0.50),
        weak_um=(0.85, 1.15),
        intense_od=(0.95, 1.4),
    ),
    Recipe(
        "3+ heterogeneous",
        ((Kind.INTENSE_RING, 0.9),),
        (Kind.INTENSE_RING,),
        (CellClass.INTENSE_COMPLETE,),
        (0.20, 0.35),
    ),
    Recipe(
        "2+ unusual pattern",
        ((Kind.INTENSE_PART, 0.9), (Kind.WEAK_PART, 0.4)),
        (Kind.INTENSE_PART,),
        (CellClass.INTENSE_INCOMPLETE,),
        (0.30, 0.50),
        weak_od=(0.36, 0.50),
        weak_um=(0.85, 1.15),
    ),
)

RECIPES = {recipe.name: recipe for recipe in _RECIPES}
CASES = ("0", "0+", "1+", "2+", "3+", "control")


def find_recipe(case: str) -> Recipe:
    """The recipe of a case.

    Raises
    ------
    InputError
        When there is none of that name.
    """
    if case not in RECIPES:
        raise InputError(f"{case!r} is no synthetic case; choose one of {', '.join(RECIPES)}.")
    return RECIPES[case]
