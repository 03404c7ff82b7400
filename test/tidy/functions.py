# SPDX-License-Identifier: Apache-2.0
"""Finds functions and their length in lines: in C++ by counting braces, in Python by its own parser."""
import ast
import re

import tree

_PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n?)*", re.M)
_SCOPE = re.compile(r"(?:template\s*<[^{]*>\s*)?(?:inline\s+|typedef\s+|static\s+)*(namespace|class|struct|union|enum|extern)\b")
_NAME = re.compile(r"([~\w:]+|operator[^\s(]+)\s*\(")
_ACCESS = re.compile(r"^\s*(?:public|private|protected)\s*:")
_MEMBER_INIT = re.compile(r"\)\s*(?:noexcept\s*)?:[^:]")  # the head of a constructor up to a member's own braces


def _opens_function(head):
    """Whether the text before a brace, since the last statement, is a function's head."""
    if _SCOPE.match(head):
        return head.endswith(")") and not head.startswith(("namespace", "enum"))
    return "(" in head


class _Scan:
    """One pass over a file. A lambda counts with the function that holds it."""

    def __init__(self, code):
        self.code = code
        self.blocks = []  # of (function's name or None, its first line, its head)
        self.found = []
        self.start, self.parens = 0, 0

    def line(self, position):
        return self.code.count("\n", 0, position) + 1

    def open(self, i):
        text = _ACCESS.sub(lambda m: " " * len(m.group()), self.code[self.start:i])
        head = text.strip()
        inside = self.parens > 0 or any(name for name, *_ in self.blocks)
        name = None
        if not inside and _opens_function(head):
            match = _NAME.search(head)
            name = match.group(1) if match else "?"
        first = self.start + len(text) - len(text.lstrip())
        self.blocks.append((name, first, head))
        if not _MEMBER_INIT.search(head):
            self.start = i + 1

    def close(self, i):
        if not self.blocks:
            return
        name, first, head = self.blocks.pop()
        in_member_list = _MEMBER_INIT.search(head) and self.code[i + 1:].lstrip()[:1] in (",", "{")
        if in_member_list:
            return
        if name:
            self.found.append((name, self.line(first), self.line(i) - self.line(first) + 1))
        self.start = i + 1

    def run(self):
        for match in re.finditer(r"[(){};]", self.code):
            c, i = match.group(), match.start()
            if c == "{":
                self.open(i)
            elif c == "}":
                self.close(i)
            elif c == ";" and self.parens == 0:
                self.start = i + 1
            elif c in "()":
                self.parens += 1 if c == "(" else -1
        return self.found


def _python(path):
    for node in ast.walk(ast.parse(tree.text(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def functions(path):
    """(name, first line, number of lines) of every function of a source file."""
    if path.suffix in tree.CXX:
        return _Scan(_PREPROCESSOR.sub(lambda m: "\n" * m.group().count("\n"), tree.code(path))).run()
    if path.suffix == ".py" or tree.text(path).startswith("#!/usr/bin/python3"):
        return list(_python(path))
    return []
