"""What `--detector FILE` says of weights that cannot be used."""

import pickle

import pytest
from safetensors.torch import load_file, save_file

from her2scope.nets.weights import shipped_weights


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing", "weights are missing"),
        ("folder", "weights are missing"),
        ("empty", "not a whole safetensors file"),
        ("truncated", "not a whole safetensors file"),
        ("pickled", "pickled weights are never read"),
        ("other", "not for the nucleus LinkNet"),
        ("changed", "hash"),
    ],
)
def test_weights_that_cannot_be_used_are_one_sentence(her2scope, fields, tmp_path, name, says):
    path = tmp_path / f"{name}.safetensors"
    whole = shipped_weights().read_bytes()
    contents = {"empty": b"", "truncated": whole[:-5000], "pickled": pickle.dumps({"a": 1})}
    contents["changed"] = whole[:-1] + bytes([whole[-1] ^ 1])
    if name == "folder":
        path.mkdir()
    elif name == "other":
        save_file(load_file(shipped_weights()), path)
    elif name in contents:
        path.write_bytes(contents[name])
    done = her2scope("nuclei", fields, "--pixel-size", "0.424", "--detector", path, "--out", tmp_path / "n.csv")
    assert (done.code, len(done.complaints)) == (2, 1)
    assert says in done.err
    assert str(path) in done.err
    assert not (tmp_path / "n.csv").exists()
