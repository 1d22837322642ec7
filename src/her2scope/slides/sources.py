"""Which image files a user means by files, folders and patterns."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from her2scope.base.errors import InputError
from her2scope.slides.images import SUFFIXES, sniff

IMAGE_SUFFIXES = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)


@dataclass(frozen=True)
class Sources:
    """Image files in the order given, each once, and what could not be found.

    Parameters
    ----------
    paths
        Files to read; some may turn out to be none.
    names
        What to call each: its file name, with as much of its folders as tells it from the others.
    problems
        One error for each folder or pattern that gives no image.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    problems: tuple[InputError, ...] = ()


def find_images(arguments: Iterable[str]) -> Sources:
    """Expand files, folders and patterns into image files.

    Parameters
    ----------
    arguments
        A file is taken as it is named. A folder stands for its own images, sorted by name, without hidden ones and
        without its sub-folders. A pattern with `*`, `?` or `[...]` (`**` for any depth) that is not a file's name
        stands for the files that match, sorted.
    """
    found: dict[str, Path] = {}
    problems = []
    for argument in arguments:
        try:
            for path in _expand(argument):
                found.setdefault(_identity(path), path)
        except InputError as problem:
            problems.append(problem)
    paths = tuple(found.values())
    return Sources(paths, distinct_names(paths), tuple(problems))


def _identity(path: Path) -> str:
    """The same text for every way to name a file."""
    try:
        return os.path.realpath(path)
    except ValueError:  # a NUL in the name; reading it gives the error
        return str(path)


def _expand(argument: str) -> Sequence[Path]:
    """Turn one argument into files."""
    path = Path(argument)
    if path.is_dir():
        return _images_in(path)
    is_pattern = glob.has_magic(argument) and not os.path.lexists(path)
    return _matching(argument) if is_pattern else (path,)


def _matching(pattern: str) -> Sequence[Path]:
    """Files that match a pattern; folders that match are left out."""
    paths = [Path(name) for name in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 (may be absolute)
    files = [path for path in paths if not path.is_dir()]
    if not files:
        raise InputError(f"{pattern}: no file matches this pattern; check it and the folder.")
    return files


def _images_in(folder: Path) -> Sequence[Path]:
    """Images right in a folder, sorted by name; hidden files are left out."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise InputError(f"{folder}: the folder may not be read ({error.strerror}); check its permissions.") from error
    images = [folder / name for name in names if not name.startswith(".") and looks_like_an_image(folder / name)]
    if not images:
        raise InputError(f"{folder}: no image in this folder; give a folder with PNG, JPEG or TIFF files.")
    return images


def looks_like_an_image(path: Path) -> bool:
    """Whether suffix or content says that a file of a folder is an image."""
    if path.is_dir():
        return False
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return True
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return sniff(file.read(16)) is not None
    except OSError:
        return False  # of unknown suffix, and not ours to read


def distinct_names(paths: Sequence[Path]) -> tuple[str, ...]:
    """File names, each with as many of its folders in front as tell it from the others, such as "left/a.png"."""
    parts = [(*path.parent.resolve().parts[1:], path.name) for path in paths]
    depth = [1] * len(parts)
    names = [path.name for path in paths]
    while clashes := {name for name, count in Counter(names).items() if count > 1}:
        grows = [i for i, name in enumerate(names) if name in clashes and depth[i] < len(parts[i])]
        if not grows:
            break
        for i in grows:
            depth[i] += 1
            names[i] = "/".join(parts[i][-depth[i] :])
    return tuple(names)
