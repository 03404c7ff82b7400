# SPDX-License-Identifier: Apache-2.0
"""The packages, built once."""
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test/harness"))

import process  # noqa: E402

collect_ignore = [] if os.environ.get("WEFT_LONG") else ["test_replacement.py"]


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The files, by package."""
    folder = tmp_path_factory.mktemp("packages")
    process.run([ROOT / "packaging/debian/build-packages", folder, ROOT / "build/release"], seconds=300)
    return {file.name.split("_")[0]: file for file in folder.glob("*.deb")}
