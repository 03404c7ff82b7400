// SPDX-License-Identifier: Apache-2.0
#include "flow/flow_view.h"

#include "flow/tlv_layout.h"

namespace weft::flow {

FieldValue FlowView::read(Subfield sf) {
    FlowMask bits{};
    set_bits(bits, sf, FieldValue::ones(sf.n_bits));
    observe(bits);
    return get_bits(key_, sf);
}

void FlowView::write(Subfield sf, const FieldValue& value) {
    set_bits(key_, sf, value);
    set_bits(written_, sf, FieldValue::ones(sf.n_bits));
    if (sf.place) set_present(sf.field, true);
}

void FlowView::set_present(FieldId option, bool present) {
    const Be64 bit = option_bit(option);
    Be64& now = key_.tunnel.metadata_present;
    now = present ? now | bit : now & ~bit;
    written_.tunnel.metadata_present = written_.tunnel.metadata_present | bit;
}

void FlowView::remove_option(FieldId option, uint16_t place) {
    const OptionPlace at = OptionPlace::unpack(place);
    std::memset(key_.tunnel.metadata + at.first_byte(), 0, at.n_bytes());
    std::memset(written_.tunnel.metadata + at.first_byte(), 0xff, at.n_bytes());
    set_present(option, false);
}

void FlowView::observe(const FlowMask& looked_at) {
    const auto m = words(mask_);
    const auto w = words(written_);
    const auto l = words(looked_at);
    for (size_t i = 0; i < key_words; ++i) m[i] |= l[i] & ~w[i];
}

void FlowView::observe_original(const FlowMask& bits) {
    const auto m = words(mask_);
    const auto b = words(bits);
    for (size_t i = 0; i < key_words; ++i) m[i] |= b[i];
}

}  // namespace weft::flow
