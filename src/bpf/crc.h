// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// CRC32c of a change: it is linear, so what follows the changed bytes need not be looked at.
#pragma once

#include "bpf/packet.h"

/// The product of two polynomials modulo that of CRC32c; the highest bit is the coefficient of 1.
ALONE __u32 crc_multiply(__u32 a, __u32 b) {
    enum { polynomial = 0x82f63b78 };
    __u32 product = 0;
    for (int i = 0; i < 32; i++) {
        product ^= b & -(a >> 31);
        a <<= 1;
        b = b >> 1 ^ ((__u32)polynomial & -(b & 1));
    }
    return product;
}

/// By what the CRC of `size` bytes changes when the first four change by `change`.
ALONE __u32 crc32c_change(__u32 change, __u32 size) {
    enum { size_bits = 16 };
    __u32 power = 1u << 23;  // of 8 bits: one byte
    for (int i = 0; i < size_bits; i++) {
        if (size >> i & 1) change = crc_multiply(change, power);
        power = crc_multiply(power, power);
    }
    return change;
}
