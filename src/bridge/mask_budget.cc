// SPDX-License-Identifier: Apache-2.0
#include "bridge/mask_budget.h"

#include <algorithm>

#include "base/hash.h"
#include "flow/field.h"

namespace weft::bridge {
namespace {

uint64_t name_of(const flow::FlowMask& mask) {
    uint64_t h = 0;
    flow::for_each_set_word(mask, [&](size_t i, uint64_t bits) { h = hash_mix(h ^ i, bits); });
    return h;
}

/// All bits of every field of the packet that the mask has a bit of.
flow::FlowMask whole_fields(const flow::FlowKey& key, const flow::FlowMask& needed) {
    flow::FlowMask out = needed;
    for (const flow::Field& f : flow::fields()) {
        if (f.is_tun_metadata() || f.bit_offset / 64 < flow::tunnel_word ||
            !flow::prereq_holds(f.prereq, key))
            continue;
        if (flow::get_field(needed, f.id) != flow::FieldValue{})
            flow::set_field(out, f.id, flow::FieldValue::ones(f.n_bits));
    }
    return out;
}

}  // namespace

MaskBudget::Admitted MaskBudget::admit(DpPort port, const flow::FlowKey& key, const flow::FlowMask& needed) {
    const std::lock_guard hold(mutex_);
    Account& account = accounts_[port];
    Admitted out{.mask = needed};
    if (account.last && account.last->second.mask == needed) {
        ++account.last->second.count;
        out.name = account.last->first;
        out.shared = &account.last->second.mask;
        return out;
    }
    uint64_t name = name_of(needed);
    if (account.flows.size() >= limit_ && !account.flows.contains(name)) {
        out.mask = whole_fields(key, needed);
        out.merged = true;
        out.first = !account.full;
        account.full = true;
        ++account.merged;
        name = name_of(out.mask);
    }
    account.last = &*account.flows.try_emplace(name).first;
    Flows& flows = account.last->second;
    if (flows.count++ == 0) flows.mask = flow::PackedKey(out.mask);
    if (flows.mask == out.mask) out.shared = &flows.mask;
    out.name = name;
    return out;
}

void MaskBudget::release(DpPort port, uint64_t name) {
    const std::lock_guard hold(mutex_);
    const auto account = accounts_.find(port);
    if (account == accounts_.end()) return;
    const auto flows = account->second.flows.find(name);
    if (flows == account->second.flows.end() || --flows->second.count) return;
    if (account->second.last == &*flows) account->second.last = nullptr;
    account->second.flows.erase(flows);
    // Well below, so that a port at its limit is not told of again and again.
    if (account->second.flows.size() < limit_ / 2) account->second.full = false;
}

std::vector<MaskBudget::Use> MaskBudget::uses() const {
    const std::lock_guard hold(mutex_);
    std::vector<Use> out;
    for (const auto& [port, account] : accounts_) out.push_back({port, account.flows.size(), account.merged});
    std::ranges::sort(out, {}, [](const Use& u) { return u.port.value; });
    return out;
}

}  // namespace weft::bridge
