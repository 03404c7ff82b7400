// SPDX-License-Identifier: Apache-2.0
// ofproto/detrace: from a datapath's flow back to the rules, groups and learned addresses that made it.
#include <fmt/core.h>

#include <algorithm>

#include "codec/json_text.h"
#include "ctl/dpctl.h"
#include "ctl/explanation.h"
#include "ctl/flow_dump.h"
#include "flow/dp_text.h"

namespace weft::ctl {

namespace {

using codec::Json;
using codec::JsonArray;
using obs::CommandArgs;
using obs::Shown;

/// What a flow was made of, in the order in which its packets pass it.
struct Origins {
    struct Item {
        std::string bridge;
        std::optional<RuleFacts> rule;
        std::string text;  ///< what else there is
    };
    std::vector<Item> items;
};

class Collector {
  public:
    Collector(bridge::Backer& backer, Origins& out) : backer_(backer), out_(out) {}

    void operator()(const pipeline::CountTable& e) { at_ = backer_.find(e.tables.get()); }
    void operator()(const pipeline::CountRule& e) {
        if (at_) out_.items.push_back({at_->config.name, facts_of(*e.rule, *at_), {}});
    }
    void operator()(const pipeline::CountGroup& e) {
        if (e.bucket)
            return say(
                fmt::format("group {}, bucket {}", e.group->id(), e.group->spec().buckets[*e.bucket].id));
    }
    void operator()(const pipeline::LearnMac& e) {
        say(fmt::format("learns that {} is in VLAN {}", e.mac.to_string(), e.vlan));
    }
    void operator()(const pipeline::CountPatch&) { say("goes through a patch port"); }
    void operator()(const pipeline::LearnFlow&) { say("learns a flow"); }
    void operator()(const pipeline::ReduceTimeouts&) {}

  private:
    void say(std::string text) {
        out_.items.push_back({at_ ? at_->config.name : "", std::nullopt, std::move(text)});
    }
    bridge::Backer& backer_;
    Origins& out_;
    const bridge::Bridge* at_ = nullptr;
};

Origins origins_of(bridge::Backer& backer, const bridge::Twin& twin) {
    Origins out;
    Collector collect(backer, out);
    if (!twin.outcome->effects.empty()) {
        for (const auto& effect : twin.outcome->effects) std::visit(collect, effect);
        return out;
    }
    // Each of its packets is translated: see what that would do.
    const pipeline::Snapshot snapshot = backer.state().snapshot();
    flow::FlowKey key;
    const auto bridge = pipeline::key_in_bridge(snapshot, twin.packet.expand(), key);
    if (!bridge) return out;
    const auto t = pipeline::translate(snapshot, {.key = key, .bridge = *bridge, .with_packet = false});
    for (const auto& effect : t.effects) std::visit(collect, effect);
    return out;
}

/// The flow that a line of dpctl/dump-flows, or a part of one, names.
Result<dp::FlowInfo> find_flow(const NamedDatapath& d, std::string text) {
    if (const auto id = parse_ufid(text.substr(0, text.find_first_of(", ")))) {
        if (auto flow = d.datapath->flow(*id)) return *flow;
        return fail(text + ": no such flow (ovs-appctl dpctl/dump-flows -m lists them)");
    }
    for (const char* rest : {", packets:", ", actions:"}) text = text.substr(0, text.find(rest));
    const flow::DpPortNames names = flow_naming(*d.datapath);
    const flow::Match wanted = TRY(flow::parse_dp_flow(text, &names));
    std::vector<dp::FlowInfo> found;
    d.datapath->for_each_flow([&](const dp::FlowInfo& info) {
        // A key finds the flow it belongs to, a flow's text the flow.
        if (info.match == wanted || info.match.matches(wanted.key)) found.push_back(info);
    });
    if (found.empty()) return fail(text + ": no such flow (ovs-appctl dpctl/dump-flows lists them)");
    const auto exact = std::ranges::find(found, wanted, &dp::FlowInfo::match);
    return exact == found.end() ? found.front() : *exact;
}

Json to_json(const Origins::Item& item) {
    if (!item.rule) return Json::object({{"bridge", item.bridge}, {"text", item.text}});
    return ctl::to_json(*item.rule);
}

std::string told(const std::string& flow, const Origins& origins) {
    std::string out = "Flow: " + flow + "\n", bridge;
    for (const auto& item : origins.items) {
        if (item.bridge != bridge) out += fmt::format("bridge(\"{}\")\n", bridge = item.bridge);
        if (!item.rule) {
            out += "    " + item.text + "\n";
            continue;
        }
        const RuleFacts& r = *item.rule;
        out += fmt::format("    cookie={:#x}, table={}, n_packets={}, priority={}{}{} actions={}\n", r.cookie,
                           r.table, r.packets, r.priority, r.match.empty() ? "" : ",", r.match, r.actions);
    }
    return out;
}

Result<Shown> detrace(const Context& c, CommandArgs words, bool json) {
    const NamedDatapath d = TRY(take_datapath(c, words, 1));
    if (words.empty()) return fail("expected a ufid or a flow of the datapath");
    const dp::FlowInfo info = TRY(find_flow(d, words[0]));
    const bridge::Twin* twin = d.backer ? d.backer->cache().twins().find(info.id) : nullptr;
    if (!twin) return fail("the flow was not made by a bridge: nothing is known of it");
    d.backer->revalidator().push_statistics();
    const Origins origins = origins_of(*d.backer, *twin);
    const std::string flow = flow_text(info, port_naming(*d.datapath), {.verbose = true}, c.loop.now());
    if (!json) return told(flow, origins);
    JsonArray made_of;
    made_of.reserve(origins.items.size());
    for (const auto& item : origins.items) made_of.push_back(to_json(item));
    return Json::object({{"flow", flow}, {"made_of", Json(std::move(made_of))}});
}

}  // namespace

void add_detrace_commands(obs::CommandTable& table, const Context& c) {
    table.add_show("ofproto/detrace", "[dp] {ufid|flow}", 1, 2,
                   [c](CommandArgs args, bool json) { return detrace(c, args, json); });
}

}  // namespace weft::ctl
