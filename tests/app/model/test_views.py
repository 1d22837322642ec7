"""View models of the case: text, colours and enabled flags."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from her2scope.analysis.classes import FIVE_CLASSES, SEVEN_CLASSES, CellClass, Counts
from her2scope.analysis.overlay import OKABE_ITO
from her2scope.analysis.roi import Polygon, Roi
from her2scope.analysis.scoring import CaseContext, score_case
from her2scope.app.model.signing import sign
from her2scope.app.model.state import CaseState, ControlStep, IshEntry, Role
from her2scope.app.model.tally import Tally
from her2scope.app.model.texts import ENGLISH
from her2scope.app.model.views.audit import (
    _TOPICS,
    audit_csv,
    audit_rows,
    audit_text,
    audit_topics,
    local_time,
    undo_view,
)
from her2scope.app.model.views.cell_card import cell_at, cell_card, cell_picture, cells_in, selection_text
from her2scope.app.model.views.chart import chart, main_cutoff
from her2scope.app.model.views.comparison import compare
from her2scope.app.model.views.control import control_view
from her2scope.app.model.views.ish import group_counted, ish_view
from her2scope.app.model.views.legend import NOT_MEASURED, legend
from her2scope.app.model.views.score import case_header, field_header
from her2scope.app.model.views.strip import strip_items
from her2scope.app.model.views.tone import Tone
from her2scope.base.frame import Frame

COUNTS = Counts.of({CellClass.INTENSE_COMPLETE: 30, CellClass.WEAK_COMPLETE: 20, CellClass.UNSTAINED: 50})


def test_the_legend_shows_counts_and_proportions_of_five_classes():
    shown = legend(COUNTS)
    assert [row.cell_class for row in shown.rows] == list(FIVE_CLASSES)
    assert [(row.count_text, row.share_text) for row in shown.rows] == [
        ("30", "30.0%"), ("0", "0.0%"), ("20", "20.0%"), ("0", "0.0%"), ("50", "50.0%"),
    ]  # fmt: skip
    assert [row.is_dashed for row in shown.rows] == [False, True, False, True, False]
    assert shown.rows[0].colour == OKABE_ITO.colours[CellClass.INTENSE_COMPLETE]
    assert shown.total_text == "100 cells"


def test_no_cell_is_not_measured_and_never_zero():
    shown = legend(Counts())
    assert {row.share_text for row in shown.rows} == {row.count_text for row in shown.rows} == {NOT_MEASURED}


def test_moderate_is_shown_when_split_and_when_set_by_hand():
    assert [row.cell_class for row in legend(COUNTS, split=True).rows] == list(SEVEN_CLASSES)
    by_hand = COUNTS + Counts.of({CellClass.MODERATE_COMPLETE: 1})
    assert len(legend(by_hand).rows) == 7


def test_large_numbers_can_be_read():
    assert legend(Counts.of({CellClass.UNSTAINED: 12345})).total_text == "12\u202f345 cells"


def test_the_chart_has_intervals_and_the_10_percent_line(guideline):
    score = score_case([COUNTS, COUNTS, COUNTS], guideline)
    shown = chart(score, guideline)
    bar = shown.bars[0]
    assert (bar.share, bar.value) == (0.3, "30.0%")
    assert 0.24 < bar.low < 0.3 < bar.high < 0.36
    assert shown.cutoff == 0.1
    assert shown.deciding[0].rule == "intense complete"
    assert "more than 10%" in shown.deciding[0].text


def test_the_chart_without_a_score_has_empty_bars(guideline):
    shown = chart(None, guideline)
    assert [bar.share for bar in shown.bars] == [None] * 5
    assert {bar.value for bar in shown.bars} == {NOT_MEASURED}
    assert shown.deciding == ()


def test_a_guideline_without_shares_has_no_line(guideline):
    assert main_cutoff(replace(guideline, rules=())) is None


def test_the_interval_of_a_deciding_row_is_the_wider_one(guideline):
    uneven = [Counts.of({CellClass.INTENSE_COMPLETE: k, CellClass.UNSTAINED: 100 - k}) for k in (0, 2, 45)]
    score = score_case(uneven, guideline)
    row = chart(score, guideline).deciding[0]
    share = score.intervals[0]
    assert row.low == min(share.wilson.low, share.bootstrap.low)
    assert row.high == max(share.wilson.high, share.bootstrap.high)
    assert row.is_borderline


def state_of(guideline, settings, **changes) -> CaseState:
    return replace(CaseState(settings.stain, guideline), **changes)


def tally_of(guideline, *fields: Counts, context=None) -> Tally:
    score = score_case(fields, guideline, context=context or CaseContext())
    return Tally(score, None, 0, len(fields))


def test_the_header_shows_score_reading_and_meaning(guideline, settings):
    shown = case_header(state_of(guideline, settings), tally_of(guideline, COUNTS, COUNTS))
    assert (shown.score, shown.reading, shown.clinical) == ("3+", "3+", "HER2 positive")
    assert shown.count_text == "200 cells in 2 fields"
    assert shown.flags == ("no positive control was taken",)
    assert shown.signed == ""
    assert shown.is_proposal


def test_a_borderline_says_what_would_settle_it(guideline, settings):
    near = Counts.of({CellClass.INTENSE_COMPLETE: 11, CellClass.UNSTAINED: 89})
    shown = case_header(state_of(guideline, settings), tally_of(guideline, near, near))
    assert shown.borderline.other == "0"
    assert shown.borderline.settle == "About 3\u202f258 cells more, in about 33 fields more, would settle it."
    assert shown.tone is Tone.CAUTION
    on_it = Counts.of({CellClass.INTENSE_COMPLETE: 10, CellClass.UNSTAINED: 90})
    shown = case_header(state_of(guideline, settings), tally_of(guideline, on_it, on_it))
    assert "no number of cells settles it" in shown.borderline.settle


def test_no_score_gives_a_dash_and_the_reason(guideline, settings):
    shown = case_header(state_of(guideline, settings), tally_of(guideline))
    assert (shown.score, shown.tone) == (NOT_MEASURED, Tone.QUIET)
    assert (shown.reading, shown.reasons) == ("no field kept yet", ())
    assert "press the pedal" in shown.clinical


def test_a_case_being_read_shows_no_old_score(session, take):
    take("3+")
    session.case.set_thresholds(0.2, 0.5)
    shown = case_header(session.state, session.tally())
    assert shown.score == NOT_MEASURED
    assert shown.reading == "reading 1 field with the new thresholds"
    assert field_header(session.counted(1), session.field_score(1), "G").reading.startswith("being read")


def test_flags_name_a_skipped_control_and_fields_left_out(session, take):
    take("3+")
    session.fields.exclude(take("2+"))
    session.case.skip_control("no control tissue")
    flags = case_header(session.state, session.tally()).flags
    assert "positive control skipped: no control tissue" in flags
    assert "left out by hand: 1 field" in flags


def test_different_detectors_in_one_case_are_flagged(session, take, results, frames):
    take("3+")
    assert not any("detectors" in flag for flag in case_header(session.state, session.tally()).flags)
    session.take(replace(results["2+"], detector="linknet-2"), frames["2+"])
    flags = case_header(session.state, session.tally()).flags
    assert "fields were read by different detectors: linknet-2, rough" in flags


def test_a_signature_is_shown_and_never_filled_in(session, take):
    take("3+")
    assert case_header(session.state, session.tally()).signed == ""
    sign(session, "2+", "by eye")
    signed = case_header(session.state, session.tally()).signed
    when = local_time("2026-03-01T12:00:00+00:00")
    assert signed == f"Signed as 2+ by Dr Test on {when}; the program proposed 3+: by eye"
    session.case.set_thresholds(0.2, 0.5)
    assert case_header(session.state, session.tally()).signed == signed


def test_a_signature_older_than_the_case_says_so(session, take):
    def header():
        return case_header(session.state, session.tally(), session.ledger.history.audit)

    field = take("2+")
    sign(session, "2+")
    session.case.rename("A 1")
    assert not header().signed_before
    session.fields.exclude(field, "fold")
    assert header().signed_before
    assert header().signed.endswith("The case has changed since; sign it again.")
    session.undo()
    assert not header().signed_before  # as it was signed
    session.redo()
    sign(session, "2+", "as before")
    assert not header().signed_before
    session.undo()
    assert header().signed_before  # the first signature stands again
    session.case.unsign()
    assert (header().signed, header().signed_before) == ("", False)


def test_a_fields_header_shows_its_own_score_or_why_not(session, take, guideline):
    good = take("3+")
    assert field_header(None, None, "").score == NOT_MEASURED
    shown = field_header(session.counted(good), session.field_score(good), guideline.title)
    assert shown.score == "3+"
    session.fields.exclude(good, "fold")
    shown = field_header(session.counted(good), session.field_score(good), guideline.title)
    assert "left out of the case: fold" in shown.flags
    glass = take("glass")
    shown = field_header(session.counted(glass), session.field_score(glass), guideline.title)
    assert (shown.score, shown.tone) == (NOT_MEASURED, Tone.FAULT)
    assert "empty glass" in shown.reasons[0]


def test_the_strip_shows_every_field_as_it_stands(session, take):
    take("control", Role.CONTROL)
    first, second, glass = take("3+"), take("2+"), take("glass")
    session.fields.exclude(second, "fold")
    session.fields.add_cell(first, (150.0, 150.0), CellClass.UNSTAINED)
    session.show(first)
    items = {item.id: item for item in strip_items(session)}
    assert [item.title for item in items.values()] == ["Control 1", "Field 1", "Field 2", "Field 3"]
    assert [item.state for item in items.values()][1:] == ["caution", "excluded", "blocked"] or items[
        first
    ].state == "ok"
    assert [item.score for item in items.values()] == ["3+", "3+", "2+", NOT_MEASURED]
    assert items[first].is_open
    assert not items[second].is_open
    assert items[first].is_corrected
    assert "1 cell corrected by hand" in items[first].tip
    assert (items[second].can_exclude, items[second].can_reopen) == (False, True)
    assert "fold" in items[second].tip
    assert "empty glass" in items[glass].tip
    assert items[first].thumbnail.shape == (192, 192, 3)
    session.case.set_thresholds(0.2, 0.5)
    assert {item.id: item.state for item in strip_items(session)}[first] == "pending"


def test_a_cell_is_found_where_it_is_clicked_and_nowhere_else(session, take):
    field = session.counted(take("3+"))
    xy = field.corrected.cells.xy_px[5]
    assert cell_at(field, tuple(xy)) == 5
    distance = np.hypot(*(field.corrected.cells.xy_px[:, None] - np.indices((320, 320)).reshape(2, -1).T[None]).T)
    far = np.unravel_index(distance.min(axis=1).argmax(), (320, 320))
    if distance.min(axis=1).max() > 8.0 / 0.424:
        assert cell_at(field, (float(far[0]), float(far[1]))) is None
    assert cell_at(session.counted(take("glass")), (9.0, 9.0)) is None


def test_a_box_selects_the_cells_in_it_from_any_corner(session, take):
    field = session.counted(take("3+"))
    xy = field.corrected.cells.xy_px
    expected = [i for i, (x, y) in enumerate(xy) if 50 <= x <= 150 and 60 <= y <= 200]
    assert 0 < len(expected) < len(xy)
    assert list(cells_in(field, (150.0, 60.0), (50.0, 200.0))) == expected
    assert selection_text(field, expected) == f"{len(expected)} of {len(xy)} cells selected"


def test_a_cells_card_shows_its_evidence(session, take):
    number = take("3+")
    field = session.counted(number)
    row = int(np.flatnonzero(field.result.cells.counted & np.isfinite(field.result.cells.membrane_od))[0])
    card = cell_card(field, row)
    assert card.completeness == f"{100 * field.result.cells.completeness[row]:.0f}% of the membrane stained"
    assert card.membrane_od == f"membrane OD {field.result.cells.membrane_od[row]:.2f}"
    assert card.membrane_width.endswith("\u00b5m wide")
    assert (card.counted, card.origin, card.is_corrected) == ("counts", "found by the program", False)
    assert card.colour == OKABE_ITO.colours[CellClass(int(field.result.cells.classes[row]))]


def test_a_cells_card_says_what_a_hand_did_and_what_is_not_measured(session, take):
    number = take("3+")
    session.fields.change_class(number, session.counted(number).corrected, [0], CellClass.UNSTAINED)
    session.fields.add_cell(number, (160.0, 160.0), CellClass.WEAK_COMPLETE)
    field = session.counted(number)
    assert cell_card(field, 0).origin == "class set by hand"
    assert cell_card(field, 0).title == "Unstained"
    added = cell_card(field, len(field.corrected.cells.classes) - 1)
    assert added.origin == "added by hand"
    assert {added.completeness, added.membrane_od, added.membrane_width} == {NOT_MEASURED}
    assert added.lines == ("membrane not measured", "counts", "added by hand")


def test_a_cells_card_says_why_it_does_not_count(session, take):
    number = take("3+")
    field = session.counted(number)
    cut = int(np.flatnonzero(~field.result.cells.counted)[0])
    inner = int(np.flatnonzero(field.result.cells.counted)[0])
    assert "cut by the field's border" in cell_card(field, cut).counted
    x, y = field.corrected.cells.xy_px[inner]
    around = Polygon(np.array([[x - 9, y - 9], [x + 9, y - 9], [x + 9, y + 9], [x - 9, y + 9]]))
    session.fields.set_roi(number, Roi(exclude=(around,)))
    assert "outside the regions" in cell_card(session.counted(number), inner).counted
    session.fields.exclude(number)
    assert "its field is left out" in cell_card(session.counted(number), inner).counted


@pytest.mark.parametrize("place", [(160.0, 160.0), (0.0, 0.0), (319.0, 5.0), (-40.0, 400.0)])
def test_a_cells_picture_has_one_size_wherever_it_lies(frames, place):
    picture = cell_picture(frames["3+"], place, 128)
    assert picture.shape == (128, 128, 3)
    assert picture.std() > 0


def test_a_cells_picture_is_black_where_the_field_ends(frames):
    picture = cell_picture(frames["3+"], (0.0, 160.0), 128)
    assert not picture[:, :50].any()
    assert picture[:, 70:].min(axis=2).mean() > 60


def test_a_cells_picture_shows_the_cell_in_its_middle():
    rgb = np.full((300, 300, 3), 255, dtype=np.uint8)
    rgb[100:111, 200:211] = 0
    picture = cell_picture(Frame("dot", rgb, 0.4), (205.0, 105.0), 200)
    y, x = np.nonzero(picture[..., 0] < 100)
    assert abs(x.mean() - 99.5) < 1
    assert abs(y.mean() - 99.5) < 1


def test_the_control_step_says_where_it_stands(session, take):
    shown = control_view(session.state, session.tally())
    assert (shown.title, shown.tone) == ("No control yet", Tone.CAUTION)
    assert (shown.can_accept, shown.can_finish, shown.can_skip, shown.can_reopen) == (False, False, True, False)
    take("control", Role.CONTROL)
    shown = control_view(session.state, session.tally())
    assert (shown.title, shown.tone) == ("Control passed", Tone.OK)
    assert shown.can_accept
    assert shown.can_finish
    assert "The control offers t_intense" in shown.offer
    assert shown.drift == ""
    session.case.finish_control()
    shown = control_view(session.state, session.tally())
    assert (shown.can_finish, shown.can_skip, shown.can_reopen) == (False, False, True)


def test_control_fields_that_differ_show_their_drift(session, take):
    take("control", Role.CONTROL)
    take("control", Role.CONTROL)
    assert "Membrane OD of intense complete cells, mean by field" in control_view(session.state, session.tally()).drift


def test_an_offer_that_is_in_force_is_not_offered_again(session, take):
    take("control", Role.CONTROL)
    tally = session.tally()
    stain = replace(session.state.stain, t_intense=round(tally.control.offer.t_intense, 3))
    session.case.accept_offer(tally.control.offer)
    assert control_view(session.state, session.tally()).title == "Control being read"
    shown = control_view(replace(session.state, stain=stain), tally)
    assert not shown.can_accept
    assert "is in force" in shown.offer


def test_a_failed_control_says_why_and_offers_nothing(session, take):
    take("0", Role.CONTROL)
    shown = control_view(session.state, session.tally())
    assert (shown.title, shown.tone) == ("Control failed: no score", Tone.FAULT)
    assert shown.reasons
    assert not shown.can_accept
    assert not shown.can_finish
    assert "calibrate" in shown.offer


def test_a_skipped_control_shows_its_reason(guideline, settings):
    step = ControlStep("skipped", "none on the slide")
    state = state_of(guideline, settings, control=replace(step, phase=type(ControlStep().phase)("skipped")))
    shown = control_view(state, tally_of(guideline, COUNTS))
    assert (shown.title, shown.reasons) == ("Control skipped", ("Reason: none on the slide",))
    assert shown.can_reopen


def test_two_profiles_are_compared_on_one_field(session, take, guideline):
    take("2+")
    now = session.state.stain
    other = replace(now, name="strict", t_weak=0.45)
    field = session.counted(1)
    compared = compare((now, field), (other, session.preview_of(session.preview(other).run().reading)), guideline)
    assert (compared.left.name, compared.right.name) == ("default", "strict")
    assert compared.left.score == "2+" != compared.right.score
    assert not compared.is_same_score
    assert compared.moved
    assert compared.moved[0].cells == max(change.cells for change in compared.moved)
    changed = sum(change.cells for change in compared.moved)
    assert compared.summary == f"The first gives 2+, the second {compared.right.score}. {changed} cells change class."
    same = compare((now, field), (now, field), guideline)
    assert same.is_same_score
    assert same.moved == ()
    assert same.summary == "Both give 2+. 0 cells change class."


def test_cells_that_only_one_profile_counts_are_not_compared(session, take, guideline):
    take("2+")
    field = session.counted(1)
    cells = field.result.cells
    row = int(np.flatnonzero(cells.counted)[0])
    classes, counted = cells.classes.copy(), cells.counted.copy()
    classes[row], counted[row] = (cells.classes[row] + 1) % 7, False
    other = replace(field, result=replace(field.result, cells=replace(cells, classes=classes, counted=counted)))
    stain = session.state.stain
    assert compare((stain, field), (stain, other), guideline).moved == ()


def test_ish_can_be_entered_for_a_two_plus_alone(session, take):
    shown = ish_view(session.state, session.tally())
    assert (shown.can_enter, shown.hint) == (
        False,
        "ISH resolves a 2+ only: the program proposes no score, and 2+ is not signed.",
    )
    field = take("2+")
    shown = ish_view(session.state, session.tally())
    assert (shown.can_enter, shown.hint, shown.entered) == (True, "", "")
    assert [choice.group for choice in shown.choices] == [1, 2, 3, 4, 5]
    assert [choice.needs_recount for choice in shown.choices] == [False, True, True, True, False]
    session.case.enter_ish(IshEntry(2, recounted=True))
    shown = ish_view(session.state, session.tally())
    assert (shown.entered, shown.hint) == ("ISH group 2, confirmed by a second observer", "")
    assert (shown.choices[0].meaning_before, shown.choices[0].meaning) == ("HER2 positive (2+ with ISH group 1)",) * 2
    assert shown.choices[1].meaning_before == "stays equivocal until a second observer has counted"
    session.case.enter_ish(IshEntry(4, ratio=1.5, copies=4.4))
    shown = ish_view(session.state, session.tally())
    assert shown.entered == "ISH group 4, HER2/CEP17 ratio 1.50, 4.4 HER2 signals per cell"
    assert group_counted(session.state.guideline, 2.0, 4.0) == 1
    assert group_counted(session.state.guideline, 2.0, None) is None
    session.fields.exclude(field)
    take("3+")
    assert ish_view(session.state, session.tally()).hint == "The ISH result entered has no effect on this score."
    bare = replace(session.state, guideline=replace(session.state.guideline, ish=()))
    assert "knows no ISH groups" in ish_view(bare, session.tally()).hint


def test_undo_and_redo_say_what_they_would_do(session, take):
    assert not undo_view(session.ledger.history).can_undo
    take("3+")
    shown = undo_view(session.ledger.history)
    assert (shown.can_undo, shown.undo_text, shown.can_redo) == (True, "Undo: Took Field 1 (3+.png)", False)
    session.undo()
    shown = undo_view(session.ledger.history)
    assert (shown.can_undo, shown.can_redo, shown.redo_text) == (False, True, "Redo: Took Field 1 (3+.png)")


def test_the_audit_list_reads_newest_first(session, take):
    session.case.enter_ish(IshEntry(1), "from the lab")
    session.ledger.user = ""
    session.undo()
    rows = audit_rows(session.ledger.history.audit)
    assert [(row.who, row.what, row.why, row.topic) for row in rows] == [
        ("nobody named", "Took back: Entered ISH group 1", "from the lab", "ish"),
        ("Dr Test", "Entered ISH group 1", "from the lab", "ish"),
    ]
    assert {row.when_utc for row in rows} == {"2026-03-01T12:00:00+00:00"}
    assert datetime.fromisoformat(rows[0].when).astimezone(UTC) == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert audit_text(rows[:1]) == f"{rows[0].when}  nobody named: Took back: Entered ISH group 1 (from the lab)\n"


def test_every_kind_of_change_has_its_topic_and_can_be_looked_for(session, take):
    field = take("2+")
    session.fields.set_roi(field, Roi(exclude=(Polygon(np.array([[0.0, 0], [99, 0], [99, 99]])),)))
    session.fields.remove_cells(field, session.counted(field).corrected, [0])
    session.case.set_thresholds(0.2, 0.6)
    session.case.skip_control("no control tissue")
    session.case.enter_ish(IshEntry(1))
    session.case.sign("2+", "by eye", None)
    audit = session.ledger.history.audit
    topics = [row.topic for row in audit_rows(audit)]
    assert topics == ["case", "ish", "control", "threshold", "cell", "region", "field"]
    assert {key for key, _ in audit_topics()} == {"", *topics}
    assert [row.what for row in audit_rows(audit, "control")] == ["Skipped the positive control"]
    assert [row.topic for row in audit_rows(audit, words="CONTROL tissue")] == ["control"]
    assert audit_rows(audit, "ish", "tissue") == ()


def test_every_text_of_a_change_belongs_to_a_topic():
    topics = {key for keys in _TOPICS.values() for key in keys}
    assert topics == {key for key in ENGLISH if key.startswith("did.")}


def test_the_audit_list_as_csv_runs_nothing_in_a_spreadsheet(session):
    session.ledger.user = "=1+1"
    session.case.rename('A "quoted", name')
    header, line, _ = audit_csv(audit_rows(session.ledger.history.audit)).decode().split("\n")
    assert header == "when_utc,who,topic,what,why"
    assert line.endswith("""'=1+1,case,"Named the case A ""quoted"", name",""")


def test_a_signed_two_plus_is_resolved_by_ish_though_another_score_is_proposed(session, take):
    take("3+")
    assert ish_view(session.state, session.tally()).hint == (
        "ISH resolves a 2+ only: the program proposes 3+, and 2+ is not signed."
    )
    sign(session, "2+", "heterogeneous")
    header = case_header(session.state, session.tally(), session.ledger.history.audit)
    assert header.signed_differs
    assert (header.score, header.clinical != "") == ("3+", True)
    assert ish_view(session.state, session.tally()).can_enter
    session.case.enter_ish(IshEntry(1))
    shown = ish_view(session.state, session.tally())
    assert (shown.hint, shown.entered) == ("", "Of the signed 2+: HER2 positive (2+ with ISH group 1) (ISH group 1)")
    session.case.enter_ish(IshEntry(4))
    assert "second observer" in ish_view(session.state, session.tally()).entered
    sign(session, "3+")
    shown = ish_view(session.state, session.tally())
    assert (shown.can_enter, shown.hint) == (False, "The ISH result entered has no effect on this score.")


def test_the_control_says_how_much_a_field_at_the_same_place_adds(session, take):
    take("control", Role.CONTROL, (0.0, 0.0))
    assert control_view(session.state, session.tally()).repeats == ()
    second = take("control", Role.CONTROL, (0.0, 0.0))
    cells = session.counted(second).result.cells.counts().total
    said = f"Control 2: {cells} cells already counted in Control 1; this field adds 0 cells"
    assert control_view(session.state, session.tally()).repeats == (said,)


def test_purple_hematoxylin_is_said_with_the_field_the_case_and_in_the_strip(session, take, work, guideline):
    numbers = [take("purple"), take("0")]
    work()
    field = session.counted(numbers[0])
    header = field_header(field, session.field_score(numbers[0]), guideline.title)
    (said,) = (flag for flag in header.flags if "purpler" in flag)
    assert header.cautions == field.result.reasons == (said,)
    assert header.tone is Tone.CAUTION
    case = case_header(session.state, session.tally())
    assert set(case.cautions) < set(case.flags)
    assert [c.startswith("caution in 1 of 2 counted fields: the hematoxylin is purpler") for c in case.cautions] == [
        True
    ]
    purple, blue = strip_items(session)
    assert (purple.state, blue.state) == ("caution", "ok")
    assert said in purple.tip
    assert "purpler" not in blue.tip
