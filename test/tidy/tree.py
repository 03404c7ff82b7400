# SPDX-License-Identifier: Apache-2.0
"""The files of the repository, and C++ text without its comments and literals."""
import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
CXX = {".cc", ".h", ".c"}
SCRIPT = {".py", ".sh"}
BUILD = {".cmake"}


@functools.cache
def files():
    """Every file that git tracks or would track, as a path relative to the root."""
    out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, check=True, capture_output=True).stdout
    names = sorted(set(filter(None, out.decode().split("\0"))))
    return [p for p in map(pathlib.PurePosixPath, names) if (ROOT / p).is_file()]


@functools.cache
def text(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


@functools.cache
def is_source(path):
    """True for what people write and read as code: C++, scripts, CMake, systemd units aside."""
    if path.suffix in CXX | SCRIPT | BUILD or path.name == "CMakeLists.txt":
        return True
    return path.suffix == "" and is_text(path) and text(path).startswith("#!")


@functools.cache
def is_text(path):
    with open(ROOT / path, "rb") as f:
        return b"\0" not in f.read(1024)


def sources():
    return [p for p in files() if is_source(p)]


def cxx(under="src"):
    return [p for p in files() if p.suffix in CXX and p.parts[0] == under]


def is_test(path):
    return re.search(r"_(test|fuzz|bench)\.cc$", path.name) is not None


_LITERAL = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\ ]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.DOTALL)


def _blank(match):
    token = match.group()
    newlines = "\n" * token.count("\n")
    return newlines if token.startswith("/") else '""' + newlines


@functools.cache
def code(path):
    """The text of a C++ file with comments removed and literals emptied; line numbers stay right."""
    return _LITERAL.sub(_blank, text(path))


def lines_of(path, matches):
    """Line numbers of regex matches over code(path)."""
    return [code(path).count("\n", 0, m.start()) + 1 for m in matches]


def listed(name):
    """The lines of a list beside this file, without comments."""
    rows = (line.split("#")[0].strip() for line in (HERE / name).read_text().splitlines())
    return [row for row in rows if row]
