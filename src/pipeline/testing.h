// SPDX-License-Identifier: Apache-2.0
// A whole switch for tests: bridges, ports and rules from text, and random ones from a seed. Linked by tests
// only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "pipeline/translate.h"

namespace weft::pipeline::testing {

/// One datapath under construction. Bridges, ports and bundles are edited in place; publish() makes them the
/// state. Datapath port numbers are given in order from 1.
class World {
  public:
    explicit World(Time now = Time(1s));

    struct BridgeEdit {
        Bridge bridge;
        /// A port of its own bundle, a trunk; change what comes back before publish().
        Bundle& add_port(World& world, uint16_t number, const std::string& name = {});
        Port& port(uint16_t number);
        Bundle& bundle(uint16_t number);
    };
    /// With the local port.
    BridgeEdit& add_bridge(const std::string& name);
    BridgeEdit& bridge(const std::string& name);
    /// Two patch ports, one end in each bridge.
    void add_patch(const std::string& a, uint16_t port_a, const std::string& b, uint16_t port_b);
    void publish();

    /// ovs-ofctl add-flow; the error is the parser's, the checker's or the tables'.
    Result<void> try_flow(const std::string& bridge, std::string_view flow);
    /// The same where it must be accepted.
    void add_flow(const std::string& bridge, std::string_view flow);
    void del_flows(const std::string& bridge);
    /// `group` is parse_group()'s.
    Result<void> try_group(const std::string& bridge, std::string_view group,
                           GroupChange::Command command = GroupChange::Command::add);
    void change_group(const std::string& bridge, std::string_view group, GroupChange::Command command);
    void add_group(const std::string& bridge, std::string_view group) {
        change_group(bridge, group, GroupChange::Command::add);
    }

    State& state() { return *state_; }
    Time now() const { return now_; }
    void advance(Duration d) { now_ += d; }
    BridgeId id(const std::string& name) { return bridge(name).bridge.id; }

    /// The key that `in_port=1,tcp,...` describes.
    static flow::FlowKey key(std::string_view text);
    Translation translate(const std::string& bridge, const flow::FlowKey& key, Plant plant = Plant::none);
    /// ofproto/trace.
    std::string trace(const std::string& bridge, std::string_view packet, bool with_packet = false);
    /// The datapath actions as text.
    std::string actions(const std::string& bridge, std::string_view packet);
    /// Translates a packet and plays its effects, as when the first of a flow arrives.
    Translation receive(const std::string& bridge, const flow::FlowKey& key, size_t bytes = 100);

  private:
    Time now_;
    std::unique_ptr<State> state_ = std::make_unique<State>();
    std::map<std::string, std::unique_ptr<BridgeEdit>> bridges_;
    uint32_t next_bridge_ = 1, next_bundle_ = 1, next_dp_port_ = 1;
};

/// A bridge br0 with ports 1 to 5, whose datapath numbers are the same; that of the local port is 100.
World world_of_five_ports();

/// A flow as `ovs-ofctl add-flow` takes it, as a change.
Result<FlowChange> parse_flow(std::string_view text);

/// `1,type=select,hash,ip_src,bucket=weight:2,watch_port:1,output:1,bucket=...`: a word before the buckets is
/// the group's id, type=, at= (a bucket, first, last, all), a selection method, or a field to hash.
Result<GroupChange> parse_group(std::string_view text, GroupChange::Command command);

/// Random rules over several tables and bridges, and packets that have a good chance to match them. All
/// values come from small sets, so that rules and packets meet.
class Generator {
  public:
    explicit Generator(uint64_t seed) : prng_(seed) {}

    /// Two bridges, ports in all VLAN modes, a patch between them, some stations learned, and about `n_rules`
    /// rules; what was added goes to `added`, as bridge and flow.
    void fill(World& world, size_t n_rules,
              std::vector<std::pair<std::string, std::string>>* added = nullptr);
    /// add-flow text.
    std::string rule();
    /// A conjunctive flow: ways to meet each condition, and what to do then.
    std::vector<std::string> conjunction();
    /// Other fields to track in some tables.
    void set_prefixes(Tables& tables);
    flow::FlowKey packet();
    /// As parse_group() takes it; ids from 1 to n_groups have a type each.
    std::string group(uint32_t id);
    static constexpr uint32_t n_groups = 6;
    /// The packet with bits outside `mask` changed at random, made a packet again: what it cannot have is
    /// zero. It still agrees with the original under the mask.
    flow::FlowKey variation(const flow::FlowKey& packet, const flow::FlowMask& mask);
    Prng& prng() { return prng_; }

  private:
    enum class Kind : uint8_t { any, mpls, nsh, arp, ip, ipv6, tcp, udp, icmp, count };
    static constexpr uint64_t n_tables_used = 4;

    template <size_t n>
    uint64_t one_of(const uint64_t (&values)[n]);
    Kind kind_of_rule();
    std::string clause_match();
    std::string clause_rule(uint64_t id, uint64_t clause, uint64_t n_clauses);
    std::string match(Kind kind);
    std::string action(int depth);
    std::string any_action(int depth);
    std::vector<std::string> by_length();
    std::string choice_action();
    std::string kind_action();
    static void make_consistent(flow::FlowKey& key);

    Prng prng_;
    Kind kind_ = Kind::any;  ///< what packets the rule being made matches, as its later actions may assume
};

}  // namespace weft::pipeline::testing
