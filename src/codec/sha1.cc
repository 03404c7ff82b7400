// SPDX-License-Identifier: Apache-2.0
#include "codec/sha1.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/be.h"
#include "base/bytes.h"
#include "codec/sha1_block.h"

namespace weft::codec {

void sha1_block(std::array<uint32_t, 5>& state, const uint8_t* bytes) {
    std::array<uint32_t, 80> w;
    for (size_t i = 0; i < 16; ++i) {
        Be32 word;
        std::memcpy(&word, bytes + 4 * i, 4);
        w[i] = word.host();
    }
    for (size_t i = 16; i < 80; ++i) w[i] = std::rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);

    auto [a, b, c, d, e] = state;
    const auto round = [&](uint32_t f, uint32_t k, uint32_t word) {
        const uint32_t next = std::rotl(a, 5) + f + e + k + word;
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    };
    for (size_t i = 0; i < 20; ++i) round((b & c) | (~b & d), 0x5a827999, w[i]);
    for (size_t i = 20; i < 40; ++i) round(b ^ c ^ d, 0x6ed9eba1, w[i]);
    for (size_t i = 40; i < 60; ++i) round((b & c) | (b & d) | (c & d), 0x8f1bbcdc, w[i]);
    for (size_t i = 60; i < 80; ++i) round(b ^ c ^ d, 0xca62c1d6, w[i]);
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void Sha1::add(std::string_view bytes) {
    static const auto block = sha1_has_instructions() ? sha1_block_by_instructions : sha1_block;
    const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
    size_t left = bytes.size();
    const size_t used = size_ % pending_.size();
    size_ += left;
    if (used > 0) {
        const size_t n = std::min(left, pending_.size() - used);
        std::memcpy(pending_.data() + used, p, n);
        if (used + n < pending_.size()) return;
        block(state_, pending_.data());
        p += n;
        left -= n;
    }
    for (; left >= pending_.size(); p += pending_.size(), left -= pending_.size()) block(state_, p);
    if (left > 0) std::memcpy(pending_.data(), p, left);
}

std::array<uint8_t, 20> Sha1::digest() {
    const Be64 bits(size_ * 8);
    constexpr char padding[64] = {static_cast<char>(0x80)};
    add({padding, 1 + (119 - size_ % 64) % 64});
    add({reinterpret_cast<const char*>(&bits), sizeof bits});
    std::array<uint8_t, 20> out;
    for (size_t i = 0; i < state_.size(); ++i) {
        const Be32 word(state_[i]);
        std::memcpy(out.data() + 4 * i, &word, 4);
    }
    return out;
}

std::string sha1_hex(std::string_view bytes) {
    Sha1 sha;
    sha.add(bytes);
    return format_hex(sha.digest());
}

}  // namespace weft::codec
