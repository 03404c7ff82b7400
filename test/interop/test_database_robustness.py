# SPDX-License-Identifier: Apache-2.0
"""What an ovsdb-server lives through: a full disk, files damaged anywhere, thousands of clients, one that never reads."""
import contextlib
import json
import os
import pathlib
import random
import resource
import signal

import pytest

import process
from library import NOVEL, SCHEMA, TWO_BOOKS, fresh, insert, select, shelf, where
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

DAMAGES, CLIENTS = 24, 2000
BIG = "x" * 100_000
SMALL_DISK = "mount -t tmpfs -o size=512k none \"$0\" && cp \"$0.db\" \"$0/conf.db\" && exec \"$@\""
READ_ONLY_DISK = "mount -t tmpfs none \"$0\" && cp \"$0.db\" \"$0/conf.db\" && mount -o remount,ro \"$0\" && exec \"$@\""
# A file system that becomes read-only when it finds an error, as ext4 is mounted mostly.
FRAIL_DISK = ("truncate -s 8M \"$0.img\" && mkfs.ext4 -q -F \"$0.img\" && mount -o loop,errors=remount-ro \"$0.img\" \"$0\" && "
              "cp \"$0.db\" \"$0/conf.db\" && exec \"$@\"")


@pytest.fixture
def alone(flavor):
    """A server of a flavor on the library's database, its own for this test."""
    with contextlib.closing(Stack(flavor, ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        yield stack


def on_a_disk(stack, script):
    """The same, with two books, on a disk that only the server sees, made by a shell's script."""
    with fresh(stack):
        pass
    stack.server.stop()
    disk = stack.folder / "disk"
    disk.mkdir()
    stack.db_file.rename(stack.folder / "disk.db")
    stack.db_file = disk / "conf.db"
    stack.server = stack.make_server(stack.server_flavor)
    stack.server.command = ["unshare", "--mount", "sh", "-c", script, disk, *stack.server.command]


@pytest.fixture
def small_disk(alone):
    """A disk of half a megabyte; its folder as seen from here."""
    on_a_disk(alone, SMALL_DISK)
    alone.server.start()
    return pathlib.Path(f"/proc/{alone.server.pid}/root{alone.db_file.parent}")


def retitle(name):
    return where("update", ["kind", "==", "novel"], row={"title": name})


def results(rpc, *operations):
    """Of a transaction that may fail."""
    return rpc.call("transact", "Library", *operations)["result"]


def test_a_full_disk_is_an_error_of_the_transaction_and_passes(alone, small_disk):
    """The transaction is refused as a whole; reading goes on; with room again writing does too, and the file is whole."""
    with Rpc(alone.socket) as rpc:
        for i in range(20):
            replies = results(rpc, where("update", None, row={"tags": ["set", [str(i) + BIG]]}), retitle("Full"))
            if "error" in replies[-1]:
                break
        assert replies[-1] == {"details": f"{alone.db_file}: write failed", "error": "I/O error", "io-error": "No space left on device"}
        assert len(rpc.transact("Library", select())[0]["rows"]) == 2
        if alone.server_flavor is WEFT:  # Debian's does not recover before it is started again
            rpc.transact("Library", where("update", None, row={"tags": ["set", []]}))
            alone.appctl("ovsdb-server/compact", target="ovsdb-server")
            assert rpc.transact("Library", retitle("Room")) == [{"count": 1}]
            copy = alone.folder / "copy.db"
            copy.write_bytes((small_disk / "conf.db").read_bytes())
            assert '"Room"' in process.run(["ovsdb-tool", "query", copy, json.dumps(["Library", select()])])


@pytest.mark.parametrize("flavor", [WEFT], ids=str)  # Debian's keeps half of the new file, and of a change there is no other
def test_what_did_not_fit_a_full_disk_leaves_nothing_there(alone, small_disk):
    """Compaction, and a change that is to be confirmed, need files of their own."""
    with Rpc(alone.socket) as rpc:
        rpc.transact("Library", where("update", None, row={"tags": ["set", [BIG, BIG[:40_000]]]}))
        refused = alone.result("ovs-appctl", "-t", "ovsdb-server", "ovsdb-server/compact")
        assert refused.returncode == 2 and "No space left on device" in refused.stderr
        assert [path.name for path in small_disk.iterdir() if not path.name.startswith(".")] == ["conf.db"]
        rpc.transact("Library", {"op": "delete", "table": "Shelf", "where": []})
        alone.appctl("ovsdb-server/compact", target="ovsdb-server")
        assert (small_disk / "conf.db").stat().st_size < 10_000
        rpc.transact("Library", *TWO_BOOKS)


def test_a_disk_that_becomes_read_only_is_an_error_of_each_transaction(alone):
    on_a_disk(alone, FRAIL_DISK)
    alone.server.start()
    mounts = pathlib.Path(f"/proc/{alone.server.pid}/mountinfo").read_text()
    device = next(line.split()[-2] for line in mounts.splitlines() if f" {alone.db_file.parent} " in line)
    with Rpc(alone.socket) as rpc:
        assert rpc.transact("Library", retitle("Before"), {"op": "commit", "durable": True})[0] == {"count": 1}
        pathlib.Path(f"/sys/fs/ext4/{pathlib.Path(device).name}/trigger_fs_error").write_text("for a test")
        for _ in range(2):
            assert results(rpc, retitle("After"))[-1]["io-error"] == "Read-only file system"
            assert "Before" in str(rpc.transact("Library", select()))
    (alone.folder / "copy.db").write_bytes(pathlib.Path(f"/proc/{alone.server.pid}/root{alone.db_file}").read_bytes())
    assert '"Before"' in process.run(["ovsdb-tool", "query", alone.folder / "copy.db", json.dumps(["Library", select()])])


def test_a_disk_that_is_read_only_from_the_start_is_named(alone, flavor):
    on_a_disk(alone, READ_ONLY_DISK)
    refused = process.result(alone.server.command, env=alone.env)
    assert refused.returncode == 1 and "failed to lock lockfile" in refused.stderr and "Read-only file system" in refused.stderr
    tool, file = flavor.program("ovsdb-tool"), alone.db_file
    outcomes = {("db-name", file): (0, "Library"), ("query", file, json.dumps(["Library", select()])): (0, '"Emma"'), ("show-log", file): (0, "record 1"),
                ("compact", file): (1, "Read-only"), ("compact", file, file.parent / "x"): (1, "Read-only"),
                ("create", file.parent / "x", SCHEMA): (1, "Read-only"), ("transact", file, json.dumps(["Library", retitle("x")])): (1, "Read-only")}
    for words, (code, text) in outcomes.items():
        done = process.result(["unshare", "--mount", "sh", "-c", READ_ONLY_DISK, file.parent, tool, *words])
        assert done.returncode == code and text in (done.stderr if code else done.stdout), (words, done)


def pages(rpc):
    return rpc.transact("Library", select(where=[["kind", "==", "novel"]], columns=["pages"]))[0]["rows"][0]["pages"]


@contextlib.contextmanager
def stopped(pid):
    """The process does nothing meanwhile."""
    os.kill(pid, signal.SIGSTOP)
    try:
        process.until(lambda: pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T", "it stops")
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def dumped(flavor, stack, file):
    """What a server tells of a file: exit code, dump or complaint."""
    socket = stack.folder / f"{flavor}.sock"
    client = f"ovsdb-client -fcsv dump unix:{socket} Library Book title kind pages tags marks"
    done = stack.result(flavor.program("ovsdb-server"), file, "--unixctl=none", f"--remote=punix:{socket}", f"--run={client}", "-vconsole:off")
    return done.returncode, sorted(done.stdout.splitlines())


def damage(data, prng):
    """Some bytes behind the first record changed, taken out, doubled or cut off."""
    begin = data.index(b"OVSDB", 10)
    at = prng.randrange(begin, len(data))
    end = min(len(data), at + prng.choice([1, 1, 3, 40]))
    kind = prng.randrange(5)
    middle = [bytes(prng.randrange(256) for _ in range(at, end)), b"", data[at:end] * 2, data[at:end].swapcase(), b"\0" * (end - at)][kind]
    return data[:at] + middle + (b"" if prng.randrange(4) == 0 else data[end:])


def test_a_file_damaged_anywhere_is_read_as_far_as_the_oracle_reads_it(tmp_path):
    with contextlib.closing(Stack(ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        with Rpc(stack.socket) as rpc:
            rpc.transact("Library", *TWO_BOOKS)
            for i in range(20):
                rpc.transact("Library", retitle(f"{i}"), where("mutate", ["kind", "==", "atlas"], mutations=[["marks", "insert", ["map", [[i, "é"]]]]]))
        stack.server.stop()
        data, lost = stack.db_file.read_bytes(), 0
        whole = dumped(WEFT, stack, stack.db_file)
        assert whole[0] == 0 and len(whole[1]) == 4
        for number in range(DAMAGES):
            said = []
            for flavor in (WEFT, ORACLE):
                file = tmp_path / f"{number}.{flavor}"
                file.write_bytes(damage(data, random.Random(number)))
                said.append(dumped(flavor, stack, file))
            assert said[0] == said[1], f"damage {number}"
            lost += said[0] != whole
        assert lost * 2 > DAMAGES


def test_thousands_of_clients_are_served_and_leave_nothing(alone):
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 2 * CLIENTS), limits[1]))
    try:
        alone.server.stop()
        alone.server.start()  # takes the limit over
        with fresh(alone) as first, contextlib.ExitStack() as ends:
            before = process.open_files(alone.server.pid)
            clients = []
            while len(clients) < CLIENTS:  # the queue of those who wait to be let in is short
                with contextlib.suppress(BlockingIOError):
                    clients.append(ends.enter_context(Rpc(alone.socket)))
            numbers = [client.start("monitor", "Library", "m", {"Book": {"columns": ["title"]}}) for client in clients]
            for client, number in zip(clients, numbers):
                assert len(client.finish(number)["result"]["Book"]) == 2
            first.transact("Library", retitle("Heard"))
            assert all("Heard" in json.dumps(client.note()) for client in clients)
            ends.close()
            process.until(lambda: process.open_files(alone.server.pid) <= before, "the server closes what is gone")
            assert len(first.transact("Library", select())[0]["rows"]) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def resident_mb(pid):
    return int(next(row for row in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS")).split()[1]) // 1024


@pytest.mark.parametrize("flavor", [WEFT], ids=str)  # Debian's keeps all for whoever does not read
def test_a_client_that_never_reads_costs_little_memory(alone):
    with fresh(alone) as writer, contextlib.ExitStack() as ends:
        for _ in range(5):
            ends.enter_context(Rpc(alone.socket)).start("monitor", "Library", "m", {"Book": {}})
        start = resident_mb(alone.server.pid)
        for i in range(300):
            writer.transact("Library", where("update", None, row={"tags": ["set", [f"{i}{BIG}"]]}))
        assert resident_mb(alone.server.pid) - start < 100, "of the 300 MB that nobody read"


def test_flooders_delay_a_polite_client_by_their_turns(alone, flavor):
    """All ask while the server is stopped; the polite one's answer tells how much it has done for the others before."""
    each, most = 400, 4 * 8 if flavor is WEFT else 100
    more = {"op": "mutate", "table": "Book", "where": [["kind", "==", "novel"]], "mutations": [["pages", "+=", 1]]}
    flood = "".join(json.dumps({"id": i, "method": "transact", "params": ["Library", more]}) for i in range(each)).encode()
    with fresh(alone) as first, Rpc(alone.socket) as second, Rpc(alone.socket) as polite:
        start = pages(polite)
        for flooder in (first, second):
            flooder.call("echo")
        with stopped(alone.server.pid):
            first.send(flood), second.send(flood)
            number = polite.start("transact", "Library", select(where=[["kind", "==", "novel"]], columns=["pages"]))
        before = polite.finish(number)["result"][0]["rows"][0]["pages"] - start
        assert before <= most, f"of {2 * each} requests"
        for flooder in (first, second):
            flooder.finish(each - 1)
        assert pages(polite) == start + 2 * each


def test_memory_of_rows_that_have_gone_returns_to_the_system(alone):
    names = [f"b{i}" for i in range(6000)]
    books = [insert(NOVEL | {"tags": name + "x" * 100}, name) for name in names]
    alone.appctl("ovsdb-server/memory-trim-on-compaction", "on", target="ovsdb-server")
    with Rpc(alone.socket, seconds=60) as rpc:
        start = process.rss_kb(alone.server.pid)
        for i in range(5):
            rpc.transact("Library", *books, shelf(names, str(i)))
        filled = process.rss_kb(alone.server.pid)
        rpc.transact("Library", {"op": "delete", "table": "Shelf", "where": []})
        alone.appctl("ovsdb-server/compact", target="ovsdb-server")
        process.until(lambda: process.rss_kb(alone.server.pid) - start < (filled - start) / 3, f"it has not much more than {start} of {filled} KB")


def test_names_and_values_of_any_size_are_taken_or_refused(alone):
    with fresh(alone) as rpc:
        huge = "é" * 3_000_000
        assert "constraint violation" in json.dumps(results(rpc, insert({"title": huge, "pages": 1})))
        assert rpc.transact("Library", insert({"title": "Long", "pages": 1, "kind": "song", "tags": huge}, "n"), shelf(["n"], "b"),
                            select(where=[["title", "==", "Long"]], columns=["tags"]))[2]["rows"] == [{"tags": huge}]
        many = ["map", [[i, str(i)] for i in range(100_000)]]
        assert rpc.transact("Library", where("update", ["kind", "==", "novel"], row={"marks": many})) == [{"count": 1}]
        deep = json.loads("[" * 900 + "]" * 900)
        assert "error" in results(rpc, where("update", deep, row={}))[0]
