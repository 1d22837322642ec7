"""The second reading: the shown field by patches against the control, through a job; and the control beside it."""

from __future__ import annotations

from dataclasses import dataclass

from her2scope.analysis.patches import PatchReading
from her2scope.analysis.quality import Status
from her2scope.app.model.counting import Counted
from her2scope.app.model.frames import PackedField
from her2scope.app.model.held import Held
from her2scope.app.model.jobs import ReadJob, load
from her2scope.app.model.session import CaseSession
from her2scope.app.model.state import Role
from her2scope.app.model.texts import say
from her2scope.base.errors import InputError
from her2scope.base.frame import Frame
from her2scope.pipeline.field import FieldResult, FieldSettings
from her2scope.pipeline.patches import control_patch_area, patch_reading

ControlKey = tuple[tuple[int, int], ...]
"""Which control fields, in which reading (by identity)."""


@dataclass(frozen=True)
class PatchesRead:
    """Patches of a field, read against the control.

    Parameters
    ----------
    result
        The field's result that they were read from.
    reading
        None in a blocked field.
    control, area
        Which control it was, and the area under its curve.
    """

    result: FieldResult
    reading: PatchReading | None
    control: ControlKey
    area: float


@dataclass(frozen=True)
class PatchJob:
    """Read a field by patches; the control's fields are read first where their area is not known yet.

    Parameters
    ----------
    frame, result
        The field, with membranes.
    control
        The control's fields.
    key, area
        Which they are, and their area where it is known.
    settings
        To read them with.
    """

    frame: Frame
    result: FieldResult
    control: tuple[Held, ...]
    key: ControlKey
    area: float | None
    settings: FieldSettings

    def run(self) -> PatchesRead:
        """Read; InputError when the control shows no stained area."""
        area = self.area
        if area is None:
            area = control_patch_area([self._whole(held) for held in self.control])
        return PatchesRead(self.result, patch_reading(self.frame, self.result, area), self.key, area)

    def _whole(self, held: Held) -> tuple[Frame, FieldResult]:
        frame = load(held.pictures)
        if held.reading.result.membranes is not None:
            return frame, held.reading.result
        pictures: PackedField | Frame = held.pictures
        return frame, ReadJob(0, held.reading, pictures, self.settings).run().reading.result


class PatchBench:
    """Patch readings of fields in view; remembers the control's area while its fields stay the same."""

    def __init__(self, session: CaseSession) -> None:
        self._session = session
        self._known: tuple[ControlKey, float] | None = None

    def job(self, frame: Frame, counted: Counted) -> PatchJob:
        """A job that reads a field, kept or not, by patches.

        Raises
        ------
        InputError
            Without a control field to compare with, and while the field's membranes are not at hand.
        """
        numbers = control_numbers(self._session)
        if not numbers:
            raise InputError(say("patches.no_control"))
        if counted.result.membranes is None and counted.result.status is not Status.BLOCKED:
            raise InputError(say("patches.wait"))
        held = tuple(self._session.desk.get(number) for number in numbers)
        key = tuple((number, id(h.reading.result.cells)) for number, h in zip(numbers, held, strict=True))
        area = self._known[1] if self._known is not None and self._known[0] == key else None
        return PatchJob(frame, counted.result, held, key, area, self._session.settings)

    def accept(self, outcome: PatchesRead) -> None:
        """Remember the control's area."""
        self._known = (outcome.control, outcome.area)


def control_numbers(session: CaseSession) -> tuple[int, ...]:
    """Numbers of the control fields that can be compared with: taken, not left out, not blocked."""
    fields = [session.counted(taken.id) for taken in session.state.of_role(Role.CONTROL)]
    return tuple(field.taken.id for field in fields if field.counts)


@dataclass(frozen=True)
class Loaded:
    """A field's frame, for a view beside the current one."""

    field_id: int
    frame: Frame


@dataclass(frozen=True)
class LoadJob:
    """Bring a field's frame back, without showing the field."""

    field_id: int
    pictures: PackedField | Frame

    def run(self) -> Loaded:
        """Load; InputError when its file is gone or broken."""
        return Loaded(self.field_id, load(self.pictures))


def control_beside(session: CaseSession) -> LoadJob | None:
    """A job that loads the newest control field, to show beside the field in view; None without one."""
    numbers = control_numbers(session)
    return LoadJob(numbers[-1], session.desk.get(numbers[-1]).pictures) if numbers else None


def same_scale_zoom(zoom: float, pixel_um: float, control_pixel_um: float) -> float:
    """The zoom that shows the control at the scale of the field in view: as many screen pixels to the um.

    Parameters
    ----------
    zoom
        Screen pixels per pixel of the field in view.
    pixel_um, control_pixel_um
        Pixel sizes of both in um.
    """
    return zoom * control_pixel_um / pixel_um
