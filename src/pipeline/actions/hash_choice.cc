// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/hash_choice.cc: multipath, bundle and bundle_load: a link or a live port by a hash of the
// packet. The algorithms are those of RFC 2992 and ovs-actions(7).
#include <algorithm>
#include <bit>

#include "base/hash.h"
#include "pipeline/describe.h"
#include "pipeline/liveness.h"
#include "pipeline/select_hash.h"

namespace weft::pipeline {

namespace {

constexpr uint32_t hrw_links_max = 64;  ///< what looks at each link is left to fewer
constexpr int rounds_max = 64;          ///< each ends the search with at least half of the odds

uint32_t weight(uint64_t hash, uint64_t i) { return static_cast<uint32_t>(hash_mix(hash, i + 1)); }

uint32_t highest_weight(uint64_t hash, uint32_t n) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; ++i)
        if (weight(hash, i) > weight(hash, best)) best = i;
    return best;
}

uint32_t iterate(uint64_t hash, uint32_t n, uint32_t arg) {
    if (arg < n || arg > 2 * n) arg = std::bit_ceil(n);
    for (uint64_t i = 0; i < rounds_max; ++i)
        if (const uint32_t link = weight(hash, i) % arg; link < n) return link;
    return weight(hash, 0) % n;
}

uint32_t link_of(const action::Multipath& a, uint64_t hash) {
    const uint32_t n = a.max_link + 1u, h = weight(hash, 0);
    const auto by_threshold = [&] { return static_cast<uint32_t>(uint64_t{h} * n >> 32); };
    using enum action::Multipath::Algorithm;
    switch (a.algorithm) {
        case modulo_n:
            return h % n;
        case hrw:
            return n > hrw_links_max ? by_threshold() : highest_weight(hash, n);
        case iter_hash:
            return iterate(hash, n, a.arg);
        case hash_threshold:
        case count:
            break;
    }
    return by_threshold();
}

/// The reserved ports have no carrier that could be missing.
bool can_take(OfPort port, Translator& t) { return port >= ofpp::in_port || is_alive(port, t); }

OfPort first_alive(const action::Bundle& a, Translator& t) {
    const auto found = std::ranges::find_if(a.members, [&](OfPort p) { return can_take(p, t); });
    return found == a.members.end() ? ofpp::none : *found;
}

OfPort member_of(const action::Bundle& a, Translator& t) {
    if (a.algorithm == action::Bundle::Algorithm::active_backup) return first_alive(a, t);
    const uint64_t hash = choice_hash(a.fields, a.basis, t);
    OfPort best = ofpp::none;
    uint32_t best_weight = 0;
    for (size_t i = 0; i < a.members.size(); ++i) {
        if (!can_take(a.members[i], t)) continue;
        const uint32_t w = weight(hash, i);
        if (best != ofpp::none && w <= best_weight) continue;
        best = a.members[i];
        best_weight = w;
    }
    return best;
}

void load(Translator& t, flow::Subfield dst, uint64_t value) {
    t.write_field(dst, flow::FieldValue::from_u64(value));
    t.tell(obs::TraceKind::detail, [&] { return describe_write(dst, t.key().key_for_lookup()); });
}

}  // namespace

void apply(const action::Multipath& a, Translator& t) {
    const uint64_t hash = choice_hash(a.fields, a.basis, t);
    if (!t.stopped()) load(t, a.dst, link_of(a, hash));
}

void apply(const action::Bundle& a, Translator& t) {
    const OfPort port = member_of(a, t);
    if (t.stopped()) return;
    if (a.dst.n_bits)
        load(t, a.dst, port.value);
    else
        t.output(port, 0);
}

}  // namespace weft::pipeline
