"""Basler cameras; the only home of pypylon.

Tried against pylon's own emulation (PYLON_CAMEMU=2), which sends image files, fails buffers and is unplugged on
command. Conversion from Bayer and from 10 to 16 bits is pylon's.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pypylon import genicam, pylon

from her2scope.base.geometry import MAX_SIDE_PX
from her2scope.devices.basler_controls import BaslerControls
from her2scope.devices.camera import (
    CameraFrame,
    CameraInfo,
    Control,
    ControlRange,
    FrameStamp,
    Objective,
    check_control,
    not_open,
)
from her2scope.devices.faults import DeviceError, Fault
from her2scope.devices.setup import BaslerSetup, FeatureValue

_RETRIEVE_MS = 200
_DAMAGED_IN_A_ROW = 30
_AUTO_FORMATS = (
    "BayerRG8", "BayerBG8", "BayerGR8", "BayerGB8",  # a third of RGB's data: what USB 3 carries at 30 frames/s
    "RGB8", "RGB8Packed", "BGR8", "BGR8Packed",
)  # fmt: skip
_MANUAL = ("ExposureAuto", "GainAuto", "BalanceWhiteAuto")  # automatic ones would change between two fields


def list_basler_cameras() -> tuple[CameraInfo, ...]:
    """The Basler cameras that are connected, also those that another program holds."""
    with _plainly("The list of Basler cameras"):
        return tuple(_info(device) for device in pylon.TlFactory.GetInstance().EnumerateDevices())


class BaslerCamera:
    """A Basler camera.

    Parameters
    ----------
    setup
        Which camera, and how it is set up.
    objective
        The objective in place at the start.
    controls
        Values of its controls, set at every opening; what is turned later is set again after it was unplugged.
    """

    def __init__(self, setup: BaslerSetup, objective: Objective, controls: Mapping[Control, float]) -> None:
        self._setup = setup
        self._wanted = dict(controls)
        self._stamp = FrameStamp(objective)
        self._info = CameraInfo("basler", f"Basler camera {setup.serial}", setup.serial)
        self._device: Any = None
        self._controls: BaslerControls | None = None
        self._convert = pylon.ImageFormatConverter()
        self._convert.OutputPixelFormat = pylon.PixelType_RGB8packed

    @property
    def info(self) -> CameraInfo:
        """See Camera."""
        return self._info

    @property
    def objective(self) -> Objective:
        """See Camera."""
        return self._stamp.objective

    def use_objective(self, objective: Objective) -> None:
        """See Camera."""
        self._stamp.objective = objective

    def controls(self) -> Mapping[Control, ControlRange]:
        """See Camera."""
        controls = self._controls
        if controls is None:
            return {}
        with _plainly(self._info.name):
            return controls.ranges()

    def set_control(self, control: Control, value: float) -> None:
        """See Camera."""
        controls = self._controls
        if controls is None:
            raise not_open(self._info.name)
        check_control(self._info.name, control, value, self.controls())
        with _plainly(self._info.name):
            controls.set(control, value)
        self._wanted[control] = value

    def __enter__(self) -> Self:
        """Find the camera by its serial number, open it and set it up."""
        try:
            with _plainly(self._info.name):
                self._device = pylon.InstantCamera(_create(self._setup.serial))
                self._device.Open()
                self._info = _info(self._device.GetDeviceInfo())
                self._set_up()
        except DeviceError:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, also when it is gone."""
        device, self._device, self._controls = self._device, None, None
        if device is None:
            return
        for step in (device.StopGrabbing, device.Close, device.DestroyDevice):
            with contextlib.suppress(genicam.GenericException):  # a camera that is gone refuses them all
                step()

    def frames(self, stop: threading.Event) -> Iterator[CameraFrame]:
        """See Camera."""
        device = self._device
        if device is None:
            raise not_open(self._info.name)
        with _plainly(self._info.name):
            device.StartGrabbing(pylon.GrabStrategy_LatestImageOnly)
        try:
            lost = 0
            while not stop.is_set():
                rgb = self._retrieve(device)
                if rgb is not None:
                    yield self._stamp.stamp(rgb, lost=lost)
                lost = 0 if rgb is not None else lost + self._damaged
                if lost >= _DAMAGED_IN_A_ROW:
                    raise self._too_slow(lost)
        finally:
            with contextlib.suppress(genicam.GenericException):
                device.StopGrabbing()

    def _retrieve(self, device: Any) -> NDArray[np.uint8] | None:
        """The newest picture, or None when none came or it was damaged; `_damaged` says which."""
        self._damaged = 0
        with _plainly(self._info.name):
            result = device.RetrieveResult(_RETRIEVE_MS, pylon.TimeoutHandling_Return)
            if device.IsCameraDeviceRemoved() or not device.IsGrabbing():
                remedy = "plug it in again; the live picture comes back by itself"
                raise DeviceError(Fault.UNPLUGGED, f"{self._info.name} was unplugged", remedy)
            if not result.IsValid():
                return None
            with result:
                if result.GrabSucceeded():
                    is_rgb = self._convert.ImageHasDestinationFormat(result)
                    image = result if is_rgb else self._convert.Convert(result)
                    return np.asarray(image.GetArray(), dtype=np.uint8)  # a copy: the buffer goes back to pylon
        self._damaged = 1
        return None

    def _too_slow(self, lost: int) -> DeviceError:
        return DeviceError(
            Fault.BANDWIDTH,
            f"{self._info.name} sent {lost} damaged frames in a row",
            "give it a USB 3 port of its own and a good cable, or lower its AcquisitionFrameRate in the device set-up",
        )

    def _set_up(self) -> None:
        for name in _MANUAL:
            if (node := _settable(self._device, name)) is not None:
                node.Value = "Off"
        self._set_format()
        self._set_size()
        for name, value in self._setup.features.items():
            self._set_feature(name, value)
        self._controls = BaslerControls(lambda name: _settable(self._device, name))
        for control, wanted in self._wanted.items():
            check_control(self._info.name, control, wanted, self._controls.ranges())
            self._controls.set(control, wanted)

    def _set_format(self) -> None:
        has = self._device.PixelFormat.Symbolics
        wanted = self._setup.pixel_format
        if wanted == "auto":
            wanted = next((f for f in _AUTO_FORMATS if f in has), "a colour format")
        if wanted not in has or wanted.startswith("Mono"):
            colour = ", ".join(f for f in has if not f.startswith("Mono")) or "none: it is a grey camera, use another"
            what = f"{self._info.name} does not send colour as {wanted}"
            raise DeviceError(Fault.REFUSED, what, f"choose another pixel_format ({colour})")
        self._device.PixelFormat.Value = wanted

    def _set_size(self) -> None:
        """Cut the wanted size from the middle of the sensor."""
        sensor = self._device.WidthMax.Value, self._device.HeightMax.Value
        size = self._setup.size_px or sensor
        if max(size) > MAX_SIDE_PX or size[0] > sensor[0] or size[1] > sensor[1]:
            what = f"{self._info.name} has a sensor of {sensor[0]} x {sensor[1]} px, not {size[0]} x {size[1]}"
            limit = f"{min(sensor[0], MAX_SIDE_PX)} x {min(sensor[1], MAX_SIDE_PX)}"
            raise DeviceError(Fault.REFUSED, what, f"set size_px to at most {limit}")
        for side, offset, length in (("Width", "OffsetX", size[0]), ("Height", "OffsetY", size[1])):
            self._set_whole(offset, 0)
            self._set_whole(side, length)
            self._set_whole(offset, self._device.GetNodeMap().GetNode(offset).Max // 2)

    def _set_whole(self, name: str, value: int) -> None:
        """Set a whole number, rounded down to what the camera takes; sensors at their full size have no offset."""
        node = _settable(self._device, name)
        if node is not None:
            node.Value = value - (value - node.Min) % node.Inc

    def _set_feature(self, name: str, value: FeatureValue) -> None:
        node = _settable(self._device, name)
        if node is None:
            what = f"{self._info.name} has no feature {name} that can be set"
            raise DeviceError(Fault.REFUSED, what, "correct camera.features in the device set-up")
        try:
            node.Value = value
        except (genicam.GenericException, TypeError) as error:
            what = f"{self._info.name} does not take {name} = {value!r}"
            raise DeviceError(Fault.REFUSED, what, "correct camera.features in the device set-up") from error


def _settable(device: Any, name: str) -> Any:
    """The node of a name, or None when the camera has none that can be set."""
    node = device.GetNodeMap().GetNode(name)
    return node if node is not None and genicam.IsWritable(node) else None


def _info(device: Any) -> CameraInfo:
    serial = device.GetSerialNumber()
    return CameraInfo("basler", f"Basler {device.GetModelName()} {serial}", serial)


def _create(serial: str) -> Any:
    """The pylon device of a serial number, or the only one there is."""
    factory = pylon.TlFactory.GetInstance()
    devices = factory.EnumerateDevices()
    chosen = [d for d in devices if serial in ("any", d.GetSerialNumber())]
    serials = ", ".join(d.GetSerialNumber() for d in devices)
    if not chosen:
        what = "No Basler camera is connected" if not devices else f"No Basler camera {serial} is connected"
        remedy = "plug it in" + (f", or choose one of {serials} in the device set-up" if devices else "")
        raise DeviceError(Fault.MISSING, what, remedy)
    if len(chosen) > 1:
        what = f"{len(chosen)} Basler cameras are connected"
        raise DeviceError(Fault.REFUSED, what, f"write the serial number of one ({serials}) into the device set-up")
    return factory.CreateDevice(chosen[0])


@contextlib.contextmanager
def _plainly(name: str) -> Iterator[None]:
    """Turn pylon's errors into ours."""
    try:
        yield
    except genicam.GenericException as error:
        raise _plain(name, str(error)) from error


def _plain(name: str, text: str) -> DeviceError:
    """What pylon means by a text; its errors are told apart by nothing else."""
    low = text.lower()
    if "controlled by another application" in low or "exclusively" in low or "access denied" in low:
        return DeviceError(Fault.TAKEN, f"{name} is used by another program", "close it (pylon Viewer?)")
    if "removed" in low or "no device attached" in low or "not connected" in low:
        return DeviceError(Fault.UNPLUGGED, f"{name} was unplugged", "plug it in again")
    first = re.split(r" : |\n", text, maxsplit=1)[0].strip().rstrip(".")
    return DeviceError(Fault.REFUSED, f"{name} reports: {first}", "unplug it, plug it in again and check its cable")
