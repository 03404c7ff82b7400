# SPDX-License-Identifier: Apache-2.0
"""The rules of the tree as tests (README.md). Each failure names the file, the line and the remedy."""
import collections
import pathlib
import re
import subprocess

import pytest

import functions
import layers
import tree

FILE_LINES = 500
FUNCTION_LINES = 70
SYSTEM_HEADERS = re.compile(
    r"#\s*include\s*<(sys/(?!types|cdefs|queue)[\w/]+\.h|unistd\.h|fcntl\.h|poll\.h|sched\.h|pthread\.h|signal\.h|csignal|"
    r"net/if\.h|net/if_arp\.h|netdb\.h|netinet/tcp\.h|linux/(?:if_packet|if_tun|netlink|rtnetlink|bpf|if_link|sockios|"
    r"ethtool|virtio_net|if_xdp|filter)\.h|bpf/[\w/]+\.h|xdp/[\w/]+\.h|libmnl/[\w/]+\.h|dlfcn\.h|termios\.h|glob\.h|"
    r"dirent\.h|syslog\.h|fstream|filesystem)>")
CLOCKS = re.compile(r"\b(steady_clock|system_clock|high_resolution_clock)\b|\bclock_gettime\b|\bgettimeofday\b|\btime\((nullptr|NULL|0)\)")
WORK_MARK = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|GTEST_S" + r"KIP|\bDISAB" + r"LED_|pytest\.(mark\.)?s" + r"kip")
MACHINE_PATH = re.compile("/(?:wo" + "rk|far" + "m)/|/tmp/w" + "/")
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.M)


def exceptions(rule):
    rows = [row.split(None, 2) for row in tree.listed("exceptions.txt")]
    assert all(len(row) == 3 for row in rows), "exceptions.txt: each line is RULE PATH REASON"
    return [row[1] for row in rows if row[0] == rule]


def excepted(path, rule):
    return any(str(path) == e or (e.endswith("/") and str(path).startswith(e)) for e in exceptions(rule))


def report(problems, remedy):
    if problems:
        pytest.fail("\n".join(problems) + f"\nRemedy: {remedy}", pytrace=False)


def grep(paths, pattern, text=tree.text):
    return [f"{p}:{text(p).count(chr(10), 0, m.start()) + 1}: {m.group().strip()}"
            for p in paths for m in pattern.finditer(text(p))]


def test_folders_include_only_lower_layers():
    report(layers.bad_includes(), "move the type down to a folder both may use (never the behaviour), or add the edge to "
           "test/tidy/layers.txt in a commit that says why.")


def test_cmake_links_only_lower_layers():
    report(layers.bad_links(), "weft_folder(... USES ...) lists only what test/tidy/layers.txt allows.")


def test_the_list_of_layers_has_no_cycle():
    report(layers.cycles(), "an edge of test/tidy/layers.txt points up; remove it.")


def licence(path):
    """Many kernel functions serve only programs under the GPL; what user space shares with them is theirs too."""
    kernel = path.parts[:2] == ("src", "bpf") or str(path) == "src/dp/ebpf/abi.h" or path.suffixes[-2:] == [".bpf", ".c"]
    return "GPL-2.0-only OR BSD-2-Clause" if kernel and path.name != "CMakeLists.txt" else "Apache-2.0"


def test_every_source_names_its_licence():
    bad = [f"{p}: {licence(p)}" for p in tree.sources()
           if not any(line.endswith(f"SPDX-License-Identifier: {licence(p)}") for line in tree.text(p).splitlines()[:3])]
    report(bad, "first line: // SPDX-License-Identifier: and that (in scripts # ..., after #!).")


def test_headers_are_guarded_by_pragma_once():
    bad = [str(p) for p in tree.cxx() + tree.cxx("test") + tree.cxx("bench")
           if p.suffix == ".h" and "#pragma once" not in tree.text(p)]
    report(bad, "add #pragma once after the header's comment.")


def test_every_source_folder_has_a_readme():
    folders = {p.parent for p in tree.cxx()}
    present = set(tree.files())
    bad = [f"{f}/README.md is missing" for f in sorted(folders) if f / "README.md" not in present]
    report(bad, "write it: what the folder is, one drawing, which file to read first.")


def test_only_loop_reads_a_clock():
    paths = [p for p in tree.cxx() if p.parts[1] != "loop" and not excepted(p, "clock")]
    report(grep(paths, CLOCKS, tree.code), "take `Time now` as an argument (base/time.h); the caller's loop knows the time.")


def test_only_sys_and_loop_make_system_calls():
    paths = [p for p in tree.cxx() if p.parts[1] not in ("sys", "loop", "bpf") and not tree.is_test(p)
             and not excepted(p, "syscall")]
    report(grep(paths, SYSTEM_HEADERS), "put the system call behind a function of src/sys/ (or src/loop/) and call that.")


def test_there_are_no_macros_but_try_check_and_log():
    paths = [p for p in tree.cxx() if p.parts[1] != "bpf" and not excepted(p, "macro")]
    report([b for b in grep(paths, MACRO, tree.code) if not re.search(r"(TRY|CHECK|LOG)\w*$", b)],
           "use a constant, a function or a template.")


def oversize():
    found = {}
    for p in tree.sources():
        lines = tree.text(p).count("\n")
        if lines > FILE_LINES:
            found[str(p)] = lines
        for name, _, length in functions.functions(p):
            if length > FUNCTION_LINES:
                found[f"{p}:{name}"] = length
    return found


def listed_oversize(text):
    rows = (line.split("#")[0].split() for line in text.splitlines())
    return {row[0]: int(row[1]) for row in rows if row}


def test_files_and_functions_stay_small():
    allowed = listed_oversize((tree.HERE / "oversize.txt").read_text())
    bad = [f"{name}: {lines} lines (limit {allowed.get(name, FUNCTION_LINES if ':' in name else FILE_LINES)})"
           for name, lines in sorted(oversize().items()) if lines > allowed.get(name, 0)]
    report(bad, "split it: a file is one subject, a function one step.")


def test_the_oversize_list_only_shrinks():
    found = oversize()
    allowed = listed_oversize((tree.HERE / "oversize.txt").read_text())
    bad = [f"{name} is listed with {lines} lines but has {found.get(name, 'no longer too many')}"
           for name, lines in allowed.items() if found.get(name, 0) < lines]
    for revision in ("HEAD", "HEAD^"):
        before = subprocess.run(["git", "show", f"{revision}:test/tidy/oversize.txt"], cwd=tree.ROOT, capture_output=True, text=True)
        old = listed_oversize(before.stdout) if before.returncode == 0 else allowed
        bad += [f"{name}: {lines} lines, was {old.get(name, 'not listed')} in {revision}"
                for name, lines in allowed.items() if lines > old.get(name, 0)]
    report(bad, "shorten the code, not the rule; write the new, smaller number into test/tidy/oversize.txt or take the line out.")


def test_nothing_is_left_to_do():
    paths = [p for p in tree.files() if p.parts[0] in ("src", "test", "bench", "doc", "cmake") and tree.is_text(p)]
    report(grep(paths, WORK_MARK), "finish it, or take it out and say so in the issue.")


def test_no_folder_is_a_drawer_for_everything():
    names = {"util", "utils", "common", "misc", "helpers"}
    bad = {str(p) for p in tree.files() if names & set(p.parts[:-1]) or (p.parts[0] == "src" and p.stem in names)}
    report(sorted(bad), "name the folder or file after what is in it.")


def test_nothing_depends_on_one_machine():
    report(grep([p for p in tree.files() if tree.is_text(p)], MACHINE_PATH), "make the path relative or an argument.")


def test_names_are_unique_where_one_folder_holds_all_programs():
    names = collections.Counter(p.stem for p in tree.cxx() if re.search(r"_(fuzz|bench)\.cc$", p.name))
    report([n for n, k in names.items() if k > 1], "fuzz targets and benchmarks share a build folder: rename one.")


def test_every_fuzz_target_has_seeds_and_every_corpus_a_target():
    targets = {p.stem for p in tree.cxx() if p.name.endswith("_fuzz.cc")}
    corpora = collections.Counter(p.parts[2] for p in tree.files() if p.parts[:2] == ("test", "corpora") and len(p.parts) > 3)
    bad = [f"{t}: no seed in test/corpora/{t}/" for t in sorted(targets - set(corpora))]
    bad += [f"test/corpora/{c}: no such fuzz target" for c in sorted(set(corpora) - targets)]
    bad += [f"test/corpora/{c}: {n} files, at most 100" for c, n in corpora.items() if n > 100]
    report(bad, "commit a few small inputs, or remove the folder.")


def test_exceptions_are_still_needed():
    rows = [row.split(None, 2) for row in tree.listed("exceptions.txt")]
    bad = [f"{path}: no such file" for _, path, _ in rows if not path.endswith("/") and pathlib.PurePosixPath(path) not in tree.files()]
    report(bad, "take the line out of test/tidy/exceptions.txt.")
