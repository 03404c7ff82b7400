// SPDX-License-Identifier: Apache-2.0
// The megaflow property: whatever a megaflow matches translates to the same. And the proof that this test
// would find the bugs it is for: each planted bug is found.
#include <gtest/gtest.h>

#include <cstdlib>

#include "action/dp_action_text.h"
#include "flow/match_text.h"
#include "pipeline/testing.h"

namespace weft::pipeline::testing {
namespace {

constexpr size_t rules_per_world = 24, packets_per_world = 24, variations_per_packet = 6, ways_max = 6;

bool same_change(const FlowChange& a, const FlowChange& b) {
    return a.filter.table == b.filter.table && a.filter.match == b.filter.match &&
           a.filter.priority == b.filter.priority && *a.rule.actions == *b.rule.actions;
}

struct SameEffect {
    bool operator()(const CountRule& a, const CountRule& b) const { return a.rule == b.rule; }
    bool operator()(const CountTable& a, const CountTable& b) const {
        return a.tables == b.tables && a.table == b.table && a.matched == b.matched;
    }
    bool operator()(const CountGroup& a, const CountGroup& b) const {
        return a.group == b.group && a.bucket == b.bucket;
    }
    bool operator()(const LearnMac& a, const LearnMac& b) const {
        return a.macs == b.macs && a.mac == b.mac && a.vlan == b.vlan && a.port == b.port;
    }
    bool operator()(const CountPatch& a, const CountPatch& b) const { return a.sent_on == b.sent_on; }
    bool operator()(const LearnFlow& a, const LearnFlow& b) const {
        return a.tables == b.tables && same_change(*a.change, *b.change);
    }
    template <class A, class B>
    bool operator()(const A&, const B&) const {
        return false;
    }
};

bool same_effects(const std::vector<Effect>& a, const std::vector<Effect>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i)
        if (!std::visit(SameEffect{}, a[i], b[i])) return false;
    return true;
}

/// What differs between two translations that must agree; empty if nothing. Their masks may differ: a rule
/// can be ruled out in several ways, and which bits tell it is as the packet is.
std::string difference(const Translation& a, const Translation& b) {
    if (a.actions != b.actions)
        return "actions " + action::dp::to_text(a.actions) + " and " + action::dp::to_text(b.actions);
    if (a.punts != b.punts) return "packet-ins";
    if (a.drop != b.drop) return "drop reasons";
    if (!same_effects(a.effects, b.effects)) return "effects";
    if (a.reads != b.reads) return "reads";
    return {};
}

/// The packets of one, as they come into the datapath and as they come back to it.
std::vector<flow::FlowKey> ways(World& world, Generator& random, const flow::FlowKey& packet, Plant plant) {
    std::vector<flow::FlowKey> out{packet};
    for (size_t i = 0; i < out.size() && out.size() < ways_max; ++i) {
        for (const auto& recirculation : world.translate("br0", out[i], plant).recircs) {
            flow::FlowKey back = random.packet();  // parsed anew, below labels at least
            back.packet.recirc_id = Be32(recirculation->id);
            back.packet.in_port = packet.packet.in_port;
            out.push_back(back);
        }
    }
    return out;
}

/// Looks for a packet that a megaflow matches though it is to be treated differently; tells about the first.
std::string violation_of(World& world, Generator& random, const flow::FlowKey& packet,
                         const Translation& first, Plant plant) {
    for (size_t n = 0; n < variations_per_packet; ++n) {
        const flow::FlowKey other = random.variation(packet, first.mask);
        const std::string what = difference(first, world.translate("br0", other, plant));
        if (what.empty()) continue;
        return what + " differ between\n  " + flow::format_key(packet) + " and\n  " +
               flow::format_key(other) + "\nthough both match\n  " +
               flow::format_match(megaflow(packet, first));
    }
    return {};
}

struct Tally {
    size_t forwarded = 0, recirculated = 0;
};

std::string violation(uint64_t seed, Plant plant, Tally* tally = nullptr) {
    Generator random(seed);
    World world;
    random.fill(world, rules_per_world);
    for (size_t i = 0; i < packets_per_world; ++i) {
        for (const flow::FlowKey& packet : ways(world, random, random.packet(), plant)) {
            const Translation first = world.translate("br0", packet, plant);
            if (tally && packet.packet.recirc_id.host()) ++tally->recirculated;
            if (tally && !packet.packet.recirc_id.host()) tally->forwarded += !first.actions.empty();
            std::string found = violation_of(world, random, packet, first, plant);
            if (!found.empty()) return "seed " + std::to_string(seed) + ": " + found;
        }
    }
    return {};
}

uint64_t first_seed() {
    const char* text = std::getenv("WEFT_SEED");
    return text ? std::strtoull(text, nullptr, 0) : 1;
}
uint64_t n_seeds(uint64_t normally) {
    const char* text = std::getenv("WEFT_SEEDS");
    return text ? std::strtoull(text, nullptr, 0) : normally;
}

TEST(Megaflow, what_it_matches_translates_to_the_same) {
    const uint64_t first = first_seed(), n = n_seeds(100);
    Tally tally;
    for (uint64_t seed = first; seed < first + n; ++seed) ASSERT_EQ(violation(seed, Plant::none, &tally), "");
    EXPECT_GE(tally.forwarded * 2, n * packets_per_world)
        << "most packets must go somewhere, or this proves little";
    EXPECT_GE(tally.recirculated * 4, n) << "some must come back to be translated again";
}

class Planted : public ::testing::TestWithParam<Plant> {};

TEST_P(Planted, is_found) {
    for (uint64_t seed = 1; seed <= 200; ++seed)
        if (!violation(seed, GetParam()).empty()) return;
    ADD_FAILURE() << "a planted bug was not found in 200 worlds";
}

INSTANTIATE_TEST_SUITE_P(
    MaskBug, Planted,
    ::testing::Values(Plant::lookup_forgets_mask, Plant::move_forgets_source, Plant::normal_forgets_dst,
                      Plant::normal_forgets_vlan, Plant::noop_set_forgets, Plant::ttl_forgets,
                      Plant::output_reg_forgets, Plant::clone_forgets_mask, Plant::vlan_bits_cleared,
                      Plant::frag_forgets, Plant::learn_forgets_source, Plant::stage_forgets_word,
                      Plant::trie_forgets_bit, Plant::conjunction_forgets, Plant::select_forgets_hash,
                      Plant::dp_hash_forgets_bits, Plant::choice_forgets_address, Plant::nsh_ttl_forgets,
                      Plant::length_forgets_branch));

}  // namespace
}  // namespace weft::pipeline::testing
