"""Stain vectors in words: which are in force under which objective, and what a change changes about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from her2scope.analysis.stain import StainProfile
from her2scope.analysis.stain_vectors import Absorbance, StainVectors, unit
from her2scope.app.model.state import TakenField
from her2scope.app.model.texts import say, say_number
from her2scope.base.frame import Lens


def vectors_text(vectors: StainVectors) -> str:
    """Both at length 1, so that those of any source can be compared."""
    return say("vectors.both", hematoxylin=_vector_text(vectors.hematoxylin), dab=_vector_text(vectors.dab))


def unbroken(vectors: StainVectors) -> str:
    """The same for a narrow place: lines break between the two, and not inside one."""
    parts = (part.replace(" ", "\u00a0") for part in vectors_text(vectors).split(", "))
    return ", ".join(parts)


def _vector_text(vector: Absorbance) -> str:
    return " ".join(f"{value:.3f}" for value in unit(vector))


def lens_text(lens: Lens | None) -> str:
    """An objective and its set-up."""
    return say("vectors.own") if lens is None else say("vectors.lens", lens=lens.objective, setup=lens.setup)


def changes_text(before: StainProfile, after: StainProfile) -> str:
    """Which vectors another profile brings, and those until then; empty where it brings none.

    Fields are read by the profile's own vectors under an objective that has none.
    """
    lenses: list[Lens | None] = [None, *sorted({entry.lens for entry in (*before.lenses, *after.lenses)})]
    return "; ".join(text for lens in lenses if (text := _change_text(before, after, lens)))


def _change_text(before: StainProfile, after: StainProfile, lens: Lens | None) -> str:
    old, new = (p.vectors if lens is None else p.vectors_under(lens) for p in (before, after))
    if old == new:
        return ""
    if new is None:
        own, was = vectors_text(after.vectors), vectors_text(old or before.vectors)
        return say("vectors.dropped", lens=lens_text(lens), new=own, old=was)
    old_text = vectors_text(old) if old is not None else say("vectors.none", old=vectors_text(before.vectors))
    return say("vectors.changed", lens=lens_text(lens), new=vectors_text(new), old=old_text)


def read_again_text(fields: Sequence[TakenField], stain: StainProfile, lens: Lens | None) -> str:
    """Which fields of a case other vectors under an objective read again, and which not for want of an objective."""
    if lens is None:
        again = [taken for taken in fields if stain.vectors_under(taken.lens) is None]
        return say("vectors.again_own", fields=say_number("fields", len(again)))
    again, unknown = _of(fields, lens), _of(fields, None)
    text = say("vectors.again", lens=lens.objective, fields=say_number("fields", len(again)))
    return f"{text} {say('vectors.unknown', fields=say_number('fields', len(unknown)))}" if unknown else text


def _of(fields: Iterable[TakenField], lens: Lens | None) -> list[TakenField]:
    return [taken for taken in fields if taken.lens == lens]


def mixed_text(fields: Iterable[TakenField], stain: StainProfile) -> str:
    """That some fields are read by vectors picked under their objective and others by the profile's own; else empty."""
    lenses = {taken.lens for taken in fields}
    picked = {lens for lens in lenses if stain.vectors_under(lens) is not None}
    if not picked or picked == lenses:
        return ""
    names = (", ".join(sorted(_named(lens) for lens in part)) for part in (picked, lenses - picked))
    return say("flag.vectors", picked=next(names), own=next(names))


def _named(lens: Lens | None) -> str:
    return say("vectors.nowhere") if lens is None else lens_text(lens)
