# SPDX-License-Identifier: Apache-2.0
"""python3 -m weft_ovsdb.generate [--c] SCHEMA: writes typed rows for the schema in a file (.ovsschema) to the standard output: a Python module with a class
for each table, or with --c a header of functions for each column."""
from __future__ import annotations

import argparse
import json
import keyword
import re
import sys
from collections.abc import Iterator
from typing import Any

from ._columns import Column, parse_schema
from .view import Row

C_SCALARS = {"integer": ("int64_t", "0"), "real": ("double", "0"), "boolean": ("bool", "false"), "string": ("const char *", '""')}
TAKEN = set(keyword.kwlist) | set(dir(Row))


def attribute(column: str) -> str:
    return column + "_" if column in TAKEN else column


def python(schema: dict[str, Any]) -> Iterator[str]:
    yield f'"""Rows of {schema["name"]} {schema.get("version", "")}; made by weft_ovsdb.generate."""\nfrom __future__ import annotations\n'
    yield "from uuid import UUID\n\nfrom weft_ovsdb import Row"
    for table, columns in parse_schema(schema).items():
        yield f'\n\nclass {attribute(table)}(Row):\n    __slots__ = ()\n    TABLE = "{table}"'
        for name, column in sorted(columns.items()):
            yield f"    {attribute(name)}: {column.annotation()}"


def c_function(database: str, table: str, column: Column) -> str:
    head = f"{database}_{table.lower()}_{column.name}(weft_ovsdb_row row)"
    if (column.is_scalar or column.is_optional) and column.key in C_SCALARS:
        kind, otherwise = C_SCALARS[column.key]
        return f'static inline {kind}{"" if kind.endswith("*") else " "}{head} {{ return weft_ovsdb_row_{column.key}(row, "{column.name}", {otherwise}); }}'
    return (f"static inline weft_ovsdb_value {head} {{\n    weft_ovsdb_value value;\n"
            f'    weft_ovsdb_row_get(row, "{column.name}", &value);\n    return value;\n}}')


def c(schema: dict[str, Any]) -> Iterator[str]:
    database = re.sub(r"\W", "_", schema["name"]).lower()
    yield f'/* Columns of {schema["name"]} {schema.get("version", "")}; made by weft_ovsdb.generate --c. */\n#pragma once\n\n#include <weft/ovsdb.h>'
    for table, columns in parse_schema(schema).items():
        yield f"\n/* Table {table} */"
        yield from (c_function(database, table, column) for _, column in sorted(columns.items()))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m weft_ovsdb.generate", description="Writes typed rows for a schema.")
    parser.add_argument("--c", action="store_true", help="a header in C instead of a Python module")
    parser.add_argument("schema", help="a file: vswitch.ovsschema, or what ovsdb-client get-schema prints")
    options = parser.parse_args()
    try:
        with open(options.schema, encoding="utf-8") as file:
            schema = json.load(file)
        lines = list((c if options.c else python)(schema))
    except (OSError, ValueError) as error:
        sys.exit(f"{options.schema}: {error}")
    except (KeyError, TypeError, AttributeError):
        sys.exit(f"{options.schema}: not a schema of a database (RFC 7047 3.2)")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
