"""Every sentence and word that the model shows, in one place: a translation replaces this table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "research_use": "Research use only: the score is proposed, the pathologist decides.",
        "excluded.by_hand": "excluded by hand",
        "error.cell_outside": "A cell cannot be added outside the field; click inside the picture.",
        "error.region_points": "A region needs at least three points; draw it again.",
        "error.region_area": "This region has no area; draw it again.",
        "error.no_reason": "Skipping the positive control needs a reason; write one.",
        "error.no_offer": "The control offers no t_intense; take control fields first.",
        "error.signer": "A signed score needs a name; write who signs.",
        "why.offer": "offered by the control (mean membrane OD {od})",
        "did.take": "Took {name}",
        "did.take_control": "Took {name} as control",
        "did.delete": "Deleted {name}",
        "did.exclude": "Excluded {name}",
        "did.reopen": "Reopened {name}",
        "did.roi": "Changed the regions of {name}",
        "did.correct": "Corrected cells of {name}: {changed} changed, {removed} removed, {added} added",
        "did.uncorrect": "Took back {cells} corrections of {name}",
        "did.stain": "Set t_weak {t_weak}, t_intense {t_intense} (OD), stain profile {name}",
        "did.guideline": "Chose guideline {name}",
        "did.no_tumour": "Declared that there is no invasive tumour",
        "did.tumour": "Declared invasive tumour",
        "did.control_skipped": "Skipped the positive control",
        "did.control_open": "Opened the control step again",
        "did.control_done": "Closed the control step",
        "did.ish": "Entered ISH group {group}",
        "did.no_ish": "Took the ISH group back",
        "did.sign": "Signed the case as {score}",
        "did.unsign": "Took the signature back",
    }
)


def say(key: str, /, **values: object) -> str:
    """The text of `key`, with its blanks filled; a KeyError for a key or blank that is not there is a bug."""
    return ENGLISH[key].format(**values)
