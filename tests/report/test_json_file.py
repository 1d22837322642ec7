"""JSON holds finite numbers in plain types."""

import json

import numpy as np
import pytest

from her2scope.report.json_file import to_json


def test_numbers_that_are_not_finite_are_null():
    document = {
        "a": float("nan"),
        "b": [1.5, float("inf")],
        "c": {"d": np.float32("nan")},
        "e": np.array([1.0, np.nan]),
    }
    assert json.loads(to_json(document)) == {"a": None, "b": [1.5, None], "c": {"d": None}, "e": [1.0, None]}


def test_plain_types():
    document = {"i": np.int64(3), "f": np.float64(0.25), "t": np.bool_(True), "n": None, 5: (1, 2)}
    assert json.loads(to_json(document)) == {"i": 3, "f": 0.25, "t": True, "n": None, "5": [1, 2]}


def test_names_of_any_kind():
    names = ['组织 %s "q"\n.png', "f\udce9ld.png", "\udcc3\udca4.png"]
    assert json.loads(to_json({"names": names}).decode())["names"] == [names[0], "f\ufffdld.png", "ä.png"]


def test_half_a_pair_of_surrogates():
    assert json.loads(to_json({"name": "\ud800.png"}))["name"] == "?.png"


def test_other_types_are_a_mistake_of_ours():
    with pytest.raises(TypeError):
        to_json({"a": object()})
