"""Reading many images: what is wrong with one is said, and the others go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from her2scope.base.errors import Her2ScopeError, OutputError
from her2scope.base.frame import Frame
from her2scope.cli.progress import progress
from her2scope.cli.say import complain
from her2scope.pipeline.field import FieldResult, FieldSettings, analyse_field
from her2scope.slides.images import read_field
from her2scope.slides.roi import RoiFile
from her2scope.slides.sources import Sources, find_images


@dataclass
class Reader:
    """Reads and analyses images one by one, and keeps what went wrong.

    Parameters
    ----------
    settings
        What fields are analysed with.
    pixel_um
        Pixel size in um as the user gave it.
    problems
        The sentences that were said on stderr.
    """

    settings: FieldSettings
    pixel_um: float | None
    problems: list[str] = field(default_factory=list)

    def find(self, arguments: tuple[str, ...]) -> Sources:
        """Find images, and say which arguments give none."""
        sources = find_images(arguments)
        for problem in sources.problems:
            self._note(problem)
        return sources

    def analyse(self, sources: Sources, doing: str, roi: RoiFile | None = None) -> Iterator[tuple[Frame, FieldResult]]:
        """Each image that can be read, with its result."""
        pairs = zip(sources.paths, sources.names, strict=True)
        for path, name in progress(pairs, len(sources.paths), doing):
            try:
                frame = read_field(path, self.pixel_um, name)
                height, width = frame.rgb.shape[:2]
                regions = None if roi is None else roi.for_field(name, width, height)
                yield frame, analyse_field(frame, self.settings, regions)
            except Her2ScopeError as error:
                self._note(error)

    def _note(self, error: Her2ScopeError) -> None:
        complain(error)
        self.problems.append(str(error))


def spare_inputs(targets: Iterable[Path], *inputs: Sources) -> None:
    """Raise OutputError when a result would be written over an image that it is made from."""
    read = {path.resolve() for sources in inputs for path in sources.paths}
    for target in targets:
        if target.resolve() in read:
            raise OutputError(f"{target}: is an image to be read, and would be overwritten; choose another --out.")
