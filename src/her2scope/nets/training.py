"""Training the nucleus detector: epochs of re-stained crops, validation F1 at 5 um after each, the best one kept."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from her2scope.base.errors import OutputError
from her2scope.nets.calibration import activation_ranges
from her2scope.nets.checkpoint import Epoch, State, load_state, save_state
from her2scope.nets.curves import draw_curves
from her2scope.nets.engine import Engine, TorchEngine, choose_device, fast_bfloat16
from her2scope.nets.gather import Gathered, data_hash, gather
from her2scope.nets.learning import average_into, batches, heatmap_loss, learning_rate
from her2scope.nets.linknet import LinkNet, LinkNetShape
from her2scope.nets.peaks import PeakRule, Peaks
from her2scope.nets.picture_size import at_working_size, to_field
from her2scope.nets.points import Kind
from her2scope.nets.predict import Tiling, heatmaps, peaks_of
from her2scope.nets.samples import Mixture, Sample, Share, Variety
from her2scope.nets.sources import Source
from her2scope.nets.train_config import TrainConfig
from her2scope.nets.validation import MATCH_UM, Agreement, judged
from her2scope.nets.weights import Weights, load_weights, save_weights, shipped_weights

BEST = "best.safetensors"
CURVES = "curves.png"
FLOORS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
_CLIP = 5.0
_CALIBRATION_SEED, _CALIBRATION_SAMPLES = 8, 32
Report = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""
Told = Callable[[Epoch], None]
"""Called with each epoch that is done."""


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Parameters
    ----------
    best
        The weights file.
    history
        Every epoch.
    stopped
        Why it ended, in words.
    """

    best: Path
    history: tuple[Epoch, ...]
    stopped: str


def train(config: TrainConfig, out: Path, report: Report = lambda *_: None, told: Told = lambda _: None) -> Trained:
    """Train, or go on with the training that `out` holds.

    Parameters
    ----------
    config
        Its settings.
    out
        Folder for the best weights, the checkpoint and the learning curves.
    report
        Told of progress.
    told
        Told of each epoch when it is done, first of those that `out` holds already.

    Raises
    ------
    ConfigError, InputError, OutputError
        When settings or data cannot be used, or `out` cannot be written.
    """
    torch.set_num_threads(config.threads)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{out}: the folder cannot be made ({error.strerror}); choose another --out.") from error
    report("Reading images", 0, 1)
    data = gather(config)
    return _Run(config, data, out, report).go(told)


class _Run:
    """One training: its network, data and folder."""

    def __init__(self, config: TrainConfig, data: Gathered, out: Path, report: Report) -> None:
        self._config, self._data, self._out, self._report = config, data, out, report
        shares = {d.kind: Share(d.weight, d.own_stain) for d in config.data}
        self._mixture = Mixture(data.train, shares, Variety(data.lymphocytes, config.lymphocytes, config.nuclear))
        self._device = choose_device(config.device)
        self._state = _start(config, self._device)
        settings = msgspec.json.encode(config) + data_hash(data.train).encode()
        self._identity = hashlib.sha256(settings).hexdigest()
        self._per_epoch = max(1, config.samples_per_epoch // config.batch)

    def go(self, told: Told) -> Trained:
        """Every epoch that is left."""
        history = self._state.history
        load_state(self._out, self._state, self._identity)
        for done in history:
            told(done)
        for epoch in range(len(history) + 1, self._config.epochs + 1):
            if self._tired():
                return self._done(f"no better validation F1 in {self._config.patience} epochs")
            loss = self._learn(epoch)
            history.append(replace(validate(self._state.average, self._data.validation), epoch=epoch, loss=loss))
            if history[-1].figure >= max(e.figure for e in history):
                self._keep(history[-1])
            save_state(self._out, self._state, self._identity)
            draw_curves(self._out / CURVES, history)
            told(history[-1])
        return self._done(f"all {self._config.epochs} epochs done")

    def _tired(self) -> bool:
        figures = [e.figure for e in self._state.history]
        return bool(figures) and len(figures) - 1 - int(np.argmax(figures)) >= self._config.patience

    def _done(self, why: str) -> Trained:
        return Trained(self._out / BEST, tuple(self._state.history), why)

    def _draw(self, epoch: int) -> Callable[[int], Sample]:
        return lambda index: self._mixture.draw(np.random.default_rng([self._config.seed, epoch, index]))

    def _learn(self, epoch: int) -> float:
        config, state, total = self._config, self._state, 0.0
        before, all_steps = (epoch - 1) * self._per_epoch, config.epochs * self._per_epoch
        state.net.train()
        made = batches(self._draw(epoch), self._per_epoch, config.batch, config.workers)
        for step, batch in enumerate(made):
            rate = learning_rate(before + step, all_steps, config.learning_rate)
            for group in state.optimiser.param_groups:
                group["lr"] = rate
            total += self._step(tuple(t.to(self._device) for t in batch))
            average_into(state.average, state.net, before + step + 1)
            self._report(f"Epoch {epoch} of {config.epochs}", step + 1, self._per_epoch)
        return total / self._per_epoch

    def _step(self, batch: tuple[torch.Tensor, ...]) -> float:
        rgb, heat, known = batch
        net, optimiser = self._state.net, self._state.optimiser
        with torch.autocast(self._device.type, torch.bfloat16, enabled=fast_bfloat16(self._device)):
            out = net(rgb)
        loss = heatmap_loss(out.float(), heat, known)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), _CLIP)
        optimiser.step()
        return float(loss.detach())

    def _keep(self, epoch: Epoch) -> None:
        facts = {
            "settings": msgspec.json.encode(self._config).decode(),
            "data_sha256": data_hash(self._data.train),
            "validation": json.dumps({"tumour_f1": epoch.tumour_f1, "any_f1": epoch.any_f1, "epoch": epoch.epoch}),
        }
        rule = PeakRule(floor=epoch.floor)
        ranges = activation_ranges(self._state.average, calibration_pictures(self._mixture))
        save_weights(self._out / BEST, Weights(self._state.average, rule, facts, ranges))


def calibration_pictures(mixture: Mixture) -> list[NDArray[np.uint8]]:
    """Training samples on which the ranges of activations are measured; the same at each call."""
    return [mixture.draw(np.random.default_rng([_CALIBRATION_SEED, k])).rgb for k in range(_CALIBRATION_SAMPLES)]


def _start(config: TrainConfig, device: torch.device) -> State:
    torch.manual_seed(config.seed)
    if config.start:
        path = shipped_weights() if config.start == "shipped" else Path(config.start)
        net = load_weights(path).net
    else:
        net = LinkNet(LinkNetShape(config.width, config.blocks))
    net = net.to(device)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return State(net, copy.deepcopy(net).eval(), torch.optim.Adam(net.parameters(), config.learning_rate), [])


def validate(net: LinkNet, sources: list[Source]) -> Epoch:
    """F1 of a network on whole images in their own stain, at the peak height that suits it best."""
    engine = TorchEngine(net, next(net.parameters()).device.type)
    tumour = dict.fromkeys(FLOORS, Agreement())
    every = dict.fromkeys(FLOORS, Agreement())
    for source in sources:
        peaks, xy = find_all(engine, source)
        radius = MATCH_UM / source.pixel_um
        for floor in FLOORS:
            high = peaks.score > floor
            called = high & (peaks.tumour >= PeakRule().tumour_share)
            marks = source.points
            tumour[floor] += judged(xy[called], marks, (Kind.TUMOUR,), radius)
            every[floor] += judged(xy[high], marks, (Kind.TUMOUR, Kind.OTHER, Kind.ANY), radius)
    best = max(FLOORS, key=lambda floor: tumour[floor].f1 + every[floor].f1)
    return Epoch(0, float("nan"), tumour[best].f1, every[best].f1, best)


def find_all(engine: Engine, source: Source) -> tuple[Peaks, np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Every peak above the lowest floor, and its place in the source's pixels."""
    rgb = source.stain.rgb
    working = at_working_size(rgb, source.pixel_um)
    peaks = peaks_of(heatmaps(engine, working, Tiling()), PeakRule(floor=FLOORS[0]))
    return peaks, to_field(peaks.xy, working.shape, rgb.shape)
