# SPDX-License-Identifier: Apache-2.0
"""frames.py attack DEVICE PPS SECONDS: TCP frames that differ from an allow-list's 10.1.1.1, 12345 and 80 first in another bit each.
frames.py probe DEVICE COUNT SECONDS: frames of new flows, one after the other within SECONDS, each awaited back; their latencies as JSON."""
import itertools
import json
import random
import socket
import struct
import sys
import time

ALLOWED_SRC, ALLOWED_SPORT, ALLOWED_DPORT = 0x0a010101, 12345, 80


def frame(src, sport, dport, protocol=6):
    ip = struct.pack("!BBHHHBBHII", 0x45, 0, 40, 0, 0x4000, 64, protocol, 0, src, 0x0a630002)
    return bytes.fromhex("020000000002" "020000000003" "0800") + ip + struct.pack("!HHIIBBHHH", sport, dport, 0, 0, 0x50, 2, 0, 0, 0) + bytes(6)


def differing(value, bit, width):
    """The allowed value up to `bit`, another bit there, and anything behind it."""
    low = width - 1 - bit
    return (value ^ (1 << low)) & ~((1 << low) - 1) | random.getrandbits(low) if low else value ^ 1


def device(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((name, 0))
    return s


def attack(name, pps, seconds):
    out, begin = device(name), time.monotonic()
    combinations = list(itertools.product(range(32), range(16), range(16)))
    random.Random(1).shuffle(combinations)
    for n, (i, j, k) in enumerate(itertools.cycle(combinations)):
        late = begin + n / pps - time.monotonic()
        if late > 0:
            time.sleep(late)
        if time.monotonic() > begin + seconds:
            return
        out.send(frame(differing(ALLOWED_SRC, i, 32), differing(ALLOWED_SPORT, j, 16), differing(ALLOWED_DPORT, k, 16)))


def probe(name, count, seconds):
    link, out = device(name), []
    link.settimeout(1)
    first = int(time.time() * 1000) & 0xffffff
    for n in range(count):
        sent = frame(0x0b000000 + ((first + n) & 0xffffff), 1000 + n, 2000, 17)
        begin = time.monotonic()
        link.send(sent)
        try:
            while link.recv(2048)[26:38] != sent[26:38]:
                pass
            out.append((time.monotonic() - begin) * 1e6)
        except TimeoutError:
            out.append(1e6)
        time.sleep(max(0, begin + seconds / count - time.monotonic()))
    out.sort()
    print(json.dumps({"median_us": round(out[count // 2]), "p99_us": round(out[count * 99 // 100]), "lost": sum(o >= 1e6 for o in out)}))


if __name__ == "__main__":
    {"attack": attack, "probe": probe}[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))
