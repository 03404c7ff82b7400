# SPDX-License-Identifier: Apache-2.0
"""A switch of dummy ports in which time stands still, so that nothing expires and texts repeat."""
from rpc import Rpc
from stack import Stack

DUMMY = ("--enable-dummy=override", "--disable-system")


class StillSwitch:
    """A bridge br0 with `ports` ports. Subclasses make it ready in prepare(), while time passes, and begin()."""
    ports = 3

    def __init__(self, flavor):
        self.flavor = flavor
        self.stack = Stack(flavor, switch_options=DUMMY)

    def __enter__(self):
        self.stack.__enter__()
        try:
            self.stack.add_dummy(ports=self.ports)
            self.prepare()
            self.control = Rpc(f"unix:{next(self.stack.folder.glob('ovs-vswitchd.*.ctl'))}", seconds=20)
            self.ask("time/stop")
            self.begin()
        except BaseException:
            self.stack.close()
            raise
        return self

    def prepare(self):
        pass

    def begin(self):
        pass

    def __exit__(self, *_):
        self.control.socket.close()
        self.stack.close()

    def ask(self, command, *args):
        """A command of the control socket: its answer and its error, one of them None."""
        reply = self.control.call(command, *args)
        return reply.get("result"), reply["error"]
