// SPDX-License-Identifier: Apache-2.0
#include "bridge/outcome.h"

#include "base/hash.h"

namespace weft::bridge {
namespace {

uint64_t number(const void* object) { return reinterpret_cast<uintptr_t>(object); }

/// By what they differ most often: the rule, the address.
uint64_t number(const pipeline::Effect& effect) {
    return std::visit(
        []<class T>(const T& one) -> uint64_t {
            if constexpr (std::is_same_v<T, pipeline::CountRule>) return number(one.rule.get());
            if constexpr (std::is_same_v<T, pipeline::CountGroup>)
                return number(one.group.get()) + one.bucket.value_or(~0);
            if constexpr (std::is_same_v<T, pipeline::LearnMac>)
                return one.mac.to_u64() << 16 ^ uint64_t { one.vlan } << 4 ^ one.port.value;
            if constexpr (std::is_same_v<T, pipeline::LearnFlow>) return number(one.change.get());
            return 0;
        },
        effect);
}

uint64_t number(const pipeline::Read& read) {
    const auto* mac = std::get_if<pipeline::ReadMac>(&read);
    return mac ? mac->mac.to_u64() : read.index();
}

}  // namespace

uint64_t hash(const FlowOutcome& o) {
    uint64_t h = number(o.actions.get());
    for (const auto& effect : o.effects) h = hash_mix(h, number(effect));
    for (const auto& read : o.reads) h = hash_mix(h, number(read));
    for (const uint32_t punt : o.punts) h = hash_mix(h, punt);
    return hash_mix(h, o.recircs.size());
}

void compact(FlowOutcome& o) {
    o.reads.shrink_to_fit();
    o.effects.shrink_to_fit();
    o.punts.shrink_to_fit();
    o.recircs.shrink_to_fit();
}

}  // namespace weft::bridge
