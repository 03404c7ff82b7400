// SPDX-License-Identifier: Apache-2.0
// Compiled for processors with SHA-NI, and run only where sha1_has_instructions() finds that.
#include "codec/sha1_block.h"

#ifdef __x86_64__

#include <cpuid.h>
#include <immintrin.h>

#include <cstring>
#include <utility>

namespace weft::codec {

bool sha1_has_instructions() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0 &&
           __builtin_cpu_supports("sse4.1");
}

void sha1_block_by_instructions(std::array<uint32_t, 5>& state, const uint8_t* bytes) {
    const __m128i big_endian = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    const auto load = [](const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); };
    constexpr int reversed = 0x1b;
    const __m128i abcd_before = _mm_shuffle_epi32(load(state.data()), reversed);
    const __m128i e_before = _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0);
    __m128i w[4], abcd = abcd_before, e = e_before;
    const auto four_rounds = [&]<int i>(std::integral_constant<int, i>) {
        __m128i& now = w[i % 4];
        if constexpr (i < 4)
            now = _mm_shuffle_epi8(load(bytes + 16 * i), big_endian);
        else
            now = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(now, w[(i + 1) % 4]), w[(i + 2) % 4]),
                                     w[(i + 3) % 4]);
        const __m128i added = i == 0 ? _mm_add_epi32(e, now) : _mm_sha1nexte_epu32(e, now);
        e = abcd;
        abcd = _mm_sha1rnds4_epu32(abcd, added, i / 5);
    };
    [&]<int... i>(std::integer_sequence<int, i...>) {
        (four_rounds(std::integral_constant<int, i>()), ...);
    }(std::make_integer_sequence<int, 20>());
    e = _mm_sha1nexte_epu32(e, e_before);
    abcd = _mm_shuffle_epi32(_mm_add_epi32(abcd, abcd_before), reversed);
    std::memcpy(state.data(), &abcd, sizeof abcd);
    state[4] = static_cast<uint32_t>(_mm_extract_epi32(e, 3));
}

}  // namespace weft::codec

#else

namespace weft::codec {

bool sha1_has_instructions() { return false; }
void sha1_block_by_instructions(std::array<uint32_t, 5>& state, const uint8_t* bytes) {
    sha1_block(state, bytes);
}

}  // namespace weft::codec

#endif
