# SPDX-License-Identifier: Apache-2.0
"""Members of an etcd cluster on loopback, with data in a folder of their own."""
import os
import pathlib
import shutil
import signal
import socket
import tempfile

import process


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Etcd:
    """`size` members; `options` go to each, `ctl_options` to etcdctl."""

    def __init__(self, size=1, options=(), ctl_options=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="etcd-"))
        ports = free_ports(2 * size)
        self.scheme = "https" if any("cert-file" in o for o in options) else "http"
        self.endpoints = [f"127.0.0.1:{port}" for port in ports[:size]]
        self.peers = [f"http://127.0.0.1:{port}" for port in ports[size:]]
        self.options = options
        self.members = [None] * size
        self.ctl_options = ctl_options

    def __enter__(self):
        try:
            for i in range(len(self.members)):
                self.start(i)
            process.until(self.healthy, "etcd is healthy", 30)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for i in range(len(self.members)):
            self.kill(i)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, i=0):
        url = f"{self.scheme}://{self.endpoints[i]}"
        cluster = ",".join(f"m{n}={peer}" for n, peer in enumerate(self.peers))
        with open(self.folder / f"m{i}.log", "ab") as log:
            self.members[i] = process.background(
                ["etcd", f"--name=m{i}", f"--data-dir={self.folder}/m{i}", f"--listen-client-urls={url}", f"--advertise-client-urls={url}",
                 f"--listen-peer-urls={self.peers[i]}", f"--initial-advertise-peer-urls={self.peers[i]}", f"--initial-cluster={cluster}",
                 *self.options], stdout=log, stderr=log)

    def kill(self, i=0):
        if self.members[i]:
            self.members[i].kill()
            self.members[i].wait()
            self.members[i] = None

    def pause(self, i=0):
        """The machine is there, and does not answer."""
        os.kill(self.members[i].pid, signal.SIGSTOP)

    def resume(self, i=0):
        os.kill(self.members[i].pid, signal.SIGCONT)

    def ctl(self, *words, **options):
        urls = ",".join(f"{self.scheme}://{e}" for e in self.endpoints)
        return process.result(["etcdctl", f"--endpoints={urls}", *self.ctl_options, *words], env={"ETCDCTL_API": "3"}, **options)

    def healthy(self):
        return self.ctl("endpoint", "health", "--command-timeout=2s").returncode == 0

    def address(self, prefix="weft/things"):
        return f"etcd://{','.join(self.endpoints)}/{prefix}"

    def keys(self, prefix="/"):
        return self.ctl("get", prefix, "--prefix", "--keys-only").stdout.split()
