"""The cell classes of paper 001, 3.3 (five; seven with moderate split off, 5.3) and their counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class CellClass(IntEnum):
    """Membrane staining of one tumour cell, strongest first."""

    INTENSE_COMPLETE = 0
    INTENSE_INCOMPLETE = 1
    MODERATE_COMPLETE = 2
    MODERATE_INCOMPLETE = 3
    WEAK_COMPLETE = 4
    WEAK_INCOMPLETE = 5
    UNSTAINED = 6

    @property
    def label(self) -> str:
        """The name used in files: lower case, such as "intense_complete"."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> CellClass:
        """The class of a label; KeyError when there is none."""
        return cls[label.upper()]


FIVE_CLASSES = (
    CellClass.INTENSE_COMPLETE,
    CellClass.INTENSE_INCOMPLETE,
    CellClass.WEAK_COMPLETE,
    CellClass.WEAK_INCOMPLETE,
    CellClass.UNSTAINED,
)
SEVEN_CLASSES = tuple(CellClass)
COMPLETE_CLASSES = (CellClass.INTENSE_COMPLETE, CellClass.MODERATE_COMPLETE, CellClass.WEAK_COMPLETE)


@dataclass(frozen=True)
class Counts:
    """How many counted tumour cells there are of each class.

    Parameters
    ----------
    by_class
        Seven non-negative integers in the order of CellClass.
    """

    by_class: tuple[int, ...] = (0,) * len(CellClass)

    @classmethod
    def of(cls, counts: Mapping[CellClass, int]) -> Counts:
        """Counts from a mapping; classes left out are 0."""
        return cls(tuple(int(counts.get(c, 0)) for c in CellClass))

    @classmethod
    def of_classes(cls, classes: NDArray[np.uint8]) -> Counts:
        """Count an (N,) uint8 array of CellClass values."""
        return cls(tuple(int(n) for n in np.bincount(classes, minlength=len(CellClass))))

    @classmethod
    def sum(cls, many: Iterable[Counts]) -> Counts:
        """Add counts class by class (paper 001, 3.4)."""
        total = Counts()
        for counts in many:
            total = total + counts
        return total

    def __add__(self, other: Counts) -> Counts:
        """Add class by class."""
        return Counts(tuple(a + b for a, b in zip(self.by_class, other.by_class, strict=True)))

    def __getitem__(self, cell_class: CellClass) -> int:
        """The count of one class."""
        return self.by_class[cell_class]

    @property
    def total(self) -> int:
        """All counted cells."""
        return sum(self.by_class)

    @property
    def stained(self) -> int:
        """All counted cells but the unstained ones."""
        return self.total - self[CellClass.UNSTAINED]
