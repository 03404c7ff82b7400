// SPDX-License-Identifier: Apache-2.0
#include "pipeline/reserved_mac.h"

namespace weft::pipeline {

bool is_reserved(Mac dst) {
    if (!dst.is_multicast() && dst.b[0] != 0x00) return false;
    const uint64_t a = dst.to_u64();
    if (a >> 4 == 0x0180'c200'000) return true;  // 01:80:c2:00:00:00..0f: STP, LACP, LLDP ...
    switch (a) {
        case 0x00e0'2b00'0000:  // Extreme discovery
        case 0x00e0'2b00'0004:  // Extreme EAPS
        case 0x00e0'2b00'0006:
        case 0x0100'0c00'0000:  // Cisco ISL
        case 0x0100'0ccc'cccc:  // Cisco CDP, VTP, DTP, PAgP, UDLD
        case 0x0100'0ccc'cccd:  // Cisco PVST+
        case 0x0100'0ccd'cdcd:  // Cisco STP uplink fast
            return true;
        default:
            return a >= 0x0100'0ccc'ccc0 && a <= 0x0100'0ccc'ccc7;  // Cisco CFM
    }
}

}  // namespace weft::pipeline
