"""What the list of changes says was done: a part of the table in `texts`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "did.take": "Took {name}",
        "did.take_control": "Took {name} as control",
        "did.delete": "Deleted {name}",
        "did.exclude": "Excluded {name}",
        "did.reopen": "Reopened {name}",
        "did.use_case": "Put {name} to the case",
        "did.use_control": "Put {name} to the control",
        "did.rename": "Named the case {name}",
        "did.roi": "Changed the regions of {name}",
        "did.correct": "Corrected cells of {name}: {changed} changed, {removed} removed, {added} added",
        "did.uncorrect": "Took back corrections of {name}: {cells}",
        "did.stain": "Set t_weak {t_weak}, t_intense {t_intense} (OD), stain profile {name}",
        "did.vectors": "Picked stain vectors of profile {name}, {changes}",
        "did.guideline": "Chose guideline {name}",
        "did.no_tumour": "Declared that there is no invasive tumour",
        "did.tumour": "Declared invasive tumour",
        "did.control_skipped": "Skipped the positive control",
        "did.control_open": "Opened the control step again",
        "did.control_done": "Closed the control step",
        "did.ish": "Entered {entry}",
        "did.no_ish": "Took the ISH result back",
        "did.sign": "Signed the case as {score}",
        "did.unsign": "Took the signature back",
    }
)
