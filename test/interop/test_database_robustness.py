# SPDX-License-Identifier: Apache-2.0
"""What an ovsdb-server lives through: a full disk, files damaged anywhere, thousands of clients, one that never reads."""
import contextlib
import json
import pathlib
import random
import resource

import pytest

import process
from library import SCHEMA, TWO_BOOKS, fresh, insert, select, shelf, where
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

DAMAGES, CLIENTS = 24, 2000
BIG = "x" * 100_000
SMALL_DISK = "mount -t tmpfs -o size=512k none \"$0\" && cp \"$0.db\" \"$0/conf.db\" && exec \"$@\""


@pytest.fixture
def alone(flavor):
    """A server of a flavor on the library's database, its own for this test."""
    with contextlib.closing(Stack(flavor, ORACLE, schema=SCHEMA)) as stack:
        stack.start_server()
        yield stack


@pytest.fixture
def small_disk(alone):
    """The same on a disk of half a megabyte that only the server sees; its folder as seen from here."""
    with fresh(alone):
        pass
    alone.server.stop()
    disk = alone.folder / "disk"
    disk.mkdir()
    alone.db_file.rename(alone.folder / "disk.db")
    alone.db_file = disk / "conf.db"
    alone.server = alone.make_server(alone.server_flavor)
    alone.server.command = ["unshare", "--mount", "sh", "-c", SMALL_DISK, disk, *alone.server.command]
    alone.server.start()
    return pathlib.Path(f"/proc/{alone.server.pid}/root{disk}")


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
