# SPDX-License-Identifier: Apache-2.0
"""`ovs-ofctl monitor` as a controller that listens."""
import process
from normal import DUMMY_ADDRESS, text
from stack import ORACLE


class Monitor:
    """`ovs-ofctl monitor` in the background, and what it printed."""

    def __init__(self, stack, folder, *words, client=ORACLE):
        name = f"{stack.switch_flavor}-{client}"
        self.stack, self.output = stack, folder / f"{name}.out"
        self.pidfile, self.control = folder / f"{name}.pid", folder / f"{name}.ctl"
        process.run_to_file([client.program("ovs-ofctl"), *words, "--detach", "--no-chdir", f"--pidfile={self.pidfile}", f"--unixctl={self.control}"],
                            self.output, stack.env)

    def __enter__(self):
        self.barrier()  # now the switch knows what to send
        return self

    def __exit__(self, *_):
        process.end(int(self.pidfile.read_text()))

    def barrier(self):
        process.run(["ovs-appctl", "-T", "5", "-t", self.control, "ofctl/barrier"])

    def said(self):
        """What has come until a barrier is answered, made comparable."""
        self.barrier()
        return text(self.output.read_text(), DUMMY_ADDRESS, (r"duration[\d.]+s", "duration T"), (r"OFPT_BARRIER_REPLY[^\n]*\n", ""))
