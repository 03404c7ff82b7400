// SPDX-License-Identifier: Apache-2.0
// What a translation says it read is all that it depends on: a change elsewhere cannot change the result. And
// tables after any edits are what they would be if they had been made at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "action/dp_alike.h"
#include "pipeline/testing.h"
#include "pipeline/touch.h"

namespace weft::pipeline::testing {
namespace {

/// Random changes of a world's state.
class Change {
  public:
    Change(World& world, Generator& random) : world_(world), random_(random), prng_(random.prng()) {}

    void apply() {
        switch (prng_.below(9)) {
            case 0:
                return add_rule(random_.rule());
            case 1:
                return add_rule(one_of_a_conjunction());
            case 2:
                return remove_rule();
            case 3:
                return learn();
            case 4:
                return change_group();
            case 5:
                return lose_link();
            case 6:
                return change_settings();
            case 7:
                return change_miss();
            default:
                return set_port();
        }
    }

  private:
    std::string one_of_a_conjunction() {
        const auto flows = random_.conjunction();
        return flows[prng_.below(flows.size())];
    }
    void add_rule(std::string flow) {
        while (!world_.try_flow("br0", flow)) flow = random_.rule();
    }
    void remove_rule() {
        Tables& tables = *world_.bridge("br0").bridge.tables;
        std::vector<RulePtr> rules;
        tables.visit({}, world_.state().versions().current(), [&](const RulePtr& r) { rules.push_back(r); });
        if (rules.empty()) return add_rule(random_.rule());
        TablesEdit edit(tables, world_.now());
        edit.remove(rules[prng_.below(rules.size())], Removal::removed);
        edit.publish();
    }
    void learn() {
        const Bridge& b = world_.bridge("br0").bridge;
        const flow::FlowKey packet = random_.packet();
        const uint16_t vlan = packet.packet.vlan[0].tci.host() & flow::vlan_vid_mask;
        b.macs->learn(vlan, packet.packet.eth_src, b.bundles[prng_.below(b.bundles.size())].id, world_.now());
    }
    void change_group() {
        const auto id = static_cast<uint32_t>(1 + prng_.below(Generator::n_groups));
        world_.change_group("br0", random_.group(id), GroupChange::Command::modify);
    }
    Port& some_port() { return world_.bridge("br0").port(static_cast<uint16_t>(1 + prng_.below(8))); }
    void set_port() {
        some_port().config ^= 1u << (2 + prng_.below(5));
        world_.publish();
    }
    void lose_link() {
        some_port().link_up ^= true;
        world_.publish();
    }
    void change_settings() {
        auto& edit = world_.bridge("br0");
        switch (prng_.below(4)) {
            case 0:
                edit.bridge.fragments =
                    edit.bridge.fragments == Fragments::drop ? Fragments::normal : Fragments::drop;
                break;
            case 1:
                edit.bridge.miss_to_controller ^= true;
                break;
            case 2:
                edit.bridge.forward_bpdu ^= true;
                break;
            default: {
                Bundle& b = edit.bundle(static_cast<uint16_t>(1 + prng_.below(8)));
                b.vlan = static_cast<uint16_t>(1 + prng_.below(3));
            }
        }
        world_.publish();
    }
    void change_miss() {
        Tables& tables = *world_.bridge("br0").bridge.tables;
        const auto table = static_cast<uint8_t>(prng_.below(4));
        TableConfig config = tables.config(table);
        config.miss = static_cast<Miss>(prng_.below(4));
        tables.set_config(table, config);
    }

    World& world_;
    Generator& random_;
    Prng& prng_;
};

/// The bits that told may be others after the change, but those of before tell no less.
bool same_result(const Translation& a, const Translation& b) {
    return a.punts == b.punts && action::dp::alike(a.actions, b.actions);
}

/// What the reads name, of all there was to name.
struct Named {
    size_t named = 0, all = 0;
};

/// A change that no read speaks of but that changed the result; empty if none.
std::string unrecorded(uint64_t seed, Plant plant, Named* count = nullptr) {
    Generator random(seed);
    World world;
    random.fill(world, 16);
    std::vector<flow::FlowKey> packets(12);
    for (auto& p : packets) p = random.packet();
    for (int round = 0; round < 8; ++round) {
        std::vector<Translation> before;
        before.reserve(packets.size());
        for (const auto& p : packets) before.push_back(world.translate("br0", p, plant));
        const StateMark mark(world.state().snapshot());
        Change(world, random).apply();
        for (size_t i = 0; i < packets.size(); ++i) {
            const flow::PackedKey packet(packets[i]), mask(before[i].mask);
            bool named;
            {
                const Snapshot now = world.state().snapshot();
                const Changes changes(world.state().versions().log(), mark, now);
                named = changes.touch(before[i].reads, {packet, &mask}, mark.version);
            }
            if (count) count->named += named, ++count->all;
            if (named) continue;
            const auto other = random.variation(packets[i], before[i].mask);
            if (!same_result(before[i], world.translate("br0", packets[i], plant)) ||
                !same_result(before[i], world.translate("br0", other, plant)))
                return "seed " + std::to_string(seed) + ", round " + std::to_string(round) + ", packet " +
                       std::to_string(i) + ": the result changed, but by no read";
        }
    }
    return {};
}

TEST(Reads, name_all_that_a_translation_depends_on) {
    Named count;
    for (uint64_t seed = 1; seed <= 1000; ++seed) ASSERT_EQ(unrecorded(seed, Plant::none, &count), "");
    EXPECT_LT(count.named * 2, count.all) << "most changes have nothing to do with most packets";
    EXPECT_GT(count.named * 20, count.all);
}

TEST(Reads, a_forgotten_miss_is_found) {
    for (uint64_t seed = 1; seed <= 1000; ++seed)
        if (!unrecorded(seed, Plant::reads_forget_misses).empty()) return;
    ADD_FAILURE() << "a planted bug was not found in 1000 worlds";
}

TEST(Reads, a_forgotten_priority_of_a_conjunction_is_found) {
    for (uint64_t seed = 1; seed <= 1000; ++seed)
        if (!unrecorded(seed, Plant::conjunction_floor).empty()) return;
    ADD_FAILURE() << "a planted bug was not found in 1000 worlds";
}

TEST(Reads, a_port_whose_life_is_not_recorded_is_found) {
    for (uint64_t seed = 1; seed <= 5000; ++seed)
        if (!unrecorded(seed, Plant::liveness_not_read).empty()) return;
    ADD_FAILURE() << "a planted bug was not found in 5000 worlds";
}

/// Rules added one by one to one world and all in another, with removals in between in the first: both must
/// treat packets alike.
bool stale(uint64_t seed, Plant plant) {
    Generator random(seed);
    std::vector<std::pair<std::string, std::string>> flows;
    World edited;
    random.fill(edited, 16, &flows);
    Generator again(seed);
    World fresh;
    again.fill(fresh, 16);
    // Away with everything and back in another order, one version each.
    for (const char* name : {"br0", "br1"}) edited.del_flows(name);
    for (const char* name : {"br0", "br1"}) fresh.del_flows(name);
    for (const auto& [bridge, flow] : flows) edited.add_flow(bridge, flow);
    for (const auto& [bridge, flow] : flows) fresh.add_flow(bridge, flow);
    for (const char* name : {"br0", "br1"}) {  // the last change: all goes to port 1
        edited.add_flow(name, "priority=9,actions=1");
        fresh.add_flow(name, "priority=9,actions=1");
    }
    fresh.add_flow("br1", "table=253,actions=drop");  // a version later
    for (int i = 0; i < 10; ++i) {
        const flow::FlowKey packet = random.packet();
        if (edited.translate("br1", packet, plant).actions !=
            fresh.translate("br1", packet, Plant::none).actions)
            return true;
    }
    return false;
}

TEST(Versions, a_translation_sees_the_last_change) {
    for (uint64_t seed = 1; seed <= 20; ++seed) ASSERT_FALSE(stale(seed, Plant::none)) << "seed " << seed;
}

TEST(Versions, a_stale_one_is_found) {
    for (uint64_t seed = 1; seed <= 20; ++seed)
        if (stale(seed, Plant::stale_version)) return;
    ADD_FAILURE() << "a planted bug was not found in 20 worlds";
}

}  // namespace
}  // namespace weft::pipeline::testing
