// SPDX-License-Identifier: Apache-2.0
// Where a bridge keeps the options of tunnels in a key: TunnelBlock::metadata is shared out by its TLV map,
// in words of 4 bytes. A place stays as long as the option is mapped, so that rules keep theirs when others
// come and go.
#pragma once

#include <array>
#include <expected>

#include "flow/match.h"

namespace weft::flow {

/// What Subfield::place says, unpacked. Value type.
struct OptionPlace {
    uint8_t first_word = 0, n_words = 0;  ///< n_words 0: none, or an option without a value

    static constexpr OptionPlace unpack(uint16_t place) {
        return {static_cast<uint8_t>(place >> 8), static_cast<uint8_t>(place)};
    }
    constexpr uint16_t pack() const { return static_cast<uint16_t>(first_word << 8 | n_words); }
    constexpr size_t first_byte() const { return first_word * size_t{4}; }
    constexpr size_t n_bytes() const { return n_words * size_t{4}; }
    constexpr uint16_t n_bits() const { return static_cast<uint16_t>(n_words * 32); }
};

/// Its bit of TunnelBlock::metadata_present.
constexpr Be64 option_bit(FieldId option) {
    return Be64(
        uint64_t{1} << (static_cast<unsigned>(option) - static_cast<unsigned>(FieldId::tun_metadata0)));
}

/// Value type.
class TlvLayout {
  public:
    /// The first gap that is wide enough; false: there is none, or the index is taken.
    bool add(uint8_t index, size_t n_bytes);
    void remove(uint8_t index) { mapped_[index] = false; }
    /// None: not mapped.
    const OptionPlace* find(uint8_t index) const { return mapped_[index] ? &places_[index] : nullptr; }
    const OptionPlace* find(FieldId option) const { return find(index_of(option)); }

    enum class Refusal : uint8_t { not_mapped, too_long };
    /// Moves the options of a match to their places in its key; if one has none, nothing is changed.
    std::expected<void, Refusal> place(Match& m) const;
    /// The way back, for who prints or sends the match.
    void tell(Match& m) const;

    static constexpr uint8_t index_of(FieldId option) {
        return static_cast<uint8_t>(static_cast<unsigned>(option) -
                                    static_cast<unsigned>(FieldId::tun_metadata0));
    }
    static constexpr size_t n_options = 64;
    bool operator==(const TlvLayout&) const = default;

  private:
    std::array<bool, n_options> mapped_{};
    std::array<OptionPlace, n_options> places_{};
};

}  // namespace weft::flow
