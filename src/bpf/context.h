// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the hooks' contexts have in common: at_tc.h and at_xdp.h each define `context` and the same functions
// on it.
#pragma once

#include <bpf/bpf_core_read.h>

#include "bpf/packet.h"

/// The kernel's number for a checksum that the sender left to the hardware.
enum { checksum_partial = 3 };

/// Whether writing bytes changes the sum of the whole packet that a device may have computed; not if a
/// checksum in it changes too and evens that out.
enum sum { sum_stays, sum_changes };
