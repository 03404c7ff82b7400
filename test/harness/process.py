# SPDX-License-Identifier: Apache-2.0
"""Running programs with a bound, and waiting for a condition with a bound."""
import contextlib
import os
import pathlib
import signal
import subprocess
import time

POLL_SECONDS = 0.02
RUN_SECONDS = 20
PIPE = subprocess.PIPE


def run(command, ok=True, seconds=RUN_SECONDS, env=None, stdin=None):
    """The program's stdout; stdin is a text or an open file. A non-zero exit (unless ok=False) or a run longer than `seconds` is an AssertionError
    with all it printed."""
    done = result(command, seconds, env, stdin)
    words = " ".join(map(str, command))
    assert not ok or done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def result(command, seconds=RUN_SECONDS, env=None, stdin=None):
    """The finished process: returncode, stdout, stderr."""
    words = list(map(str, command))
    source = {"input": stdin} if isinstance(stdin, str) else {"stdin": stdin or subprocess.DEVNULL}
    try:
        return subprocess.run(words, capture_output=True, text=True, timeout=seconds, env=os.environ | (env or {}), **source)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{' '.join(words)}: no end after {seconds} s\n{late.stdout}{late.stderr}") from None


def run_to_file(command, output, env=None):
    """Runs a program that detaches itself; what it prints goes to the file `output`, also after it detached."""
    with open(output, "w", encoding="utf-8") as f:
        subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=f, stderr=f, timeout=RUN_SECONDS, check=True,
                       env=os.environ | (env or {}))


def background(command, env=None, **streams):
    """Starts a program and returns its Popen at once."""
    return subprocess.Popen(list(map(str, command)), env=os.environ | (env or {}), stdin=subprocess.DEVNULL, text=True,
                            **({"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | streams))


@contextlib.contextmanager
def killed_after(popen):
    """Gives the process, and kills it at the end of the context."""
    try:
        yield popen
    finally:
        popen.kill()
        popen.communicate()


def rss_kb(pid):
    """Resident memory."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(next(line.split()[1] for line in f if line.startswith("VmRSS")))


def cpu_seconds(pid):
    """CPU time that the process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def end(pid):
    """Kills a process and waits until it is gone."""
    if alive(pid):
        os.kill(int(pid), signal.SIGKILL)
        until(lambda: not alive(pid), f"process {pid} ends")


def until(condition, what, seconds=10):
    """Polls until condition() is true and returns its value; an AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"after {seconds} s still not: {what} (last: {value!r})"
        time.sleep(POLL_SECONDS)


def stays(condition, what, seconds=1):
    """Polls for `seconds` that condition() stays true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"did not stay: {what}"
        time.sleep(POLL_SECONDS)


def alive(pid):
    """Whether a process runs; a zombie does not, unless it has threads that have not ended yet: they keep its files and locks."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        return state != "Z" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False
