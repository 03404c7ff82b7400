# SPDX-License-Identifier: Apache-2.0
"""A bare JSON-RPC client of an OVSDB server: sends any bytes, keeps what comes in the order it comes."""
import codecs
import itertools
import json
import socket


class Rpc:
    def __init__(self, remote, seconds=10):
        kind, _, rest = remote.partition(":")
        if kind == "unix":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(seconds)
            self.socket.connect(rest)
        else:
            host, _, port = rest.rpartition(":")
            self.socket = socket.create_connection((host, int(port)), timeout=seconds)
        self.decoder, self.text, self.ids = json.JSONDecoder(), "", itertools.count()
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.notes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else json.dumps(data).encode())

    def receive(self):
        """The next message, or None once the server has closed."""
        while True:
            self.text = self.text.lstrip()
            try:
                message, end = self.decoder.raw_decode(self.text)
                self.text = self.text[end:]
                return message
            except ValueError:
                pass
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.text += self.utf8.decode(data)

    def start(self, method, *params):
        """Sends a request without waiting; its id."""
        number = next(self.ids)
        self.send({"method": method, "params": list(params), "id": number})
        return number

    def finish(self, number):
        """The reply to a request; what the server asks or tells meanwhile goes to `notes` (echo is answered)."""
        while True:
            message = self.receive()
            if message is None:
                raise BrokenPipeError("the server closed the connection")
            if message.get("method") == "echo":
                self.send({"result": message["params"], "error": None, "id": message["id"]})
            elif message.get("id") == number and "method" not in message:
                return message
            else:
                self.notes.append(message)

    def call(self, method, *params):
        return self.finish(self.start(method, *params))

    def transact(self, database, *operations):
        """The results of a transaction, which must have worked."""
        reply = self.call("transact", database, *operations)
        assert reply["error"] is None and not any("error" in (r or {}) for r in reply["result"]), reply
        return reply["result"]

    def note(self):
        """The next notification."""
        if self.notes:
            return self.notes.pop(0)
        while True:
            message = self.receive()
            assert message is not None, "the server closed the connection"
            if message.get("method") != "echo":
                return message
            self.send({"result": message["params"], "error": None, "id": message["id"]})
