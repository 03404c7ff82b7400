// SPDX-License-Identifier: Apache-2.0
#include "flow/field_words.h"

#include "flow/set_words.h"

namespace weft::flow {
namespace {

FieldWords words_of(FieldId id) {
    FieldWords out;
    FlowMask all{}, legal{};
    set_field(all, id, FieldValue::ones(field(id).n_bits));
    set_field(legal, id, legal_bits(id));
    if ((get_field(all, id) & legal_bits(id)) != legal_bits(id)) return out;
    for_each_set_word(all, [&](size_t word, uint64_t bits) {
        if (out.n == 0) out.first = word;
        out.n = word - out.first + 1;
        out.words.at(out.n - 1) = {bits, words(legal)[word]};
    });
    return out;
}

}  // namespace

const FieldWords& field_words(FieldId id) {
    static const auto all = [] {
        std::array<FieldWords, n_fields> out;
        for (size_t i = 0; i < n_fields; ++i) out[i] = words_of(static_cast<FieldId>(i));
        return out;
    }();
    return all[static_cast<size_t>(id)];
}

}  // namespace weft::flow
