"""Weights as safetensors: their network's size, their licence and a hash inside; nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from her2scope.base.errors import ConfigError, OutputError
from her2scope.nets.calibration import Ranges, ranges_of, ranges_text
from her2scope.nets.linknet import LinkNet, LinkNetShape
from her2scope.nets.peaks import PeakRule

NETWORK = "her2scope linknet 2"
_SHIPPED = "nuclei_linknet.safetensors"
_READABLE = 0o644  # safetensors makes files that their owner alone may read


@dataclass(frozen=True)
class Weights:
    """A trained network, ready to use.

    Parameters
    ----------
    net
        In evaluation mode, float32.
    rule
        What counts as a nucleus, chosen on validation images.
    facts
        What else its file says: training settings, data hashes, metrics.
    ranges
        Of the activations, for 8 bits (see `calibration`); None where they were never measured.
    """

    net: LinkNet
    rule: PeakRule
    facts: dict[str, str]
    ranges: Ranges | None = None


def shipped_weights() -> Path:
    """The weights that come with the program; they may be missing, which load_weights says."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "assets" / _SHIPPED
    return installed if installed.exists() else package.parents[1] / "assets" / _SHIPPED


def _digest(state: dict[str, Tensor]) -> str:
    whole = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach().cpu().contiguous()
        whole.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        whole.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return whole.hexdigest()


def save_weights(path: Path, weights: Weights) -> None:
    """Write weights as float16 safetensors, whole or not at all.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    state = {
        name: tensor.detach().cpu().half().contiguous() if tensor.is_floating_point() else tensor.detach().cpu()
        for name, tensor in weights.net.state_dict().items()
    }
    rule = weights.rule
    own = {
        "network": NETWORK,
        "width": str(weights.net.shape.width),
        "blocks": json.dumps(weights.net.shape.blocks),
        "rule": json.dumps([rule.floor, rule.tumour_share, rule.apart_px]),
        "sha256": _digest(state),
    }
    if weights.ranges is not None:
        own["ranges"] = ranges_text(weights.ranges)
    part = path.with_name(path.name + ".part")
    try:
        save_file(state, part, metadata={**weights.facts, **own})
        part.chmod(_READABLE)
        part.replace(path)
    except (OSError, SafetensorError) as error:
        raise OutputError(
            f"{path}: the weights cannot be written ({error}); check the folder and its space."
        ) from error


def load_weights(path: Path) -> Weights:
    """Read weights and check them: format, network, shapes, hash, finite numbers.

    Raises
    ------
    ConfigError
        When anything is not as it should be; the sentence names the file and what to do.
    """
    facts, state = _read(path)
    if facts.get("network") != NETWORK:
        raise ConfigError(f"{path}: these weights are not for the nucleus LinkNet of this version; choose others.")
    if facts.get("sha256") != _digest(state):
        raise ConfigError(f"{path}: the weights do not have the hash they were saved with; copy the file again.")
    if not all(bool(t.isfinite().all()) for t in state.values() if t.is_floating_point()):
        raise ConfigError(f"{path}: the weights contain NaN or infinite numbers; train or copy them again.")
    try:
        net = LinkNet(LinkNetShape(int(facts["width"]), _four(json.loads(facts["blocks"]))))
        net.load_state_dict({name: t.float() if t.is_floating_point() else t for name, t in state.items()})
        rule = _rule(json.loads(facts["rule"]))
        ranges = ranges_of(facts.get("ranges"))
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise ConfigError(f"{path}: the weights do not fit the network they name; choose others.") from error
    own = {"network", "width", "blocks", "rule", "ranges"}
    return Weights(net.eval(), rule, {k: v for k, v in facts.items() if k not in own}, ranges)


def _four(blocks: list[int]) -> tuple[int, int, int, int]:
    first, second, third, fourth = (int(b) for b in blocks)
    return first, second, third, fourth


def _rule(numbers: list[float]) -> PeakRule:
    """The peak rule, which no hash covers; with a floor or share of 1 and more, or NaN, nothing would ever be found."""
    floor, share, apart_px = (float(n) for n in numbers)
    if not (floor < 1 and share < 1 and 0 < apart_px < 100):
        raise ValueError("the peak rule is out of range")
    return PeakRule(floor, share, apart_px)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    if not path.is_file():
        raise ConfigError(f"{path}: the detector's weights are missing; install again, or name a weights file.")
    try:
        with safe_open(path, framework="pt") as file:
            return dict(file.metadata() or {}), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise ConfigError(
            f"{path}: not a whole safetensors file, so not loaded; pickled weights are never read, copy the file again."
        ) from error
