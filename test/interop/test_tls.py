# SPDX-License-Identifier: Apache-2.0
"""ssl: and pssl: between Debian's programs and ours, in both directions; keys by our ovs-pki, no certificate good for another role."""
import contextlib
import shutil
import socket
import subprocess

import pytest

import process
from conftest import DUMMY, FLAVORS
from stack import WEFT

both_ways = pytest.mark.parametrize("client", FLAVORS.values(), ids=FLAVORS)


class Keys:
    """One hierarchy: `sw` is a switch or its database, `ctl` whoever speaks to it; each trusts the other's authority."""

    def __init__(self, folder):
        self.folder = folder
        for words in (["init"], ["req+sign", "sw", "switch"], ["req+sign", "ctl", "controller"]):
            process.run(["env", f"--chdir={folder}", WEFT.program("ovs-pki"), "-b", "-u", f"--dir={folder}/pki", f"--log={folder}/log", *words])
        self.authority = {kind: folder / f"pki/{kind}ca/cacert.pem" for kind in ("switch", "controller")}
        self.trusted = {"sw": self.authority["controller"], "ctl": self.authority["switch"]}

    def files(self, who):
        return [f"{self.folder}/{who}-privkey.pem", f"{self.folder}/{who}-cert.pem", str(self.trusted[who])]

    def options(self, who, ca=None):
        key, certificate, trusted = self.files(who)
        return [f"--private-key={key}", f"--certificate={certificate}", f"--ca-cert={ca or trusted}"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def port():
    return free_port()


def serve(stack, remote):
    process.run(["ovs-appctl", "-t", "ovsdb-server", "ovsdb-server/add-remote", remote], env=stack.env)


COMPLAINTS = r"(stream_ssl|jsonrpc|reconnect|ovsdb_jsonrpc_server|rconn)\|"


@both_ways
def test_database_clients_reach_the_server(flavor, client, keys, port, make_stack):
    stack = make_stack(flavor, switch_options=DUMMY, server_options=keys.options("sw"))
    serve(stack, f"pssl:{port}:127.0.0.1")
    at = f"ssl:127.0.0.1:{port}"
    process.run([client.program("ovs-vsctl"), f"--db={at}", *keys.options("ctl"), "add-br", "over-tls"], env=stack.env)
    assert "over-tls" in process.run([client.program("ovsdb-client"), *keys.options("ctl"), "dump", at, "Bridge", "name"], env=stack.env)


@both_ways
def test_the_server_reaches_a_manager_by_keys_of_the_database(flavor, client, keys, port, make_stack):
    names = ("private_key", "certificate", "ca_cert")
    stack = make_stack(flavor, switch_options=DUMMY, server_options=[
        *(f"--{name.replace('_', '-')}=db:Open_vSwitch,SSL,{name}" for name in names), "--remote=db:Open_vSwitch,Open_vSwitch,manager_options"])
    stack.allowed.append(COMPLAINTS)
    stack.vsctl("set-ssl", *keys.files("sw"), "--", "set-manager", f"ssl:127.0.0.1:{port}", "--", "set", "Manager", ".", "max_backoff=1000")
    awaited = process.run([client.program("ovs-vsctl"), f"--db=pssl:{port}:127.0.0.1", "-t", "15", *keys.options("ctl"), "get-manager"], env=stack.env)
    assert awaited.strip() == f"ssl:127.0.0.1:{port}"


def test_a_listener_waits_for_the_keys_that_the_database_will_name(keys, port, make_stack):
    stack = make_stack(WEFT, switch_options=DUMMY, server_options=[
        "--private-key=db:Open_vSwitch,SSL,private_key", "--certificate=db:Open_vSwitch,SSL,certificate", "--ca-cert=db:Open_vSwitch,SSL,ca_cert"])
    stack.allowed.append(r"stream_ssl\|ERR\|pssl:\d+:127.0.0.1: no private key: give --private-key=FILE|listen failed: Protocol not available")
    serve(stack, f"pssl:{port}:127.0.0.1")
    stack.vsctl("set-ssl", *keys.files("sw"))
    ask = [WEFT.program("ovsdb-client"), *keys.options("ctl"), "list-dbs", f"ssl:127.0.0.1:{port}"]
    process.until(lambda: process.result(ask).returncode == 0, "the server listens")


@both_ways
def test_a_controller_and_a_switch_reach_each_other(flavor, client, keys, port, make_stack):
    stack = make_stack(flavor, switch_options=DUMMY)
    stack.allowed.append(COMPLAINTS)
    stack.add_dummy()
    stack.vsctl("set-ssl", *keys.files("sw"))
    controller = process.background([client.program("ovs-testcontroller"), f"pssl:{port}:127.0.0.1", "--unixctl=none", *keys.options("ctl")])
    with process.killed_after(controller):
        stack.vsctl("set-controller", "br0", f"ssl:127.0.0.1:{port}", "--", "set", "Controller", "br0", "max_backoff=1000")
        process.until(lambda: stack.get("Controller", ".", "is_connected") == "true", "the connection")
    stack.vsctl("set-controller", "br0", f"pssl:{port}:127.0.0.1")
    at = [f"ssl:127.0.0.1:{port}"]
    ask = [client.program("ovs-ofctl"), *keys.options("ctl"), "show", *at]
    process.until(lambda: process.result(ask).returncode == 0, "the bridge listens")
    assert " 1(p1): addr:" in process.run(ask)
    if flavor is not WEFT:
        return  # Debian's says nothing of who has come
    controller = process.background([client.program("ovs-testcontroller"), *at, "--unixctl=none", *keys.options("ctl")])
    with process.killed_after(controller):
        process.until(lambda: stack.get("Controller", ".", "is_connected") == "true", "the controller comes to the bridge")


@both_ways
def test_who_cannot_be_trusted_is_refused_and_the_log_tells_the_remedy(client, keys, port, make_stack, tmp_path):
    stack = make_stack(WEFT, switch_options=DUMMY, server_options=keys.options("sw"))
    stack.allowed.append(COMPLAINTS)
    serve(stack, f"pssl:{port}:127.0.0.1")

    def attempt(*options):
        done = process.result([client.program("ovsdb-client"), *options, "list-dbs", f"ssl:127.0.0.1:{port}"])
        assert done.returncode == 1, done
        return done.stderr

    def told(words):
        process.until(lambda: words in stack.server.log(), words)

    wrong_ca = attempt(*keys.options("ctl", ca=keys.authority["controller"]))
    own_kind = attempt(*keys.options("sw", ca=keys.authority["switch"]))  # a switch passes for a controller
    told("the peer's certificate is refused: it was not signed by the CA of")
    key, certificate, trusted = keys.files("ctl")
    mismatch = attempt(f"--private-key={keys.files('sw')[0]}", f"--certificate={certificate}", f"--ca-cert={trusted}")
    expired = tmp_path / "expired.pem"
    authority = keys.folder / "pki/controllerca"
    process.run(["openssl", "x509", "-req", "-in", keys.folder / "ctl-req.pem", "-CA", authority / "cacert.pem", "-CAkey", authority / "private/cakey.pem",
                 "-CAcreateserial", "-days", "-1", "-out", expired])
    attempt(f"--private-key={key}", f"--certificate={expired}", f"--ca-cert={trusted}")
    told("certificate has expired; the peer needs a new one")
    no_keys = attempt()
    if client is WEFT:
        assert "it was not signed by the CA of" in wrong_ca and "the peer refuses the connection or our certificate" in own_kind
        assert "not the certificate of the key in" in mismatch and "no private key: give --private-key=FILE" in no_keys


def test_a_peer_without_tls_is_told_apart(keys, port, make_stack):
    stack = make_stack(WEFT, switch_options=DUMMY, server_options=keys.options("sw"))
    stack.allowed.append(COMPLAINTS)
    serve(stack, f"pssl:{port}:127.0.0.1")
    assert process.result([WEFT.program("ovsdb-client"), "list-dbs", f"tcp:127.0.0.1:{port}"]).returncode == 1
    words = "the peer does not speak TLS: use tcp: or ptcp:, or ssl: or pssl: at both ends"
    process.until(lambda: words in stack.server.log(), words)


@both_ways
def test_an_authority_is_learnt_once(flavor, client, keys, port, make_stack, tmp_path):
    stack = make_stack(flavor, switch_options=DUMMY, server_options=[*keys.options("sw"), f"--peer-ca-cert={keys.authority['switch']}"])
    stack.allowed.append(COMPLAINTS)
    serve(stack, f"pssl:{port}:127.0.0.1")
    key, certificate, _ = keys.files("ctl")
    learnt = tmp_path / "learnt.pem"
    words = [client.program("ovs-vsctl"), f"--db=ssl:127.0.0.1:{port}", f"--private-key={key}", f"--certificate={certificate}",
             f"--bootstrap-ca-cert={learnt}", "--retry", "-t", "10", "get-manager"]
    process.run(words, env=stack.env)
    fingerprint = ["openssl", "x509", "-noout", "-fingerprint", "-in"]
    assert process.run([*fingerprint, learnt]) == process.run([*fingerprint, keys.authority["switch"]])
    process.run(words, env=stack.env)
    if client is WEFT:
        shutil.copy(keys.authority["controller"], learnt)
        assert process.result([w for w in words if w != "--retry"], env=stack.env).returncode == 1


def test_peers_that_stall_in_the_handshake_hold_up_nobody_and_new_keys_take_effect(keys, port, make_stack, tmp_path):
    for file in (tmp_path / "key.pem", tmp_path / "cert.pem"):
        file.write_text("not yet")
    stack = make_stack(WEFT, switch_options=DUMMY, server_options=[
        f"--private-key={tmp_path}/key.pem", f"--certificate={tmp_path}/cert.pem", f"--ca-cert={keys.trusted['sw']}"])
    stack.allowed.append(COMPLAINTS)
    serve(stack, f"pssl:{port}:127.0.0.1")
    shutil.copy(keys.files("sw")[0], tmp_path / "key.pem")
    shutil.copy(keys.files("sw")[1], tmp_path / "cert.pem")
    ask = [WEFT.program("ovsdb-client"), *keys.options("ctl"), "list-dbs", f"ssl:127.0.0.1:{port}"]
    process.until(lambda: process.result(ask).returncode == 0, "the server listens once the files are good")
    with contextlib.ExitStack() as ends:
        for _ in range(100):
            ends.enter_context(contextlib.closing(socket.create_connection(("127.0.0.1", port)))).send(b"\x16\x03\x01\x02")
        assert process.run(ask, seconds=5) == "Open_vSwitch\n_Server\n"


def test_versions_that_are_not_spoken_are_refused_at_the_start(keys):
    done = process.result([WEFT.program("ovsdb-client"), *keys.options("ctl"), "--ssl-protocols=TLSv1.1", "list-dbs", "ssl:127.0.0.1:1"])
    assert done.returncode == 1 and "name TLSv1.2, TLSv1.3 or both" in done.stderr


def test_openssl_agrees_on_what_is_spoken(keys, port, make_stack):
    stack = make_stack(WEFT, switch_options=DUMMY, server_options=keys.options("sw"))
    stack.allowed.append(COMPLAINTS)
    serve(stack, f"pssl:{port}:127.0.0.1")
    key, certificate, trusted = keys.files("ctl")
    for version, spoken in (("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)):
        done = subprocess.run(["openssl", "s_client", version, "-connect", f"127.0.0.1:{port}", "-key", key, "-cert", certificate, "-CAfile", trusted,
                               "-verify_return_error", "-cipher", "ALL:@SECLEVEL=0"], input="", capture_output=True, text=True, timeout=20, check=False)
        assert (done.returncode == 0) == spoken, (version, done.stdout, done.stderr)
