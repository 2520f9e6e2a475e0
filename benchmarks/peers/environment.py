"""Where do other engines live? In a folder that is thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.engines import Peer

HERE = Path(__file__).absolute().parent
ROOT = HERE.parent.parent
PATIENCE = 600  # seconds for an installation


class NotInstalled(Exception):
    """An engine could not be installed; the text says why."""


class Environment:
    """A virtual environment and a folder of Node packages, filled when an engine is asked for."""

    def __init__(self, folder: Path) -> None:
        self.python_folder, self.node_folder = folder / "python", folder / "node"
        self._python: Path | None = None

    def command(self, peer: Peer) -> tuple[list[str], Path, Mapping[str, str]]:
        """Install an engine and say how its driver is started: the command, where, and the environment.

        Raises NotInstalled.
        """
        driver, *more = peer.driver
        path = {**os.environ, "PYTHONPATH": str(ROOT)}
        if peer.registry == "npm":
            self._install_from_npm(peer.package)
            shutil.copy(HERE / driver, self.node_folder)
            return ["node", driver, *more], self.node_folder, os.environ
        python = self._install_from_pip(peer.package) if peer.registry == "pip" else Path(sys.executable)
        return [str(python), "-m", f"{__package__}.{driver}", *more], ROOT, path

    def _install_from_pip(self, package: str) -> Path:
        if self._python is None:
            venv.create(self.python_folder, with_pip=True)
            scripts = "Scripts" if os.name == "nt" else "bin"
            self._python = self.python_folder / scripts / "python"
        _run([str(self._python), "-m", "pip", "install", "--quiet", package], self.python_folder)
        return self._python

    def _install_from_npm(self, package: str) -> None:
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            raise NotInstalled("needs Node")
        if (self.node_folder / "node_modules" / package).exists():
            return
        self.node_folder.mkdir(exist_ok=True)
        _run(
            [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", ".", package],
            self.node_folder,
        )


def _run(command: list[str], folder: Path) -> None:
    """Run an installer; its last line says what went wrong."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(str(error)) from None
    if done.returncode:
        raise NotInstalled((done.stderr.strip() or "the installer failed").splitlines()[-1])
