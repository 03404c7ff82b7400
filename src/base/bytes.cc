// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <cctype>

namespace weft {
namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Result<Bytes> parse_hex(std::string_view text) {
    Bytes out;
    for (size_t i = 0; i < text.size();) {
        if (std::isspace(static_cast<unsigned char>(text[i]))) {
            ++i;
            continue;
        }
        const int high = digit(text[i]);
        const int low = i + 1 < text.size() ? digit(text[i + 1]) : -1;
        if (high < 0 || low < 0) {
            return fail("bad hex digits \"" + std::string(text.substr(i, 2)) + "\" at offset " +
                        std::to_string(i) + ": expected two of 0-9, a-f");
        }
        out.push_back(static_cast<uint8_t>(high << 4 | low));
        i += 2;
    }
    return out;
}

std::string format_hex(ByteSpan bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const uint8_t b : bytes) {
        out += digits[b >> 4];
        out += digits[b & 15];
    }
    return out;
}

}  // namespace weft
