# SPDX-License-Identifier: Apache-2.0
"""One daemon with a pidfile, a log file and a control socket in a folder of its own."""
import os
import re
import signal

import process

STOP_SECONDS = 10


class Daemon:
    """Starts detached, is known by its pidfile, and ends by its pid only."""

    def __init__(self, name, program, arguments, env, prefix=(), control=None):
        self.name, self.env, self.control = name, env, control or name
        self.pid = None
        self.pidfile = env["OVS_RUNDIR"] + f"/{name}.pid"
        self.logfile = env["OVS_LOGDIR"] + f"/{name}.log"
        self.command = [*prefix, program, *arguments, "--detach", "--no-chdir", f"--pidfile={self.pidfile}",
                        f"--log-file={self.logfile}", "-vconsole:off", "-vsyslog:off",
                        *([f"--unixctl={control}"] if control else [])]

    def start(self):
        process.run(self.command, env=self.env)
        self.pid = self._read_pid()

    def start_standby(self):
        """Starts one that will not serve yet: Debian's does not return from --detach before it does."""
        parent = process.background(self.command, env=self.env)
        self.pid = process.until(self._read_pid, f"{self.name} writes its pidfile")
        return parent

    def _read_pid(self):
        try:
            with open(self.pidfile, encoding="ascii") as f:
                return int(f.read() or 0)
        except FileNotFoundError:
            return 0

    def alive(self):
        return self.pid is not None and process.alive(self.pid)

    def stop(self):
        """Asks it to exit; says False where it had to be killed."""
        if not self.alive():
            return True
        asked = process.result(["ovs-appctl", "-T", "5", "-t", self.control, "exit"], env=self.env).returncode == 0
        try:
            process.until(lambda: not self.alive(), f"{self.name} exits", STOP_SECONDS if asked else 0)
            return True
        except AssertionError:
            self.kill()
            return False

    def kill(self, number=signal.SIGKILL):
        if self.alive():
            os.kill(self.pid, number)
            if number == signal.SIGKILL:
                process.until(lambda: not self.alive(), f"{self.name} dies")

    def log(self):
        try:
            with open(self.logfile, encoding="utf-8", errors="replace") as f:
                return f.read()
        except OSError:
            return ""

    def complaints(self, allowed=()):
        """The log's lines at WARN and above that match none of the patterns."""
        return [line for line in self.log().splitlines()
                if re.search(r"\|(WARN|ERR|EMER)\|", line) and not any(re.search(a, line) for a in allowed)]
