"""Kept cases at a glance: what a list shows of a case.json without loading the case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from her2scope.app.model.folder_store import CASE
from her2scope.app.model.history import AuditEntry, changed_since_signed
from her2scope.app.model.state import Role, SignOff


class _FieldGlance(msgspec.Struct):
    """As much of a field as tells whether it counts in the case."""

    role: Role = Role.CASE


class _Glance(msgspec.Struct):
    name: str
    fields: list[_FieldGlance]
    sign_off: SignOff | None
    audit: list[AuditEntry]


@dataclass(frozen=True)
class KeptCase:
    """A case in a list.

    Parameters
    ----------
    folder
        Where it is kept.
    name
        As it was named; else the folder's name.
    changed
        When it was kept last, such as "2026-11-28 11:40".
    fields
        How many it has beside those of the control; None where the file cannot be read.
    signed
        Which score was signed by whom, and whether the case was changed since; empty where it was not.
    """

    folder: Path
    name: str
    changed: str
    fields: int | None = None
    signed: str = ""


def kept_case(folder: Path) -> KeptCase | None:
    """The case in a folder; None where there is none. One that cannot be read has no number of fields."""
    path = folder / CASE
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone().strftime("%Y-%m-%d %H:%M")
    except OSError:
        return None
    try:
        seen = msgspec.json.decode(path.read_bytes(), type=_Glance)
    except (OSError, msgspec.DecodeError):
        return KeptCase(folder, folder.name, changed)
    fields = sum(field.role is Role.CASE for field in seen.fields)
    return KeptCase(folder, seen.name or folder.name, changed, fields, _signed(seen))


def kept_cases(places: Iterable[Path]) -> tuple[KeptCase, ...]:
    """The cases right in some folders, the one kept last first."""
    folders = {path.resolve() for place in places if place.is_dir() for path in place.iterdir() if path.is_dir()}
    found = [case for folder in folders if (case := kept_case(folder)) is not None]
    return tuple(sorted(found, key=lambda case: (case.changed, case.folder.name), reverse=True))


def _signed(seen: _Glance) -> str:
    if seen.sign_off is None:
        return ""
    since = ", changed since" if changed_since_signed(seen.audit) else ""
    return f"{seen.sign_off.score} by {seen.sign_off.who}{since}"
