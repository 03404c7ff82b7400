# SPDX-License-Identifier: Apache-2.0
"""Attaches an XDP program that passes every frame to a device, says so, and keeps it until killed. Usage: attach_xdp.py DEVICE"""
import ctypes
import os
import platform
import signal
import socket
import struct
import sys

BPF, PROG_LOAD, LINK_CREATE, PROG_TYPE_XDP, ATTACH_XDP, XDP_PASS = {"x86_64": 321, "aarch64": 280}[platform.machine()], 5, 28, 6, 37, 2
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    memory = ctypes.create_string_buffer(attributes.ljust(128, b"\0"))
    fd = libc.syscall(BPF, command, memory, 128)
    if fd < 0:
        sys.exit(f"bpf({command}): {os.strerror(ctypes.get_errno())}")
    return fd


code = ctypes.create_string_buffer(struct.pack("=BBhi", 0xB7, 0, 0, XDP_PASS) + struct.pack("=BBhi", 0x95, 0, 0, 0))
licence = ctypes.create_string_buffer(b"Apache-2.0")
program = bpf(PROG_LOAD, struct.pack("=IIQQ", PROG_TYPE_XDP, 2, ctypes.addressof(code), ctypes.addressof(licence)))
link = bpf(LINK_CREATE, struct.pack("=IIII", program, socket.if_nametoindex(sys.argv[1]), ATTACH_XDP, 0))
print("attached", flush=True)
signal.pause()
