# SPDX-License-Identifier: Apache-2.0
"""layers.txt: reads it, and finds what breaks it."""
import functools
import re

import tree

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([\w./-]+)"', re.M)
_FOLDER = re.compile(r"weft_folder\((.*?)\)", re.S)


@functools.cache
def edges():
    """{folder: set of folders it may include}; tests have the key "FOLDER tests"."""
    table = {}
    for row in tree.listed("layers.txt"):
        folder, _, uses = row.partition(":")
        table[folder.strip()] = set(uses.split())
    return table


def _folders():
    return {p.parts[1] for p in tree.cxx()}


def allowed(folder, tests=False):
    uses = edges().get(folder, set())
    if tests:
        uses = uses | edges().get(f"{folder} tests", set())
    return (set(edges()) if "all" in uses else uses) | {folder}


def bad_includes():
    bad = [f"src/{f}: not in test/tidy/layers.txt" for f in sorted(_folders() - set(edges()))]
    for p in tree.cxx():
        for m in _INCLUDE.finditer(tree.text(p)):
            target = m.group(1).split("/")[0]
            if "/" not in m.group(1) or target not in edges():
                if not (tree.ROOT / p.parent / m.group(1)).exists():
                    bad.append(f"{p}: #include \"{m.group(1)}\" is no folder of src/ (write paths from src/)")
            elif target not in allowed(p.parts[1], tree.is_test(p)):
                bad.append(f"{p}: {p.parts[1]} may not include {m.group(1)}")
    return bad


def bad_links():
    bad = []
    for p in tree.files():
        if p.name != "CMakeLists.txt" or p.parts[0] != "src" or p.parts[1] == "apps":
            continue
        for call in _FOLDER.findall(tree.text(p)):
            words = call.split()
            group, links = "", {"": [], "USES": [], "LINKS": [], "TEST_USES": [], "TEST_LINKS": [], "PARSED_ONCE": []}
            for word in words[1:]:
                if word in links:
                    group = word
                else:
                    links[group].append(word)
            folder = p.parts[1]
            bad += [f"{p}: {folder} may not link {u}" for u in links["USES"] if u.split("_")[0] not in allowed(folder)]
            bad += [f"{p}: {folder} may not include {h}" for h in links["PARSED_ONCE"] if h.split("/")[0] not in allowed(folder)]
            bad += [f"{p}: tests of {folder} may not link {u}" for u in links["TEST_USES"]
                    if u.split("_")[0] not in allowed(folder, tests=True)]
    return bad


def cycles():
    done, path, bad = set(), [], []

    def visit(folder):
        if folder in path:
            bad.append(" -> ".join(path[path.index(folder):] + [folder]))
            return
        if folder in done:
            return
        path.append(folder)
        for lower in sorted(edges().get(folder, set()) - {"all"}):
            if lower not in edges():
                bad.append(f"{folder}: unknown folder {lower}")
            else:
                visit(lower)
        path.pop()
        done.add(folder)

    for folder in sorted(f for f in edges() if not f.endswith(" tests")):
        visit(folder)
    return bad
