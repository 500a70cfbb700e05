"""Sphinx extension: run the cells of a chapter over files, not over network ports.

A Jupyter kernel talks over TCP ports of the machine by default: on a machine without
any network, not even to itself, no cell would run, and every other user of the machine
could knock on the port. Sockets that are files have neither trouble.
"""

import os
import sys
from typing import Any

import jupyter_client
from jupyter_core.paths import jupyter_runtime_dir
from sphinx.application import Sphinx
from traitlets import default

# A socket's path may be about 100 characters; the kernel's own file name takes some 50.
LONGEST_FOLDER = 50


class FileKernelManager(jupyter_client.AsyncKernelManager):
    """A kernel manager whose sockets are files in the runtime folder."""

    @default("transport")
    def _files(self) -> str:
        return "ipc"

    @default("ip")
    def _place(self) -> str:
        return os.path.join(jupyter_runtime_dir(), f"k{os.getpid()}-{id(self):x}")


def setup(_app: Sphinx) -> dict[str, Any]:
    """Let the notebook client start its kernels this way, where the system can."""
    if sys.platform != "win32" and len(jupyter_runtime_dir()) <= LONGEST_FOLDER:
        vars(jupyter_client)["AsyncKernelManager"] = FileKernelManager  # the client looks it up here when it needs one
    return {"parallel_read_safe": True, "parallel_write_safe": True}
