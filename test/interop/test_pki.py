# SPDX-License-Identifier: Apache-2.0
"""ovs-pki: ours and Debian's do the same, and each works on what the other made."""
import re

import pytest

import process
from normal import assert_same
from stack import ORACLE, WEFT

# Run one after another in one folder by both; keys differ, so files are compared by what they say.
SCRIPT = [
    ["init"], ["init"], ["req", "sw"], ["req", "sw"], ["-b", "sign", "sw"], ["verify", "sw"], ["verify", "sw", "controller"],
    ["fingerprint", "sw-req.pem"], ["fingerprint", "sw-cert.pem"], ["-u", "req+sign", "c1", "controller"], ["verify", "c1", "controller"],
    ["req", "alone"], ["self-sign", "alone"], ["--force", "req", "sw"], ["-f", "-b", "sign", "sw"], ["--batch", "--force", "--bits=1024", "req+sign", "sw"],
    [], ["frob"], ["sign"], ["init", "x"], ["verify"], ["-b", "sign", "sw", "router"], ["--bits=100", "req", "z"], ["-B", "many", "req", "z"],
    ["-k", "ecdsa", "req", "z"], ["--dir=/nonexistent/pki", "verify", "sw"], ["fingerprint", "nothing.pem"], ["fingerprint"], ["self-sign"], ["req", "a", "b"], ["-b", "sign", "nothing"],
]
SUBJECT = ["openssl", "x509", "-noout", "-subject", "-ext", "basicConstraints,subjectAltName", "-in"]


class Pki:
    def __init__(self, flavor, folder):
        self.program, self.folder = flavor.program("ovs-pki"), folder
        folder.mkdir(exist_ok=True)

    def __call__(self, *words, stdin=None):
        command = ["env", f"--chdir={self.folder}", self.program, f"--dir={self.folder}/pki", f"--log={self.folder}/log", *words]
        return process.result(command, stdin=stdin)

    def subject(self, name):
        return process.run([*SUBJECT, self.folder / name])


def said(done):
    """Exit code and output: keys, dates and the program's own name left out, and which of two words for the same is used."""
    text = done.stdout + done.stderr
    for pattern, by in ((r"\S+/ovs-pki", "ovs-pki"), (r"\S*/pki", "PKI"), (r"\t\w{3} \w{3} .*", "DATE"), (r"fingerprint [0-9a-f]{40}", "fingerprint X"),
                        (r"fingerprint [0-9A-F]{40}", "fingerprint X of a certificate"), (r"id:[0-9a-f-]{36}", "id:UUID"), ("not supplied", "not specified"),
                        (r"req must have exactly one argument|must have no arguments", "arguments")):
        text = re.sub(pattern, by, text)
    return [done.returncode, text]


def test_every_command_and_error_is_as_in_open_vswitch(tmp_path):
    both = [Pki(flavor, tmp_path / flavor.name) for flavor in (ORACLE, WEFT)]
    for words in SCRIPT:
        oracle, ours = (said(pki(*words)) for pki in both)
        if {"nothing", "nothing.pem", "many"} & set(words) or words in ([], ["init", "x"], ["verify"]):
            assert oracle[0] == ours[0] != 0 and ours[1].strip(), (words, oracle, ours)  # ours names the file and the remedy
        else:
            assert_same([words, *ours], [words, *oracle])
    for name in ("sw-cert.pem", "c1-cert.pem", "alone-cert.pem", "pki/switchca/cacert.pem"):
        oracle, ours = (re.sub(r"id:[0-9a-f-]{36}|\(2\d{3} .*?\)", "ID", pki.subject(name)) for pki in both)
        assert_same(ours, oracle)
    for pki in both:
        assert (pki.folder / "sw-privkey.pem").stat().st_mode & 0o777 == 0o600
        assert (pki.folder / "pki/switchca/private").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("maker, user, key", [(ORACLE, WEFT, "rsa"), (WEFT, ORACLE, "rsa"), (WEFT, WEFT, "rsa"), (WEFT, WEFT, "dsa"), (WEFT, ORACLE, "dsa")])
def test_one_signs_in_the_hierarchy_that_the_other_made(tmp_path, maker, user, key):
    """But DSA hierarchies of Debian's: its own certificates do not pass its own verification there."""
    maker, user = Pki(maker, tmp_path), Pki(user, tmp_path)
    options = [f"--key={key}", "--bits=1024", "--batch"]
    assert maker(*options, "init").returncode == 0
    for name in ("one", "two"):
        done = user(*options, "req+sign", name, "controller")
        assert done.returncode == 0, done.stderr
        assert f"{name}-cert.pem: OK" in maker("verify", name, "controller").stdout
        assert maker("verify", name, "switch").returncode != 0


def test_a_fingerprint_that_is_not_confirmed_signs_nothing(tmp_path):
    pki = Pki(WEFT, tmp_path)
    pki("init")
    pki("req", "sw")
    for answer in ("no\n", "y\n", ""):
        assert pki("sign", "sw", stdin=answer).returncode == 1
        assert not (tmp_path / "sw-cert.pem").exists()
    assert pki("sign", "sw", stdin="yes\n").returncode == 0
    assert (tmp_path / "sw-cert.pem").exists()


def test_force_takes_away_nothing_but_a_hierarchy(tmp_path):
    pki = Pki(WEFT, tmp_path)
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "mine").write_text("keep")
    assert pki("init").returncode == 1
    assert pki("--force", "init").returncode == 0
    assert (tmp_path / "pki" / "mine").read_text() == "keep"
