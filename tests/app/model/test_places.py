"""Stage positions belong to one slide: cells are counted once within it, and what is left out is said."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from her2scope.app.model.folder_store import FolderStore
from her2scope.app.model.naming import field_titles, moved_text
from her2scope.app.model.session import CaseSession
from her2scope.app.model.signing import sign
from her2scope.app.model.state import Role, Source
from her2scope.app.model.views.repeats import repeat_texts
from her2scope.app.model.views.score import case_header, field_header
from her2scope.app.model.views.strip import strip_items
from her2scope.app.sources import source_of
from her2scope.devices.camera import Objective
from her2scope.devices.setup import BaslerSetup, DeviceSetup, SimulatedSetup, SlideSetup

OTHER = Source("bench", "another slide on the bench", "bench: slide 2")
HERE = (0.0, 0.0)


def setup(camera) -> DeviceSetup:
    return DeviceSetup(
        name="bench", title="Bench", camera=camera, objectives=(Objective("40x", 0.212),), objective="40x"
    )


def test_the_same_place_on_another_slide_is_another_place(session, take):
    take("3+", origin_um=HERE)
    once = session.tally().score.counts
    session.source = OTHER
    take("3+", origin_um=HERE)
    assert session.tally().score.counts == once + once
    assert session.tally().repeats == {}
    take("3+", origin_um=HERE)
    assert session.tally().score.counts == once + once
    assert [entry.first for entry in session.tally().repeats[3]] == [2]


def test_a_place_of_which_nothing_is_recorded_is_compared_with_none(session, take):
    session.source = None
    take("3+", origin_um=HERE)
    once = session.tally().score.counts
    take("3+", origin_um=HERE)
    assert session.tally().score.counts == once + once


def test_cells_left_out_are_said_on_card_and_strip(session, take):
    take("0")
    take("3+", origin_um=HERE)
    again = take("3+", origin_um=HERE)
    left_out = session.counted(again).result.cells.counts().total
    said = f"{left_out} cells already counted in Field 2; this field adds 0 cells"
    assert dict(repeat_texts(session.state, session.tally())) == {again: said}
    assert [said in item.tip for item in strip_items(session)] == [False, False, True]
    header = field_header(session.counted(again), session.field_score(again), "rules", said)
    assert said in header.flags


def test_a_control_field_repeats_control_fields_only(session, take):
    take("control", Role.CONTROL, HERE)
    take("control", Role.CASE, HERE)
    assert session.tally().repeats == {}
    third = take("control", Role.CONTROL, HERE)
    assert list(session.tally().repeats) == [third]
    assert "Control 1" in repeat_texts(session.state, session.tally())[third]


def test_a_kept_case_knows_its_slides(session, take, work, settings, tmp_path):
    take("3+", origin_um=HERE)
    work()
    store = FolderStore(tmp_path / "case", lambda _: session.state.guideline)
    session.accept(session.save_job(store).run())
    again = CaseSession.opened(store.load(), settings)
    assert again.state.fields[0].source == session.source
    assert moved_text(again.state.fields, session.source) == ""
    assert moved_text(again.state.fields, None) == ""
    said = moved_text(again.state.fields, OTHER)
    assert "a slide on the bench" in said
    assert "another slide on the bench" in said


def test_a_field_taken_on_another_specimen_is_recorded_as_such(session, take):
    take("3+")
    session.source = replace(session.source, slide="bench: the next session on a real stage")
    take("3+")
    session.source = OTHER
    take("control", Role.CONTROL)
    take("3+")
    take("3+")
    whys = [bool(entry.note.why) for entry in session.ledger.history.audit]
    assert whys == [False, False, False, True, False]
    assert "another slide on the bench" in session.ledger.history.audit[3].note.why


def test_changes_name_fields_as_the_window_does(session, take):
    take("control", Role.CONTROL)
    first, second = take("3+"), take("2+")
    session.fields.exclude(second, "fold")
    session.fields.delete(first)
    names = [entry.note.what for entry in session.ledger.history.audit]
    assert names == [
        "Took Control 1 (control.png) as control",
        "Took Field 1 (3+.png)",
        "Took Field 2 (2+.png)",
        "Excluded Field 2 (2+.png)",
        "Deleted Field 1 (3+.png)",
    ]
    assert field_titles(session.state.fields)[second] == "Field 1"


@pytest.mark.parametrize("change", [{"case": "2+"}, {"seed": 2}, {"slide_mm": (5.0, 5.0)}])
def test_simulated_slides_are_told_apart(change):
    one, other = source_of(setup(SimulatedSetup())), source_of(setup(SimulatedSetup(**change)))
    assert one == source_of(setup(SimulatedSetup()))
    assert one.slide != other.slide


def test_another_simulated_specimen_looks_otherwise():
    one = source_of(setup(SimulatedSetup()))
    assert not one.looks_like(source_of(setup(SimulatedSetup(case="2+"))))
    assert not one.looks_like(source_of(setup(SimulatedSetup(seed=2))))
    assert one.looks_like(source_of(setup(SimulatedSetup(fps=10))))


def test_an_image_is_known_by_its_file(tmp_path: Path):
    image = tmp_path / "slide.png"
    image.write_bytes(b"one")
    one = source_of(setup(SlideSetup(image=str(image))))
    assert one == source_of(setup(SlideSetup(image=str(image))))
    assert one.slide != source_of(setup(SlideSetup(image=str(image), pixel_um=0.5))).slide
    image.write_bytes(b"another")
    assert one.slide != source_of(setup(SlideSetup(image=str(image)))).slide


def test_a_real_stage_is_known_for_one_session_only():
    one, other = (source_of(setup(BaslerSetup(serial="any"))) for _ in range(2))
    assert one.slide != other.slide
    assert one.looks_like(other)


def test_fields_kept_before_slides_were_recorded_are_flagged(session, take):
    session.source = None
    take("3+", origin_um=HERE)
    take("3+", origin_um=None)
    assert not any("slide is not recorded" in flag for flag in case_header(session.state, session.tally()).flags)
    take("3+", origin_um=HERE)
    said = "of 2 fields the slide is not recorded: cells where fields overlap may count twice"
    assert said in case_header(session.state, session.tally()).flags


def test_a_case_of_before_slides_and_proposals_were_recorded_opens(session, take, work, settings, tmp_path):
    take("3+", origin_um=HERE)
    work()
    sign(session, "3+")
    store = FolderStore(tmp_path / "case", lambda _: session.state.guideline)
    session.accept(session.save_job(store).run())
    file = tmp_path / "case" / "case.json"
    saved = json.loads(file.read_text())
    del saved["fields"][0]["source"], saved["sign_off"]["proposed"]
    file.write_text(json.dumps(saved))
    again = CaseSession.opened(store.load(), settings)
    assert again.state.fields[0].source is None
    assert not again.state.sign_off.differs
    assert moved_text(again.state.fields, OTHER) == ""
