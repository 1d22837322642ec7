"""Stain vectors picked in the window: whose fields they read, what is kept, and that nothing else uses them."""

from dataclasses import replace
from threading import Event

import cv2
import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QCheckBox, QInputDialog, QMessageBox

from her2scope.analysis.stain import unmix
from her2scope.analysis.stain_vectors import StainVectors
from her2scope.analysis.white import estimate_white
from her2scope.app import calibrating
from her2scope.app.calibrating import Calibrating
from her2scope.app.case_keeping import CaseKeeping, Next
from her2scope.app.compare_window import ProfileComparing
from her2scope.app.main import _open, open_devices
from her2scope.app.model.lens_book import LensBook
from her2scope.app.model.views.audit import audit_rows
from her2scope.app.picking import Picking
from her2scope.app.preferences import load_preferences
from her2scope.app.settings_window import SettingsWindow
from her2scope.app.stand import Stand
from her2scope.app.tuning import Tuning
from her2scope.app.view_tools import Tool
from her2scope.app.workbench import frame_in_view
from her2scope.base.errors import OutputError
from her2scope.base.frame import Lens
from her2scope.devices.camera import Objective
from her2scope.devices.setup import DeviceSetup, FolderSetup, SlideSetup
from her2scope.pipeline.field import FieldSettings, analyse_field
from her2scope.settings.calibration import Calibration, calibration_file, load_calibration, save_calibration
from her2scope.settings.devices import load_devices, save_devices
from her2scope.settings.stains import load_stain
from her2scope.slides.images import read_field

KEEP, CASE, CANCEL = "Keep for {}", "This case only", "Cancel"
L20, L40 = Lens("bench", "20x"), Lens("bench", "40x")
ONE = StainVectors((0.60, 0.72, 0.35), (0.42, 0.57, 0.70))
TWO = StainVectors((0.75, 0.62, 0.20), (0.15, 0.55, 0.82))


def answer(monkeypatch, text):
    """Press a button of the next questions; returns what they asked."""
    asked, clicked = [], []

    def run(box):
        asked.append(box)
        clicked.append(next(b for b in box.buttons() if b.text().replace("&", "") == text))
        return 0

    monkeypatch.setattr(QMessageBox, "exec", run)
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda _: clicked[-1])
    return asked


def spot(amount, side=9):
    """A square ring round the place where a stain is strongest."""
    y, x = np.unravel_index(int(cv2.blur(amount, (side, side)).argmax()), amount.shape)
    x, y = (min(max(int(at), side), size - side) for at, size in ((x, amount.shape[1]), (y, amount.shape[0])))
    half = side / 2
    return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]])


def regions(frame):
    """Rings round the purest hematoxylin and the purest DAB of a picture."""
    amounts = unmix(frame.rgb, load_stain("default"), estimate_white(frame.rgb))
    return spot(amounts[..., 0] - 3 * np.abs(amounts[..., 1])), spot(amounts[..., 1] - amounts[..., 0])


def pick(desk):
    """Draw both regions on the picture in view."""
    desk.window.actions_["pick_stains"].trigger()
    assert desk.window.view.tool is Tool.PICK
    for ring in regions(frame_in_view(desk)):
        desk.window.view.outlined.emit(ring, Tool.PICK)


def take(desk, wait, *, keep=True):
    desk.go_live()
    desk.analyse()
    assert wait(lambda: desk.analysed is not None and desk.overlay is not None)
    if keep:
        desk.keep()
        return desk.session.current
    return None


def turn(desk, wait, name):
    while desk.bench.camera.objective.name != name:
        desk.findChild(Stand).next_objective()
    assert wait(lambda: desk.feed.newest.frame.lens.objective == name and desk.live_shot.objective == name)


def at_rest(desk, wait):
    """Whether everything due is read."""
    fields = desk.session.state.fields
    return wait(lambda: not any(desk.session.is_pending(taken.id) for taken in fields) and not desk._is_pending())


def plain(desk, vectors):
    """The profile in force as it would be with these vectors and no others."""
    stain = replace(desk.session.state.stain, lenses=())
    return replace(stain, hematoxylin=vectors.hematoxylin, dab=vectors.dab)


def od(result):
    """What a field was measured as; a cell without membrane has none, which is equal to itself here."""
    return np.nan_to_num(result.cells.membrane_od, nan=-1).tolist()


def measured(desk, field_id):
    return od(desk.session.counted(field_id).result)


def read_by(frame, stain):
    return od(analyse_field(replace(frame, lens=None), FieldSettings(stain)))


def test_kept_vectors_read_the_fields_of_their_objective_alone(desk, wait, monkeypatch):
    first = take(desk, wait)
    turn(desk, wait, "40x")
    other = take(desk, wait)
    turn(desk, wait, "20x")
    before = {i: measured(desk, i) for i in (first, other)}
    second = take(desk, wait)
    asked = answer(monkeypatch, KEEP.format("20x"))
    pick(desk)
    question = f"{asked[0].text()} {asked[0].informativeText()}".replace("\u00a0", " ")
    assert "Now: hematoxylin 0.650 0.704 0.286" in question
    assert "profile default under 20x" in question
    assert "Read again: 2 fields of this case taken under 20x" in question
    vectors = desk.session.state.stain.vectors_under(L20)
    assert load_calibration("bench").find("20x").stain_of("default").vectors == vectors
    assert load_calibration("bench").find("20x").stain_of("default").who == "Dr Test"
    assert load_calibration("bench").find("40x").stains == ()
    assert at_rest(desk, wait)
    assert measured(desk, other) == before[other]
    assert measured(desk, first) == read_by(desk.session.desk.get(first).pictures.load_frame(), plain(desk, vectors))
    assert measured(desk, first) != before[first]
    assert desk.session.desk.get(second).reading.stain.vectors == vectors
    row = audit_rows(desk.session.ledger.history.audit, "threshold")[0]
    assert row.what.startswith("Picked stain vectors of profile default, 20x (set-up bench): hematoxylin")
    assert "(before: the profile's own, hematoxylin 0.650 0.704 0.286" in row.what
    assert row.why == "kept for new cases too"
    desk.session.undo()
    desk.refresh()
    assert at_rest(desk, wait)
    assert {i: measured(desk, i) for i in (first, other)} == before


def test_a_new_field_is_analysed_by_the_vectors_of_the_objective_in_place(desk, wait, monkeypatch):
    answer(monkeypatch, KEEP.format("20x"))
    pick(desk)  # on the live picture
    picked = desk.session.state.stain.vectors_under(L20)
    for name, vectors in (("40x", load_stain("default").vectors), ("20x", picked)):
        turn(desk, wait, name)
        take(desk, wait, keep=False)
        assert desk.analysed.frame.lens == Lens("bench", name)
        assert desk.analysed.stain.vectors == vectors
        assert od(desk.analysed.result) == read_by(desk.analysed.frame, plain(desk, vectors))
        assert not desk._is_pending()


def test_the_result_in_view_that_is_not_kept_is_read_again(desk, wait, monkeypatch):
    take(desk, wait, keep=False)
    before = od(desk.analysed.result)
    answer(monkeypatch, CASE)
    pick(desk)
    vectors = desk.session.state.stain.vectors_under(L20)
    assert wait(lambda: desk.analysed.stain.vectors == vectors)
    assert od(desk.analysed.result) != before
    assert not calibration_file("bench").exists()
    assert "In this case, fields under 20x" in desk.window.banner.text


def test_continuous_mode_goes_on_by_the_new_vectors(desk, wait, monkeypatch):
    desk.window.actions_["continuous"].trigger()
    assert wait(lambda: desk.live_result is not None)
    answer(monkeypatch, CASE)
    pick(desk)
    vectors = desk.session.state.stain.vectors_under(L20)
    assert wait(lambda: desk.live_result.stain.vectors == vectors)
    desk.window.actions_["continuous"].trigger()


def test_cancel_changes_nothing(desk, wait, monkeypatch):
    before = desk.session.state
    answer(monkeypatch, CANCEL)
    pick(desk)
    assert desk.session.state == before
    assert desk.window.view.tool is Tool.PAN
    assert not calibration_file("bench").exists()


def test_an_outline_without_an_area_is_asked_for_again_and_the_first_stays_in_view(desk, wait, monkeypatch):
    asked, view = answer(monkeypatch, CASE), desk.window.view
    take(desk, wait)
    desk.window.actions_["pick_stains"].trigger()
    blue, brown = regions(frame_in_view(desk))
    view.outlined.emit(np.array([(10.0, 10.0), (60.0, 60.0), (10.0, 10.0)]), Tool.PICK)
    assert "area" in desk.window.banner.text
    assert view.outlines == ()
    view.outlined.emit(blue, Tool.PICK)
    assert [outline.ring.tolist() for outline in view.outlines] == [blue.tolist()]
    view.outlined.emit(brown, Tool.PICK)
    assert len(asked) == 1
    assert view.outlines == ()


def test_two_regions_under_two_objectives_are_refused(desk, wait, monkeypatch):
    asked = answer(monkeypatch, CASE)
    desk.window.actions_["pick_stains"].trigger()
    blue, brown = regions(frame_in_view(desk))
    desk.window.view.outlined.emit(blue, Tool.PICK)
    turn(desk, wait, "40x")
    desk.window.view.outlined.emit(brown, Tool.PICK)
    assert asked == []
    assert "under different objectives (20x, 0.424 µm/px; 40x, 0.212 µm/px)" in desk.window.banner.text
    assert desk.session.state.stain == load_stain("default")


def test_the_first_region_is_measured_on_the_picture_that_it_was_drawn_on(desk, wait, monkeypatch):
    """The stage moves between the two: the first ring must not be laid over another place."""
    answer(monkeypatch, CASE)
    pick(desk)
    still = desk.session.state.stain.vectors_under(L20)
    desk.session.undo()
    camera = desk.bench.camera
    desk.window.actions_["pick_stains"].trigger()
    blue, _ = regions(frame_in_view(desk))
    desk.window.view.outlined.emit(blue, Tool.PICK)
    moved = np.roll(camera._rgb, (211, 97), axis=(0, 1))
    monkeypatch.setattr(camera, "_rgb", moved)
    assert wait(lambda: np.array_equal(desk.live_shot.frame.rgb, moved))
    desk.window.view.outlined.emit(regions(frame_in_view(desk))[1], Tool.PICK)
    again = desk.session.state.stain.vectors_under(L20)
    assert np.allclose(again.hematoxylin, still.hematoxylin, atol=0.01)
    assert np.allclose(again.dab, still.dab, atol=0.01)


def test_a_picture_that_does_not_say_its_objective_changes_the_profile_of_the_case_alone(desk, wait, monkeypatch):
    take(desk, wait, keep=False)
    desk.analysed = replace(desk.analysed, frame=replace(desk.analysed.frame, lens=None))
    asked = answer(monkeypatch, CASE)
    pick(desk)
    assert [b.text().replace("&", "") for b in asked[0].buttons()] == [CASE, CANCEL]
    assert "does not say what it was taken through" in asked[0].informativeText()
    stain = desk.session.state.stain
    assert stain.lenses == ()
    assert stain.vectors != load_stain("default").vectors
    assert not calibration_file("bench").exists()
    assert audit_rows(desk.session.ledger.history.audit)[0].what.startswith(
        "Picked stain vectors of profile default, the profile's own: hematoxylin"
    )


def test_a_field_of_another_set_up_is_not_measured_for_this_one(desk, wait, monkeypatch):
    take(desk, wait, keep=False)
    elsewhere = Lens("scanner", "20x")
    desk.analysed = replace(desk.analysed, frame=replace(desk.analysed.frame, lens=elsewhere))
    asked = answer(monkeypatch, CASE)
    pick(desk)
    assert "taken with the set-up scanner" in asked[0].informativeText()
    stain = desk.session.state.stain
    assert [entry.lens for entry in stain.lenses] == [elsewhere]
    assert stain.under(L20) == load_stain("default")
    assert not calibration_file("bench").exists()


def test_vectors_that_cannot_be_kept_hold_in_the_case_and_that_is_said(desk, wait, monkeypatch):
    def fail(_):
        raise OutputError("no room on the disk.")

    monkeypatch.setattr(desk.findChild(Picking)._book, "_save", fail)
    answer(monkeypatch, KEEP.format("20x"))
    pick(desk)
    assert desk.session.state.stain.vectors_under(L20) is not None
    assert "not kept and hold for this case alone: no room on the disk." in desk.window.banner.text


def test_reset_takes_what_is_kept_and_saving_keeps_it_under_the_new_name(desk, wait, monkeypatch):
    desk.window.actions_["thresholds"].trigger()
    answer(monkeypatch, KEEP.format("20x"))
    pick(desk)
    kept = desk.session.state.stain
    bar = desk.window.thresholds

    def says(*texts):
        return wait(lambda: (bar._profile.text(), bar._vectors.text()) == texts)

    assert says("default", "20x vectors")
    answer(monkeypatch, CASE)
    turn(desk, wait, "40x")
    assert says("default", "")
    pick(desk)
    assert says("default, changed", "40x vectors")
    turn(desk, wait, "20x")
    assert says("default, changed", "20x vectors")
    turn(desk, wait, "40x")
    both = desk.session.state.stain
    desk.findChild(Tuning)._reset()
    assert desk.session.state.stain == kept
    desk.session.undo()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("lab", True))
    desk.findChild(Tuning)._save()
    assert desk.session.state.stain == replace(both, name="lab")
    assert load_stain("lab") == replace(load_stain("default"), name="lab")
    calibration = load_calibration("bench")
    assert calibration.find("40x").stain_of("lab").vectors == both.vectors_under(L40)
    assert calibration.find("40x").stain_of("default") is None
    assert says("lab", "40x vectors")


def test_a_profile_is_compared_as_it_would_be_chosen(desk, wait, monkeypatch):
    answer(monkeypatch, KEEP.format("20x"))
    take(desk, wait)
    pick(desk)
    assert at_rest(desk, wait)
    vectors = desk.session.state.stain.vectors_under(L20)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_, **__: ("default", True))
    comparing = desk.findChild(ProfileComparing)
    drawn = []
    monkeypatch.setattr(comparing, "_show", lambda _, sides: drawn.append(sides))
    comparing.ask()
    assert wait(lambda: drawn)
    left, right = drawn[0]
    assert od(right[1].result) == od(left[1].result)
    assert right[0].vectors_under(L20) == vectors


def settings(monkeypatch, prepare):
    def run(dialog):
        prepare(dialog)
        dialog._save()
        return dialog.result()

    monkeypatch.setattr(SettingsWindow, "exec", run)


def forget(dialog):
    """Tick the box of every stain."""
    for box in dialog.findChildren(QCheckBox):
        box.setChecked(box.isChecked() or ": Stain of profile" in box.accessibleName())


@pytest.fixture
def bench_of_two(qapp, tmp_path, monkeypatch):
    """`start(case)` opens the program on a small simulated microscope, as at its start; all are closed at the end."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("her2scope.app.main.DEFAULT_DETECTOR", "rough")
    setup = load_devices("simulated")
    camera = msgspec.structs.replace(setup.camera, size_px=(768, 768), slide_mm=(1.0, 1.0))
    save_devices(msgspec.structs.replace(setup, camera=camera))
    open_now = []

    def start(case=None):
        for desk in open_now:
            desk.window.close()
        open_now.clear()
        desk, _ = _open(Next(case), "simulated", load_preferences())
        desk.window.resize(1366, 768)
        desk.window.show()
        desk.start()
        open_now.append(desk)
        return desk

    yield start
    for desk in open_now:
        desk.window.close()


SIM40, SIM20 = Lens("simulated", "40x"), Lens("simulated", "20x")


def on_tissue(desk, wait):
    """Wait until the simulated slide is made."""
    assert wait(lambda: desk.bench.camera.progress() is None and desk.live_shot is not None, 60)
    number = desk.live_shot.number
    assert wait(lambda: desk.live_shot.number > number + 1)


def test_what_was_picked_is_in_force_at_the_next_start_until_it_is_forgotten(bench_of_two, wait, monkeypatch):
    default = load_stain("default").vectors
    desk = bench_of_two()
    on_tissue(desk, wait)
    assert frame_in_view(desk).lens == SIM40
    answer(monkeypatch, KEEP.format("40x"))
    pick(desk)
    picked = desk.session.state.stain.vectors_under(SIM40)
    assert picked not in {None, default}
    turn(desk, wait, "20x")
    take(desk, wait, keep=False)
    assert desk.analysed.stain.vectors == default

    desk = bench_of_two()  # a new case
    on_tissue(desk, wait)
    take(desk, wait, keep=False)
    assert (desk.analysed.frame.lens, desk.analysed.stain.vectors) == (SIM40, picked)
    desk.keep()
    turn(desk, wait, "20x")
    take(desk, wait)
    assert [taken.lens for taken in desk.session.state.fields] == [SIM40, SIM20]
    assert at_rest(desk, wait)
    before = [measured(desk, taken.id) for taken in desk.session.state.fields]
    folder = desk.findChild(CaseKeeping)._autosave.folder

    settings(monkeypatch, forget)
    desk.window.actions_["settings"].trigger()
    assert desk.window.banner.text.startswith("New cases read fields under 40x by the profile's own stain vectors.")
    assert load_calibration("simulated").objectives == ()
    assert desk.session.state.stain.vectors_under(SIM40) == picked
    assert at_rest(desk, wait)
    assert [measured(desk, taken.id) for taken in desk.session.state.fields] == before

    desk = bench_of_two()  # another new case
    assert desk.session.state.stain == load_stain("default")
    assert desk.window.banner.text == ""

    desk = bench_of_two(folder)  # the case before, as it was
    assert [measured(desk, taken.id) for taken in desk.session.state.fields] == before
    assert desk.session.state.stain.vectors_under(SIM40) == picked
    assert "Under 40x this case reads its fields by other stain vectors" in desk.window.banner.text
    desk.findChild(Tuning)._reset()
    desk.refresh()
    assert desk.window.banner.text == ""
    assert at_rest(desk, wait)
    assert measured(desk, 1) != before[0]
    assert measured(desk, 2) == before[1]


def test_forgetting_what_the_case_does_not_use_says_nothing_of_it(desk, wait, monkeypatch):
    book = desk.findChild(Picking)._book
    book.take_stain("20x", "another", load_stain("default").vectors, "Dr Test")
    settings(monkeypatch, forget)
    desk.window.actions_["settings"].trigger()
    assert load_calibration("bench").objectives == ()
    assert "New cases" not in desk.window.banner.text


def test_white_and_pixel_size_belong_to_the_objective_of_the_picture_in_view(desk, wait, monkeypatch):
    """A kept field is opened while another objective is in place: what is measured on it is not that one's."""
    monkeypatch.setattr(calibrating, "ask_number", lambda *_: 86.0)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    field = take(desk, wait)
    turn(desk, wait, "40x")
    desk.on_strip(field, "open")
    assert wait(lambda: desk.frame is not None)
    for x in (100.0, 300.0):
        if x == 100.0:
            desk.window.actions_["ruler"].trigger()
        desk.window.view.clicked.emit(x, 50.0)
    calibration = load_calibration("bench")
    assert (calibration.find("20x").pixel_um, calibration.find("40x").pixel_um) == (0.43, None)
    taken = desk.session.desk.shown
    elsewhere = replace(taken.frame, lens=Lens("scanner", "20x"))
    desk.session.desk.shown = replace(taken, frame=elsewhere)
    desk.findChild(Calibrating).take_white()
    assert "taken with the set-up scanner" in desk.window.banner.text
    assert load_calibration("bench") == calibration


@pytest.mark.parametrize("kind", ["folder", "slide"])
def test_files_in_place_of_a_camera_are_seen_through_the_objectives_of_their_set_up(kind, field, tmp_path):
    """Vectors picked on them are kept for that set-up alone; a file that is read by itself says no objective."""
    path = tmp_path / "field.png"
    cv2.imwrite(str(path), field.rgb)
    camera = (
        FolderSetup(str(tmp_path)) if kind == "folder" else SlideSetup(str(path), pixel_um=0.424, size_px=(300, 300))
    )
    lenses = (Objective("40x", 0.424), Objective("", 0.424))
    setup = DeviceSetup(name="files", title="Files", camera=camera, objectives=lenses, objective="40x")
    devices = open_devices(setup, Calibration(devices="files"))
    with devices.camera:
        frames = devices.camera.frames(Event())
        assert next(frames).frame.lens == Lens("files", "40x")
        devices.camera.use_objective(devices.book.objectives[1])
        assert next(frames).frame.lens is None
    assert read_field(path, 0.424).lens is None


def test_a_profile_that_is_chosen_takes_on_what_each_set_up_of_the_case_keeps_for_it(desk, wait):
    """A field of another set-up is read by that one's vectors, not by this one's, nor by none."""
    here, there = take(desk, wait), take(desk, wait)
    scanner = Lens("scanner", "20x")
    assert wait(lambda: all(desk.session.desk.get(i).is_packed for i in (here, there)))
    held = desk.session.desk.get(there)
    desk.session.desk.put(there, replace(held, pictures=replace(held.pictures, lens=scanner)))
    moved = replace(desk.session.state.find(there), lens=scanner)
    desk.session.ledger.state = desk.session.state.with_field(moved)
    lab = replace(load_stain("default"), name="lab")
    for setup, vectors in (("bench", ONE), ("scanner", TWO)):
        LensBook((), load_calibration(setup), save_calibration).take_stain("20x", "lab", vectors, "")
    desk.findChild(Picking)._book.take_stain("20x", "lab", ONE, "")
    desk.act(lambda: desk.findChild(Tuning).use(lab))
    assert at_rest(desk, wait)
    assert desk.session.desk.get(here).reading.stain.vectors == ONE
    assert desk.session.desk.get(there).reading.stain.vectors == TWO
    in_force = desk.session.state.stain
    calibration_file("scanner").write_text("version = ")
    desk.act(lambda: desk.findChild(Tuning).use(load_stain("default")))
    assert "scanner.toml" in desk.window.banner.text
    assert desk.session.state.stain == in_force
