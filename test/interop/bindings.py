# SPDX-License-Identifier: Apache-2.0
"""The C library and the Python package, as built and as installed, and databases to try them on."""
import contextlib
import dataclasses
import os
import pathlib
import sys

import library
import process
from rpc import Rpc
from stack import ORACLE, ROOT, WEFT, Stack

EXAMPLES = ROOT / "doc/examples"
LIMIT = 20


# import weft_ovsdb: the package of the tree, on the library that was built.
sys.path.insert(0, str(ROOT / "src/sdk/python"))
os.environ.setdefault("WEFT_OVSDB_LIBRARY", str(WEFT.folders[0].parent / "lib/libweft-ovsdb.so.0"))


@dataclasses.dataclass
class Installed:
    """The component "sdk" in a folder, as programs find it."""
    prefix: pathlib.Path

    def __post_init__(self):
        process.run(["cmake", "--install", WEFT.folders[0].parent, "--component", "sdk", "--prefix", self.prefix])
        self.shared_object = self.prefix / "lib/libweft-ovsdb.so.0"
        self.header = self.prefix / "include/weft/ovsdb.h"
        self.python = {"PYTHONPATH": str(self.prefix / "lib/python3/dist-packages"), "PYTHONDONTWRITEBYTECODE": "1", "WEFT_OVSDB_LIBRARY": ""}
        self.environment = {"LD_LIBRARY_PATH": str(self.prefix / "lib")}  # of programs that compile() made

    def compile(self, source, output, compiler="gcc", standard="c11"):
        """A program of one file, by the flags that pkg-config gives; warnings are errors."""
        flags = process.run(["pkg-config", "--cflags", "--libs", "weft-ovsdb"], env={"PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig")}).split()
        process.run([compiler, f"-std={standard}", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror", "-pedantic", source, "-o", output, *flags],
                    seconds=60)

    def generate(self, *words):
        """What python3 -m weft_ovsdb.generate does."""
        return process.result([sys.executable, "-m", "weft_ovsdb.generate", *words], env=self.python)


@contextlib.contextmanager
def served(flavor, *options):
    """A server of the library's database, with a shelf and two books."""
    with contextlib.closing(Stack(flavor, ORACLE, schema=library.SCHEMA, server_options=options)) as stack:
        stack.start_server()
        with library.fresh(stack):
            pass
        yield stack


@contextlib.contextmanager
def relayed(flavor, source):
    """A relay of it."""
    with contextlib.closing(Stack(flavor, ORACLE, schema=library.SCHEMA)) as stack:
        stack.server.command = [f"relay:Library:{source.socket}" if word == str(stack.db_file) else word for word in map(str, stack.server.command)]
        stack.start_server()
        yield stack


def transact(stack, *operations):
    """By a client of its own."""
    with Rpc(stack.socket) as rpc:
        return rpc.transact("Library", *operations)


def restart(stack):
    stack.server.kill()
    stack.server.start()
