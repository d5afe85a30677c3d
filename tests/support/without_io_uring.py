#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""without_io_uring.py PROGRAM [ARGUMENT ...]: runs PROGRAM under a seccomp filter that refuses io_uring_setup(2) with
EPERM, as many container runtimes do."""
import ctypes
import os
import struct
import sys

IO_URING_SETUP = 425  # the same on all architectures
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM

filters = b"".join(struct.pack("HBBI", *each) for each in (
    (LOAD, 0, 0, 0),  # the number of the system call
    (JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP),
    (RETURN, 0, 0, REFUSE),
    (RETURN, 0, 0, ALLOW)))
memory = ctypes.create_string_buffer(filters)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(filters) // 8, ctypes.addressof(memory)))
libc = ctypes.CDLL(None, use_errno=True)
for call in ((PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program))):
    if libc.prctl(*(ctypes.c_ulong(each) for each in call), 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execvp(sys.argv[1], sys.argv[1:])
