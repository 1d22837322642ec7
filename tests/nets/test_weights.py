"""Weights files: what is written is read, and what is wrong is refused in one sentence."""

import pickle

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from her2scope.base.errors import ConfigError, OutputError
from her2scope.nets.linknet import LinkNet, LinkNetShape
from her2scope.nets.peaks import PeakRule
from her2scope.nets.weights import NETWORK, Weights, load_weights, save_weights


@pytest.fixture
def weights():
    torch.manual_seed(0)
    return Weights(LinkNet(LinkNetShape(4, (1, 1, 1, 1))).eval(), PeakRule(0.4, 0.6, 3.0), {"licence": "Apache-2.0"})


@pytest.fixture
def path(tmp_path, weights):
    save_weights(tmp_path / "w.safetensors", weights)
    return tmp_path / "w.safetensors"


def _metadata(path):
    with safe_open(path, framework="pt") as file:
        return dict(file.metadata())


def test_weights_come_back(path, weights):
    back = load_weights(path)
    assert back.rule == weights.rule
    assert back.net.shape == weights.net.shape
    assert back.facts["licence"] == "Apache-2.0"
    x = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(back.net(x), weights.net(x), rtol=1e-2, atol=1e-2)


def test_missing(tmp_path):
    with pytest.raises(ConfigError, match="missing"):
        load_weights(tmp_path / "none.safetensors")


def test_truncated(path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ConfigError, match="not a whole safetensors file"):
        load_weights(path)


@pytest.mark.parametrize("content", [b"", pickle.dumps({"a": 1}), b"text"])
def test_pickled_or_no_weights(tmp_path, content):
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(content)
    with pytest.raises(ConfigError, match="never read"):
        load_weights(bad)


def test_changed_bytes(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(ConfigError, match="hash"):
        load_weights(path)


def test_other_network(path):
    save_file(load_file(path), path, metadata=_metadata(path) | {"network": "other"})
    with pytest.raises(ConfigError, match="not for the nucleus LinkNet"):
        load_weights(path)


def test_other_size(path):
    save_file(load_file(path), path, metadata=_metadata(path) | {"width": "8"})
    with pytest.raises(ConfigError, match="do not fit"):
        load_weights(path)


@pytest.mark.parametrize("rule", ["[9, 0.5, 3]", "[NaN, 0.5, 3]", "[0.3, 0.5, 0]", "[0.3]", "[]", "3", '["a", 1, 1]'])
def test_a_rule_that_would_find_nothing_or_is_cut_short(path, rule):
    save_file(load_file(path), path, metadata=_metadata(path) | {"rule": rule})
    with pytest.raises(ConfigError, match="do not fit"):
        load_weights(path)


def test_nan(tmp_path, weights):
    with torch.no_grad():
        next(weights.net.parameters()).view(-1)[0] = float("nan")
    save_weights(tmp_path / "nan.safetensors", weights)
    with pytest.raises(ConfigError, match="NaN"):
        load_weights(tmp_path / "nan.safetensors")


def test_the_network_is_named(path):
    assert _metadata(path)["network"] == NETWORK


def test_a_folder_that_is_not_there(tmp_path, weights):
    with pytest.raises(OutputError, match="cannot be written"):
        save_weights(tmp_path / "no" / "w.safetensors", weights)


def test_half_precision_file_is_small(path, weights):
    numbers = sum(int(np.prod(p.shape)) for p in weights.net.state_dict().values())
    assert path.stat().st_size < 2 * numbers + 30_000
