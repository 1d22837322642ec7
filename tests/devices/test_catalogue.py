"""From set-ups to devices."""

import sys

import pytest
from cameras import O40, ramp, write_png

from her2scope.devices.catalogue import build_camera, build_pedals, connected_cameras
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.manual_pedal import ManualPedal
from her2scope.devices.setup import (
    BaslerSetup,
    ButtonSetup,
    DeviceSetup,
    FolderSetup,
    KeyboardSetup,
    SerialSetup,
    SimulatedSetup,
    SlideSetup,
    Treadle,
)


def bench(camera, *pedals):
    return DeviceSetup(name="b", title="B", camera=camera, objectives=(O40,), objective="40x", pedals=pedals)


def test_every_kind_of_camera(pylon_emulation, tmp_path):
    path = write_png(tmp_path / "a.png", ramp(300, 300))
    setups = {
        "basler": BaslerSetup(serial="0815-0000"),
        "simulated": SimulatedSetup(),
        "folder": FolderSetup(folder=str(tmp_path)),
        "slide": SlideSetup(image=str(path), pixel_um=0.25, size_px=(256, 256)),
    }
    for kind, setup in setups.items():
        camera = build_camera(bench(setup), tmp_path)
        assert camera.info.kind == kind
        assert camera.objective == O40


def test_every_kind_of_pedal():
    setup = bench(
        SimulatedSetup(),
        SerialSetup(name="foot", port="COM1", treadles=(Treadle(name="t", line="cts"),)),
        KeyboardSetup(name="space", key="Space"),
        ButtonSetup(name="Analyse"),
    )
    pedals = build_pedals(setup)
    assert [p.name for p in pedals] == ["foot", "space", "Analyse"]
    assert [isinstance(p, ManualPedal) for p in pedals] == [False, True, True]


def test_connected_cameras(pylon_emulation):
    assert "0815-0000" in [camera.serial for camera in connected_cameras()]


def test_without_pypylon_only_basler_cameras_are_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "her2scope.devices.basler", None)
    monkeypatch.delattr("her2scope.devices.basler", raising=False)
    with pytest.raises(DeviceError, match="install pypylon, or choose another device set-up") as caught:
        build_camera(bench(BaslerSetup(serial="1")), tmp_path)
    assert caught.value.fault is Fault.MISSING
    assert build_camera(bench(SimulatedSetup()), tmp_path).info.kind == "simulated"
