# SPDX-License-Identifier: Apache-2.0
"""Cases that are known to fail."""
import pathlib

import pytest

LIST = pathlib.Path(__file__).resolve().parents[1] / "known_failures"


def mark(items):
    """Cases listed in test/known_failures run, and their failure is told apart until their line is taken out."""
    rows = [row.split("\t") for row in LIST.read_text().splitlines() if row and not row.startswith("#")]
    reasons = dict(rows)
    for item in items:
        if item.name in reasons:
            item.add_marker(pytest.mark.xfail(reason=reasons[item.name]))
