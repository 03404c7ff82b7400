# SPDX-License-Identifier: Apache-2.0
"""Puts the harness on the path."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))

import known  # noqa: E402


def pytest_collection_modifyitems(items):
    known.mark(items)
