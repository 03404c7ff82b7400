// SPDX-License-Identifier: Apache-2.0
#include "bridge/actions_pool.h"

#include "base/hash.h"

namespace weft::bridge {
namespace {

/// Cheap: kinds and output ports are what lists differ in most often.
uint64_t hash(const action::dp::Actions& actions) {
    uint64_t h = actions.size();
    for (const action::dp::Action& a : actions) {
        const auto* out = std::get_if<action::dp::Output>(&a.v);
        h = hash_mix(h, a.v.index() << 32 | (out ? out->port.value : 0));
    }
    return h;
}

}  // namespace

dp::ActionsPtr ActionsPool::share(action::dp::Actions&& actions) {
    const size_t i = hash(actions) % n_slots;
    const std::lock_guard lock(mutex_);
    dp::ActionsPtr& slot = slots_[i];
    if (!slot || *slot != actions) {
        actions.shrink_to_fit();
        slot = std::make_shared<const action::dp::Actions>(std::move(actions));
    }
    return slot;
}

}  // namespace weft::bridge
