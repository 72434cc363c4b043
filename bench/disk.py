"""The disk's baseline: how often a second 4 KiB can be appended and made durable."""

import os
import time
from array import array
from pathlib import Path

from .load import percentiles

BLOCK = bytes(4096)


def fsyncs(directory: Path, seconds: float) -> tuple[float, dict[str, float]]:
    """(per second, latencies in ms) of append + fdatasync on the disk of `directory`."""
    path, took = directory / "fsync", array("d")
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        began = last = time.monotonic()
        while last < began + seconds:
            os.write(descriptor, BLOCK)
            os.fdatasync(descriptor)
            now = time.monotonic()
            took.append(now - last)
            last = now
    finally:
        os.close(descriptor)
        path.unlink()
    return len(took) / (last - began), percentiles(took)
