# SPDX-License-Identifier: Apache-2.0
"""A clustered database beside what its etcd does alone: writes per second in one run.

usage: bench/cluster.py [--count 5000] [--members 3] [--servers 3] [--times 3] [--json FILE]

etcd: puts by the client that ovsdb-server has, as large as the log entry of one insert. Then inserts through one of the servers, and through all of them at
once, a client each. Each figure is the median of `times` rounds on the same etcd. Build the preset release first.
"""
import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import time

from control import BIN
from subjects import ROOT, process
from table import report, save

sys.path.insert(0, str(ROOT / "test/interop"))
from cluster import Server, create  # noqa: E402
from etcd import Etcd  # noqa: E402

SCHEMA = ROOT / "bench/control/bench.ovsschema"
INSERT = '["Bench",{"op":"insert","table":"Item","row":{"name":"item-TAG-#","n":#}}]'
SUBJECTS = "etcd", "one ovsdb-server", "all ovsdb-servers"
DEPTHS = {1: "one at a time", 32: "32 under way"}


def entry_bytes(etcd):
    """Of the newest log entry."""
    value = etcd.ctl("get", "/weft/things/log/", "--prefix", "--sort-by=KEY", "--order=DESCEND", "--limit=1", "--print-value-only").stdout
    return len(value) - 1


def puts(etcd, count, depth, size, tag):
    loaded = process.run([BIN / "etcd_load", etcd.address(f"bench/{tag}/"), count, depth, size], seconds=300)
    return json.loads(loaded)["per_second"]


def inserts(servers, count, depth, tag):
    """`count` in all."""
    share = count // len(servers)
    began = time.monotonic()
    clients = []
    for i, server in enumerate(servers):
        clients.append(subprocess.Popen([BIN / "ovsdb_load", server.folder / "db.sock", str(share), str(depth)], stdin=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, text=True))
        clients[-1].stdin.write(INSERT.replace("TAG", f"{tag}-{i}"))
        clients[-1].stdin.close()
    assert [client.wait(300) for client in clients] == [0] * len(clients)
    return round(share * len(servers) / (time.monotonic() - began))


def one_round(etcd, servers, count, number):
    """{row: {subject: per second}}"""
    inserts(servers[:1], 1, 1, f"{number}-first")
    size = entry_bytes(etcd)
    out = {}
    for depth, how in DEPTHS.items():
        enough = count if depth > 1 else max(count // 10, len(servers))
        tag = f"{number}-{depth}"
        figures = puts(etcd, enough, depth, size, tag), inserts(servers[:1], enough, depth, tag + "a"), inserts(servers, enough, depth, tag + "b")
        out[how] = dict(zip(SUBJECTS, figures))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("count", 5000), ("members", 3), ("servers", 3), ("times", 3)):
        parser.add_argument(f"--{name}", default=default, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    with contextlib.ExitStack() as ends:
        etcd = ends.enter_context(Etcd(args.members))
        done = create(etcd, schema=SCHEMA)
        assert done.returncode == 0, done.stderr
        servers = [Server(etcd.address()) for _ in range(args.servers)]
        for server in servers:
            ends.callback(server.close)
            server.start()
        rounds = [one_round(etcd, servers, args.count, number) for number in range(args.times)]
    results = []
    for how in DEPTHS.values():
        row = {name: {"per_second": statistics.median(one[how][name] for one in rounds)} for name in SUBJECTS}
        report(results, f"clustered, {how}", row)
    save(results, args.json)


if __name__ == "__main__":
    main()
