# SPDX-License-Identifier: Apache-2.0
"""A tuple-space attack: 1000 crafted frames per second from one port, 10k flows of a victim from another, before and during.

usage: bench/mask_attack.py [--subjects ovs,weft] [--seconds 8] [--json FILE]

The rules are an allow-list on ip_src, tcp_src and tcp_dst; every crafted frame needs a drop flow with another mask. Told are the masks
in the datapath, the victim's packets per second (offered more than either switch forwards), and what a new flow's first packet takes
from and to a third port. Root; build the preset release first.
"""
import argparse
import json
import sys
import time

from forwarding import BIN, Rig, running
from subjects import READ_5_TUPLE, ROOT, SUBJECTS, process
from table import save

ALLOW = ["priority=10,tcp,nw_src=10.1.1.1,actions=output:2", "priority=10,tcp,tp_src=12345,actions=output:2",
         "priority=10,tcp,tp_dst=80,actions=output:2", "priority=1,actions=drop"]
VICTIM = [f"priority=20,in_port=1,udp,actions={READ_5_TUPLE},output:2", f"priority=20,in_port=4,udp,actions={READ_5_TUPLE},in_port"]
FLOWS, ATTACK_PPS, PROBES = 10_000, 1000, 100
FRAMES = ROOT / "bench/rig/frames.py"


def add_port(rig, stack, space, outer, inner, number):
    real = rig.space(space)
    process.run(["ip", "-n", rig.switch, "link", "add", "name", inner, "type", "veth", "peer", "name", outer, "netns", real])
    process.run(["ip", "-n", real, "link", "set", outer, "up"])
    process.run(["ip", "-n", rig.switch, "link", "set", inner, "up"])
    stack.vsctl("add-port", "br0", inner, "--", "set", "Interface", inner, f"ofport_request={number}")


def n_masks(stack):
    """Different masks of the installed megaflows, whichever port they are from."""
    masks = set()
    for line in stack.appctl("dpctl/dump-flows", "-m").splitlines():
        match = line.split("ufid:")[-1].split(", packets")[0]
        masks.add(tuple(sorted(part.split("/")[-1].split("=")[0] + (part.split("/")[1] if "/" in part else "") for part in match.split(",")[1:])))
    return len(masks)


def readings(rig, counter, seconds):
    """The victim's rate, and the latency of new flows meanwhile."""
    with rig.background("prb", sys.executable, FRAMES, "probe", "q0", str(PROBES), str(seconds), stdout=process.PIPE) as probe:
        counts = json.loads(process.run([BIN / "pps", counter, seconds, 1], seconds=seconds + 10))
        told = json.loads(probe.communicate(timeout=PROBES + 10)[0])
    return {"pps": counts[0], **told}


def measure(subject, seconds):
    with Rig() as rig, rig.sink() as counter, subject.connect(rig, "one"):
        stack = subject.stack
        add_port(rig, stack, "att", "a0", "p2", 3)
        add_port(rig, stack, "prb", "q0", "p3", 4)
        stack.ofctl("del-flows", "br0")
        stack.ofctl("add-flows", "br0", "-", stdin="\n".join(ALLOW + VICTIM) + "\n")
        total = 2 * seconds + 40
        victim = ["ip", "netns", "exec", f"{rig.name}gen", BIN / "veth_gen", BIN / "veth_gen.bpf.o", "g0", FLOWS, 400_000, total, 0, 64]
        with running(victim):
            time.sleep(3)  # every flow has passed once
            before = readings(rig, counter, seconds) | {"masks": n_masks(stack)}
            with running(["ip", "netns", "exec", f"{rig.name}att", sys.executable, FRAMES, "attack", "a0", ATTACK_PPS, total]):
                time.sleep(6)
                during = readings(rig, counter, seconds) | {"masks": n_masks(stack)}
        told = [line for line in stack.switch.log().splitlines() if "masks" in line]
    return {"before": before, "during": during, "rate_kept": round(during["pps"] / max(before["pps"], 1), 2), "log": told[:1]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="ovs,weft", type=lambda t: t.split(","))
    parser.add_argument("--seconds", default=8, type=int)
    parser.add_argument("--json")
    args = parser.parse_args()
    row = {"row": "tuple-space attack"}
    for name in args.subjects:
        row[name] = measure(SUBJECTS[name](), args.seconds)
        print(name, json.dumps(row[name], indent=1), flush=True)
    save([row], args.json)


if __name__ == "__main__":
    main()
