// SPDX-License-Identifier: Apache-2.0
#include "ctl/flow_dump.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/uuid.h"
#include "codec/json_counter.h"
#include "flow/dp_text.h"

namespace weft::ctl {

namespace {

std::string flags_text(uint16_t flags) {
    constexpr std::string_view letters = "FSRP.UEC";
    std::string out;
    for (size_t i = 0; i < letters.size(); ++i)
        if (flags >> i & 1) out += letters[i];
    return out;
}

/// How many words of the key the mask has: of ports and L2, and of what lies above.
std::string mask_words_text(const flow::FlowMask& mask) {
    constexpr size_t l3_word = (offsetof(flow::FlowKey, packet) + offsetof(flow::PacketBlock, nw_src)) / 8;
    const auto words = flow::words(mask);
    const auto used = [&](size_t from, size_t to) {
        return std::count_if(words.begin() + from, words.begin() + to, [](uint64_t w) { return w != 0; });
    };
    return fmt::format("miniflow_bits({},{})", used(0, l3_word), used(l3_word, flow::key_words));
}

/// The flow may carry packets that the filter means.
bool passes(const flow::Match& flow, const flow::Match& filter) {
    const auto k = flow::words(flow.key), m = flow::words(flow.mask);
    const auto fk = flow::words(filter.key), fm = flow::words(filter.mask);
    for (size_t i = 0; i < flow::key_words; ++i)
        if ((k[i] ^ fk[i]) & m[i] & fm[i]) return false;
    return true;
}

}  // namespace

std::string flow_stats_text(const dp::FlowStats& s, Time now) {
    std::string out = fmt::format("packets:{}, bytes:{}, used:", s.packets, s.bytes);
    if (s.used)
        out += fmt::format("{}.{:03}s", to_ms(now - *s.used) / 1000, to_ms(now - *s.used) % 1000);
    else
        out += "never";
    if (s.tcp_flags) out += ", flags:" + flags_text(s.tcp_flags);
    return out;
}

action::dp::PortNaming port_naming(const dp::Datapath& datapath) {
    auto by_number = std::make_shared<std::map<DpPort, std::string>>();
    for (const auto& state : datapath.ports()) by_number->emplace(state.number, state.name);
    return {[by_number](DpPort port) -> std::optional<std::string> {
                const auto it = by_number->find(port);
                if (it == by_number->end()) return std::nullopt;
                return it->second;
            },
            [by_number](std::string_view name) -> std::optional<DpPort> {
                for (const auto& [port, known] : *by_number)
                    if (known == name) return port;
                return std::nullopt;
            }};
}

flow::DpPortNames flow_naming(const dp::Datapath& datapath) {
    const action::dp::PortNaming naming = port_naming(datapath);
    return {naming.name, naming.number};
}

std::string device_type(const dp::PortState& state) { return state.type == "internal" ? "tap" : state.type; }

std::string ufid_text(const dp::FlowId& id) {
    Uuid uuid;
    for (size_t i = 0; i < 8; ++i) {
        uuid.b[i] = static_cast<uint8_t>(id.hi >> (56 - 8 * i));
        uuid.b[8 + i] = static_cast<uint8_t>(id.lo >> (56 - 8 * i));
    }
    return "ufid:" + uuid.to_string();
}

std::optional<dp::FlowId> parse_ufid(std::string_view text) {
    if (text.starts_with("ufid:")) text.remove_prefix(5);
    const auto uuid = Uuid::parse(text);
    if (!uuid) return std::nullopt;
    dp::FlowId id;
    for (size_t i = 0; i < 8; ++i) {
        id.hi = id.hi << 8 | uuid->b[i];
        id.lo = id.lo << 8 | uuid->b[8 + i];
    }
    return id;
}

namespace {

/// A flow's match and actions as the options want them.
struct FlowTexts {
    std::string match, actions;
};

FlowTexts texts_of(const dp::FlowInfo& info, const action::dp::PortNaming& ports,
                   const DumpOptions& options) {
    action::dp::PortNaming naming = ports;
    if (!options.names) naming.name = nullptr;
    flow::FlowKey key = info.match.key;
    if (options.verbose) info.kinds.fill(key);
    const flow::DpPortNames names{naming.name, naming.number};
    return {flow::format_dp_flow(key, info.match.mask, {.verbose = options.verbose, .ports = &names}),
            action::dp::to_text(*info.actions, naming)};
}

}  // namespace

std::string flow_text(const dp::FlowInfo& info, const action::dp::PortNaming& ports,
                      const DumpOptions& options, Time now) {
    const bool more = options.verbose && options.of_dpctl;
    const FlowTexts texts = texts_of(info, ports, options);
    std::string out;
    if (options.verbose) out = ufid_text(info.id) + (more ? ", " : " ");
    out += texts.match + ", " + flow_stats_text(info.stats, now);
    if (more) out += ", dp:ovs";
    out += ", actions:" + texts.actions;
    if (more) out += ", dp-extra-info:" + mask_words_text(info.match.mask);
    return out;
}

codec::Json flow_json(const dp::FlowInfo& info, const action::dp::PortNaming& ports,
                      const DumpOptions& options, Time now) {
    FlowTexts texts = texts_of(info, ports, options);
    const auto& s = info.stats;
    const auto used =
        s.used ? codec::Json(std::chrono::duration<double>(now - *s.used).count()) : codec::Json();
    return codec::Json::object({{"ufid", ufid_text(info.id).substr(5)},
                                {"flow", std::move(texts.match)},
                                {"packets", codec::number(s.packets)},
                                {"bytes", codec::number(s.bytes)},
                                {"used", used},
                                {"tcp_flags", flags_text(s.tcp_flags)},
                                {"actions", std::move(texts.actions)}});
}

FlowInfos flows_of(const dp::Datapath& datapath, const std::optional<flow::Match>& filter) {
    FlowInfos out;
    datapath.for_each_flow([&](const dp::FlowInfo& info) {
        if (!filter || passes(info.match, *filter)) out.push_back(info);
    });
    return out;
}

FlowInfos flows_of(bridge::Backer& backer, const bridge::Bridge& bridge) {
    std::set<DpPort> ports;
    for (const auto& [name, m] : bridge.members)
        if (!m.is_patch()) ports.insert(m.dp_port);
    FlowInfos out;
    backer.datapath().for_each_flow([&](const dp::FlowInfo& info) {
        if (ports.contains(info.match.key.dp_in_port())) out.push_back(info);
    });
    return out;
}

obs::Shown show_flows(const FlowInfos& flows, const dp::Datapath& datapath, const DumpOptions& options,
                      Time now) {
    const action::dp::PortNaming ports = port_naming(datapath);
    if (options.json) {
        codec::JsonArray list;
        for (const auto& info : flows) list.push_back(flow_json(info, ports, options, now));
        return codec::Json(std::move(list));
    }
    std::string out;
    for (const auto& info : flows) {
        if (out.empty() && options.heading) out = "flow-dump from the main thread:\n";
        out += flow_text(info, ports, options, now) + "\n";
    }
    return out;
}

}  // namespace weft::ctl
