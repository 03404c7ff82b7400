// SPDX-License-Identifier: Apache-2.0
#include "bridge/ports.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "bridge/identity.h"

namespace weft::bridge {

namespace {

constexpr int default_mtu = 1500;
constexpr const char* hook_key = "ebpf-hook";

bool is_patch(const InterfaceConfig& i) { return i.type == "patch"; }

const InterfaceConfig* find_interface(const BridgeConfig& config, std::string_view name) {
    for (const PortConfig& port : config.ports)
        for (const InterfaceConfig& i : port.interfaces)
            if (i.name == name) return &i;
    return nullptr;
}

void detach(Backer& backer, Bridge& bridge, const Member& member) {
    if (member.dp_port != dp_none) (void)backer.datapath().remove_port(member.dp_port);
    bridge.macs->flush(member.bundle);
}

dp::PortSpec spec_of(const Bridge& bridge, const InterfaceConfig& i) {
    dp::PortSpec spec{i.name, i.type.empty() ? "system" : i.type, {}, std::nullopt};
    spec.options.insert(i.options.begin(), i.options.end());
    if (i.mtu_request) spec.options["mtu_request"] = std::to_string(*i.mtu_request);
    if (i.name == bridge.config.name)
        spec.options["mac"] = bridge.mac.to_string();
    else if (i.mac && !i.mac->is_multicast())
        spec.options["mac"] = i.mac->to_string();
    return spec;
}

/// A made-up address for a patch port, which has no device: the same in every run.
Mac patch_mac(const InterfaceConfig& i) {
    Mac mac;
    std::copy_n(i.row.b.begin(), 6, mac.b.begin());
    mac.b[0] = static_cast<uint8_t>((mac.b[0] & ~1) | 2);
    return mac;
}

std::string patch_error(const InterfaceConfig& i) {
    const std::string_view peer = get(i.options, "peer");
    if (peer.empty()) return fmt::format("{}: patch type requires valid 'peer' argument", i.name);
    if (peer == i.name) return fmt::format("{}: patch peer must not be self", i.name);
    if (i.options.size() > 1) return fmt::format("{}: patch type takes only a 'peer' argument", i.name);
    return {};
}

/// Makes a device what its row says, as far as it lets us.
void configure(Backer& backer, const Bridge& bridge, const Member& member, const obs::LogModule& log) {
    const InterfaceConfig& i = member.config;
    if (i.mac && i.mac->is_multicast())
        LOG(log, err, "interface {}: cannot set MAC to multicast address", i.name);
    dp::PortSpec spec = spec_of(bridge, i);
    spec.options[hook_key] = get(i.other_config, hook_key);
    const auto done = backer.datapath().set_port_options(member.dp_port, spec);
    if (!done) LOG(log, warn, "{}", done.error().message);
}

/// The device behind `i`, or why there is none.
Result<Member> open(Backer& backer, const Bridge& bridge, const InterfaceConfig& i,
                    const obs::LogModule& log) {
    Member member;
    member.config = i;
    const auto earlier = bridge.earlier_of_config.find(i.name);
    if (earlier != bridge.earlier_of_config.end()) member.of_config = earlier->second;
    if (!i.error.empty()) return fail(i.error);
    if (is_patch(i)) {
        if (const std::string error = patch_error(i); !error.empty()) return fail(error);
        member.patch = std::make_shared<pipeline::PatchCounters>();
        member.state.name = i.name;
        member.state.type = "patch";
        member.state.mac = patch_mac(i);
        member.state.admin_up = member.state.link_up = true;
        return member;
    }
    dp::PortSpec spec = spec_of(bridge, i);
    spec.request = backer.earlier_number(i.name);
    const auto port = backer.datapath().add_port(spec);
    if (!port) return fail(open_error(i.name, port.error()));
    member.dp_port = *port;
    member.state.name = i.name;
    configure(backer, bridge, member, log);
    return member;
}

void update(Backer& backer, const Bridge& bridge, Member& member, const InterfaceConfig& i,
            const obs::LogModule& log) {
    const bool options_changed = member.config.options != i.options ||
                                 member.config.mtu_request != i.mtu_request || member.config.mac != i.mac ||
                                 get(member.config.other_config, hook_key) != get(i.other_config, hook_key);
    member.config = i;
    if (options_changed && member.dp_port != dp_none) configure(backer, bridge, member, log);
}

/// Who is asked first which number it gets: who asks for one, who had one, the others.
int rank(const InterfaceConfig& i) { return i.ofport_request ? 0 : i.ofport.value_or(-1) > 0 ? 1 : 2; }

/// Gives numbers to the interfaces that work: a bad row takes none. There are more numbers than a bridge can
/// have ports. True if one has changed.
bool number_members(Bridge& bridge) {
    bool changed = false;
    const auto number = [&](const InterfaceConfig& i) {
        const auto it = bridge.members.find(i.name);
        if (it == bridge.members.end()) return;
        const OfPort given = bridge.numbers.assign(i, i.name == bridge.config.name).value_or(ofpp::none);
        changed = changed || given != it->second.number;
        it->second.number = given;
    };
    for (int turn = 0; turn <= 2; ++turn)
        for (const PortConfig& port : bridge.config.ports)
            for (const InterfaceConfig& i : port.interfaces)
                if (rank(i) == turn) number(i);
    return changed;
}

void tell_error(Bridge& bridge, const std::string& interface, const std::string& what,
                const obs::LogModule& log) {
    auto& error = bridge.errors[interface];
    if (error != what) LOG(log, warn, "{}", what);
    error = what;
}

/// A device that was there has gone.
bool is_gone(const Member& m, const dp::PortState& now) {
    return m.state.ifindex != 0 && now.ifindex == 0 && now.mac.is_zero();
}

using MemberAt = std::map<std::string, Member, std::less<>>::iterator;

/// True if something that matters has changed; a member whose device has gone is detached.
bool note_state(Backer& backer, Bridge& bridge, MemberAt it, dp::PortState state) {
    if (is_gone(it->second, state)) {
        bridge.errors[state.name] = open_error(state.name, {"", ENODEV});
        detach(backer, bridge, it->second);
        bridge.members.erase(it);  // its number stays with its name
        return true;
    }
    dp::PortState& old = it->second.state;
    // The kernel counts changes that were over before we looked; not those by the administrator's will.
    const bool is_first = old.ifindex == 0;
    if (!is_first)
        it->second.link_resets +=
            std::max<uint64_t>(state.link_resets - old.link_resets, old.link_up != state.link_up ? 1 : 0);
    const bool changed = old.admin_up != state.admin_up || old.link_up != state.link_up ||
                         old.mac != state.mac || old.mtu != state.mtu || old.ifindex != state.ifindex;
    old = std::move(state);
    return changed;
}

}  // namespace

std::string open_error(std::string_view name, const Error& error) {
    if (error.code == 0) return error.message;
    return fmt::format("could not open network device {} ({})", name, std::strerror(error.code));
}

void detach_unwanted(Backer& backer, Bridge& bridge) {
    std::set<std::string> named;
    for (const PortConfig& port : bridge.config.ports)
        for (const InterfaceConfig& i : port.interfaces) named.insert(i.name);
    for (auto it = bridge.members.begin(); it != bridge.members.end();) {
        const InterfaceConfig* wanted = find_interface(bridge.config, it->first);
        if (wanted && wanted->type == it->second.config.type && wanted->error.empty()) {
            ++it;
            continue;
        }
        detach(backer, bridge, it->second);
        if (!wanted) bridge.numbers.release(it->first);
        it = bridge.members.erase(it);
    }
    std::erase_if(bridge.errors, [&](const auto& e) { return !named.contains(e.first); });
    for (auto it = bridge.bundles.begin(); it != bridge.bundles.end();)
        it = std::ranges::any_of(bridge.config.ports, [&](const auto& p) { return p.name == it->first; })
                 ? std::next(it)
                 : bridge.bundles.erase(it);
}

void detach_devices(Backer& backer, Bridge& bridge) {
    std::erase_if(bridge.members, [&](const auto& m) {
        const bool is_ours = m.second.config.type == "internal" || m.second.config.type == "tap";
        if (!is_ours) detach(backer, bridge, m.second);
        return !is_ours;
    });
}

void detach_all(Backer& backer, Bridge& bridge) {
    for (const auto& [name, member] : bridge.members) detach(backer, bridge, member);
    bridge.members.clear();
}

bool attach_wanted(Backer& backer, Bridge& bridge, Time now, const obs::LogModule& log) {
    std::set<std::string> fresh;
    for (const PortConfig& port : bridge.config.ports) {
        auto [bundle, is_new] = bridge.bundles.try_emplace(port.name);
        if (is_new) bundle->second = backer.new_bundle_id();
        for (const InterfaceConfig& i : port.interfaces) {
            auto it = bridge.members.find(i.name);
            if (it == bridge.members.end()) {
                auto member = open(backer, bridge, i, log);
                if (!member) {
                    tell_error(bridge, i.name, member.error().message, log);
                    continue;
                }
                it = bridge.members.emplace(i.name, std::move(*member)).first;
                it->second.created = now;
                fresh.insert(i.name);
            } else {
                update(backer, bridge, it->second, i, log);
            }
            bridge.errors.erase(i.name);
            it->second.bundle = bundle->second;
        }
    }
    const bool renumbered = number_members(bridge);
    for (const auto& name : fresh)
        LOG(log, info, "bridge {}: added interface {} on port {}", bridge.config.name, name,
            bridge.members.at(name).number.value);
    return renumbered || !fresh.empty();
}

void join_patch_ports(Backer& backer, std::string_view datapath_type) {
    struct End {
        Bridge* bridge;
        Member* member;
    };
    std::map<std::string, End, std::less<>> ends;
    for (const auto& [name, bridge] : backer.bridges)
        for (auto& [interface, member] : bridge->members)
            if (member.is_patch()) ends[interface] = {bridge.get(), &member};
    for (auto& [name, end] : ends) {
        const std::string_view peer_name = get(end.member->config.options, "peer");
        const auto peer = ends.find(peer_name);
        const bool joined = peer != ends.end() && get(peer->second.member->config.options, "peer") == name;
        end.member->peer.reset();
        if (joined) {
            end.member->peer = pipeline::PortAt{peer->second.bridge->id, peer->second.member->number};
            end.bridge->errors.erase(name);
        } else {
            end.bridge->errors[name] =
                fmt::format("No usable peer '{}' exists in '{}' datapath.", peer_name, datapath_type);
        }
    }
}

bool refresh_states(Backer& backer, Bridge& bridge) {
    bool changed = false;
    for (dp::PortState& state : backer.datapath().ports()) {
        const auto it = bridge.members.find(state.name);
        if (it != bridge.members.end() && it->second.dp_port == state.number)
            changed = note_state(backer, bridge, it, std::move(state)) || changed;
    }
    return changed;
}

bool refresh_states(Backer& backer, Bridge& bridge, const dp::DeviceNews& news) {
    if (news.all) return refresh_states(backer, bridge);
    bool changed = false;
    for (const std::string& name : news.names) {
        const auto it = bridge.members.find(name);
        if (it == bridge.members.end() || it->second.dp_port == dp_none) continue;
        if (auto state = backer.datapath().port_state(it->second.dp_port))
            changed = note_state(backer, bridge, it, std::move(*state)) || changed;
    }
    return changed;
}

void settle_identity(Backer& backer, Bridge& bridge) {
    std::vector<Mac> macs;
    int mtu = 0;
    for (const auto& [name, m] : bridge.members) {
        if (m.is_patch() || m.config.type == "internal") continue;
        macs.push_back(m.state.mac);
        if (m.state.mtu > 0) mtu = mtu == 0 ? m.state.mtu : std::min(mtu, m.state.mtu);
    }
    bridge.mac = choose_mac(bridge.config, macs);
    bridge.datapath_id = choose_datapath_id(bridge.config, bridge.mac);
    const auto local = bridge.members.find(bridge.config.name);
    if (local == bridge.members.end()) return;
    const Member& m = local->second;
    const int wanted = m.config.mtu_request ? static_cast<int>(*m.config.mtu_request)
                       : mtu                ? mtu
                                            : default_mtu;
    if (m.state.mac == bridge.mac && m.state.mtu == wanted) return;
    dp::PortSpec spec = spec_of(bridge, m.config);
    spec.options["mtu_request"] = std::to_string(wanted);
    (void)backer.datapath().set_port_options(m.dp_port, spec);
}

}  // namespace weft::bridge
