# SPDX-License-Identifier: Apache-2.0
"""Roles of remotes and the rules in RBAC_Role: the same operations, over TLS, on Debian's server and ours; the answers are equal word for word."""
import contextlib
import json
import socket
import tempfile
import types

import pytest

import process
from fleet import (ABORT, REMOTES, SCHEMA, Keys, delete, free_port, insert, is_of, mutate, pairs, remotes, rule, said, strings, update, without_uuids)
from normal import assert_same, text
from rpc import Rpc
from stack import ORACLE, WEFT, Stack


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@contextlib.contextmanager
def started(flavor, *operations, schema=SCHEMA, **options):
    """A server that starts with what `operations` make: Debian's reads its remotes at the start, then every 2.5 s."""
    with contextlib.closing(Stack(flavor, ORACLE, schema=schema, **options)) as stack:
        tool = flavor.program("ovsdb-tool")
        process.run([tool, "create", stack.db_file, schema])
        process.run([tool, "transact", stack.db_file, json.dumps([json.loads(schema.read_text())["name"], *operations])])
        stack.start_server()
        yield stack


@contextlib.contextmanager
def fleet(flavor, keys, role="captain", read_only=False):
    """A server whose database names a TLS remote and a Unix socket with a role, and its clients: `root` has none."""
    with contextlib.ExitStack() as ends:
        port = free_port()
        plain = ends.enter_context(tempfile.TemporaryDirectory()) + "/plain.sock"
        rows = [{"target": target, "role": role, "read_only": read_only} for target in (f"pssl:{port}:127.0.0.1", f"punix:{plain}")]
        stack = ends.enter_context(started(flavor, *remotes(*rows), server_options=(*keys.options(), f"--remote={REMOTES}")))
        root = ends.enter_context(Rpc(stack.socket))
        people = {name: ends.enter_context(keys.connect(port, name)) for name in ("ann", "bob", "nameless")}
        people["plain"] = ends.enter_context(Rpc(f"unix:{plain}"))
        yield types.SimpleNamespace(stack=stack, root=root, port=port, **people)


@pytest.fixture(scope="module")
def fleets(keys):
    with contextlib.ExitStack() as ends:
        yield [ends.enter_context(fleet(flavor, keys)) for flavor in (ORACLE, WEFT)]


def compare(fleets, prepare, attempts):
    """What each client is answered on each flavor's server. Operations of an attempt are undone; `attempts` are (client, operations)."""
    seen = []
    for one in fleets:
        one.root.transact("Fleet", *prepare)
        seen.append([[client, json.dumps(operations), said(getattr(one, client), *operations, ABORT)] for client, operations in attempts])
    assert_same(seen[1], seen[0])
    return [line[2] for line in seen[1]]


WHERE = is_of("ann")
OPERATIONS = [
    [insert(owner="ann")], [insert(owner="bob")], [update(WHERE, load=5)], [update(WHERE, owner="bob")], [update(WHERE, load=5, yard="x")],
    [update(WHERE, load=1)], [update(is_of("zed"), crew="x")], [update(WHERE)], [update(load=5)], [mutate(["load", "+=", 1], where=WHERE)],
    [mutate(["load", "+=", 1], ["crew", "insert", strings("x")], where=WHERE)], [mutate(where=WHERE)], [mutate(["load", "/=", 0])],
    [mutate(["load", "/=", 0], where=WHERE)], [mutate(["load", "+=", 1], where=is_of("zed"))], [delete(where=WHERE)], [delete()], [delete(where=is_of("zed"))],
    [delete(where=[["nothing", "==", 1]])], [insert(nothing=1)], [insert("Nothing")], [update(nothing=1)], [update(yard="x")], [mutate(["owner", "+=", 1])],
    [{"op": "select", "table": "Ship", "where": WHERE, "columns": ["owner"]}],
    [{"op": "wait", "table": "Ship", "where": [], "columns": ["owner"], "until": "==", "rows": [], "timeout": 0}],
    [{"op": "comment", "comment": "x"}, {"op": "commit", "durable": True}, insert("Port"), {"op": "comment", "comment": "y"}],
    [insert("RBAC_Role", name="captain")], [insert("Boat")],
    [insert(owner="ann"), update(is_of("ann"), load=3)], [insert(owner="ann", mate="m"), update(is_of("ann"), owner="bob"), delete(where=is_of("bob"))],
    [insert(owner="ann") | {"uuid-name": "s"}, insert(owner="bob") | {"uuid-name": "s"}]]
SHIPS = [delete(), insert(owner="ann", load=1), insert(owner="bob", load=2)]
RULES = {
    "no role": [delete("RBAC_Role")], "no permission": [delete("RBAC_Role"), insert("RBAC_Role", name="captain")], "nothing": rule(),
    "another table": rule("Port", authorization=[""], insert_delete=True, update=["load"]), "anyone, nothing": rule(authorization=[""]),
    "anyone": rule("Ship", "Boat", authorization=[""], insert_delete=True, update=["load"]),
    "owner": rule(authorization=["owner"], insert_delete=True, update=["load"]),
    "owner, no deletion": rule(authorization=["owner"], update=["load", "crew", "owner", "mate"]),
    "two ways": rule(authorization=["mate", "owner"], insert_delete=True, update=["load", "owner"]),
    "of the rules": rule("RBAC_Role", authorization=[""], insert_delete=True, update=["permissions"])}


@pytest.mark.parametrize("name", RULES)
def test_operations_are_permitted_and_refused_as_by_the_oracle(fleets, name):
    answers = compare(fleets, SHIPS + RULES[name], [(client, words) for words in OPERATIONS for client in ("ann", "bob", "nameless", "plain", "root")])
    assert any("permission error" in answer for answer in answers)


RICH = insert(owner="zed", mate="ann", crew="ann", load=7, yard="ann", few=pairs(by="ann"), decks=["map", [[1, "ann"]]], counts=pairs(ann=3),
              labels=["map", [["by", "ann"], ["a:b", "ann"], ["", "ann"], ["ann", "x"], ["x", "bob"]]])
FORMS = ["owner", "mate", "crew", "load", "yard", "labels", "labels:by", "labels:a:b", "labels:", "labels:ann", "labels:x", "labels:none", "labels:by:more",
         "labels::by", ":labels:by", "few:by", "decks", "decks:1", "counts", "counts:ann", "port", "boats", "nothing", "nothing:x", "mate:", "mate:ann", ":mate",
         "crew:ann", ":", "_uuid", "_version", " mate", "Mate"]


def test_authorization_is_read_from_columns_and_keys_as_by_the_oracle(fleets):
    for form in [*([form] for form in FORMS), ["nothing", "mate"], ["owner", "labels:by"], ["", "nothing"], ["crew", "load"]]:
        compare(fleets, [delete(), RICH] + rule(authorization=form, insert_delete=True, update=["load"]),
                [("ann", [words]) for words in (update(load=8), mutate(["load", "+=", 1]), delete(), insert(mate="ann", labels=pairs(by="ann")))])


def test_columns_that_may_be_updated_are_read_as_by_the_oracle(fleets):
    attempts = [("ann", [words]) for words in (
        update(labels=pairs(by="new")), update(load=1), update(crew="y"), mutate(["labels", "insert", pairs(by="1")]), mutate(["labels", "insert", pairs(new="1")]),
        mutate(["labels", "delete", strings("by")]), mutate(["labels", "insert", pairs()]), mutate(["crew", "insert", "zed"]), mutate(["decks", "insert", ["map", [[1, "z"]]]]),
        mutate(["labels", "insert", pairs(by="1")], ["load", "+=", 1]))]
    for form in (["labels"], ["labels:by"], ["labels:new", "labels:by"], ["labels", "labels:by"], ["labels", "load"], ["crew:zed"], ["decks:1"], ["load:"], [""],
                 ["nothing"], ["_uuid"], []):
        compare(fleets, [delete(), RICH] + rule(authorization=["mate"], update=form), attempts)


def test_what_follows_by_references_needs_no_permission(fleets):
    ship = [delete(), delete("Port"), insert("Port", name="p") | {"uuid-name": "p"}, insert("Boat", kind="raft") | {"uuid-name": "b"},
            insert(owner="zed", port=["named-uuid", "p"], boats=["named-uuid", "b"])]
    seen = []
    for one in fleets:
        one.root.transact("Fleet", *ship, *rule("Port", "Boat", authorization=[""], insert_delete=True))
        texts = [said(one.ann, delete("Port")), said(one.root, {"op": "select", "table": "Ship", "where": [], "columns": ["port"]}),
                 said(one.ann, insert("Boat", kind="gig")), text(said(one.ann, delete("Boat")))]
        one.root.transact("Fleet", *rule(authorization=[""], update=["boats"]))
        texts += [said(one.ann, update(boats=strings())), said(one.root, {"op": "select", "table": "Boat", "where": [], "columns": ["kind"]})]
        seen.append(texts)
    assert_same(seen[1], seen[0])
    assert '"rows": []' in seen[1][-1]


def test_rules_made_in_the_same_transaction_count(fleets):
    grant = [insert("RBAC_Permission", authorization=strings(""), insert_delete=True) | {"uuid-name": "q"},
             {"op": "mutate", "table": "RBAC_Role", "where": [], "mutations": [["permissions", "insert", ["map", [["Ship", ["named-uuid", "q"]]]]]]}, insert(owner="x")]
    compare(fleets, SHIPS + rule("RBAC_Role", "RBAC_Permission", authorization=[""], insert_delete=True, update=["permissions"]),
            [("ann", grant), ("ann", [delete("RBAC_Role"), insert("RBAC_Permission")])])


@pytest.mark.parametrize("name", ["ann", "bob", "nameless", "twice", "quotes", "umlaut"])
def test_the_client_is_its_certificates_common_name(fleets, keys, name):
    seen = []
    for one in fleets:
        one.root.transact("Fleet", *SHIPS, *rule(authorization=["owner"], insert_delete=True))
        with keys.connect(one.port, name) as rpc:
            seen.append([said(rpc, insert(owner=owner), ABORT) for owner in ("ann", "bob", "", "\u00e4nn", 'an"n')])
    assert_same(seen[1], seen[0])


def test_other_methods_are_answered_as_by_the_oracle(fleets):
    seen = []
    for one in fleets:
        schema = one.root.call("get_schema", "Fleet")["result"]
        calls = [("convert", "Fleet", schema), ("convert", "Fleet"), ("convert", "Fleet", {}), ("convert", "Nothing", schema), ("convert", "_Server", schema),
                 ("lock", "l"), ("steal", "l"), ("unlock", "l"), ("monitor", "Fleet", "m", {"Port": {"columns": ["name"]}}), ("monitor_cancel", "m")]
        seen.append([without_uuids(one.ann.call(*words)) for words in calls])
    assert_same(seen[1], seen[0])


@pytest.mark.parametrize("role", ["", "captain"])
def test_a_read_only_remote_with_a_role(keys, role):
    with contextlib.ExitStack() as ends:
        made = [ends.enter_context(fleet(flavor, keys, role, read_only=True)) for flavor in (ORACLE, WEFT)]
        compare(made, SHIPS + rule(authorization=["owner"], insert_delete=True, update=["load"]), [("ann", words) for words in OPERATIONS])


def test_a_role_that_changes_holds_at_once(keys):
    """Open vSwitch keeps the role that a remote had when it was made, for later connections too."""
    for flavor in (ORACLE, WEFT):
        with fleet(flavor, keys) as one:
            one.root.transact("Fleet", *SHIPS, *rule(authorization=["owner"], update=["load"]))
            change = [update(is_of("ann"), load=3), ABORT]
            assert '"count": 1' in said(one.ann, *change) and "permission error" in said(one.bob, *change)

            def set_role(role, one=one):
                one.root.transact("Fleet", {"op": "update", "table": "Connection", "where": [], "row": {"role": role}})
            set_role("pirate")
            if flavor is ORACLE:
                assert 'role \\"captain\\"' in said(one.bob, *change)
                continue
            assert 'client \\"ann\\" role \\"pirate\\" prohibit' in said(one.ann, *change).replace("\\\\", "\\")
            set_role("")
            assert '"count": 1' in said(one.bob, *change)
            set_role("captain")
            assert "permission error" in said(one.bob, *change)


@pytest.mark.parametrize("flavor", [ORACLE, WEFT], ids=str)
def test_a_remote_that_is_named_twice_has_the_role_of_its_row(flavor, keys):
    port = free_port()
    remote = f"pssl:{port}:127.0.0.1"
    with started(flavor, *remotes({"target": remote, "role": "captain"}),
                 server_options=(*keys.options(), f"--remote={REMOTES}", f"--remote={remote}")), keys.connect(port, "ann") as ann:
        assert "permission error" in said(ann, insert())


def test_of_two_rows_for_one_remote_the_one_with_a_role_counts(keys):
    """Debian's server takes either, by chance."""
    for _ in range(3):
        port = free_port()
        rows = [{"target": f"pssl:{port}:127.0.0.1", "role": role} for role in ("captain", "")]
        with started(WEFT, *remotes(*rows), server_options=(*keys.options(), f"--remote={REMOTES}")), keys.connect(port, "ann") as ann:
            assert "permission error" in said(ann, insert())


def test_ways_of_ours_around_the_rules_are_closed(keys):
    with fleet(WEFT, keys) as one:
        one.root.transact("Fleet", *SHIPS, *rule(authorization=["owner"], update=["load"]))
        done = one.root.call("weft_apply", "Fleet", {}, update(load=9))["result"][0]["id"]
        for words in (("weft_apply", "Fleet", {}, update(is_of("ann"), load=3)), ("weft_revert", "Fleet", done, {}), ("weft_confirm", "Fleet", done)):
            error = one.ann.call(*words)["error"]
            assert error["error"] == "permission error" and f'role "captain" prohibit "{words[0]}" of database Fleet' in error["details"]
        assert one.ann.call("weft_history", "Fleet", {})["error"] is None
        assert one.root.call("weft_revert", "Fleet", done, {})["error"] is None


def has_fleet(stack):
    """The connection may be closed meanwhile, for just that."""
    with contextlib.suppress(BrokenPipeError), Rpc(stack.socket) as rpc:
        number = rpc.start("get_schema", "Fleet")
        answer = rpc.receive()
        return answer is not None and answer["id"] == number and answer["error"] is None
    return False


def test_a_relay_knows_its_clients_by_the_rules_of_its_source(keys, tmp_path):
    schema = json.loads(SCHEMA.read_text())
    own = tmp_path / "own.ovsschema"
    own.write_text(json.dumps(schema | {"name": "Own"}))
    seen = []
    for flavor in (ORACLE, WEFT):
        with contextlib.ExitStack() as ends:
            source = ends.enter_context(started(flavor, *SHIPS, *rule(authorization=["owner"], insert_delete=True, update=["load"])))
            root = ends.enter_context(Rpc(source.socket))
            port = free_port()
            relay = ends.enter_context(started(flavor, *remotes({"target": f"pssl:{port}:127.0.0.1", "role": "captain"}), schema=own, server_options=(
                *keys.options(), f"--remote={REMOTES.replace('Fleet', 'Own')}", f"relay:Fleet:{source.socket}")))
            process.until(lambda relay=relay: has_fleet(relay), "the relay has the database")  # which closes earlier connections
            ann = ends.enter_context(keys.connect(port, "ann"))
            texts = [said(ann, words) for words in (insert(owner="bob"), update(load=3), update(is_of("ann"), load=3), insert(owner="ann"), delete(where=is_of("ann")))]
            texts += [said(ann, insert(owner="ann"), database="Own"), said(root, {"op": "select", "table": "Ship", "where": [], "columns": ["owner", "load"]})]
            seen.append(texts)
    assert_same(seen[1], seen[0])


def variant(table, column, kind):
    schema = json.loads(SCHEMA.read_text())
    columns = schema["tables"][table]["columns"]
    if kind is None:
        del columns[column]
    else:
        columns[column] = {"type": kind}
    return schema


SOME = {"key": "string", "min": 0, "max": 5}
ONE = {"key": "string", "min": 0, "max": 1}
VARIANTS = [("RBAC_Role", "name", None), ("RBAC_Role", "name", ONE), ("RBAC_Role", "name", SOME), ("RBAC_Role", "permissions", None),
            ("RBAC_Role", "permissions", {"key": "string", "value": {"type": "uuid", "refTable": "RBAC_Permission"}, "min": 0, "max": 9}),
            ("RBAC_Role", "permissions", {"key": "string", "value": "uuid", "min": 0, "max": 9}),
            *(("RBAC_Permission", column, kind) for column in ("authorization", "update") for kind in (
                None, "string", ONE, SOME, {"key": "string", "min": 1, "max": "unlimited"})),
            ("RBAC_Permission", "insert_delete", None), ("RBAC_Permission", "insert_delete", {"key": "boolean", "min": 0, "max": 1}),
            ("RBAC_Permission", "insert_delete", {"key": "boolean", "min": 0, "max": 2}), ("RBAC_Permission", "insert_delete", "string"),
            ("Ship", "owner", {"key": {"type": "string", "enum": ["set", ["", "ann", "bob"]]}}), ("Ship", "owner", SOME)]


@pytest.mark.parametrize("table,column,kind", VARIANTS, ids=[f"{t}.{c}-{i}" for i, (t, c, _) in enumerate(VARIANTS)])
def test_columns_of_another_type_are_read_as_by_the_oracle(keys, tmp_path, table, column, kind):
    file = tmp_path / "variant.ovsschema"
    file.write_text(json.dumps(variant(table, column, kind)))
    rules = rule(authorization=["owner"], update=["load"], insert_delete=True)
    for one in rules[2:]:
        if one["table"] == table and column in one["row"] and kind in (None, "string"):
            value = one["row"].pop(column)
            one["row"] |= {} if kind is None else {column: str(value[1][0] if isinstance(value, list) else value)}
    seen = []
    for flavor in (ORACLE, WEFT):
        port = free_port()
        made = [*remotes({"target": f"pssl:{port}:127.0.0.1", "role": "captain"}), insert(owner="ann", load=1), *rules]
        with started(flavor, *made, schema=file, server_options=(*keys.options(), f"--remote={REMOTES}")), keys.connect(port, "ann") as ann:
            seen.append([said(ann, words, ABORT) for words in (insert(owner="ann"), update(load=2), update(is_of("zed"), load=2), delete(), mutate(["load", "+=", 1]))])
    assert_same(seen[1], seen[0])


def test_ovsdb_tool_takes_a_role_as_the_oracles(tmp_path):
    seen = []
    for flavor in (ORACLE, WEFT):
        tool, file = flavor.program("ovsdb-tool"), tmp_path / f"{flavor}.db"

        def run(*words, tool=tool, file=file):
            verb, operations = words[-2:]
            done = process.result([tool, *words[:-2], verb, file, json.dumps(["Fleet", *operations])])
            return [done.returncode, done.stderr, without_uuids({"all": json.loads(done.stdout)}) if done.returncode == 0 else ""]
        process.run([tool, "create", file, SCHEMA])
        texts = [run("transact", SHIPS + rule(authorization=[""], insert_delete=True, update=["load"]))]
        for role in ([], ["--rbac-role="], ["--rbac-role=captain"], ["--rbac-role=superuser"]):
            for verb in ("query", "transact"):
                texts += [run(*role, verb, words) for words in (
                    [insert(owner="a"), ABORT], [update(load=3), ABORT], [update(is_of("zed"), load=3)], [delete(), ABORT],
                    [{"op": "select", "table": "Ship", "where": [], "columns": ["owner", "load"]}, insert("Nothing")])]
        seen.append(texts)
    assert_same(seen[1], seen[0])


def test_a_role_changes_while_its_remote_is_still_connecting(keys):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        row = {"target": f"ssl:127.0.0.1:{silent.getsockname()[1]}", "role": "captain"}
        with started(WEFT, *remotes(row), server_options=(*keys.options(), f"--remote={REMOTES}")) as stack, Rpc(stack.socket) as root:
            with contextlib.closing(silent.accept()[0]):  # who does not shake hands
                for change in ({"role": "pirate"}, {"read_only": True}):
                    root.transact("Fleet", {"op": "update", "table": "Connection", "where": [], "row": change})
                assert root.call("echo")["result"] == []
