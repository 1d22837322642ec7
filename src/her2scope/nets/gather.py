"""From a training's settings to its images, each on one side of the split."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import ConfigError, InputError
from her2scope.nets.annotations import read_fields
from her2scope.nets.confirm import confirm
from her2scope.nets.engines import make_engine
from her2scope.nets.samples import PLAIN
from her2scope.nets.sources import READERS, Source, dsb2018_cutouts, make_source, synthetic
from her2scope.nets.train_config import DataSet, TrainConfig
from her2scope.nets.weights import load_weights, shipped_weights

CASES = ("0", "0+", "1+", "2+", "3+")
_SYNTHETIC_UM = 0.4
_SYNTHETIC_PX = 640
_VALIDATION_FIELDS = 5
_OWN_EVERY = 5  # of one's own pictures every fifth validates


@dataclass
class Gathered:
    """Images by the side of the split they are on."""

    train: list[Source] = field(default_factory=list)
    validation: list[Source] = field(default_factory=list)
    test: list[Source] = field(default_factory=list)
    lymphocytes: NDArray[np.float32] = field(default_factory=lambda: PLAIN.lymphocytes)

    def side(self, name: str) -> list[Source]:
        """The list of a side's name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[name]


@dataclass(frozen=True)
class Split:
    """Which images measure.

    Parameters
    ----------
    tables
        The TOML file: by data set, names for test and validation, or every n-th.
    """

    tables: dict[str, dict[str, object]]

    def side(self, kind: str, index: int, name: str) -> str:
        """train, validation or test, of an image by its data set, place and name."""
        table = self.tables.get(kind, {})
        every = table.get("every")
        if isinstance(every, int):
            return {0: "test", 1: "validation"}.get(index % every, "train")
        for side in ("test", "validation"):
            names = table.get(side, [])
            if isinstance(names, list) and name in names:
                return side
        return "train"


def shipped_split() -> Path:
    """The split that the shipped weights were trained by."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "assets" / "nuclei_split.toml"
    return inside if inside.exists() else package.parents[1] / "assets" / "nuclei_split.toml"


def load_split(path: Path) -> Split:
    """Read a split; ConfigError when it cannot be read."""
    try:
        return Split(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: the split of the images cannot be read; check the file.") from error


def gather(config: TrainConfig) -> Gathered:
    """Read every source of a training.

    Raises
    ------
    ConfigError, InputError
        When a data set is unknown, a folder is missing, or nothing is left to train or validate on.
    """
    split = load_split(Path(config.split) if config.split else shipped_split())
    if config.lymphocytes:
        _instances(config)
    gathered = Gathered()
    for data in config.data:
        check = _check(data.confirm)
        for side, source in _read(data, split):
            gathered.side(side).append(check(source) if side == "train" else source)
    if config.lymphocytes:
        gathered.lymphocytes = lymphocytes(config, gathered.train)
    for side in ("train", "validation"):
        if not gathered.side(side):
            raise ConfigError(f"The data give no images for {side}; add images, or change the split.")
    return gathered


def lymphocytes(config: TrainConfig, sources: list[Source]) -> NDArray[np.float32]:
    """Cut-outs of the dsb2018 images among some sources, to be set in as lymphocytes.

    Raises
    ------
    ConfigError
        When the settings name no dsb2018 data.
    """
    names = {source.name.split("/", 1)[1] for source in sources if source.name.startswith("dsb2018/")}
    return dsb2018_cutouts(_instances(config), names)


def _instances(config: TrainConfig) -> Path:
    """The folder that nuclei are cut out of."""
    folders = [_folder(data) for data in config.data if data.kind == "dsb2018"]
    if not folders:
        raise ConfigError("lymphocytes: they are cut out of dsb2018; add that data set, or set lymphocytes = 0.")
    return folders[0]


def _check(weights: str) -> Callable[[Source], Source]:
    """What checks guessed marks; nothing where no weights are named."""
    if not weights:
        return lambda source: source
    path = shipped_weights() if weights == "shipped" else Path(weights)
    engine = make_engine(load_weights(path).net)
    return lambda source: confirm(source, engine)


def _read(data: DataSet, split: Split) -> Iterator[tuple[str, Source]]:
    if data.kind == "synthetic":
        yield from _synthetic(data, split)
    elif data.kind == "annotated":
        yield from _annotated(data)
    elif data.kind in READERS:
        folder = _folder(data)
        for _, reader in READERS[data.kind]:
            for index, source in enumerate(reader(folder)):
                yield split.side(data.kind, index, source.name.split("/", 1)[1]), source
    else:
        known = ", ".join([*READERS, "synthetic", "annotated"])
        raise ConfigError(f"data: there is no data set {data.kind!r}; choose one of {known}.")


def _folder(data: DataSet) -> Path:
    folder = Path(data.folder)
    if not data.folder or not folder.is_dir():
        raise InputError(f"data {data.kind}: the folder {data.folder!r} is not there; correct it in the settings.")
    return folder


def _synthetic(data: DataSet, split: Split) -> Iterator[tuple[str, Source]]:
    begin = split.tables.get("synthetic", {}).get("validation_from")
    if not isinstance(begin, int):
        raise ConfigError("The split has no synthetic.validation_from; add the first seed for validation.")
    seeds = (("train", range(data.fields)), ("validation", range(begin, begin + _VALIDATION_FIELDS)))
    for side, chosen in seeds:
        for source in synthetic(CASES, chosen, _SYNTHETIC_UM, _SYNTHETIC_PX):
            yield side, source


def _annotated(data: DataSet) -> Iterator[tuple[str, Source]]:
    if data.pixel_um is None:
        raise ConfigError("data annotated: pixel_um is missing; add the pixel size of the pictures in um.")
    fields = list(read_fields(_folder(data), data.pixel_um))
    if len(fields) < 2:
        raise InputError(f"{data.folder}: one annotated picture cannot both train and validate; add a second.")
    for index, (frame, points) in enumerate(fields):
        side = "validation" if index % _OWN_EVERY == 1 else "train"
        yield side, make_source(f"annotated/{frame.name}", frame.rgb, points, data.pixel_um)


def data_hash(sources: list[Source]) -> str:
    """SHA-256 of the pictures and marks of sources, in their order."""
    whole = hashlib.sha256()
    for source in sources:
        whole.update(source.name.encode())
        for array in (source.stain.rgb, source.points.xy_px, source.points.kind):
            whole.update(array.tobytes())
    return whole.hexdigest()
