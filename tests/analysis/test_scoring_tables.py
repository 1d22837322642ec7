"""Named cases of every guideline file: what the counts must score, read and flag."""

from dataclasses import dataclass

import pytest

from her2scope.analysis.classes import CellClass, Counts
from her2scope.analysis.guideline import Action, Guideline, with_action
from her2scope.analysis.scoring import CaseContext, CaseScore, score_case
from her2scope.settings.guidelines import list_guidelines, load_guideline

UNUSUAL = "unusual pattern: intense but incomplete (basolateral or lateral)"
FEW_INTENSE = "intense complete staining in 10% or fewer: can be considered 2+; more fields may change the percentage"


@dataclass(frozen=True)
class Case:
    """Counts in the order IC, II, MC, MI, WC, WI of 1000 cells, and what must come out."""

    name: str
    stained: tuple[int, int, int, int, int, int]
    score: str
    rule: str | None
    reading: str
    flag: str = ""

    @property
    def counts(self) -> Counts:
        return Counts((*self.stained, 1000 - sum(self.stained)))


BREAST_2018 = [
    Case("uniform 3+", (900, 0, 0, 0, 50, 0), "3+", "intense complete", "3+"),
    Case("just over 10% intense", (101, 0, 0, 0, 0, 0), "3+", "intense complete", "3+"),
    Case("10% intense with weak rings", (100, 0, 0, 0, 1, 0), "2+", "complete", "2+"),
    Case("weak rings", (0, 0, 0, 0, 101, 300), "2+", "complete", "2+"),
    Case("moderate rings count as weak-to-moderate", (0, 0, 60, 0, 41, 0), "2+", "complete", "2+"),
    Case("basolateral", (0, 101, 0, 0, 0, 0), "2+", "intense incomplete", "2+", UNUSUAL),
    Case("exactly 10% intense, nothing else", (100, 0, 0, 0, 0, 0), "0", None, "0+/with membrane staining"),
    Case("faint", (0, 0, 0, 0, 0, 101), "1+", "stained", "1+"),
    Case("2013's 2+ is 1+ here: moderate but incomplete", (0, 0, 0, 300, 0, 0), "1+", "stained", "1+"),
    Case("a little of all", (30, 30, 0, 0, 30, 30), "1+", "stained", "1+"),
    Case("exactly 10% stained", (0, 0, 0, 0, 0, 100), "0", None, "0+/with membrane staining"),
    Case("one stained cell", (0, 0, 0, 0, 0, 1), "0", None, "0+/with membrane staining"),
    Case("nothing stained", (0, 0, 0, 0, 0, 0), "0", None, "0/absent membrane staining"),
]
BREAST_2013 = [
    Case("just over 10% intense", (101, 0, 0, 0, 0, 0), "3+", "intense complete", "3+"),
    Case("moderate but incomplete", (0, 0, 0, 101, 0, 0), "2+", "complete or more than faint", "2+"),
    Case("intense but incomplete", (0, 60, 0, 0, 41, 0), "2+", "complete or more than faint", "2+"),
    Case("few intense", (9, 0, 0, 0, 0, 0), "0", None, "0", "intense complete staining in 10% or fewer"),
    Case("faint", (0, 0, 0, 0, 0, 101), "1+", "stained", "1+"),
    Case("exactly 10% faint", (0, 0, 0, 0, 0, 100), "0", None, "0"),
    Case("nothing stained", (0, 0, 0, 0, 0, 0), "0", None, "0"),
]
BREAST_2007 = [
    Case("over 30% intense", (301, 0, 0, 0, 0, 0), "3+", "intense complete", "3+"),
    Case("exactly 30% intense", (300, 0, 0, 0, 0, 0), "2+", "complete", "2+"),
    Case("exactly 10% complete", (0, 0, 0, 0, 100, 0), "2+", "complete", "2+"),
    Case("under 10% complete", (0, 0, 0, 0, 99, 0), "1+", "stained", "1+"),
    Case("few intense", (9, 0, 0, 0, 0, 0), "1+", "stained", "1+", "intense complete staining in few cells"),
    Case("intense but incomplete", (0, 200, 0, 0, 0, 0), "1+", "stained", "1+", "intense but incomplete staining"),
    Case("one stained cell", (0, 0, 0, 0, 0, 1), "1+", "stained", "1+"),
    Case("nothing stained", (0, 0, 0, 0, 0, 0), "0", None, "0"),
]
GASTRIC_RESECTION = [
    Case("exactly 10% intense", (0, 100, 0, 0, 0, 0), "3+", "intense", "3+", "check against the primary text"),
    Case("intense, complete or not", (50, 50, 0, 0, 0, 0), "3+", "intense", "3+"),
    Case("exactly 10% weak rings", (0, 0, 0, 0, 100, 0), "2+", "weak to moderate", "2+"),
    Case("moderate basolateral", (0, 0, 0, 100, 0, 0), "2+", "weak to moderate", "2+"),
    Case("exactly 10% faint", (0, 0, 0, 0, 0, 100), "1+", "stained", "1+"),
    Case("under 10%", (0, 0, 0, 0, 0, 99), "0", None, "0, membrane staining in fewer than 10%"),
    Case("nothing stained", (0, 0, 0, 0, 0, 0), "0", None, "0, no membrane staining"),
]
SHARE_TABLES = {
    "breast_asco_cap_2018": BREAST_2018,
    "breast_2013": BREAST_2013,
    "breast_2007": BREAST_2007,
    "gastric_resection": GASTRIC_RESECTION,
}
BIOPSY = [
    ((5, 5, 5), "3+", "intense cluster", "3+"),
    ((4, 5, 5), "2+", "weak to moderate cluster", "2+"),
    ((4, 4, 5), "1+", "stained cluster", "1+"),
    ((4, 4, 4), "0", None, "0, stained cells but no cluster of 5"),
]


def score_biopsy(sizes: tuple[int, int, int]) -> CaseScore:
    guideline = load_guideline("gastric_biopsy")
    clusters = dict(zip((rule.id for rule in guideline.rules), sizes, strict=True))
    return score_case([Counts((4, 0, 0, 0, 0, 1, 200))], guideline, context=CaseContext(clusters=clusters))


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name, cases in SHARE_TABLES.items() for case in cases],
    ids=lambda value: value.name if isinstance(value, Case) else value,
)
def test_case_of_table(name: str, case: Case) -> None:
    got = score_case([case.counts], load_guideline(name))
    assert (got.score, got.rule, got.reading) == (case.score, case.rule, case.reading)
    assert any(flag.startswith(case.flag) for flag in got.flags)


@pytest.mark.parametrize(("sizes", "score", "rule", "reading"), BIOPSY)
def test_biopsy_goes_by_its_largest_cluster(sizes, score, rule, reading) -> None:
    got = score_biopsy(sizes)
    assert (got.score, got.rule, got.reading) == (score, rule, reading)


@pytest.mark.parametrize("name", list_guidelines())
def test_tables_reach_every_rule_that_decides(name: str) -> None:
    deciding = {rule.id for rule in load_guideline(name).rules if rule.action == "score"}
    if name == "gastric_biopsy":
        reached = {score_biopsy(sizes).rule for sizes, *_ in BIOPSY}
    else:
        reached = {case.rule for case in SHARE_TABLES[name]}
    assert reached - {None} == deciding
    assert None in reached


@pytest.mark.parametrize("action", ["off", "flag", "score"])
def test_few_intense_cells_are_an_option(action: Action) -> None:
    guideline = with_action(load_guideline("breast_asco_cap_2018"), "intense complete in few", action)
    got = score_case([Counts((30, 0, 0, 0, 0, 200, 770))], guideline)
    assert (got.score, FEW_INTENSE in got.flags) == {"off": ("1+", False), "flag": ("1+", True), "score": ("2+", True)}[
        action
    ]


def test_option_is_off_in_the_default_file() -> None:
    got = score_case([Counts((30, 0, 0, 0, 0, 200, 770))], load_guideline("breast_asco_cap_2018"))
    assert FEW_INTENSE not in got.flags


@pytest.mark.parametrize("n", [10, 100, 109, 110, 111, 1000, 12345, 10**9])
def test_ten_percent_is_decided_on_integers(n: int) -> None:
    guideline: Guideline = load_guideline("breast_asco_cap_2018")
    rule = next(r for r in guideline.rules if r.id == "intense complete")
    for k in (n // 10 - 1, n // 10, n // 10 + 1, n):
        assert rule.cutoff.passes(k, n) == (10 * k > n), f"{k} of {n}"


@pytest.mark.parametrize(
    ("ic", "n", "score"), [(10, 100, "0"), (11, 100, "3+"), (11, 110, "0"), (11, 109, "3+"), (1001, 10000, "3+")]
)
def test_share_is_never_rounded(ic: int, n: int, score: str) -> None:
    counts = Counts.of({CellClass.INTENSE_COMPLETE: ic, CellClass.UNSTAINED: n - ic})
    assert score_case([counts], load_guideline("breast_asco_cap_2018")).score == score


def test_clinical_readings_of_2018() -> None:
    guideline = load_guideline("breast_asco_cap_2018")
    clinical = {case.reading: score_case([case.counts], guideline).clinical for case in BREAST_2018}
    assert clinical == {
        "3+": "HER2 positive",
        "2+": "HER2 equivocal: reflex ISH",
        "1+": "HER2 negative (HER2-low)",
        "0+/with membrane staining": "HER2 negative (HER2-ultralow)",
        "0/absent membrane staining": "HER2 negative",
    }
