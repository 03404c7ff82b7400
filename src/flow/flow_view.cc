// SPDX-License-Identifier: Apache-2.0
#include "flow/flow_view.h"

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
