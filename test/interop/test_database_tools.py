# SPDX-License-Identifier: Apache-2.0
"""ovsdb-tool and ovsdb-client: ours print and exit as Debian's do, on the same file and the same server."""
import json
import re

import pytest

import process
from library import SCHEMA, fresh
from normal import assert_same, text
from rpc import Rpc
from stack import ORACLE, WEFT, Stack

QUERY = '["Library",{"op":"select","table":"Book","where":[["kind","==","novel"]],"columns":["title","pages"]}]'
TOOL = {
    "db-name": ["db-name", "DB"], "db-version": ["db-version", "DB"], "db-cksum": ["db-cksum", "DB"],
    "schema-name": ["schema-name", "SCHEMA"], "schema-version": ["schema-version", "SCHEMA"], "schema-cksum": ["schema-cksum", "SCHEMA"],
    "db-is-standalone": ["db-is-standalone", "DB"], "db-is-clustered": ["db-is-clustered", "DB"],
    "needs-conversion": ["needs-conversion", "DB", "SCHEMA"],
    "query": ["query", "DB", QUERY], "show-log": ["show-log", "DB"], "show-log -m": ["-m", "show-log", "DB"],
    "show-log -mm": ["-mm", "show-log", "DB"], "transact": ["transact", "DB", '["Library",{"op":"comment","comment":"x"}]'],
    "create over a file": ["create", "DB", "SCHEMA"], "no such file": ["db-name", "nothing.db"], "no command": [],
    "unknown command": ["frob"], "too few arguments": ["compare-versions", "1"], "too many": ["db-name", "DB", "x"],
    "query bad json": ["query", "DB", "["], "query bad table": ["query", "DB", '["Library",{"op":"select","table":"Film","where":[]}]'],
    "schema is no schema": ["schema-name", "DB"],
} | {f"compare {a} {op} {b}": ["compare-versions", a, op, b] for a, op, b in
     (("1.2.3", "<", "1.10.0"), ("1.2.3", "==", "1.2.3"), ("2.0.0", "<=", "1.9.9"), ("1.0", ">", "1.0.0"), ("1.2.3", "!=", "1.2.4"))}

CLIENT = {
    "list-dbs": ["list-dbs", "SERVER"], "get-schema": ["get-schema", "SERVER", "Library"],
    "get-schema-version": ["get-schema-version", "SERVER", "Library"], "get-schema-cksum": ["get-schema-cksum", "SERVER", "Library"],
    "list-tables": ["list-tables", "SERVER", "Library"], "list-columns": ["list-columns", "SERVER", "Library"],
    "list-columns of a table": ["list-columns", "SERVER", "Library", "Shelf"], "needs-conversion": ["needs-conversion", "SERVER", "SCHEMA"],
    "query": ["query", "SERVER", QUERY], "transact": ["transact", "SERVER", QUERY], "unknown table": ["dump", "SERVER", "Library", "Film"],
    "unknown column": ["dump", "SERVER", "Library", "Book", "author"], "unknown database": ["get-schema", "SERVER", "Film"],
    "unknown command": ["frob"], "no such server": ["list-dbs", "unix:nothing.sock"], "bad json": ["transact", "SERVER", "["],
    "wait": ["wait", "SERVER", "Library", "connected"], "dump server": ["dump", "SERVER", "_Server", "Database", "name", "model", "connected"],
} | {f"dump {' '.join(options)}": [*options, "dump", "SERVER", "Library", "Book", "title", "pages", "price", "tags", "marks"] for options in (
    [], ["--format=table", "--no-headings"], ["--format=list"], ["--format=html"], ["--format=csv"], ["--format=json"], ["--format=json", "--pretty"],
    ["--data=bare"], ["--data=json"], ["--data=string", "-fcsv"], ["--bare"])}


@pytest.fixture(scope="module")
def library():
    """A served database with two books."""
    stack = Stack(ORACLE, schema=SCHEMA)
    try:
        stack.start_server()
        fresh(stack).socket.close()
        yield stack
    finally:
        stack.close()


def run(flavor, program, words, stack, folder):
    names = {"DB": folder / "copy.db", "SCHEMA": SCHEMA, "SERVER": stack.socket}
    done = process.result([flavor.program(program), *(names.get(word, word) for word in words)], env=stack.env)
    own = [(re.escape(str(folder)), "DIR"), (re.escape(str(stack.folder)), "RUN"), (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^ |]*", "DATE")]
    return done.returncode, text(done.stdout, *own), text(done.stderr, *own)


UNORDERED = {"list-tables", "list-columns", "show-log"}  # Debian's prints them in the order of a hash table, ours sorted


def compare(program, words, stack, tmp_path):
    said = []
    for flavor in (ORACLE, WEFT):
        folder = tmp_path / flavor.name
        folder.mkdir()
        (folder / "copy.db").write_bytes(stack.db_file.read_bytes())
        code, out, err = run(flavor, program, words, stack, folder)
        said.append((code, sorted(out.replace("DATE", "DATE\n").split()) if UNORDERED & set(words) else out, err))
    assert_same(*reversed(said))


@pytest.mark.parametrize("name", TOOL)
def test_ovsdb_tool_prints_what_debians_prints(name, library, tmp_path):
    compare("ovsdb-tool", TOOL[name], library, tmp_path)


@pytest.mark.parametrize("name", CLIENT)
def test_ovsdb_client_prints_what_debians_prints(name, library, tmp_path):
    compare("ovsdb-client", CLIENT[name], library, tmp_path)


@pytest.mark.parametrize("tool", [ORACLE, WEFT], ids=str)
def test_compact_and_convert_keep_the_content(tool, library, tmp_path):
    file = tmp_path / "copy.db"
    file.write_bytes(library.db_file.read_bytes())
    program = tool.program("ovsdb-tool")
    before = process.run([ORACLE.program("ovsdb-tool"), "query", file, QUERY])
    process.run([program, "compact", file])
    assert len(file.read_text().splitlines()) == 4
    newer = json.loads(SCHEMA.read_text())
    newer["version"] = "1.3.0"
    newer["tables"]["Book"]["columns"]["author"] = {"type": "string"}
    (tmp_path / "newer").write_text(json.dumps(newer))
    assert process.run([program, "needs-conversion", file, tmp_path / "newer"]) == "yes\n"
    process.run([program, "convert", file, tmp_path / "newer"])
    assert process.run([program, "db-version", file]) == "1.3.0\n"
    assert process.run([ORACLE.program("ovsdb-tool"), "query", file, QUERY]) == before


@pytest.mark.parametrize("tool", [ORACLE, WEFT], ids=str)
@pytest.mark.parametrize("command", [["monitor", "SERVER", "Library", "Book", "title,pages"], ["monitor", "SERVER", "Library", "ALL"],
                                     ["--format=json", "monitor", "SERVER", "Library", "Book", "title"]], ids=["columns", "all", "json"])
def test_monitor_prints_changes_as_they_come(tool, command, server, tmp_path):
    output = tmp_path / "out"
    fresh(server).socket.close()
    words = [server.socket if w == "SERVER" else w for w in command]
    process.run_to_file([tool.program("ovsdb-client"), "--detach", "--no-chdir", f"--pidfile={tmp_path}/pid", *words], output, server.env)
    process.until(lambda: "Emma" in output.read_text(), "the first rows are printed")
    with Rpc(server.socket) as rpc:
        rpc.transact("Library", {"op": "update", "table": "Book", "where": [["kind", "==", "novel"]], "row": {"title": "Persuasion"}})
    process.until(lambda: "Persuasion" in output.read_text(), "the change is printed")
    process.end(int((tmp_path / "pid").read_text()))


