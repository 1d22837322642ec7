"""The case on the microscope: what is taken, decided, undone and scored; no Qt, no threads, no files.

A window calls the acts (`take`, `fields.exclude`, `case.set_thresholds`, `undo`, ...), shows what the view models
make of the session, runs `jobs()` on a worker and hands each outcome to `accept`. Every act is a command on one stack.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from her2scope.analysis.guideline import Guideline
from her2scope.analysis.scoring import CaseScore
from her2scope.analysis.stain import StainProfile
from her2scope.app.model.case_acts import CaseActs
from her2scope.app.model.counting import Counted, Reading, count
from her2scope.app.model.desk import Desk
from her2scope.app.model.field_acts import FieldActs
from her2scope.app.model.frames import thumbnail
from her2scope.app.model.held import Held
from her2scope.app.model.jobs import Drawn, Job, Opened, Outcome, ReadJob, Saved, SaveJob
from her2scope.app.model.ledger import Ledger, utc_now
from her2scope.app.model.record import CaseRecord, CaseStore
from her2scope.app.model.state import CaseState, Role, Source, TakenField
from her2scope.app.model.tally import LastTally, Tally
from her2scope.base.frame import Frame
from her2scope.pipeline.case import reference_score
from her2scope.pipeline.field import FieldResult, FieldSettings


class CaseSession:
    """One case.

    Parameters
    ----------
    settings
        Detector and membrane parameters, and the stain profile that the case starts with.
    guideline
        The rules that it starts with.
    user
        Who works.
    now
        The clock; a test gives its own.

    Attributes
    ----------
    fields, case
        The acts on fields and on the case.
    source
        What fields are taken with from now on; None where nothing is known of it, and no positions are compared.
    """

    def __init__(
        self, settings: FieldSettings, guideline: Guideline, user: str = "", now: Callable[[], datetime] = utc_now
    ) -> None:
        self._settings = settings
        self.ledger = Ledger(CaseState(settings.stain, guideline), user, now)
        self.desk = Desk()
        self.fields = FieldActs(self.ledger)
        self.case = CaseActs(self.ledger)
        self.source: Source | None = None
        self._current: int | None = None
        self._next_id = 1
        self._tally = LastTally()
        self._readings_version = 0
        self._saved = (0, 0)

    @classmethod
    def opened(
        cls, record: CaseRecord, settings: FieldSettings, user: str = "", now: Callable[[], datetime] = utc_now
    ) -> CaseSession:
        """Go on with a case that was kept; its stain profile and guideline come with it."""
        session = cls(settings, record.state.guideline, user, now)
        session.ledger.reopen(record.state, record.audit)
        for field_id, held in record.held.items():
            session.desk.put(field_id, held)
        session._next_id = record.next_id
        session._saved = session.version
        return session

    @property
    def state(self) -> CaseState:
        """What was decided so far."""
        return self.ledger.state

    @property
    def current(self) -> int | None:
        """Number of the field shown; None in the live view, and once the field is no longer in the case."""
        return self._current if any(taken.id == self._current for taken in self.state.fields) else None

    @property
    def settings(self) -> FieldSettings:
        """What a field is analysed with now: the case's stain profile among them."""
        return replace(self._settings, stain=self.state.stain)

    @property
    def version(self) -> tuple[int, int]:
        """Changes with every act and every outcome: a view that knows it knows whether it is up to date."""
        return self.ledger.version, self._readings_version

    def take(
        self,
        result: FieldResult,
        frame: Frame,
        *,
        stain: StainProfile | None = None,
        role: Role = Role.CASE,
        origin_um: tuple[float, float] | None = None,
    ) -> int:
        """Keep an analysed field in the case, and show it.

        Parameters
        ----------
        result
            As analysed: of the whole field, without a region of interest.
        frame
            Its frame; the session packs it away through a job, and never changes it.
        stain
            The plain profile that it was analysed with; None: the one in force, under the frame's objective.
        role
            Case or control.
        origin_um
            Where its top-left pixel lies on the slide, in um; None where unknown.

        Returns
        -------
        int
            The field's number.
        """
        taken = TakenField(
            self._next_id, frame.name, frame.pixel_um, result.shape, self.ledger.when(), role, origin_um=origin_um
        )
        taken = replace(taken, source=self.source, lens=frame.lens)
        self._next_id += 1
        reading = Reading(result, stain or self.state.stain.under(frame.lens))
        self.desk.put(taken.id, Held(reading, frame, thumbnail(frame.rgb)))
        self.fields.add(taken)
        self._current = taken.id
        self.desk.show(Opened(taken.id, frame, reading))
        self.desk.keep_only({taken.id for taken in self.state.fields} | self.ledger.history.field_ids)
        return taken.id

    def show(self, field_id: int | None) -> None:
        """Show a field of the case (its frame comes with a job), or the live view with None."""
        self._current = None if field_id is None else self.state.find(field_id).id
        if self.desk.shown is not None and self.desk.shown.field_id != field_id:
            self.desk.show(None)

    def undo(self) -> None:
        """Take the last change back."""
        self.ledger.undo()
        self._settle()

    def redo(self) -> None:
        """Do the change taken back last again."""
        self.ledger.redo()
        self._settle()

    def jobs(self) -> tuple[Job, ...]:
        """Work due and not handed out before, the most urgent first."""
        self._settle()
        return tuple(self.desk.jobs(self.state.fields, self.current, self.settings))

    def accept(self, outcome: Outcome) -> bool:
        """Take an outcome of a job in; False when it came too late, and was dropped."""
        if isinstance(outcome, Drawn):
            return outcome.field_id == self.current and outcome.stain == self.state.stain
        if isinstance(outcome, Saved):
            self.desk.moved(outcome.pictures)
            self._saved = max(self._saved, outcome.version)
            return True
        accepted = self.desk.accept(outcome, self.current, self.settings)
        self._readings_version += accepted
        return accepted

    def save_job(self, store: CaseStore, *, anyway: bool = False) -> SaveJob | None:
        """A job that keeps the case as it is now; None when it is kept already, unless it is wanted anyway."""
        if self._saved == self.version and not anyway:
            return None
        record = CaseRecord(self.state, tuple(self.ledger.history.audit), self.desk.held, self._next_id)
        return SaveJob(store, record, self.version)

    def retry(self) -> None:
        """Hand all due jobs out again, after a fault was mended."""
        self.desk.forget_given()

    def counted(self, field_id: int) -> Counted:
        """A field as it counts, with corrections and regions; KeyError when the case has no such field.

        While `is_pending`, at the thresholds before.
        """
        return self.desk.counted(self.state.find(field_id), self._settings.membrane)

    def is_pending(self, field_id: int) -> bool:
        """Whether a field is still to be read with the profile in force."""
        return self.desk.is_stale(field_id, self.settings)

    def field_score(self, field_id: int) -> CaseScore | None:
        """The score that the field would have by itself; None where it is blocked or still being read."""
        if self.is_pending(field_id):
            return None
        return reference_score(self.counted(field_id).result, self.state.guideline)

    def tally(self) -> Tally:
        """The case added up."""
        fields = [self.counted(taken.id) for taken in self.state.fields]
        pending = [taken.id for taken in self.state.fields if self.is_pending(taken.id)]
        return self._tally.of(self.state, fields, pending)

    def preview(self, stain: StainProfile) -> ReadJob | None:
        """A job that reads the shown field with another profile, while a slider moves; nothing is kept of it.

        None when no field is shown. Its outcome goes to `preview_of`, not to `accept`.
        """
        shown = self.desk.shown
        if shown is None:
            return None
        return ReadJob(shown.field_id, shown.reading, shown.frame, replace(self._settings, stain=stain))

    def preview_of(self, reading: Reading) -> Counted | None:
        """A previewed reading of the shown field as it would count; None when no field is shown any more."""
        if self.desk.shown is None or self.current is None:
            return None
        return count(reading, self.state.find(self.current), self._settings.membrane)

    def _settle(self) -> None:
        """Leave a field that is no longer in the case."""
        if self._current is not None and self.current is None:
            self._current = None
            self.desk.show(None)
