// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include "base/prng.h"

namespace weft {

Uuid Uuid::random(Prng& prng) {
    Uuid u;
    for (size_t i = 0; i < 16; i += 8) {
        const uint64_t r = prng.next();
        std::memcpy(u.b.data() + i, &r, 8);
    }
    u.b[6] = static_cast<uint8_t>((u.b[6] & 0x0f) | 0x40);
    u.b[8] = static_cast<uint8_t>((u.b[8] & 0x3f) | 0x80);
    return u;
}

Result<Uuid> Uuid::parse(std::string_view text) {
    const auto bad = [&] {
        return fail("\"" + std::string(text) + "\" is not a valid UUID: expected 8-4-4-4-12 hex digits");
    };
    if (text.size() != 36) return bad();
    Uuid u;
    size_t nibble = 0;
    for (size_t i = 0; i < 36; ++i) {
        const char c = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') return bad();
            continue;
        }
        int v;
        if (c >= '0' && c <= '9')
            v = c - '0';
        else if (c >= 'a' && c <= 'f')
            v = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            v = c - 'A' + 10;
        else
            return bad();
        u.b[nibble / 2] = static_cast<uint8_t>(u.b[nibble / 2] << 4 | v);
        ++nibble;
    }
    return u;
}

std::string Uuid::to_string() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out(36, '-');
    for (size_t i = 0, at = 0; i < b.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
        out[at++] = digits[b[i] >> 4];
        out[at++] = digits[b[i] & 15];
    }
    return out;
}

}  // namespace weft
