# SPDX-License-Identifier: Apache-2.0
"""Programs built on the installed library: the examples in C, C++ and Python, every type in C++, made rows, types, what the library shows."""
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import typing

import bindings
import pytest
import weft_ovsdb as ovsdb

import process
from bindings import EXAMPLES, LIMIT, transact
from library import SCHEMA, select, where


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return bindings.Installed(tmp_path_factory.mktemp("sdk"))


@pytest.fixture(scope="module")
def programs(installed):
    """The example in each language: what to run, and its environment."""
    installed.compile(EXAMPLES / "follow_database.c", installed.prefix / "example")
    installed.compile(EXAMPLES / "follow_database.cc", installed.prefix / "example++", "g++", "c++17")
    return {"c": ([installed.prefix / "example"], installed.environment),
            "c++": ([installed.prefix / "example++"], installed.environment),
            "python": ([sys.executable, EXAMPLES / "follow_database.py"], installed.python)}


@pytest.fixture(params=["c", "c++", "python"])
def follow(request, programs, tmp_path):
    """Starts an example; what it prints goes to a file."""
    running = []
    command, env = programs[request.param]

    def start(*words, name="out"):
        with open(tmp_path / name, "w", encoding="utf-8") as out:
            popen = subprocess.Popen([*command, *words], env=os.environ | env, stdin=subprocess.PIPE, stdout=out, stderr=out)
        running.append(popen)
        return popen, tmp_path / name
    yield start
    for popen in running:
        popen.stdin.close()
        assert popen.wait(LIMIT) == 0
    assert running


def printed(file, *lines):
    process.until(lambda: file.read_text().splitlines()[-len(lines):] == list(lines), f"{lines} in {file.read_text()!r}")


def turn_page(stack, pages):
    transact(stack, where("update", ["title", "==", "World"], row={"pages": pages}))


def test_the_example_follows_and_commits_over_restarts(flavor, follow):
    with bindings.served(flavor) as stack:
        _, out = follow(stack.socket, "Library", "Book", "title")
        process.until(lambda: sorted(out.read_text().splitlines()) == ["inserted Emma", "inserted World"], "both books")
        for i in range(2):
            stack.server.kill()
            stack.server.start()
            turn_page(stack, 200 + i)
            printed(out, *["modified World"] * (i + 1))
        transact(stack, where("update", ["title", "==", "World"], row={"title": "Globe"}))
        printed(out, "modified Globe")
        transact(stack, {"op": "update", "table": "Shelf", "where": [], "row": {"books": ["set", []]}})
        process.until(lambda: sorted(out.read_text().splitlines()[-2:]) == ["deleted Emma", "deleted Globe"], "both are gone")


def test_two_examples_that_count_lose_nothing(flavor, follow):
    """Both add to one counter at once, line by line; then once more, after the server was killed."""
    with bindings.served(flavor) as stack:
        transact(stack, {"op": "update", "table": "Shelf", "where": [], "row": {"seen": 0}})
        both = [follow(stack.socket, "Library", "Shelf", "name", "seen", name=f"out{i}") for i in range(2)]
        for _, out in both:
            printed(out, "inserted a")

        def counted(lines):
            before = seen(stack)
            for popen, _ in both:
                popen.stdin.write(b"\n" * lines)
                popen.stdin.flush()
            process.until(lambda: seen(stack) == before + 2 * lines, f"{before} + {2 * lines}", LIMIT)
        counted(50)
        bindings.restart(stack)
        counted(5)


def seen(stack):
    return transact(stack, select("Shelf", columns=["seen"]))[0]["rows"][0]["seen"]


def test_the_library_shows_its_own_functions_only(installed):
    names = process.run(["nm", "-D", "--defined-only", installed.shared_object]).splitlines()
    shown = {line.split()[-1].split("@")[0] for line in names} - {"WEFT_OVSDB_0"}
    declared = set(re.findall(r"^[\w* ]*?\b(weft_ovsdb_\w+)\(", installed.header.read_text(), re.M))
    inline = {name for name in declared if name.startswith("weft_ovsdb_of_")} | {"weft_ovsdb_uuid_equal"}
    assert shown == declared - inline
    assert "soname: [libweft-ovsdb.so.0]" in process.run(["readelf", "-d", installed.shared_object])
    assert {f"weft_ovsdb_{name}" for name in ovsdb._library.FUNCTIONS} <= shown, "the package lists what there is"


PROGRAM = """
#include "library.h"
#include <weft/ovsdb.h>
int main(void) {
    weft_ovsdb_row row = {0, 0};
    int none = (int)library_book_pages(row) + (int)library_book_tags(row).size + (library_book_title(row)[0] != 0);
    return none || weft_ovsdb_start(NULL) != WEFT_OVSDB_BAD_ARGUMENT;
}
"""


@pytest.mark.parametrize("compiler, standard, suffix", [("gcc", "c11", "c"), ("clang-19", "c11", "c"), ("g++", "c++17", "cc"), ("g++", "c++20", "cc")])
def test_the_header_and_made_functions_compile_without_a_warning(installed, tmp_path, compiler, standard, suffix):
    (tmp_path / "library.h").write_text(installed.generate("--c", SCHEMA).stdout)
    source = tmp_path / f"program.{suffix}"
    source.write_text(PROGRAM)
    installed.compile(source, tmp_path / "program", compiler, standard)
    process.run([tmp_path / "program"], env=installed.environment)


@pytest.mark.parametrize("compiler, standard", [("g++", "c++17"), ("clang++-19", "c++23")])
def test_cpp_reads_and_writes_every_type(flavor, installed, tmp_path, compiler, standard):
    installed.compile(pathlib.Path(__file__).with_name("every_type.cc"), tmp_path / "program", compiler, standard)
    with bindings.served(flavor) as stack:
        done = process.result([tmp_path / "program", stack.socket], env=installed.environment)
        assert done.returncode == 0, done.stderr


def test_made_rows_have_the_types_of_their_columns(flavor, installed, tmp_path):
    file = tmp_path / "library_rows.py"
    file.write_text(installed.generate(SCHEMA).stdout)
    spec = importlib.util.spec_from_file_location("library_rows", file)
    rows = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rows)
    hints = typing.get_type_hints(rows.Book)
    assert hints["title"] is str and hints["price"] == float | None and hints["marks"] == dict[int, str] and hints["tags"] == frozenset[str]
    with bindings.served(flavor) as stack, ovsdb.Database(stack.socket, "Library", tables=[rows.Book, rows.Shelf]) as db:
        view = db.wait(timeout=LIMIT)
        book = view[rows.Book].one(title="World")
        assert isinstance(book, rows.Book) and book.pages == 90
        with db.transaction(timeout=LIMIT) as txn:
            txn.mutate(view[rows.Shelf].one(), "books", "insert", txn.insert(rows.Book, title="Sea", pages=7, kind="song"))
        assert [c.row.title for c in db.wait().changes(view, rows.Book)] == ["Sea"]


TYPED = """
import weft_ovsdb
from library_rows import Book, Shelf
from vswitch_rows import Bridge


def pages(db: weft_ovsdb.Database) -> int:
    view = db.wait(timeout=1)
    book = view[Book].one(title="Emma")
    shelves: list[str] = [shelf.name for shelf in view[Shelf]]
    mode: str | None = view[Bridge].one().fail_mode
    db.transact(lambda txn: txn.set(book, pages=book.pages + 1))
    return book.pages + len(shelves) + len(mode or "")
"""


def test_a_type_checker_finds_what_is_wrong_and_nothing_else(installed, tmp_path):
    """mypy --strict over the package, the example, made rows and a program that uses them."""
    for name, schema in {"library_rows": SCHEMA, "vswitch_rows": bindings.ROOT / "schema/vswitch.ovsschema"}.items():
        (tmp_path / f"{name}.py").write_text(installed.generate(schema).stdout)
    (tmp_path / "right.py").write_text(TYPED)
    (tmp_path / "wrong.py").write_text(TYPED.replace("book.pages + len(", "book.title + len(").replace("shelf.name", "shelf.title"))
    package = pathlib.Path(installed.python["PYTHONPATH"]) / "weft_ovsdb"

    def check(*files):
        return process.result(["mypy", "--strict", f"--cache-dir={tmp_path}/cache", *files], seconds=120,
                              env={"MYPYPATH": f"{package.parent}:{tmp_path}"})
    done = check(package, EXAMPLES / "follow_database.py", *(tmp_path / f"{name}.py" for name in ("library_rows", "vswitch_rows", "right")))
    assert done.returncode == 0, done.stdout
    wrong = check(tmp_path / "wrong.py")
    assert wrong.returncode == 1 and '"Shelf" has no attribute "title"' in wrong.stdout and "Unsupported operand types" in wrong.stdout, wrong.stdout


def test_rows_are_made_of_a_schema_and_of_nothing_else(installed, tmp_path):
    assert "class Bridge(Row)" in installed.generate(bindings.ROOT / "schema/vswitch.ovsschema").stdout
    (tmp_path / "bad").write_text("[]")
    for file, error in {"bad": "not a schema", "none": "No such file"}.items():
        done = installed.generate(tmp_path / file)
        assert done.returncode == 1 and error in done.stderr and not done.stdout


BESIDE = """
import sys, ovs.db.idl, ovs.poller, weft_ovsdb
remote, schema = sys.argv[1:]
helper = ovs.db.idl.SchemaHelper(schema)
helper.register_all()
idl = ovs.db.idl.Idl(remote, helper)
with weft_ovsdb.Database(remote, "Library") as db:
    while not idl.run():
        poller = ovs.poller.Poller()
        idl.wait(poller)
        poller.block()
    assert sorted(r.title for r in idl.tables["Book"].rows.values()) == sorted(r.title for r in db.wait(timeout=20)["Book"])
"""


def test_debians_own_package_works_beside_it(flavor, installed):
    with bindings.served(flavor) as stack:
        process.run([sys.executable, "-c", BESIDE, stack.socket, SCHEMA], env=installed.python)
