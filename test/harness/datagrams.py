# SPDX-License-Identifier: Apache-2.0
"""datagrams.py send ADDRESS FLOWS EACH [PER_SECOND] | receive TOTAL: numbered datagrams of many flows, and whether they kept their order."""
import json
import socket
import sys
import time

PORT = 4000
SO_RCVBUFFORCE = 33
SILENCE_SECONDS = 2
PER_SECOND = 20000


def send(address, flows, each, per_second=PER_SECOND):
    due = time.monotonic()
    for flow in range(flows):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for number in range(each):
                while time.monotonic() < due:
                    pass
                due += 1 / per_second
                s.sendto(f"{flow} {number}".encode(), (address, PORT))


def receive(total):
    """Prints {"received", "reordered"} after `total` datagrams, or after a silence."""
    last, received, reordered = {}, 0, 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
        s.bind(("0.0.0.0", PORT))
        print("listening", flush=True)
        s.settimeout(10)
        try:
            while received < total:
                data, sender = s.recvfrom(100)
                flow, number = map(int, data.split())
                s.settimeout(SILENCE_SECONDS)
                received += 1
                reordered += number <= last.get((sender, flow), -1)
                last[sender, flow] = number
        except TimeoutError:
            pass
    print(json.dumps({"received": received, "reordered": reordered}))


if __name__ == "__main__":
    if sys.argv[1] == "send":
        send(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        receive(int(sys.argv[2]))
