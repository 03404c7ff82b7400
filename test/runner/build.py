# SPDX-License-Identifier: Apache-2.0
"""Configures and builds a preset, and says which translation units took longest."""
import os
import pathlib
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SLOWEST = 8


class Broken(Exception):
    """An area that could not run at all."""


def _log_size(preset):
    log = ROOT / "build" / preset / ".ninja_log"
    return log.stat().st_size if log.exists() else 0


def _slowest(preset, offset):
    """(seconds, object) of what ninja compiled since its log had `offset` bytes; the log may have been rewritten."""
    text = (ROOT / "build" / preset / ".ninja_log").read_text()
    rows = [row.split("\t") for row in text[offset if offset < len(text) else 0:].splitlines() if not row.startswith("#")]
    times = {row[3]: (int(row[1]) - int(row[0])) / 1000 for row in rows if len(row) == 5 and row[3].endswith(".o")}
    return sorted(((seconds, name) for name, seconds in times.items()), reverse=True)


def build(preset, *targets):
    """Builds the targets (default: everything) of a preset."""
    started, offset = time.monotonic(), _log_size(preset)
    if not (ROOT / "build" / preset / "build.ninja").exists():
        _run(["cmake", "--preset", preset])
    _run(["cmake", "--build", "--preset", preset, "-j", str(os.cpu_count()), "--", "--quiet", *targets])
    slow = _slowest(preset, offset)
    print(f"build {preset}: {len(slow)} translation units in {time.monotonic() - started:.0f} s", flush=True)
    for seconds, name in slow[:SLOWEST]:
        print(f"  {seconds:6.1f} s  {name}")


def _run(command):
    env = {"CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"} | os.environ  # another clone's objects will do
    done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Broken(f"{' '.join(command)} failed:\n" + "\n".join(done.stdout.splitlines()[-60:]))
