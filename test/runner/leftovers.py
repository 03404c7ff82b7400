# SPDX-License-Identifier: Apache-2.0
"""What tests leave behind: processes, network namespaces, devices, files. All of it is removed, and reported."""
import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time

PR_SET_CHILD_SUBREAPER = 36


def _children(pid):
    try:
        return [int(c) for t in pathlib.Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]
    except OSError:
        return []


def _descendants(pid):
    found = []
    for child in _children(pid):
        found += [child] + _descendants(child)
    return found


def _name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


class World:
    """Gives tests a prefix for names (WEFT_TEST_PREFIX) and a folder for files (TMPDIR) of their own. Daemons that outlive
    their test become children of this process, so whatever still runs below it is a leftover."""

    def __init__(self):
        self._over = threading.Event()

    def __enter__(self):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.prefix = f"w{os.getpid() % 4096:03x}"
        self.tmp = tempfile.mkdtemp(prefix="weft-tests-")
        tempfile.tempdir = self.tmp
        os.environ |= {"WEFT_TEST_PREFIX": self.prefix, "TMPDIR": self.tmp}
        threading.Thread(target=self._bury, daemon=True).start()
        return self

    def _bury(self):
        """Daemons that ended are gone, as under init: who stops one waits for that. They have sessions of their own; children of other
        parts of this program do not, and are waited for there."""
        while not self._over.wait(0.1):
            for pid in _children(os.getpid()):
                with contextlib.suppress(OSError, IndexError):
                    state, *_, session = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[:4]
                    if state == "Z" and int(session) != os.getsid(0):
                        os.waitpid(pid, os.WNOHANG)

    def __exit__(self, *_):
        self._over.set()
        self.clean()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def clean(self):
        return self._processes() + self._namespaces() + self._devices()

    def _processes(self):
        left = [(pid, _name(pid)) for pid in _descendants(os.getpid())]
        for pid, name in left:
            if name:
                os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while _children(os.getpid()) and time.monotonic() < deadline:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
        return [f"process {pid}: {name}" for pid, name in left if name]

    def _namespaces(self):
        folder = pathlib.Path("/run/netns")
        left = [n.name for n in folder.iterdir() if n.name.startswith(self.prefix)] if folder.is_dir() else []
        for name in left:
            subprocess.run(["ip", "netns", "del", name], check=False)
        return [f"network namespace {name}" for name in left]

    def _devices(self):
        left = [name for name in os.listdir("/sys/class/net") if name.startswith(self.prefix)]
        for name in left:
            subprocess.run(["ip", "link", "del", name], check=False)
        return [f"network device {name}" for name in left]
