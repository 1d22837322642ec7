"""What is said of stain vectors: a part of the table in `texts`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STAINS: Mapping[str, str] = MappingProxyType(
    {
        "vectors.taken": "Stain vectors {angle}\u00b0 apart, from {pixels} pixels",
        "vectors.reads_same": "The DAB region reads as much DAB as now.",
        "vectors.reads_more": "The DAB region reads {percent}% more DAB than now; the thresholds stay.",
        "vectors.reads_less": "The DAB region reads {percent}% less DAB than now; the thresholds stay.",
        "vectors.doubtful": (
            "Cells would change class by that alone. Where a region holds more than its own stain, cancel, zoom in, "
            "and draw inside one nucleus and one membrane; where it does not, set the thresholds anew (T)."
        ),
        "vectors.both": "hematoxylin {hematoxylin}, DAB {dab}",
        "vectors.why_keep": "kept for new cases too",
        "vectors.why_case": "for this case only",
        "vectors.own": "the profile's own",
        "vectors.lens": "{lens} (set-up {setup})",
        "vectors.changed": "{lens}: {new} (before: {old})",
        "vectors.none": "the profile's own, {old}",
        "vectors.dropped": "{lens}: the profile's own again, {new} (before: {old})",
        "vectors.same": "as before",
        "vectors.elsewhere": "Stain vectors, {changes}",
        "vectors.two_lenses": (
            "The two regions were drawn under different objectives ({first}; {second}); draw both under one."
        ),
        "vectors.no_lens": "no objective named",
        "vectors.title": "Stain vectors under {lens}",
        "vectors.title_own": "Stain vectors",
        "vectors.ask": "{taken}\n\nNew: {new}\nNow: {now}",
        "vectors.keep": (
            "Keep them for the profile {profile} under {lens}? New cases with this device set-up use them too, until "
            "they are forgotten in the settings (Objectives).\n\n{again}"
        ),
        "vectors.case": (
            "This picture does not say what it was taken through, so they can be used in this case alone, as the "
            "vectors of the profile {profile} itself.\n\n{again}"
        ),
        "vectors.other_setup": (
            "This field was taken with the set-up {setup}, not with the one that stands here, so they can be used in "
            "this case alone, under {lens} of that set-up.\n\n{again}"
        ),
        "vectors.again": "Read again: {fields} of this case taken under {lens}. All others stay as they are.",
        "vectors.again_own": (
            "Read again: {fields} of this case, those whose objective has no vectors of its own. All others stay as "
            "they are."
        ),
        "vectors.unknown": "Of {fields} the objective is not recorded: they are read by the profile's own vectors.",
        "vectors.button_keep": "Keep for {lens}",
        "vectors.button_case": "This case only",
        "vectors.kept": (
            "Fields under {lens} are read by these stain vectors, which are kept for profile {profile}. Undo takes "
            "them from this case alone; the settings (Objectives) forget them."
        ),
        "vectors.lost": (
            "Fields under {lens} are read by these stain vectors, but they are not kept and hold for this case alone: "
            "{why}"
        ),
        "vectors.used": "In this case, fields under {lens} are read by these stain vectors.",
        "vectors.used_own": "In this case, fields without stain vectors of their objective are read by these.",
        "vectors.unlike": (
            "Under {lenses} this case reads its fields by other stain vectors than are kept for profile {profile} on "
            "this set-up, and goes on so. Reset in the threshold bar (T) takes what is kept, thresholds too."
        ),
        "vectors.forgotten": (
            "New cases read fields under {lenses} by the profile's own stain vectors. This case goes on as it was; "
            "Reset in the threshold bar (T) takes the profile's own, thresholds too."
        ),
        "vectors.nowhere": "an objective that is not recorded",
        "flag.vectors": (
            "the stain vectors were picked under {picked} and not under {own}, whose fields are read by the profile's "
            "own: they may differ for that alone; pick them there too, or choose one for all"
        ),
        "lens.elsewhere": (
            "This field was taken with the set-up {setup}, not with the one that stands here; measure on the live "
            "picture."
        ),
        "lens.stain_own": "Stain vectors not picked: each profile's own are used",
        "lens.stain": "Stain of profile {profile}: {vectors}, picked {by}",
        "profile.lens": "{lens} vectors",
    }
)
