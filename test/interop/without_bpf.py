# SPDX-License-Identifier: Apache-2.0
"""Runs a command for which bpf(2) does not exist: a seccomp filter answers ENOSYS. Usage: without_bpf.py COMMAND..."""
import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
NUMBER = {"x86_64": 321, "aarch64": 280}[platform.machine()]


def instruction(code, k, jt=0, jf=0):
    return struct.pack("=HBBI", code, jt, jf, k)


LOAD_NUMBER, EQUAL, RETURN = 0x20, 0x15, 0x06
program = (instruction(LOAD_NUMBER, 0) + instruction(EQUAL, NUMBER, 0, 1) + instruction(RETURN, 0x00050000 | errno.ENOSYS)
           + instruction(RETURN, 0x7FFF0000))
memory = ctypes.create_string_buffer(program)
filter_ = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(memory))
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_, 0, 0) != 0:
    sys.exit(f"prctl(PR_SET_SECCOMP): {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
