"""What fields are called in the window, and whether they were taken with what stands here now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from her2scope.app.model.state import Role, Source, TakenField
from her2scope.app.model.texts import say

_TITLES = {Role.CASE: "strip.field", Role.CONTROL: "strip.control"}


def field_titles(fields: Iterable[TakenField]) -> dict[int, str]:
    """By number, what each field is called: control and case fields are counted apart, in the order taken."""
    numbers = dict.fromkeys(Role, 0)
    titles = {}
    for taken in fields:
        numbers[taken.role] += 1
        titles[taken.id] = say(_TITLES[taken.role], n=numbers[taken.role])
    return titles


def audit_name(fields: Sequence[TakenField], taken: TakenField) -> str:
    """A field's name for the list of changes: as the window calls it now, with its frame's name.

    A field that the case does not hold yet is named as its next.
    """
    held = fields if any(other.id == taken.id for other in fields) else (*fields, taken)
    return say("audit.field_name", title=field_titles(held)[taken.id], frame=taken.name)


def why_elsewhere(fields: Sequence[TakenField], taken: TakenField) -> str:
    """What a field is taken with, where the last one of its role was taken with something else; else empty."""
    before = [other.source for other in fields if other.role is taken.role and other.source is not None]
    if taken.source is None or not before or taken.source.looks_like(before[-1]):
        return ""
    return say("why.elsewhere", now=source_text(taken.source), before=source_text(before[-1]))


def moved_text(fields: Sequence[TakenField], now: Source | None) -> str:
    """That fields of the case were taken with something else than what stands here now; empty where none was.

    Control tissue may lie on a slide of its own, so that control fields say nothing.
    """
    sources = [taken.source for taken in fields if taken.role is Role.CASE and taken.source is not None]
    others = [source for source in sources if now is not None and not source.looks_like(now)]
    if now is None or not others:
        return ""
    return say("source.moved", before=source_text(others[-1]), now=source_text(now))


def source_text(source: Source) -> str:
    """Specimen and set-up in words."""
    return say("source.text", specimen=source.specimen, setup=source.setup)
