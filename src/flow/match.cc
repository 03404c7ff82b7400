// SPDX-License-Identifier: Apache-2.0
#include "flow/match.h"

namespace weft::flow {

Match& Match::with(FieldId id, const FieldValue& v) {
    return with(id, v, FieldValue::ones(field(id).n_bits));
}

Match& Match::with(FieldId id, const FieldValue& v, const FieldValue& m) {
    FieldValue masked;
    for (size_t i = 0; i < masked.b.size(); ++i) masked.b[i] = v.b[i] & m.b[i];
    set_field(mask, id, m);
    set_field(key, id, masked);
    return *this;
}

bool Match::matches(const FlowKey& packet) const {
    const auto k = words(key), m = words(mask), p = words(packet);
    for (size_t i = 0; i < key_words; ++i)
        if ((p[i] & m[i]) != k[i]) return false;
    return true;
}

void Match::normalize() {
    const auto k = words(key);
    const auto m = words(mask);
    for (size_t i = 0; i < key_words; ++i) k[i] &= m[i];
}

}  // namespace weft::flow
