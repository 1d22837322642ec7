"""The machine a measurement was made on, and the memory of a process."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("numpy", "scipy", "opencv-python-headless", "scikit-image", "numba", "torch")
PROCESS_STATUS = Path("/proc/self/status")
CPU_TABLE = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """What a speed depends on besides the program.

    Parameters
    ----------
    cpu
        Model of the processor.
    cores
        Cores that this process may use.
    memory_gb
        Memory of the machine in 10^9 bytes; None where the system does not tell.
    load
        Processes that wanted a core, on average over the minute before; above 0, other programs took part of the time.
    system, python
        Names with versions.
    libraries
        Versions of the libraries that compute.
    """

    cpu: str
    cores: int
    memory_gb: float | None
    load: float | None
    system: str
    python: str
    libraries: dict[str, str]


def describe_machine() -> Machine:
    """Describe the machine that this process runs on."""
    return Machine(
        cpu=_cpu(),
        cores=usable_cores(),
        memory_gb=_memory_gb(),
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        libraries={name: found for name in LIBRARIES if (found := _version(name))},
    )


def usable_cores() -> int:
    """Cores that this process may use, which can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_memory_mb() -> float | None:
    """Most memory that this process has held, in 10^6 bytes; None where the system does not tell.

    Not getrusage's ru_maxrss: Linux hands that one on from the process that started this one.
    """
    return _status_mb("VmHWM")


def memory_mb() -> float | None:
    """Memory that this process holds now, in 10^6 bytes; None where the system does not tell."""
    return _status_mb("VmRSS")


def _status_mb(key: str) -> float | None:
    lines = PROCESS_STATUS.read_text().splitlines() if PROCESS_STATUS.exists() else []
    found = [line.split()[1] for line in lines if line.startswith(f"{key}:")]
    return int(found[0]) * 1024 / 1e6 if found else None


def _cpu() -> str:
    lines = CPU_TABLE.read_text().splitlines() if CPU_TABLE.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"


def _memory_gb() -> float | None:
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
