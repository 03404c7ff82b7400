# SPDX-License-Identifier: Apache-2.0
"""The areas of ./run-tests: each takes the options and returns its Counts; its docstring is its line of help."""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile

from build import ROOT, Broken, build
from results import Counts, check, of_gtest, of_pytest

GTEST_SECONDS = 300
PYTEST_SECONDS = 1200
INTEROP_WORKERS = 4  # most of its tests wait
AGAIN = 10  # of those that run beside others, so many may have failed by want of a processor
FUZZ_SECONDS_LONG = 600
LINT_FILES = 8
CXX = ("*.cc", "*.h", "*.c")


def _git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.split()


def _run(command, seconds, log=None, **environment):
    """Runs a program with its output on ours, or in `log`; the exit code, or -1 after `seconds`."""
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | environment
    try:
        return subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env, timeout=seconds).returncode
    except subprocess.TimeoutExpired:
        print(f"{command[0]}: still running after {seconds} s: stopped", flush=True)
        return -1


def _pytest(folder, seconds=PYTEST_SECONDS, workers=0, **environment):
    """`workers` processes take a file of tests each, in turn; 0: this one takes all. A few cases that fail beside others run once more,
    alone, since a machine may be too busy for a peer's own time limits; what fails then has failed."""
    place = pathlib.Path(tempfile.mkdtemp())
    command = [sys.executable, "-m", "pytest", "-q", "-o", f"cache_dir={place}/cache", "--durations=5", "--timeout=120"]

    def run(*options):
        report = place / "report.xml"
        return of_pytest(report, _run([*command, f"--junitxml={report}", *options, f"test/{folder}"], seconds, **environment))

    counts = run(f"--numprocesses={workers}", "--dist=loadfile") if workers else run()
    if workers and 0 < counts.failed <= AGAIN:
        print(f"{folder}: {counts.failed} failed beside others and run once more, alone", flush=True)
        again = run("--last-failed", "--last-failed-no-failures=none")
        counts = Counts(counts.passed + again.passed, max(again.failed, counts.failed - again.passed), counts.known)
    return counts


def _gtests(preset, programs):
    if not programs:
        raise Broken(f"no test program in build/{preset}/tests: the build made none")
    folder = pathlib.Path(tempfile.mkdtemp())

    def run(program):
        report = folder / f"{program.name}.json"
        with open(folder / f"{program.name}.log", "w+") as log:
            code = _run([program, "--gtest_brief=1", f"--gtest_output=json:{report}"], GTEST_SECONDS, log,
                        ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", UBSAN_OPTIONS="print_stacktrace=1")
            log.seek(0)
            return program, of_gtest(report, code), log.read()

    counts = Counts()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for program, one, log in pool.map(run, programs):
            print(f"{log}  {preset}/{program.name}: {one.passed} passed, {one.failed} failed", flush=True)
            counts += one
    return counts


def _programs(preset, kind):
    return sorted(p for p in (ROOT / "build" / preset / kind).glob("*") if os.access(p, os.X_OK) and p.is_file())


def tidy(_):
    """the tree's own rules: layers, licences, sizes, names"""
    return _pytest("tidy", 60)


def format(_):
    """clang-format of the whole tree"""
    found = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *_git("ls-files", *CXX)], cwd=ROOT, capture_output=True, text=True)
    bad = sorted({line.split(":")[0] for line in found.stderr.splitlines() if ": error:" in line})
    if found.returncode != 0:
        print(f"not in the repository's format: {' '.join(bad) or found.stderr}\nRemedy: clang-format-19 -i {' '.join(bad)}")
    return check(found.returncode == 0)


def unit(_):
    """unit tests, as released"""
    build("release")
    return _gtests("release", _programs("release", "tests"))


def interop(_):
    """our daemons and tools against Debian's, in network namespaces"""
    build("release")
    return _pytest("interop", workers=INTEROP_WORKERS)


def conformance(_):
    """OpenFlow 1.3 case by case from its specification, on Debian's switch and ours"""
    build("release")
    return _pytest("conformance")


def differential(options):
    """random flows and packets through Debian's switch and ours"""
    build("release")
    return _pytest("differential", 7200 if options.long else PYTEST_SECONDS, WEFT_LONG="1" if options.long else "")


def packages(options):
    """Debian packages: what is in them (--long: taking turns with Debian's own in a chroot, which needs the network)"""
    build("release")
    return _pytest("packages", 3600 if options.long else 300, WEFT_LONG="1" if options.long else "")


def bench(options):
    """a short run of the benchmarks, side by side with the peers"""
    build("release")
    return check(_run(["bench/run", "--long"] if options.long else ["bench/smoke"], 7200 if options.long else 300) == 0)


def sanitized(_):
    """unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"""
    build("debug", "checks")
    return _gtests("debug", _programs("debug", "tests"))


def fuzz(options):
    """the kept inputs of every fuzz target, under the sanitizers (--long: fuzzing, ten minutes each)"""
    preset = "fuzz" if options.long else "debug"
    build(preset, "checks")
    counts = Counts()
    for program in _programs(preset, "fuzz"):
        corpus = f"test/corpora/{program.name}"
        command = [program, corpus]
        if options.long:
            found = pathlib.Path(tempfile.mkdtemp(prefix=program.name))
            command = [program, f"-max_total_time={FUZZ_SECONDS_LONG}", f"-artifact_prefix={found}/", found, corpus]
        counts += check(_run(command, FUZZ_SECONDS_LONG + 120) == 0)
    return counts


def tsan(_):
    """unit tests of the folders with threads, under ThreadSanitizer"""
    folders = [row for row in (ROOT / "test/runner/tsan.txt").read_text().split("\n") if row and not row.startswith("#")]
    targets = [f"{f}_test" for f in folders if list((ROOT / "src" / f).rglob("*_test.cc"))]
    if not targets:
        return Counts()
    build("tsan", *targets)
    return _gtests("tsan", [ROOT / "build/tsan/tests" / t for t in targets])


def lint(options):
    """clang-tidy on what changed since the parent commit (--long: on everything)"""
    build("release")
    files = _git("ls-files", "src/*.cc") if options.long else _git("diff", "--name-only", "--diff-filter=d", "HEAD^", "--", "src/*.cc")
    chosen = files if options.long else files[:LINT_FILES]
    if len(files) > len(chosen):
        print(f"of {len(files)} changed files the first {len(chosen)} are checked")
    counts = Counts()
    for file in chosen:
        counts += check(_run(["clang-tidy-19", "-p", "build/release", "--quiet", file], 180) == 0)
    return counts


ALL = {f.__name__: f for f in (tidy, format, unit, interop, conformance, differential, packages, bench, sanitized, fuzz, tsan, lint)}
