"""What a training is: one TOML file, read strictly."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from her2scope.base.errors import ConfigError

_Positive = Annotated[int, msgspec.Meta(ge=1)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file; a key that is not named here is an error."""


class DataSet(_Strict, frozen=True):
    """One source of images.

    Parameters
    ----------
    kind
        endonuke, dsb2018, brecahad, bcss, synthetic, or annotated (a folder of one's own).
    folder
        Where it lies; not asked of synthetic.
    weight
        How often it is drawn, relative to the others.
    own_stain
        Share of its samples that keep their own stain; the others are re-stained as HER2.
    pixel_um
        Pixel size of an annotated folder.
    fields
        How many fields of synthetic tissue.
    confirm
        Weights that check guessed marks before training: "" for none, "shipped", or a file.
    """

    kind: str
    folder: str = ""
    weight: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    own_stain: _Share = 1.0
    pixel_um: Annotated[float, msgspec.Meta(ge=0.1, le=1.0)] | None = None
    fields: Annotated[int, msgspec.Meta(ge=10)] = 70
    confirm: str = ""


class TrainConfig(_Strict, frozen=True):
    """A training.

    Parameters
    ----------
    data
        The sources.
    seed
        Of weights and samples; the same seed gives the same samples.
    epochs, samples_per_epoch, batch
        How long; an epoch is a number of samples, since crops are drawn at random.
    learning_rate
        Of Adam; it falls to a fiftieth along a cosine.
    patience
        Epochs without a better validation F1 after which training stops.
    width, blocks
        Size of the network, where it starts from random weights.
    start
        Weights to go on from: "" for random, "shipped", or a file.
    device
        auto, cpu or cuda.
    threads, workers
        Threads of the network, and threads that make samples.
    lymphocytes
        Share of the re-stained samples with lymphocytes set in; they are cut out of dsb2018's training images.
    nuclear
        Share of the re-stained samples that are stained for a nuclear antigen instead of HER2.
    split
        TOML file of the images for validation and testing; "" for the one shipped.
    """

    data: list[DataSet]
    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    epochs: _Positive = 40
    samples_per_epoch: _Positive = 3200
    batch: _Positive = 16
    learning_rate: Annotated[float, msgspec.Meta(gt=0, le=0.1)] = 1e-3
    patience: _Positive = 10
    width: _Positive = 24
    blocks: tuple[int, int, int, int] = (1, 2, 2, 1)
    start: str = ""
    device: str = "auto"
    threads: _Positive = 2
    workers: _Positive = 2
    lymphocytes: _Share = 0.0
    nuclear: _Share = 0.0
    split: str = ""


def load_train_config(path: Path) -> TrainConfig:
    """Read a training's file.

    Raises
    ------
    ConfigError
        When it cannot be read, or a key is missing, unknown or out of range; the sentence names file and key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the training's settings cannot be read; check the file.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML ({error}); correct it.") from error
    try:
        config = msgspec.convert(table, TrainConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}{_meant(str(error))}; correct the key.") from error
    if not config.data:
        raise ConfigError(f"{path}: data is empty; add at least one [[data]] table.")
    return config


def _meant(message: str) -> str:
    """The known key that an unknown one is nearest to."""
    found = re.search("unknown field `([^`]*)`", message)
    unknown = found.group(1) if found else ""
    near = difflib.get_close_matches(unknown, [*TrainConfig.__struct_fields__, *DataSet.__struct_fields__], 1)
    return f" (perhaps {near[0]})" if near else ""
