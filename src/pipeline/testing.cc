// SPDX-License-Identifier: Apache-2.0
#include "pipeline/testing.h"

#include <charconv>

#include "action/check.h"
#include "action/option_places.h"
#include "action/text.h"
#include "base/result.h"
#include "flow/match_text.h"
#include "pipeline/trace.h"

namespace weft::pipeline::testing {

World::World(Time now) : now_(now) {}

World::BridgeEdit& World::add_bridge(const std::string& name) {
    auto edit = std::make_unique<BridgeEdit>();
    Bridge& b = edit->bridge;
    b.id = BridgeId{next_bridge_++};
    b.name = name;
    b.uuid.b[15] = static_cast<uint8_t>(b.id.value);
    b.mac = Mac::from_u64(0xaa55'aa55'0000 + b.id.value);
    b.fail_mode = FailMode::secure;
    b.tables = std::make_shared<Tables>(state_->versions(), now_);
    b.macs = std::make_shared<MacTable>();
    BridgeEdit& out = *(bridges_[name] = std::move(edit));
    out.add_port(*this, ofpp::local.value, name);
    out.port(ofpp::local.value).kind = Port::Kind::local;
    return out;
}

World::BridgeEdit& World::bridge(const std::string& name) { return *bridges_.at(name); }

Bundle& World::BridgeEdit::add_port(World& world, uint16_t number, const std::string& name) {
    Port p;
    p.number = OfPort{number};
    p.dp_port = DpPort{world.next_dp_port_++};
    p.name = name.empty() ? "p" + std::to_string(number) : name;
    p.bundle = BundleId{world.next_bundle_++};
    bridge.ports.push_back(p);
    Bundle b;
    b.id = p.bundle;
    b.name = p.name;
    b.members = {p.number};
    b.active = p.number;
    return bridge.bundles.emplace_back(b);
}

Port& World::BridgeEdit::port(uint16_t number) {
    for (Port& p : bridge.ports)
        if (p.number == OfPort{number}) return p;
    CHECK(false);
    return bridge.ports.front();
}

Bundle& World::BridgeEdit::bundle(uint16_t number) {
    const BundleId id = port(number).bundle;
    for (Bundle& b : bridge.bundles)
        if (b.id == id) return b;
    CHECK(false);
    return bridge.bundles.front();
}

void World::add_patch(const std::string& a, uint16_t port_a, const std::string& b, uint16_t port_b) {
    const auto end = [&](const std::string& name, uint16_t number, const std::string& peer,
                         uint16_t peer_number) {
        bridge(name).add_port(*this, number, "patch-" + peer);
        Port& p = bridge(name).port(number);
        p.kind = Port::Kind::patch;
        p.dp_port = dp_none;
        p.peer = PortAt{id(peer), OfPort{peer_number}};
        p.counters = std::make_shared<PatchCounters>();
    };
    end(a, port_a, b, port_b);
    end(b, port_b, a, port_a);
}

void World::publish() {
    auto config = std::make_shared<Config>();
    for (const auto& [name, edit] : bridges_) {
        auto bridge = std::make_shared<Bridge>(edit->bridge);
        bridge->finish();
        config->bridges[bridge->id] = std::move(bridge);
    }
    config->finish();
    state_->publish(std::move(config));
}

Result<void> World::try_flow(const std::string& name, std::string_view flow) {
    FlowChange change = TRY(parse_flow(flow));
    const auto layout = bridge(name).bridge.tables->option_layout();
    if (!layout->place(change.filter.match)) return fail("an option that is not mapped");
    action::Actions actions = *change.rule.actions;
    if (!action::place_options(actions, *layout)) return fail("an action with an option that is not mapped");
    change.rule.actions = std::make_shared<const action::Actions>(std::move(actions));
    TablesEdit edit(*bridge(name).bridge.tables, now_);
    if (const auto done = edit.apply(change); !done) return fail(done.error().message);
    edit.publish();
    return {};
}

void World::add_flow(const std::string& name, std::string_view flow) { CHECK(try_flow(name, flow)); }

void World::del_flows(const std::string& name) {
    FlowChange change;
    change.command = FlowChange::Command::remove;
    TablesEdit edit(*bridge(name).bridge.tables, now_);
    CHECK(edit.apply(change));
    edit.publish();
}

flow::FlowKey World::key(std::string_view text) {
    const auto match = flow::parse_match(text);
    CHECK(match);
    flow::FlowKey key = match->key;
    if (!(match->mask.packet.eth_type.raw())) key.packet.eth_type = Be16(flow::eth_type_none);
    for (auto& tag : key.packet.vlan)
        if (tag.tci.host() & flow::vlan_present) tag.tpid = Be16(0x8100);
    return key;
}

Translation World::translate(const std::string& name, const flow::FlowKey& key, Plant plant) {
    // A packet for which a test gives no addresses is not meant as one that a station sends to itself.
    flow::FlowKey packet = key;
    if (packet.packet.eth_src.is_zero() && packet.packet.eth_dst.is_zero())
        packet.packet.eth_src = Mac::from_u64(0x0200000000ff);
    const Snapshot snapshot = state_->snapshot();
    const Request request{.key = packet, .bridge = id(name), .plant = plant};
    return pipeline::translate(snapshot, request);
}

std::string World::trace(const std::string& name, std::string_view packet, bool with_packet) {
    const Snapshot snapshot = state_->snapshot();
    const flow::FlowKey k = key(packet);
    const Request request{.key = k, .bridge = id(name), .with_packet = with_packet};
    Translation out;
    const std::string text = pipeline::trace(snapshot, request, out);
    std::vector<RuleEvent> events;
    if (with_packet) play(out.effects, {.packets = 0, .bytes = 0, .used = now_}, events);
    return text;
}

std::string World::actions(const std::string& name, std::string_view packet) {
    return action::dp::to_text(translate(name, key(packet)).actions);
}

Translation World::receive(const std::string& name, const flow::FlowKey& key, size_t bytes) {
    Translation out = translate(name, key);
    std::vector<RuleEvent> events;
    play(out.effects, {.packets = 1, .bytes = bytes, .used = now_, .first = true}, events);
    return out;
}

namespace {

uint64_t number(std::string_view text) {
    const bool hex = text.starts_with("0x");
    if (hex) text.remove_prefix(2);
    uint64_t v = 0;
    CHECK(std::from_chars(text.data(), text.data() + text.size(), v, hex ? 16 : 10).ec == std::errc{});
    return v;
}

/// True if the word was one of the flow's own, not of its match.
bool flow_word(const flow::KeyValue& w, FlowChange& change) {
    if (w.key == "table") {
        change.filter.table = static_cast<uint8_t>(number(w.value));
    } else if (w.key == "priority") {
        change.filter.priority = static_cast<int32_t>(number(w.value));
    } else if (w.key == "cookie") {
        change.rule.cookie = number(w.value);
    } else if (w.key == "idle_timeout") {
        change.rule.idle_timeout_s = static_cast<uint16_t>(number(w.value));
    } else if (w.key == "hard_timeout") {
        change.rule.hard_timeout_s = static_cast<uint16_t>(number(w.value));
    } else if (w.key == "importance") {
        change.rule.importance = static_cast<uint16_t>(number(w.value));
    } else if (w.key == "send_flow_rem") {
        change.rule.flags |= rule_flag::send_removed;
    } else if (w.key == "check_overlap") {
        change.check_overlap = true;
    } else {
        return false;
    }
    return true;
}

}  // namespace

Result<FlowChange> parse_flow(std::string_view text) {
    FlowChange change;
    change.filter.table = 0;
    const size_t at = text.find("actions=");
    if (at == text.npos) return fail("no actions=");
    std::string_view match = text.substr(0, at);
    while (const auto word = flow::next_key_value(match))
        if (!flow_word(*word, change) && !TRY(flow::parse_match_word(*word, nullptr, change.filter.match)))
            return fail("unknown word " + std::string(word->text));
    flow::finish_match(change.filter.match);
    auto actions = TRY(action::parse_actions(text.substr(at + 8)));
    const auto consistent =
        action::check(actions, {.match = change.filter.match, .table = change.filter.table});
    if (!consistent) return fail("impossible actions");
    // OpenFlow 1.0 takes actions that do not fit the match; but only newer versions have instructions.
    const bool instruction = text.find("goto_table") != text.npos || text.find("write_actions") != text.npos;
    if (instruction && !*consistent) return fail("actions do not fit the match");
    change.rule.actions = std::make_shared<const action::Actions>(std::move(actions));
    return change;
}

World world_of_five_ports() {
    World w;
    auto& b = w.add_bridge("br0");
    b.port(ofpp::local.value).dp_port = DpPort{100};
    for (uint16_t port = 1; port <= 5; ++port) {
        b.add_port(w, port);
        b.port(port).dp_port = DpPort{port};
    }
    w.publish();
    return w;
}

}  // namespace weft::pipeline::testing
