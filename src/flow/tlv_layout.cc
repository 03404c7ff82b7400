// SPDX-License-Identifier: Apache-2.0
#include "flow/tlv_layout.h"

#include <algorithm>
#include <bitset>

namespace weft::flow {
namespace {

using Octets = std::vector<uint8_t>;

Octets without_leading_zeros(Octets bytes) {
    bytes.erase(bytes.begin(), std::ranges::find_if(bytes, [](uint8_t b) { return b != 0; }));
    return bytes;
}

void put_right_aligned(const Octets& bytes, uint8_t* to, size_t size) {
    std::copy(bytes.begin(), bytes.end(), to + (size - bytes.size()));
}

bool fits(const TunOption& o, const OptionPlace& at) {
    return o.value.size() <= at.n_bytes() && o.mask.size() <= at.n_bytes();
}

void put(const TunOption& o, const OptionPlace& at, Match& m) {
    const Be64 bit = option_bit(field_at(FieldId::tun_metadata0, o.index));
    m.key.tunnel.metadata_present |= bit;
    m.mask.tunnel.metadata_present |= bit;
    put_right_aligned(o.value, m.key.tunnel.metadata + at.first_byte(), at.n_bytes());
    uint8_t* mask = m.mask.tunnel.metadata + at.first_byte();
    if (o.exact)
        std::fill_n(mask, at.n_bytes(), uint8_t{0xff});
    else
        put_right_aligned(o.mask, mask, at.n_bytes());
}

/// The bytes of a place, which are zero afterwards.
Octets take(uint8_t* metadata, const OptionPlace& at) {
    uint8_t* begin = metadata + at.first_byte();
    Octets out(begin, begin + at.n_bytes());
    std::fill_n(begin, at.n_bytes(), uint8_t{0});
    return out;
}

}  // namespace

TunOption TunOption::exactly(uint8_t index, Octets value) {
    return {index, true, without_leading_zeros(std::move(value)), {}};
}

TunOption TunOption::masked(uint8_t index, Octets value, Octets mask) {
    for (size_t i = 0; i < value.size(); ++i) value[i] &= mask[i];
    return {index, false, without_leading_zeros(std::move(value)), without_leading_zeros(std::move(mask))};
}

bool TlvLayout::add(uint8_t index, size_t n_bytes) {
    if (mapped_[index]) return false;
    constexpr size_t n_words = tun_metadata_size / 4;
    std::bitset<n_words> used;
    for (size_t i = 0; i < n_options; ++i)
        for (size_t w = 0; mapped_[i] && w < places_[i].n_words; ++w) used.set(places_[i].first_word + w);
    const size_t wanted = n_bytes / 4;
    size_t gap = 0, end = 0;  // words free in a row, up to `end`
    for (; gap < wanted && end < n_words; ++end) gap = used[end] ? 0 : gap + 1;
    if (gap < wanted) return false;
    mapped_[index] = true;
    places_[index] = {static_cast<uint8_t>(wanted ? end - wanted : 0), static_cast<uint8_t>(wanted)};
    return true;
}

std::expected<void, TlvLayout::Refusal> TlvLayout::place(Match& m) const {
    for (const TunOption& o : m.options) {
        const OptionPlace* at = find(o.index);
        if (!at) return std::unexpected(Refusal::not_mapped);
        if (!fits(o, *at)) return std::unexpected(Refusal::too_long);
    }
    for (const TunOption& o : m.options) put(o, places_[o.index], m);
    m.options.clear();
    return {};
}

void TlvLayout::tell(Match& m) const {
    if (!m.mask.tunnel.metadata_present) return;
    for (uint8_t i = 0; i < n_options; ++i) {
        const Be64 bit = option_bit(field_at(FieldId::tun_metadata0, i));
        if (!mapped_[i] || !(m.mask.tunnel.metadata_present & m.key.tunnel.metadata_present & bit)) continue;
        m.mask.tunnel.metadata_present = m.mask.tunnel.metadata_present & ~bit;
        m.key.tunnel.metadata_present = m.key.tunnel.metadata_present & ~bit;
        Octets value = take(m.key.tunnel.metadata, places_[i]),
               mask = take(m.mask.tunnel.metadata, places_[i]);
        const bool exact = !mask.empty() && std::ranges::all_of(mask, [](uint8_t b) { return b == 0xff; });
        m.options.push_back(exact ? TunOption::exactly(i, std::move(value))
                                  : TunOption::masked(i, std::move(value), std::move(mask)));
    }
}

}  // namespace weft::flow
