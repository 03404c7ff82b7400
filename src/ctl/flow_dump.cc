// SPDX-License-Identifier: Apache-2.0
#include "ctl/flow_dump.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/uuid.h"
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

std::vector<dp::FlowInfo> sorted_flows(const dp::Datapath& datapath,
                                       const std::function<bool(const dp::FlowInfo&)>& wanted) {
    std::vector<dp::FlowInfo> out;
    datapath.for_each_flow([&](const dp::FlowInfo& info) {
        if (wanted(info)) out.push_back(info);
    });
    return out;
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

std::string flow_text(const dp::FlowInfo& info, const action::dp::PortNaming& ports,
                      const DumpOptions& options, Time now) {
    action::dp::PortNaming naming = ports;
    if (!options.names) naming.name = nullptr;
    const bool more = options.verbose && options.of_dpctl;
    std::string out;
    if (options.verbose) out = ufid_text(info.id) + (more ? ", " : " ");
    flow::FlowKey key = info.match.key;
    if (options.verbose) info.kinds.fill(key);
    const flow::DpPortNames names{naming.name, naming.number};
    out += flow::format_dp_flow(key, info.match.mask, {.verbose = options.verbose, .ports = &names});
    out += ", " + flow_stats_text(info.stats, now);
    if (more) out += ", dp:ovs";
    out += ", actions:" + action::dp::to_text(*info.actions, naming);
    if (more) out += ", dp-extra-info:" + mask_words_text(info.match.mask);
    return out;
}

std::string dump_flows(const dp::Datapath& datapath, const DumpOptions& options, Time now) {
    const action::dp::PortNaming ports = port_naming(datapath);
    std::string out;
    for (const auto& info : sorted_flows(datapath, [&](const dp::FlowInfo& i) {
             return !options.filter || passes(i.match, *options.filter);
         })) {
        if (out.empty() && options.heading) out = "flow-dump from the main thread:\n";
        out += flow_text(info, ports, options, now) + "\n";
    }
    return out;
}

std::string dump_bridge_flows(bridge::Backer& backer, const bridge::Bridge& bridge,
                              const DumpOptions& options, Time now) {
    std::set<DpPort> ports;
    for (const auto& [name, m] : bridge.members)
        if (!m.is_patch()) ports.insert(m.dp_port);
    const action::dp::PortNaming names = port_naming(backer.datapath());
    std::string out;
    for (const auto& info : sorted_flows(backer.datapath(), [&](const dp::FlowInfo& i) {
             return ports.contains(i.match.key.dp_in_port());
         }))
        out += flow_text(info, names, options, now) + "\n";
    return out;
}

}  // namespace weft::ctl
