// SPDX-License-Identifier: Apache-2.0
// ofproto/trace and ofproto/trace-packet-out: what the switch would do with a packet, and why.
#include <fmt/core.h>

#include <algorithm>

#include "action/option_places.h"
#include "action/text.h"
#include "bridge/packet_key.h"
#include "codec/json_text.h"
#include "ctl/context.h"
#include "ctl/exact_flow.h"
#include "ctl/flow_dump.h"
#include "ctl/trace_json.h"
#include "flow/dp_text.h"
#include "flow/field_text.h"
#include "pipeline/trace.h"

namespace weft::ctl {

namespace {

using bridge::Backer;
using obs::CommandArgs;
using Runtime = bridge::Switch::Runtime;

/// The arguments, options taken out.
struct Arguments {
    std::vector<std::string> words;
    bool generate = false, names = false;
};

/// What is to be traced.
struct Subject {
    Runtime* runtime = nullptr;
    flow::FlowKey key{};  ///< as the bridge sees it
    size_t packet_len = 0;
    bool with_packet = false;
};

Result<Bytes> parse_packet(const std::string& text) {
    const auto bytes = parse_hex(text);
    if (!bytes) return fail("Trailing garbage in packet data");
    return bytes;
}

/// `trk,new`: the states that packets have which come back from connection tracking.
/// A state that packets can have (ovs-fields(7), ct_state); in Open vSwitch's words.
Result<void> check_ct_state(uint32_t state) {
    constexpr uint32_t is_new = 0x01, est = 0x02, rpl = 0x08, inv = 0x10, trk = 0x20;
    const std::string text = flow::format_flags(flow::FieldText::ct_state, state, UINT32_MAX, true);
    std::string problems;
    const auto refuse = [&](bool wrong, std::string_view why) {
        if (wrong)
            problems +=
                fmt::format("{}{}: invalid connection state: {}", problems.empty() ? "" : "\n", text, why);
    };
    refuse(state && !(state & trk), R"(If "trk" is unset, no other flags are set)");
    refuse(state & inv && state & ~(inv | trk), R"(when "inv" is set, only "trk" may also be set)");
    refuse(state & is_new && state & est, R"("new" and "est" are mutually exclusive)");
    refuse(state & is_new && state & rpl, R"("new" and "rpy" are mutually exclusive)");
    if (!problems.empty()) return fail(problems);
    return {};
}

Result<void> check_ct_states(std::string_view text) {
    uint32_t all = 0;
    while (!text.empty()) {
        const std::string_view state = text.substr(0, text.find_first_of(", "));
        text.remove_prefix(std::min(text.size(), state.size() + 1));
        const auto known = flow::flag_names(flow::FieldText::ct_state);
        const auto flag = std::ranges::find(known, state, &flow::FlagName::name);
        if (!state.empty() && flag == known.end())
            return fail(fmt::format("{}: unknown connection tracking state flag", state));
        if (!state.empty()) all |= flag->bit;
    }
    return check_ct_state(all);
}

/// What an option with a value says has to be right, though no translation here asks for it yet.
Result<void> check_option(const std::string& option, const std::string& value) {
    if (option == "--ct-next") return check_ct_states(value);
    if (option == "--l7") TRY(parse_packet(value));
    return {};
}

Result<Arguments> parse_arguments(CommandArgs args, bool packet_out) {
    Arguments out;
    if (packet_out && !args.empty() && (args[0] == "-consistent" || args[0] == "--consistent"))
        args = args.subspan(1);
    for (size_t i = 0; i < args.size(); ++i) {
        const std::string& a = args[i];
        if (a == "-generate" || a == "--generate") {
            out.generate = true;
        } else if (a == "--names") {
            out.names = true;
        } else if (a == "--ct-next" || a == "--l7" || a == "--l7-len") {
            if (++i == args.size()) return fail("Missing argument for option " + a);
            TRY(check_option(a, args[i]));
        } else if (a.starts_with("-")) {
            return fail(a + ": unknown option");
        } else {
            out.words.push_back(a);
        }
    }
    return out;
}

bool is_hex(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

flow::PortNames port_names(const bridge::Bridge& b) {
    flow::PortNames names;
    for (const auto& [name, m] : b.members) names.add(m.number, name);
    return names;
}

Backer* backer_named(const Context& c, std::string_view name) {
    for (auto& [type, backer] : c.sw.backers())
        if (backer->name() == name || backer->datapath().name() == name) return backer.get();
    return nullptr;
}

Runtime* runtime_of(const Context& c, pipeline::BridgeId id) {
    for (auto& [name, r] : c.sw.bridges())
        if (r.bridge->id == id) return &r;
    return nullptr;
}

/// A flow in datapath syntax: its in_port tells the bridge.
Result<Subject> datapath_subject(const Context& c, Backer& b, const std::string& text) {
    const flow::DpPortNames names = flow_naming(b.datapath());
    const auto key = flow::parse_dp_key(text, &names);
    if (!key) return fail(key.error().message);
    Subject out;
    const pipeline::Snapshot snapshot = b.state().snapshot();
    const auto bridge = pipeline::key_in_bridge(snapshot, *key, out.key);
    if (const uint32_t id = key->packet.recirc_id.host(); id && !bridge)
        return fail(fmt::format("no recirculation data for recirc_id {:#x}", id));
    if (!bridge) return fail(fmt::format("no OpenFlow port for datapath port {}", key->dp_in_port().value));
    out.runtime = runtime_of(c, *bridge);
    return out;
}

Result<Subject> bridge_subject(Runtime& r, const std::string& text) {
    const flow::PortNames names = port_names(*r.bridge);
    auto match = parse_exact_flow(text, names);
    if (!match) return fail("Bad openflow flow syntax: " + match.error().message);
    TRY(place_options(*r.bridge->tables, *match));
    Subject out;
    out.runtime = &r;
    out.key = match->key;
    return out;
}

/// The first flow word, with what stands before it: a bridge, a datapath, or nothing.
Result<Subject> find_subject(const Context& c, const std::vector<std::string>& words) {
    if (words.size() == 1) {
        auto& backers = c.sw.backers();
        if (backers.size() != 1) return fail("must specify datapath name, multiple or none exist");
        auto out = datapath_subject(c, *backers.begin()->second, words[0]);
        if (!out && out.error().message.starts_with("syntax error"))
            return fail(out.error().message + " (or the bridge name was omitted)");
        return out;
    }
    if (Runtime* r = c.sw.find(words[0])) return bridge_subject(*r, words[1]);
    if (Backer* b = backer_named(c, words[0])) return datapath_subject(c, *b, words[1]);
    if (words[1].find('(') != std::string::npos) return fail("Cannot find the datapath");
    return fail(words[0] + ": unknown bridge");
}

/// The packet replaces what the flow says about headers; where it came from stays.
Result<void> put_packet(Subject& subject, const std::string& hex) {
    const Bytes bytes = TRY(parse_packet(hex));
    if (bytes.size() < 14) return fail("Packet data too short for Ethernet");
    const flow::FlowKey fresh = bridge::key_of_packet(packet::Packet::copy_of(bytes));
    const auto in_port = subject.key.packet.in_port;
    subject.key.packet = fresh.packet;
    subject.key.packet.in_port = in_port;
    subject.packet_len = bytes.size();
    subject.with_packet = true;
    return {};
}

/// What an existing packet teaches; counters are left alone.
void play_lessons(Runtime& r, const pipeline::Translation& t, Time now) {
    std::vector<pipeline::Effect> lessons;
    for (const auto& effect : t.effects)
        if (std::holds_alternative<pipeline::LearnMac>(effect) ||
            std::holds_alternative<pipeline::LearnFlow>(effect))
            lessons.push_back(effect);
    r.backer->cache().play(lessons, {1, 0, now, true});
}

Result<obs::Shown> run(const Context& c, CommandArgs args, bool json, bool packet_out) {
    Arguments a = TRY(parse_arguments(args, packet_out));
    action::Actions actions;
    std::string action_text;
    if (packet_out) {
        if (a.words.size() < 2) return fail("Too few arguments");
        action_text = a.words.back();
        a.words.pop_back();
    }
    if (a.words.empty()) return fail("Must specify a flow or a packet");
    if (a.words.size() > 3) return fail("too many arguments");
    std::string packet;
    if (a.words.size() == 3 || (a.words.size() == 2 && is_hex(a.words.back()))) {
        packet = a.words.back();
        a.words.pop_back();
        if (a.generate) return fail("Syntax error");
    }
    Subject subject = TRY(find_subject(c, a.words));
    if (!packet.empty()) TRY(put_packet(subject, packet));
    if (a.generate) subject.with_packet = true;

    Runtime& r = *subject.runtime;
    const flow::PortNames names = port_names(*r.bridge);
    if (packet_out) {
        auto parsed = action::parse_actions(action_text, {.ports = &names});
        if (!parsed) return fail(parsed.error().message);
        actions = std::move(*parsed);
        if (!action::place_options(actions, *r.bridge->tables->option_layout()))
            return fail(action_text +
                        ": tun_metadata: an option is not mapped, or shorter: see ovs-ofctl dump-tlv-map");
    }
    const pipeline::Snapshot snapshot = r.backer->state().snapshot();
    const pipeline::Request request{.key = subject.key,
                                    .bridge = r.bridge->id,
                                    .packet_len = subject.packet_len,
                                    .actions = packet_out ? &actions : nullptr,
                                    .with_packet = subject.with_packet};
    pipeline::Translation t;
    action::dp::PortNaming naming = port_naming(r.backer->datapath());
    if (!a.names) naming.name = nullptr;
    const auto story = pipeline::tell(snapshot, request, t, naming, a.names ? &names : nullptr);
    if (subject.with_packet) play_lessons(r, t, c.loop.now());
    return json ? obs::Shown(to_json(story)) : pipeline::to_text(story);
}

}  // namespace

void add_trace_commands(obs::CommandTable& table, const Context& c) {
    const size_t any = obs::CommandTable::any;
    table.add_show("ofproto/trace", "{[dp_name] odp_flow | bridge br_flow} [OPTIONS...] [-generate|packet]",
                   1, any, [c](CommandArgs args, bool json) { return run(c, args, json, false); });
    table.add_show(
        "ofproto/trace-packet-out",
        "[-consistent] {[dp_name] odp_flow | bridge br_flow} [OPTIONS...] [-generate|packet] actions", 2, any,
        [c](CommandArgs args, bool json) { return run(c, args, json, true); });
}

}  // namespace weft::ctl
