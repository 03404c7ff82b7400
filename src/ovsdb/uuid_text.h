// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "base/uuid.h"

namespace weft::ovsdb {

/// uuid.to_string() at the end of `out`. It allocates nothing, as a string of its own would for each row: who
/// formats a million of them would share the heap's lock with the thread that serves everybody.
inline void append_uuid(std::string& out, const Uuid& uuid) {
    constexpr char digits[] = "0123456789abcdef";
    std::array<char, 36> text;
    size_t at = 0;
    for (size_t i = 0; i < uuid.b.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
        text[at++] = digits[uuid.b[i] >> 4];
        text[at++] = digits[uuid.b[i] & 15];
    }
    out.append(text.data(), text.size());
}

}  // namespace weft::ovsdb
