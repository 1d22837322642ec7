"""The state of a training between epochs, whole on disk: networks, optimiser and history; resumable after a kill."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from her2scope.base.errors import ConfigError, OutputError
from her2scope.nets.linknet import LinkNet

FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class Epoch:
    """What an epoch came to.

    Parameters
    ----------
    epoch
        From 1.
    loss
        Mean training loss.
    tumour_f1, any_f1
        Validation F1 at 5 um for tumour nuclei, and for nuclei of any kind.
    floor
        The peak height that validated best.
    """

    epoch: int
    loss: float
    tumour_f1: float
    any_f1: float
    floor: float

    @property
    def figure(self) -> float:
        """What is maximised."""
        return (self.tumour_f1 + self.any_f1) / 2


@dataclass
class State:
    """A training in progress.

    Parameters
    ----------
    net, average
        Newest weights and their running average.
    optimiser
        Adam over `net`.
    history
        Epochs done.
    """

    net: LinkNet
    average: LinkNet
    optimiser: torch.optim.Adam
    history: list[Epoch]


def save_state(folder: Path, state: State, identity: str) -> None:
    """Write the state, whole or not at all; OutputError when it cannot be.

    `identity` says which training it belongs to (settings and data).
    """
    tensors = {f"net.{k}": v for k, v in state.net.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in state.average.state_dict().items()}
    for index, parameter in state.optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{k}": v for k, v in parameter.items()}
    facts = {"identity": identity, "history": json.dumps([asdict(e) for e in state.history])}
    part = folder / (FILE + ".part")
    try:
        save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, part, metadata=facts)
        part.replace(folder / FILE)
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{part}: the training cannot be saved ({error}); check the folder and its space.") from error


def load_state(folder: Path, state: State, identity: str) -> bool:
    """Go on from a saved state, where there is one; `state` is changed in place.

    Raises
    ------
    ConfigError
        When the state is of another training or cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return False
    try:
        with safe_open(path, framework="pt") as file:
            facts = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise ConfigError(f"{path}: the saved training cannot be read; remove it to start again.") from error
    if facts.get("identity") != identity:
        raise ConfigError(
            f"{path}: saved by a training with other settings or data; use another --out folder (to go on from here "
            "with new settings, name its best.safetensors as their start)."
        )
    state.net.load_state_dict(_part(tensors, "net."))
    state.average.load_state_dict(_part(tensors, "average."))
    _load_adam(state.optimiser, _part(tensors, "adam."))
    state.history[:] = [Epoch(**epoch) for epoch in json.loads(facts["history"])]
    return True


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _load_adam(optimiser: torch.optim.Adam, tensors: dict[str, Tensor]) -> None:
    whole = optimiser.state_dict()
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, key = name.split(".", 1)
        moments.setdefault(int(index), {})[key] = tensor
    whole["state"] = moments
    optimiser.load_state_dict(whole)
