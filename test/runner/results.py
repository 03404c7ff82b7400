# SPDX-License-Identifier: Apache-2.0
"""Counts of passed and failed, read from what GoogleTest and pytest write."""
import dataclasses
import json
import xml.etree.ElementTree as xml


@dataclasses.dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    known: int = 0  # failed as their list says they do

    def __add__(self, other):
        return Counts(self.passed + other.passed, self.failed + other.failed, self.known + other.known)


def check(ok):
    return Counts(passed=1) if ok else Counts(failed=1)


def of_gtest(file, exit_code):
    """A program that died counts as one failure on top of what it reported before."""
    counts = Counts()
    try:
        report = json.loads(file.read_text())
    except (OSError, ValueError):
        return Counts(failed=1)
    for suite in report["testsuites"]:
        for case in suite["testsuite"]:
            counts += check(not case.get("failures") and case["status"] == "RUN")
    return counts + Counts(failed=1) if exit_code != 0 and counts.failed == 0 else counts


def of_pytest(file, exit_code):
    """A case skipped counts as failed: nothing is passed over in silence. Those that fail as known_failures says are counted
    and named apart."""
    counts = Counts()
    try:
        cases = xml.parse(file).getroot().iter("testcase")
    except (OSError, xml.ParseError):
        return Counts(failed=1)
    for case in cases:
        skipped = case.find("skipped")
        if skipped is not None and skipped.get("type") == "pytest.xfail":
            print(f"  known failure: {case.get('name')}: {skipped.get('message')}")
            counts += Counts(known=1)
        else:
            counts += check(all(case.find(tag) is None for tag in ("failure", "error", "skipped")))
    return counts + Counts(failed=1) if exit_code != 0 and counts.failed == 0 else counts
