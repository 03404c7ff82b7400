// SPDX-License-Identifier: Apache-2.0
#include "bridge/self_check.h"

#include <algorithm>

#include "action/dp_action_text.h"
#include "action/dp_alike.h"
#include "flow/match_text.h"
#include "flow/variation.h"

namespace weft::bridge {

namespace {

constexpr Duration allowance_max = 2ms;  ///< of one call, whatever was saved up
constexpr int checks_max = 64;           ///< of one call, where the clock stands still

/// What its packets get, as make_twin() would have it.
action::dp::Actions actions_of(pipeline::Translation&& t) {
    if (!t.slow) return std::move(t.actions);
    return {action::dp::Userspace{action::dp::PuntReason::slow_path, t.slow, 0xffff, 0}};
}

}  // namespace

Twin* SelfCheck::pick() {
    if (cache_.twins().size() == 0) return nullptr;
    const size_t first = prng_.below(Twins::n_shards);
    for (size_t i = 0; i < Twins::n_shards; ++i) {
        const auto here = cache_.twins().in_shard((first + i) % Twins::n_shards);
        if (!here.empty()) return here[prng_.below(here.size())];
    }
    return nullptr;
}

std::optional<SelfCheck::Mismatch> SelfCheck::check(Twin& twin, const pipeline::Snapshot& snapshot) {
    // What a change outdated is the revalidator's business.
    if (!twin.bridge || twin.stamp != FlowCache::stamp_of(snapshot)) return std::nullopt;
    const auto installed = datapath_.flow(twin.id);
    if (!installed) return std::nullopt;
    ++checked_;
    const flow::FlowKey packet = flow::vary(twin.packet.expand(), installed->match.mask, prng_);
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, packet, key);
    if (!bridge) return std::nullopt;
    const auto translated = [&](bool with_packet) {
        return actions_of(
            pipeline::translate(snapshot, {.key = key, .bridge = *bridge, .with_packet = with_packet}));
    };
    action::dp::Actions right = translated(true);
    if (action::dp::alike(right, *installed->actions) ||
        action::dp::alike(translated(false), *installed->actions))
        return std::nullopt;
    if (twin.stamp != FlowCache::stamp_of(state_.snapshot())) return std::nullopt;  // learned meanwhile
    ++failed_;
    return Mismatch{flow::format_match(installed->match), flow::format_key(packet),
                    action::dp::to_text(*installed->actions), action::dp::to_text(right)};
}

std::vector<SelfCheck::Mismatch> SelfCheck::run(const loop::Clock& clock) {
    std::vector<Mismatch> out;
    const Time start = clock.now();
    allowance_ = std::min(allowance_ + (start - last_) * budget_ppm_ / 1'000'000, allowance_max);
    last_ = start;
    if (budget_ppm_ == 0) return out;
    Duration used{};
    for (int i = 0; i < checks_max && used < allowance_; ++i) {
        Twin* twin = pick();
        if (!twin) break;
        if (auto wrong = check(*twin, state_.snapshot())) {
            out.push_back(*std::move(wrong));
            revalidator_.remove(*twin);
        }
        used = clock.now() - start;
    }
    allowance_ -= used;
    spent_ += used;
    return out;
}

}  // namespace weft::bridge
