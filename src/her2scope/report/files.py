"""Results on disk: written whole or not at all, under names that stay inside their folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import unicodedata
from pathlib import Path
from types import TracebackType

from her2scope.base.errors import OutputError

MAX_STEM_BYTES = 200
"""Of the 255 that file systems allow; the rest is for a number and a suffix."""


class ResultFolder:
    """A folder that results arrive in together, at the end of a `with` block that raised nothing.

    Until then they lie in a hidden folder beside their places, which is removed in any case. A folder that was made
    for them is removed again when they do not arrive.

    Parameters
    ----------
    folder
        Where results go; made when it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._files: list[Path] = []
        self._made: list[Path] = []
        self._abandoned = False

    def __enter__(self) -> ResultFolder:
        """Make the folder, and see that it can be written."""
        try:
            self._made = _make_folders(self.folder)
            self._staging = Path(tempfile.mkdtemp(prefix=".her2scope-", dir=self.folder))
        except (OSError, ValueError) as error:
            _remove_empty(self._made)
            raise cannot_write(self.folder, error) from error
        return self

    def write(self, name: str, data: bytes) -> None:
        """Stage a file.

        Parameters
        ----------
        name
            Its path in the folder, with `/`; made of safe names (see FileNames).
        data
            Its content.

        Raises
        ------
        OutputError
            When the name leads out of the folder, or the disk does not take the file.
        """
        relative = Path(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            raise OutputError(f"{name!r} leads out of {self.folder}; choose a name inside it.")
        try:
            staged = self._staging / relative
            staged.parent.mkdir(parents=True, exist_ok=True)
            with staged.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())  # some disks say only now that they are full
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        if relative not in self._files:
            self._files.append(relative)

    def abandon(self) -> None:
        """Let nothing arrive."""
        self._abandoned = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Bring the files to their places, unless something was raised."""
        arrived = False
        try:
            if kind is None and not self._abandoned:
                self._arrive()
                arrived = True
        except OSError as failure:
            raise cannot_write(self.folder, failure) from failure
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)
            if not arrived:
                _remove_empty(self._made)

    def _arrive(self) -> None:
        """Rename every staged file to its place; whatever could stand in the way is looked for first."""
        for relative in self._files:
            target = self.folder / relative
            if target.exists() and not target.is_file():
                raise not_a_file(target)
            target.parent.mkdir(parents=True, exist_ok=True)
        for relative in self._files:
            (self._staging / relative).replace(self.folder / relative)


def write_whole(path: str | Path, data: bytes) -> None:
    """Write one file whole or not at all.

    Raises
    ------
    OutputError
        When it cannot be written.
    """
    path = Path(path)
    with ResultFolder(path.parent) as folder:
        folder.write(path.name, data)


def check_writable(path: str | Path) -> None:
    """Raise OutputError where `write_whole` could not write, before long work is done for it; leaves nothing behind."""
    path = Path(path)
    with ResultFolder(path.parent) as folder:
        folder.abandon()
        if path.exists() and not path.is_file():
            raise not_a_file(path)


def not_a_file(path: Path) -> OutputError:
    """The error for a result's place that something else takes."""
    return OutputError(f"{path}: not a file that can be replaced; move it away or choose another name.")


def cannot_write(folder: Path, error: OSError | ValueError) -> OutputError:
    """The error for a folder that does not take its results."""
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return OutputError(f"{folder}: cannot be written: it is a file, or lies below one; give a folder.")
    why = getattr(error, "strerror", None) or "no folder can have this name"
    return OutputError(f"{folder}: cannot be written ({why}); free its disk, mend its permissions or choose another.")


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder with its parents; return those that were made, the innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: list[Path]) -> None:
    """Remove folders while they are empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


class FileNames:
    """Hands out file names that are safe, inside their folder, and never the same twice (on any file system)."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str, suffix: str) -> str:
        """A file name for the results of something called `name`, as "STEM.png"; "STEM_2.png" when that is taken.

        Parameters
        ----------
        name
            What the user calls it: a file's name, perhaps with folders.
        suffix
            What follows the stem, such as ".png" or "_patches.png".
        """
        stem, number = safe_stem(name), 1
        candidate = stem + suffix
        while (key := unicodedata.normalize("NFC", candidate).casefold()) in self._taken:
            number += 1
            candidate = f"{stem}_{number}{suffix}"
        self._taken.add(key)
        return candidate


def safe_stem(name: str) -> str:
    """The stem of a name without its folders: no separator, no NUL, no dots alone, at most 200 bytes."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2].replace("\0", "_")
    stem = Path(last).stem if last.strip(".") else ""
    data = stem.encode("utf-8", "surrogateescape")
    if len(data) <= MAX_STEM_BYTES:
        return stem or "field"
    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: MAX_STEM_BYTES - 9].decode('utf-8', 'ignore')}_{digest}"
