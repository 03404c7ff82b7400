// SPDX-License-Identifier: Apache-2.0
#include "bridge/shared_pool.h"

#include "base/hash.h"

namespace weft::bridge {
namespace {

uint64_t number(const action::dp::Action& a) {
    const auto* out = std::get_if<action::dp::Output>(&a.v);
    return out ? out->port.value : 0;
}

uint64_t number(const action::Action& a) {
    return std::visit(
        []<class T>(const T& one) -> uint64_t {
            if constexpr (std::is_same_v<T, action::Output>) return one.port.value;
            if constexpr (std::is_same_v<T, action::SetField>)
                return static_cast<uint64_t>(one.field) << 48 ^ one.value.to_u64();
            if constexpr (std::is_same_v<T, action::Resubmit>)
                return uint64_t{one.table} << 16 | one.in_port.value;
            if constexpr (std::is_same_v<T, action::GotoTable>) return one.table;
            if constexpr (std::is_same_v<T, action::Group>) return one.group;
            if constexpr (std::is_same_v<T, action::Conjunction>)
                return uint64_t{one.id} << 16 | uint64_t{one.clause} << 8 | one.n_clauses;
            if constexpr (std::is_same_v<T, action::SetVlanVid>) return one.vid;
            if constexpr (std::is_same_v<T, action::WriteMetadata>) return one.value;
            if constexpr (std::is_same_v<T, action::WriteActions> || std::is_same_v<T, action::Clone> ||
                          std::is_same_v<T, action::Ct>)
                return hash(one.actions);
            return 0;
        },
        a.v);
}

template <class Actions>
uint64_t hash_list(const Actions& actions) {
    uint64_t h = actions.size();
    for (const auto& a : actions) h = hash_mix(hash_mix(h, a.v.index()), number(a));
    return h;
}

}  // namespace

uint64_t hash(const action::dp::Actions& actions) { return hash_list(actions); }
uint64_t hash(const action::Actions& actions) { return hash_list(actions); }

}  // namespace weft::bridge
