"""Fields of the application are analysed on the backend that its settings name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from her2scope.analysis.backend import CpuBackend
from her2scope.app.main import new_session
from her2scope.app.model.counting import Reading
from her2scope.app.model.jobs import ReadJob
from her2scope.app.model.lens_book import LensBook
from her2scope.app.preferences import Preferences
from her2scope.settings.calibration import Calibration


class Counting(CpuBackend):
    """The CPU, with a count of its descriptions."""

    described = 0

    def describe(self, images, thresholds, parameters):
        Counting.described += 1
        return super().describe(images, thresholds, parameters)


def test_a_new_case_takes_the_best_device_and_keeps_it_when_its_stain_changes():
    session = new_session(Preferences(), LensBook((), Calibration(devices="bench"), lambda _: None))
    before = session.settings
    assert before.backend.name == "auto"
    session.case.set_thresholds(0.2, 0.5)
    assert session.settings.stain.t_weak == 0.2
    assert session.settings.backend is before.backend


def test_a_field_is_read_again_by_its_backend(results, frames, settings):
    stricter = replace(settings.stain, t_weak=0.2)
    job = ReadJob(1, Reading(results["3+"], settings.stain), frames["3+"], replace(settings, stain=stricter))
    plain = job.run().reading.result
    counted = replace(job, settings=replace(job.settings, backend=Counting())).run().reading.result
    assert Counting.described == 1
    assert np.array_equal(plain.cells.classes, counted.cells.classes)
