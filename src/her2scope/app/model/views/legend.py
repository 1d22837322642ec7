"""The legend: every class with its colour, mark, count and proportion."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.analysis.classes import COMPLETE_CLASSES, FIVE_CLASSES, SEVEN_CLASSES, CellClass, Counts
from her2scope.analysis.overlay import OKABE_ITO, OverlayStyle, Rgb
from her2scope.app.model.texts import say, say_number

NOT_MEASURED = "\u2014"


@dataclass(frozen=True)
class LegendRow:
    """One class.

    Parameters
    ----------
    cell_class, label
        Which, and its name.
    colour
        RGB, 0 to 255.
    is_dashed
        Whether its membranes are dashed: incomplete ones are.
    count
        Counted cells.
    count_text, share_text
        The count, and its proportion as "12.3%", in words; a dash for no cells at all: not measured.
    """

    cell_class: CellClass
    label: str
    colour: Rgb
    is_dashed: bool
    count: int
    count_text: str
    share_text: str


@dataclass(frozen=True)
class Legend:
    """All classes shown, and the total in words."""

    rows: tuple[LegendRow, ...]
    total_text: str


def shown_classes(counts: Counts, *, split: bool) -> tuple[CellClass, ...]:
    """The classes to show: five, or seven when moderate is split off or moderate cells are there (set by hand)."""
    moderate = counts[CellClass.MODERATE_COMPLETE] + counts[CellClass.MODERATE_INCOMPLETE]
    return SEVEN_CLASSES if split or moderate else FIVE_CLASSES


def legend(counts: Counts, *, split: bool = False, style: OverlayStyle = OKABE_ITO) -> Legend:
    """The legend of a field or a case.

    Parameters
    ----------
    counts
        Counted cells.
    split
        Whether t_moderate splits moderate from weak.
    style
        Colours in use.
    """
    rows = tuple(_row(c, counts, style) for c in shown_classes(counts, split=split))
    return Legend(rows, cells_text(counts.total))


def cells_text(cells: int) -> str:
    """A number of cells in words."""
    return say_number("cells", cells)


def class_label(cell_class: CellClass) -> str:
    """The name of a class on screen."""
    return say(f"class.{cell_class.label}")


def share_text(cells: int, total: int) -> str:
    """A proportion in percent with one decimal; a dash of nothing."""
    return f"{100 * cells / total:.1f}%" if total else NOT_MEASURED


def _row(cell_class: CellClass, counts: Counts, style: OverlayStyle) -> LegendRow:
    dashed = cell_class not in COMPLETE_CLASSES and cell_class is not CellClass.UNSTAINED
    count = counts[cell_class]
    return LegendRow(
        cell_class,
        class_label(cell_class),
        style.colours[cell_class],
        dashed,
        count,
        str(count) if counts.total else NOT_MEASURED,
        share_text(count, counts.total),
    )
