"""An evaluation in words and columns."""

from __future__ import annotations

from her2scope.evaluation.agreement import ClassAgreement
from her2scope.evaluation.compare import Detection, Evaluation


def to_text(evaluation: Evaluation) -> str:
    """Lay out an evaluation as plain text, for the terminal."""
    fields = "field" if evaluation.fields == 1 else "fields"
    lines = [f"{evaluation.fields} {fields}; intervals are 95% bootstrap intervals over fields", ""]
    lines += _detection_lines(evaluation.detection)
    if evaluation.classes is None:
        return "\n".join([*lines, "", "Cell classes: not compared (not in both tables)", ""])
    return "\n".join([*lines, "", *_class_lines(evaluation.classes), ""])


def _detection_lines(detection: Detection) -> list[str]:
    lines = [
        f"Detection within {detection.radius_um:g} um: {detection.n_truth} true, {detection.n_found} found",
        f"  precision  {detection.precision}",
        f"  recall     {detection.recall}",
        f"  F1         {detection.f1}",
        "  F1 by radius:",
        *(f"    {radius:4g} um  {value}" for radius, value in detection.f1_by_radius),
    ]
    if detection.fields_without_points:
        lines.append(f"  nothing was found in: {', '.join(detection.fields_without_points)}")
    return lines


def _class_lines(agreement: ClassAgreement) -> list[str]:
    return [
        "Cell classes, counted and matched cells:",
        f"  macro F1            {agreement.macro_f1}",
        f"  macro F1, detected  {agreement.macro_f1_detected}  (missed and extra cells are errors)",
        f"  kappa               {agreement.kappa}",
        f"  kappa, linear       {agreement.kappa_linear}",
        f"  kappa, quadratic    {agreement.kappa_quadratic}",
        f"  completeness error  {agreement.completeness_error}  (mean absolute)",
        "  F1 by class:",
        *(f"    {c.label:20}{f1}" for c, f1 in zip(agreement.classes, agreement.f1_by_class, strict=True)),
        "  Confusion, truth in rows:",
        *_confusion_lines(agreement),
    ]


def _confusion_lines(agreement: ClassAgreement) -> list[str]:
    labels = [*(c.label for c in agreement.classes), "no cell"]
    short = [_initials(label) for label in labels]
    lines = ["    " + " " * 24 + "".join(f"{s:>8}" for s in short)]
    for label, initials, row in zip(labels, short, agreement.confusion, strict=True):
        lines.append(f"    {label:20}{initials:>4}" + "".join(f"{n:8d}" for n in row))
    return lines


def _initials(label: str) -> str:
    """Such as "IC" for "intense_complete"."""
    return "".join(word[0] for word in label.replace("_", " ").split()).upper()
