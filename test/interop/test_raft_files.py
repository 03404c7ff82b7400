# SPDX-License-Identifier: Apache-2.0
"""Files of Open vSwitch's clusters (raft): ovsdb-tool says of them what Debian's says, and what was committed moves into a standalone file."""
import hashlib
import json
import random
import re
import shutil

import pytest

import process
from library import ATLAS, NOVEL, SCHEMA, insert, select, shelf, where
from raft import Cluster
from rpc import Rpc
from stack import ORACLE, WEFT

COLUMNS = ["title", "kind", "pages", "price", "tags", "marks"]
QUERY = json.dumps(["Library", select(columns=COLUMNS), select("Shelf", columns=["name"])])
COMMANDS = (
    "db-cid FILE", "db-sid FILE", "db-local-address FILE", "db-name FILE", "db-is-clustered FILE", "db-is-standalone FILE", "db-version FILE",
    "db-cksum FILE", "show-log FILE", "-m show-log FILE", "-mm show-log FILE", "check-cluster FILE", "needs-conversion FILE SCHEMA",
    "compact FILE", "compact FILE OTHER", "convert FILE SCHEMA", "query FILE QUERY", "transact FILE QUERY", "cluster-to-standalone OTHER FILE")
DAMAGES = 30


def fill(cluster):
    cluster.transact(insert(NOVEL, "n"), insert(ATLAS, "w"), shelf(["n", "w"]), {"op": "comment", "comment": "two books"})
    cluster.transact(where("update", ["kind", "==", "atlas"], row={"tags": ["set", ["new", "old"]]}))
    cluster.transact(where("mutate", ["kind", "==", "atlas"], mutations=[["marks", "delete", ["set", [1]]], ["marks", "insert", ["map", [[5, "é"]]]]]))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files by what happened to them."""
    out = {}
    folder = tmp_path_factory.mktemp("raft")

    def keep(name, member):
        out[name] = folder / name.replace(" ", "-")
        out[name].write_bytes(member.file.read_bytes())

    def cluster(name):
        (folder / f"{name}.d").mkdir()
        return Cluster(folder / f"{name}.d", SCHEMA, "Library")

    with cluster("one") as one:
        member = one.create("--election-timer=2000")
        member.server.stop()
        keep("made", member)
        member.server.start()
        fill(one)
        keep("filled", member)
        member.control("ovsdb-server/compact")
        keep("compacted", member)
        one.transact(where("update", ["kind", "==", "atlas"], row={"pages": 91}))
        member.server.stop()
        member.server.start()
        one.leader()
        one.transact({"op": "delete", "table": "Shelf", "where": []})
        keep("emptied", member)
    with cluster("three") as three:
        first = three.create()
        fill(three)
        three.join()
        three.join()
        three.transact(where("update", ["kind", "==", "atlas"], row={"pages": 92}))
        three.agrees()
        leader = three.leader()
        leader.control("cluster/change-election-timer", "Library", "2000")
        three.agrees()
        for number, member in enumerate(three.members, 1):
            keep(f"three {number}", member)
        first.control("cluster/leave", "Library")
        process.run(["ovsdb-client", "wait", first.socket, "Library", "removed"], env=first.env)
        first.server.stop()
        keep("left", first)
        three.transact(where("update", ["kind", "==", "novel"], row={"pages": 301}))
        three.agrees()
        second, third = three.members[1:]
        keep("two of three", second)
        alone, gone = (second, third) if three.leader() is second else (third, second)
        gone.server.kill()
        with Rpc(alone.socket) as rpc:
            rpc.start("transact", "Library", where("update", ["kind", "==", "novel"], row={"pages": 999}))
            process.until(lambda: b'"pages":999' in alone.file.read_bytes(), "the leader has written what it cannot commit")
            alone.server.kill()
        keep("uncommitted", alone)
    for name, options in {"joining": [], "joining by id": [f"--cid={'12345678' * 4}"]}.items():
        options = [re.sub(r"=(.{8})(.{4})(.{4})(.{4})(.{12})", r"=\1-\2-\3-\4-\5", o) for o in options]
        out[name] = folder / name.replace(" ", "-")
        process.run([ORACLE.program("ovsdb-tool"), *options, "join-cluster", out[name], "Library", "tcp:127.0.0.1:1", "tcp:127.0.0.1:2", "ssl:[::1]:3"])
    return out


def tool(flavor, folder, words, *sources):
    """Exit code and outputs of one command on copies of files in a folder, and the contents of the file OTHER that it has made."""
    names = {"SCHEMA": SCHEMA, "QUERY": QUERY, "OTHER": folder / "other"}
    copies = [folder / f"file{number or ''}" for number in range(len(sources))]
    folder.mkdir()
    for copy, source in zip(copies, sources):
        copy.write_bytes(source)
    flat = [name for word in words for name in (copies if word == "FILES" else [copies[0] if word == "FILE" else names.get(word, word)])]
    done = process.result([flavor.program("ovsdb-tool"), *flat])
    out, err = (text.replace(f"{folder}/", "") for text in (done.stdout, done.stderr))
    made = folder / "other"
    rows = process.run([ORACLE.program("ovsdb-tool"), "query", made, QUERY]) if done.returncode == 0 and made.exists() and made.stat().st_size else ""
    shutil.rmtree(folder)
    if "show-log" in words:  # Debian's prints tables and columns in the order of a hash table, ours sorted
        out = sorted(re.split(r"[\s,{}]+", out))
    return [done.returncode, out, err.replace('; "ovsdb-tool cluster-to-standalone" makes one that is not', ""),
            sorted(json.dumps(row) for result in json.loads(rows or "[]") for row in result["rows"])]


def same(folder, words, *sources):
    """What Debian's and ours say, which is the same."""
    ours, oracle = (tool(flavor, folder / str(flavor), words, *sources) for flavor in (WEFT, ORACLE))
    assert ours == oracle, f"{' '.join(words)}:\n  ours: {ours}\noracle: {oracle}"
    return ours


def test_ovsdb_tool_says_the_same_of_each_file(files, tmp_path):
    for name, file in files.items():
        for command in COMMANDS:
            if not (command.startswith("cluster-to") and name.startswith("joining")):
                same(tmp_path, command.split(), file.read_bytes())


def test_members_of_one_cluster_agree_and_others_do_not(files, tmp_path):
    data = {name: file.read_bytes() for name, file in files.items()}
    assert same(tmp_path, ["check-cluster", "FILES"], *(data[f"three {number}"] for number in (1, 2, 3)))[0] == 0
    assert same(tmp_path, ["check-cluster", "FILES"], data["left"], data["two of three"], data["joining"])[0] == 0
    assert same(tmp_path, ["check-cluster", "FILES"], data["filled"], data["three 1"])[0] == 1
    assert same(tmp_path, ["check-cluster", "FILES"], data["three 1"], data["three 2"], data["three 1"])[0] == 1


def test_a_standalone_file_has_what_the_cluster_had(files, tmp_path):
    """Nothing that may have been committed is left out: a follower's file does not tell yet what its leader has committed last."""
    pages = {"made": [], "filled": [90, 300], "compacted": [90, 300], "emptied": [], "three 1": [92, 300], "three 3": [92, 300], "left": [92, 300],
             "two of three": [92, 301], "uncommitted": [92, 999]}
    for name, expected in pages.items():
        for flavor in (WEFT, ORACLE):
            made = tmp_path / f"{name}.{flavor}"
            process.run([WEFT.program("ovsdb-tool"), "cluster-to-standalone", made, files[name]])
            socket = f"unix:{tmp_path}/{flavor}.sock"
            client = f"ovsdb-client transact {socket} '{json.dumps(['Library', select(columns=['pages'])])}'"
            rows = process.run([flavor.program("ovsdb-server"), made, "--unixctl=none", f"--remote=p{socket}", f"--run={client}", "-vconsole:off"],
                               env={"OVS_RUNDIR": str(tmp_path)})
            assert sorted(row["pages"] for row in json.loads(rows)[0]["rows"]) == expected, f"{name} on {flavor}"
    (tmp_path / "torn").write_bytes(files["filled"].read_bytes()[:-20])  # in its last commit_index
    torn = process.result([WEFT.program("ovsdb-tool"), "cluster-to-standalone", tmp_path / "y", tmp_path / "torn"])
    assert torn.returncode == 1 and "parse error" in torn.stderr and f"{tmp_path}/y has what comes before it" in torn.stderr
    assert len(json.loads(process.run(["ovsdb-tool", "query", tmp_path / "y", QUERY]))[0]["rows"]) == 2
    refused = process.result([WEFT.program("ovsdb-tool"), "cluster-to-standalone", tmp_path / "x", files["joining"]])
    assert refused.returncode == 1 and "has joined no cluster yet" in refused.stderr and not (tmp_path / "x").exists()


def damage(data, prng):
    """Some bytes changed (to others that are text), taken out, doubled or cut off."""
    at = prng.randrange(len(data))
    end = min(len(data), at + prng.choice([1, 1, 3, 40]))
    middle = [bytes(prng.choice([c for c in range(32, 127) if c != byte]) for byte in data[at:end]), b"", data[at:end] * 2, b"\0" * (end - at)][prng.randrange(4)]
    return data[:at] + middle + (b"" if prng.randrange(3) == 0 else data[end:])


def test_a_damaged_file_is_read_as_far_as_debians_reads_it(files, tmp_path):
    failed = 0
    for number in range(DAMAGES):
        prng = random.Random(number)
        data = damage(files[prng.choice(["filled", "three 1", "compacted"])].read_bytes(), prng)
        for command in ("db-name FILE", "db-cid FILE", "-mm show-log FILE", "check-cluster FILE"):
            ours, oracle = (tool(flavor, tmp_path / f"{flavor}", command.split(), data) for flavor in (WEFT, ORACLE))
            assert plain(ours) == plain(oracle), f"damage {number}: {command}"
            failed += ours[0] != 0
        refused = tool(WEFT, tmp_path / "weft", ["cluster-to-standalone", "OTHER", "FILE"], data)
        assert refused[0] == 1 and "file" in refused[2], f"damage {number}: what was lost is not passed over"
    assert failed > DAMAGES


def plain(said):
    """Words differ in how a header line is quoted and why text is no JSON; ours tells more of a first line that makes no sense."""
    err = re.sub(r'parse error at offset 0 in header line ".*|cannot identify file type|unexpected kind of record.*', "unexpected file format", said[2],
                 flags=re.S)
    return [said[0], said[1], re.sub(r'header line ".*|valid JSON \(.*', "", err, flags=re.S).replace("syntax error", "ovsdb error").rstrip(), said[3]]


A, B, C, CLUSTER = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc1")
BARE = {"name": "L", "version": "1.0.0", "tables": {"T": {"columns": {"n": {"type": "integer"}}, "isRoot": True}}}


def log(*records):
    """A clustered file of these records."""
    bodies = [json.dumps(record).encode() + b"\n" for record in records]
    return b"".join(b"OVSDB CLUSTER %d %s\n" % (len(body), hashlib.sha1(body).hexdigest().encode()) + body for body in bodies)


def head(server=A, without=(), **more):
    members = {"server_id": server, "local_address": f"tcp:127.0.0.1:{ord(server[0])}", "name": "L", "cluster_id": CLUSTER, "prev_term": 1,
               "prev_index": 1, "prev_servers": {A: "tcp:127.0.0.1:97", B: "tcp:127.0.0.1:98"}, "prev_data": [BARE, {}], "prev_eid": C} | more
    return {name: value for name, value in members.items() if name not in without}


def entry(term, index, number, **more):
    row = f"00000000-0000-4000-8000-{number:012}"
    return {"term": term, "index": index, "data": [None, {"T": {row: {"n": number}}}], "eid": row} | more


def leads(term, server):
    return {"term": term, "leader": server}


TWO, DONE, JOINING = [entry(1, 2, 1), entry(1, 3, 2)], {"commit_index": 3}, {"server_id": B, "local_address": "tcp:1.2.3.4:5", "name": "L"}
CRAFTED = {
    "all is well": [[head(), *TWO, DONE, DONE, {"term": 5}, {"term": 2}, leads(6, C), leads(6, C), {"term": 7, "vote": B}, {"term": 7, "vote": B}]],
    "an index skipped": [[head(), entry(1, 4, 1)]], "an older term after a newer": [[head(), entry(3, 2, 1), entry(2, 3, 2)]],
    "entries replaced": [[head(), leads(1, B), *TWO, entry(2, 2, 3)]], "by the leader": [[head(), leads(1, A), *TWO, entry(1, 3, 3)]],
    "by its successor": [[head(), leads(1, A), *TWO, entry(2, 3, 3)]], "a vote in the past": [[head(), {"term": 5}, {"term": 3, "vote": A}]],
    "left": [[head(), *TWO, {"note": "left"}]], "only left": [[head(), {"note": "left"}]], "a note": [[head(), {"note": "x", "comment": "y"}]],
    "going back": [[head(), *TWO, DONE, {"commit_index": 2}]], "too far ahead": [[head(), *TWO, {"commit_index": 9}]],
    "two leaders in a file": [[head(), leads(2, A), leads(2, B)]], "two leaders in two files": [[head(), leads(2, A)], [head(B), leads(2, B)]],
    "one server twice": [[head()], [head()]], "two clusters": [[head()], [head(B, cluster_id=A)]], "two names": [[head()], [head(B, name="M")]],
    "a leader that lacks entries": [[head(), *TWO, DONE], [head(B), entry(1, 2, 1), leads(2, B)]],
    "different entries": [[head(), *TWO, DONE], [head(B), entry(1, 2, 1), entry(1, 3, 7), DONE]],
    "not committed": [[head(), *TWO], [head(B), entry(1, 2, 1), entry(2, 3, 7)]],
    "of one term": [[head(), *TWO], [head(B), entry(1, 2, 1), entry(1, 3, 7)]],
    "behind a snapshot": [[head(prev_index=3), entry(1, 4, 4)], [head(B), *TWO, entry(1, 4, 5)]],
    "not joined": [[JOINING | {"remote_addresses": ["tcp:1.2.3.4:6"]}], [head(), *TWO]], "joins nobody": [[JOINING | {"remote_addresses": []}]],
    "several": [[head(), *TWO, entry(2, 3, 3), DONE, {"commit_index": 2}, {"note": "left"}], [head(B), entry(1, 2, 1)]],
    "timer": [[head(prev_election_timer=2000), {"term": 1, "index": 2, "election_timer": 4000}]],
    "data that is none": [[head(prev_data=[BARE])]], "a schema that is none": [[head(prev_data=[{"x": 1}, {}])]],
    "servers that are none": [[head(prev_servers={"x": "y"})]], "no servers": [[head(prev_servers={})]], "no id": [[head(server_id="x")]],
    "a type": [[head(prev_term="x")]], "a stranger": [[head(extra=1)]],
} | {f"without {name}": [[head(without=[name])]] for name in ("server_id", "name", "local_address", "cluster_id", "prev_servers", "prev_data", "prev_eid")
} | {f"record {json.dumps(record)}": [[head(), record]] for record in (
    {"foo": 1}, {"term": "x"}, {"index": 2}, {"term": 1, "index": 2, "data": [None, None]}, {"term": 1, "index": 2, "data": [None], "eid": A}, [1],
    {"term": 1, "vote": "x"})}


@pytest.mark.parametrize("name", CRAFTED)
def test_what_must_not_be_is_told_as_debians_tool_tells_it(name, tmp_path):
    files = [log(*records) for records in CRAFTED[name]]
    same(tmp_path, ["check-cluster", "FILES"], *files)
    if len(files) == 1:
        same(tmp_path, ["db-cid", "FILE"], *files)
        same(tmp_path, ["-mm", "show-log", "FILE"], *files)


def test_committed_entries_may_not_be_replaced(tmp_path):
    """Debian's tool takes it as unusual, and tells of two votes in the wrong order."""
    for records, error in {"committed": ([*TWO, DONE, entry(2, 3, 3)], "record 4 attempts to truncate log from 4 to 3 entries, but commit index is "
                                                                     "already 3"),
                           "snapshot": ([entry(1, 1, 3)], "record 1 attempts to truncate log from 2 to 1 entries, but commit index is already 1"),
                           "vote": ([{"term": 5, "vote": B}, {"term": 5, "vote": C}], "record 2 votes for cccc in term 5 but a previous record for "
                                                                                      "the same term voted for bbbb")}.values():
        assert tool(WEFT, tmp_path / "weft", ["check-cluster", "FILE"], log(head(), *records))[:3] == [1, "", f"ovsdb-tool: file: {error}\n"]


@pytest.mark.parametrize("words", ["create-cluster x.db SCHEMA tcp:127.0.0.1:1", "join-cluster x.db Library tcp:127.0.0.1:1 tcp:127.0.0.1:2"])
def test_ovsdb_tool_says_what_to_do_instead_of_a_cluster_of_its_own(words, tmp_path):
    done = tool(WEFT, tmp_path / "weft", words.split())
    assert done[0] == 1 and "etcd://HOST:PORT" in done[2]
