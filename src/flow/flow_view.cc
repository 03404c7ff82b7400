// SPDX-License-Identifier: Apache-2.0
#include "flow/flow_view.h"

#include "flow/tlv_layout.h"
#include "flow/word_run.h"

namespace weft::flow {

FieldValue FlowView::read(Subfield sf) {
    if (const auto run = word_run(sf)) {
        observe_word(run->word, run->bits);
        return FieldValue::from_u64(run->get(key_));
    }
    const FieldValue not_seen = ~get_bits(mask_, sf) & get_bits(written_, sf);
    set_bits(mask_, sf, ~not_seen);
    return get_bits(key_, sf);
}

void FlowView::write(Subfield sf, const FieldValue& value) {
    if (const auto run = word_run(sf)) {
        run->set(key_, value.to_u64());
        words(written_)[run->word] |= run->bits;
    } else {
        set_bits(key_, sf, value);
        set_bits(written_, sf, FieldValue::ones(sf.n_bits));
    }
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
