"""Keeps away what Qt's platforms without a screen say of every window: it means nothing to a user."""

from __future__ import annotations

import atexit
import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QGuiApplication

UNSEEN = ("offscreen", "minimal")
"""Qt platforms that nobody looks at."""
NOISE = ("propagateSizeHints", "does not support raise")


def is_seen() -> bool:
    """Whether somebody can see a window and answer it."""
    return QGuiApplication.platformName() not in UNSEEN


def keep_noise_away() -> None:
    """Drop that noise; everything else is said on stderr, as Qt does."""
    if not is_seen():
        qInstallMessageHandler(_pass_on)
        atexit.register(qInstallMessageHandler, None)  # Qt may still speak when Python has ended


def _pass_on(_kind: QtMsgType, _context: QMessageLogContext, text: str | None) -> None:
    if text and not any(noise in text for noise in NOISE):
        sys.stderr.write(f"{text}\n")
