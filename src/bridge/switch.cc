// SPDX-License-Identifier: Apache-2.0
#include "bridge/switch.h"

#include <algorithm>

#include "bridge/config_keys.h"
#include "bridge/default_rule.h"
#include "bridge/identity.h"
#include "bridge/local_address.h"
#include "bridge/of_convert.h"
#include "bridge/packet_key.h"
#include "bridge/ports.h"
#include "flow/match_text.h"

namespace weft::bridge {

namespace {

/// For what no event tells of: a device that another process held, the speed of a link.
constexpr Duration device_check_interval = 5s;
constexpr Duration fail_open_check_interval = 1s;

std::string_view shown_type(std::string_view datapath_type) {
    return datapath_type.empty() ? std::string_view("system") : datapath_type;
}

const BridgeConfig* find_config(const Config& config, std::string_view name) {
    const auto it = std::ranges::find(config.bridges, name, &BridgeConfig::name);
    return it == config.bridges.end() ? nullptr : &*it;
}

/// Fields as Flow_Table.prefixes names them; others than those the manual lists are passed over.
std::vector<flow::FieldId> prefix_fields(const std::vector<std::string>& names) {
    using enum flow::FieldId;
    constexpr flow::FieldId possible[] = {tun_id, tun_src, tun_dst,  tun_ipv6_src, tun_ipv6_dst,
                                          ip_src, ip_dst,  ipv6_src, ipv6_dst};
    std::vector<flow::FieldId> out;
    for (const std::string& name : names) {
        const flow::Field* field = flow::find_field(name);
        if (field && std::ranges::find(possible, field->id) != std::end(possible)) out.push_back(field->id);
    }
    return out;
}

/// As the manual says, what names no field is passed over.
std::vector<flow::Subfield> eviction_groups(const std::vector<std::string>& names) {
    std::vector<flow::Subfield> out;
    for (const std::string& name : names)
        if (const auto field = flow::parse_subfield(name)) out.push_back(*field);
    return out;
}

uint32_t flow_limit(const BridgeConfig& config, uint8_t table) {
    const auto it = config.flow_tables.find(table);
    if (it == config.flow_tables.end() || !it->second.flow_limit) return pipeline::no_rule_limit;
    return static_cast<uint32_t>(std::clamp<int64_t>(*it->second.flow_limit, 0, pipeline::no_rule_limit));
}

void apply_settings(Bridge& bridge) {
    const StringMap& other = bridge.config.other_config;
    bridge.macs->set_aging(std::chrono::seconds(number_of(other, "Bridge", "mac-aging-time")));
    bridge.macs->set_limit(static_cast<size_t>(number_of(other, "Bridge", "mac-table-size")));
    for (uint8_t id = 0; id < pipeline::internal_table; ++id) {
        pipeline::TableConfig table = bridge.tables->config(id);
        const auto wanted = bridge.config.flow_tables.find(id);
        const bool named = wanted != bridge.config.flow_tables.end();
        table.name = bridge.table_name(id);
        table.max_rules = flow_limit(bridge.config, id);
        table.evict = bridge.evicts(id);
        table.groups = named ? eviction_groups(wanted->second.groups) : std::vector<flow::Subfield>();
        table.prefixes = named && !wanted->second.prefixes.empty() ? prefix_fields(wanted->second.prefixes)
                                                                   : pipeline::TableConfig{}.prefixes;
        if (table != bridge.tables->config(id)) bridge.tables->set_config(id, table);
    }
}

/// Whether the bridge has, or wants, one of the devices.
bool concerns(const BridgeConfig& bridge, const dp::DeviceNews& news) {
    if (news.all) return true;
    if (news.names.empty()) return false;
    return std::ranges::any_of(bridge.ports, [&](const PortConfig& port) {
        return std::ranges::any_of(port.interfaces,
                                   [&](const InterfaceConfig& i) { return news.names.contains(i.name); });
    });
}

}  // namespace

Switch::Switch(Environment environment) : env_(std::move(environment)) {}

Switch::~Switch() { drop_all(); }

void Switch::release() {
    // Another process has the devices now: what would go on forwarding after this one's end must not.
    for (auto& [name, r] : runtimes_) detach_devices(*r.backer, *r.bridge);
    drop_all();
    ++changes_;
    env_.wake();
}

void Switch::drop_all() {
    settle_checkpoint();
    for (auto& [name, r] : runtimes_) {
        r.openflow.reset();
        r.of_switch.reset();
    }
    runtimes_.clear();
    backers_.clear();
    config_ = {};
}

Switch::Runtime* Switch::find(std::string_view bridge) {
    const auto it = runtimes_.find(bridge);
    return it == runtimes_.end() ? nullptr : &it->second;
}

Backer* Switch::backer_for(const BridgeConfig& config) {
    if (!env_.resolve_type(config.datapath_type)) {
        bridge_errors_[config.name] = "unknown datapath type " + config.datapath_type;
        return nullptr;
    }
    if (config.name.find('/') != std::string::npos || config.name.starts_with('.')) {
        bridge_errors_[config.name] = "invalid name: choose one without '/' that does not start with '.'";
        return nullptr;
    }
    const auto backer = open_backer(config);
    if (backer) return *backer;
    bridge_errors_[config.name] = backer.error().message;
    return nullptr;
}

Result<Backer*> Switch::open_backer(const BridgeConfig& config) {
    const std::string type = *env_.resolve_type(config.datapath_type);
    const auto it = backers_.find(type);
    if (it != backers_.end()) return it->second.get();
    auto datapath = env_.open_datapath(type);
    if (!datapath) {
        if (env_.resolve_type(config.datapath_type) == type) return std::unexpected(datapath.error());
        LOG(env_.log, warn, "bridge {}: no {} datapath, forwarding in user space instead: {}", config.name,
            type, why_other(config.datapath_type));
        return open_backer(config);
    }
    Backer* backer = backers_.emplace(type, std::make_unique<Backer>(std::move(*datapath), *env_.sink))
                         .first->second.get();
    backer->cache().set_clock(env_.clock);
    wait_for_flows(*backer);
    restore(*backer);
    if (const int fd = backer->datapath().news_fd(); fd >= 0 && env_.watch)
        backer->watch = env_.watch(fd, [this, backer] {
            backer->datapath().note_news();
            env_.wake();
        });
    return backer;
}

void Switch::apply(const Config& wanted, Time now) {
    if (env_.note_settings) env_.note_settings(wanted.other_config);
    settle_checkpoint();
    remove_unwanted(wanted);
    config_ = wanted;
    bridge_errors_.clear();
    for (const BridgeConfig& bridge : config_.bridges) apply_bridge(bridge, now);
    std::erase_if(backers_, [](const auto& item) { return item.second->bridges.empty(); });
    apply_limits();
    next_hop_check_ = {};
    for (auto& [type, backer] : backers_) join_patch_ports(*backer, shown_type(type));
    for (auto& [name, runtime] : runtimes_) settle(runtime, now);
    for (auto& [type, backer] : backers_) backer->publish();
    go(now);
    for (auto& [name, runtime] : runtimes_) tell_ports(runtime);
    warn_unsupported();
    ++changes_;
    env_.wake();
}

void Switch::remove_unwanted(const Config& wanted) {
    for (auto it = runtimes_.begin(); it != runtimes_.end();) {
        const auto gone = it++;
        const BridgeConfig* config = find_config(wanted, gone->first);
        const auto type = config ? env_.resolve_type(config->datapath_type) : std::nullopt;
        if (!type || backers_.find(*type) == backers_.end() ||
            backers_.find(*type)->second.get() != gone->second.backer) {
            destroy(gone);
            continue;
        }
        gone->second.bridge->config = *config;
        detach_unwanted(*gone->second.backer, *gone->second.bridge);
    }
}

void Switch::apply_bridge(const BridgeConfig& config, Time now) {
    Runtime* runtime = find(config.name);
    if (!runtime) {
        Backer* backer = backer_for(config);
        if (!backer) {
            LOG(env_.log, err, "failed to create bridge {}: {}", config.name, bridge_errors_[config.name]);
            return;
        }
        create(config, *backer, now);
        runtime = find(config.name);
    }
    Bridge& bridge = *runtime->bridge;
    bridge.config = config;
    if (bridge.mac.is_zero()) bridge.mac = choose_mac(config, {});
    apply_settings(bridge);
    attach_wanted(*runtime->backer, bridge, now, env_.log);
    refresh_states(*runtime->backer, bridge);
}

void Switch::create(const BridgeConfig& config, Backer& backer, Time now) {
    auto bridge =
        std::make_unique<Bridge>(pipeline::BridgeId{next_bridge_++}, backer.state().versions(), now);
    bridge->config = config;
    Runtime& runtime = runtimes_[config.name];
    runtime.backer = &backer;
    runtime.bridge = bridge.get();
    const std::string name = config.name;
    OfSwitch::Calls calls;
    calls.tables_changed = [this, name](HistoryStep step, const openflow::Requester& from) {
        Runtime* r = find(name);
        r->backer->revalidator().hurry();
        tables_changed(*r, std::move(step), from);
        env_.wake();
    };
    calls.bridge_changed = [this, name] {
        Runtime* r = find(name);
        r->backer->publish();
        tell_ports(*r);
        env_.wake();
    };
    calls.device_changed = [this] { next_device_check_ = {}; };
    runtime.of_switch = std::make_unique<OfSwitch>(backer, *bridge, std::move(calls));
    backer.bridges[config.name] = std::move(bridge);
    restore(runtime);
}

void Switch::destroy(std::map<std::string, Runtime, std::less<>>::iterator it) {
    Runtime& r = it->second;
    r.openflow.reset();
    r.bridge->meters.remove_all(r.backer->datapath());
    detach_all(*r.backer, *r.bridge);
    r.of_switch.reset();
    Backer& backer = *r.backer;
    // The megaflows of packets that crossed this bridge go with the next pass; the bridge itself stays until
    // the last reader of the published state has left.
    std::unique_ptr<Bridge> last = std::move(backer.bridges.find(it->first)->second);
    backer.bridges.erase(it->first);
    runtimes_.erase(it);
    backer.publish();
}

void Switch::wait_for_flows(Backer& backer) {
    const bool waits = get_bool(config_.other_config, "flow-restore-wait");
    if (backer.cache().waits_for_flows() && !waits) backer.revalidator().hurry();
    backer.cache().set_waits_for_flows(waits);
}

void Switch::apply_limits() {
    const StringMap& other = config_.other_config;
    const auto setting = [&](std::string_view key) { return number_of(other, "Open_vSwitch", key); };
    RevalidatorLimits limits;
    limits.flow_limit = static_cast<size_t>(setting("flow-limit"));
    limits.max_idle = std::chrono::milliseconds(setting("max-idle"));
    limits.interval = std::chrono::milliseconds(setting("max-revalidator"));
    int64_t vlan_limit = setting("vlan-limit");
    if (vlan_limit == 0) vlan_limit = 2;
    const pipeline::Limits translation{.depth = static_cast<int>(setting("max-translation-depth")),
                                       .resubmits = static_cast<int>(setting("max-resubmits"))};
    for (auto& [type, backer] : backers_) {
        backer->set_limits(translation);
        backer->revalidator().set_limits(limits);
        wait_for_flows(*backer);
        backer->self_check().set_budget(static_cast<uint32_t>(setting("self-check-ppm")));
        if (env_.configure_datapath) env_.configure_datapath(backer->datapath(), other);
        backer->set_vlan_limit(static_cast<size_t>(std::min<int64_t>(vlan_limit, 2)));
    }
}

void Switch::warn_unsupported() {
    std::set<Unsupported> now(config_.unsupported.begin(), config_.unsupported.end());
    for (const Unsupported& u : now)
        if (!warned_.contains(u))
            LOG(env_.log, warn, "{} {}: column {} {}", u.table, u.row, u.column, u.problem);
    warned_ = std::move(now);
}

void Switch::settle(Runtime& r, Time now) {
    const uint64_t old_id = r.bridge->datapath_id;
    settle_identity(*r.backer, *r.bridge);
    refresh_states(*r.backer, *r.bridge);
    if (r.bridge->datapath_id != old_id)
        LOG(env_.log, info, "bridge {}: using datapath ID {}", r.bridge->config.name,
            format_datapath_id(r.bridge->datapath_id));
    decide_default_rule(r, now);
    if (env_.host) configure_local_port(*r.bridge, *env_.host, env_.log);
    apply_in_band(r, now);
    if (!r.openflow && env_.open_openflow) r.openflow = env_.open_openflow(*r.bridge, *r.of_switch);
    if (r.openflow) r.openflow->configure(*r.bridge, now);
}

bool Switch::apply_in_band(Runtime& r, Time now) {
    InBand::FindHop find_hop;
    const Member* local = std::as_const(*r.bridge).find(ofpp::local);
    const bool is_device = local && local->state.ifindex > 0;  // a dummy's packets do not go by our routes
    if (env_.host && is_device) find_hop = [this](Ip4 to) { return env_.host->next_hop(to); };
    return r.in_band.apply(*r.bridge, config_.managers, find_hop, now);
}

Time Switch::check_next_hops(Time now) {
    if (now >= next_hop_check_) {
        next_hop_check_ = never;
        for (auto& [name, r] : runtimes_) {
            if (!r.in_band.has_remotes()) continue;
            next_hop_check_ = now + InBand::next_hop_interval;
            if (apply_in_band(r, now)) r.backer->revalidator().hurry();
        }
    }
    return next_hop_check_;
}

void Switch::decide_default_rule(Runtime& r, Time now) {
    const bool alone = switches_alone(r.bridge->config);
    if (r.default_rule == alone) return;
    const bool first = !r.default_rule.has_value();
    r.default_rule = alone;
    if (first && !alone) return;
    tables_changed(r, {.when = now,
                       .source = HistoryStep::Source::switch_itself,
                       .events = restart_tables(*r.bridge, alone, now)});
}

void Switch::tables_changed(Runtime& r, HistoryStep step, const openflow::Requester& from) {
    if (r.openflow) {
        r.openflow->rules_changed(step.events, from, step.when);
        for (const auto& status : r.of_switch->table_news()) r.openflow->send_table_status(status);
    }
    step.version = r.backer->state().versions().current();
    r.bridge->history.add(std::move(step));
}

bool Switch::may_fail_open(const Runtime& r) {
    return r.openflow && r.bridge->config.fail_mode != "secure" && has_controllers(r.bridge->config);
}

void Switch::decide_fail_open(Runtime& r, Time now) {
    const bool open = may_fail_open(r) && r.openflow->is_abandoned(now);
    if (open == r.fail_open) return;
    r.fail_open = open;
    set_fail_open(*r.bridge, open, now);
    r.backer->revalidator().hurry();
    if (open)
        LOG(env_.log, warn,
            "Could not connect to controller (or switch failed controller's post-connection "
            "admission control policy), failing open");
}

void Switch::tell_ports(Runtime& r) {
    using openflow::PortReason;
    std::map<OfPort, openflow::PortDesc> current;
    for (openflow::PortDesc& desc : r.of_switch->ports()) current.emplace(desc.number, std::move(desc));
    const auto told = std::exchange(r.told, std::move(current));
    if (!r.openflow) return;
    for (const auto& [number, desc] : told)
        if (!r.told.contains(number)) r.openflow->send_port_status({PortReason::remove, desc}, nullptr);
    for (const auto& [number, desc] : r.told) {
        const auto old = told.find(number);
        openflow::PortDesc before = old == told.end() ? desc : old->second;
        if (old == told.end()) {  // a new port comes to life once it is there
            before.state &= ~openflow::port_state::live;
            r.openflow->send_port_status({PortReason::add, before}, nullptr);
        }
        if (before != desc) r.openflow->send_port_status({PortReason::modify, desc}, &before);
    }
}

void Switch::refresh(Runtime& r, const dp::DeviceNews& news, Time now) {
    // First what has gone: a device of the same name may be there already.
    bool changed = refresh_states(*r.backer, *r.bridge, news);
    changed = attach_wanted(*r.backer, *r.bridge, now, env_.log) || changed;
    if (!changed) return;
    refresh_states(*r.backer, *r.bridge);
    ++changes_;
    settle_identity(*r.backer, *r.bridge);
    refresh_states(*r.backer, *r.bridge);
    if (env_.host) configure_local_port(*r.bridge, *env_.host, env_.log);
    join_patch_ports(*r.backer, shown_type(r.bridge->config.datapath_type));
    r.backer->publish();
    tell_ports(r);
}

void Switch::refresh_devices(Time now, const dp::DeviceNews& news) {
    for (auto& [name, r] : runtimes_)
        if (concerns(r.bridge->config, news)) refresh(r, news, now);
}

void Switch::take_news(Time now) {
    dp::DeviceNews news{.names = {}, .all = next_device_check_ <= now};
    if (news.all) next_device_check_ = now + device_check_interval;
    for (auto& [type, backer] : backers_) {
        dp::DeviceNews more = backer->datapath().take_news();
        news.names.merge(more.names);
        news.all = news.all || more.all;
    }
    refresh_devices(now, news);
}

Time Switch::run(Time now) {
    Time next = never;
    std::vector<Backer::Expired> expired;
    for (auto& [type, backer] : backers_) next = std::min(next, backer->run(now, expired));
    take_news(now);
    next = std::min({next, next_device_check_, check_next_hops(now)});
    for (auto& [name, r] : runtimes_) {
        const bool misses = r.openflow && r.openflow->wants_misses();
        if (misses != r.bridge->miss_to_controller) {
            r.bridge->miss_to_controller = misses;
            r.backer->publish();
        }
        decide_fail_open(r, now);
        if (may_fail_open(r)) next = std::min(next, now + fail_open_check_interval);
    }
    for (auto& e : expired) {
        Runtime* r = find(e.bridge->config.name);
        r->backer->revalidator().hurry();
        tables_changed(*r,
                       {.when = now, .source = HistoryStep::Source::expired, .events = std::move(e.events)});
    }
    return std::min(next, save(now));
}

/// To the controllers. What none takes is dropped.
void Switch::deliver(const PuntedPacket& punted, Time now) {
    using openflow::Delivery;
    for (auto& [name, r] : runtimes_) {
        if (r.bridge->id != punted.bridge) continue;
        const Delivery done = r.openflow ? r.openflow->send_packet_in(*punted.packet, now) : Delivery::nobody;
        const openflow::PacketIn& m = punted.packet->message;
        // Where a TTL ran out, that is the reason, whether or not somebody is told.
        if (done == Delivery::taken || m.reason == openflow::PacketInReason::invalid_ttl) return;
        const SwitchDrop reason =
            done == Delivery::nobody ? SwitchDrop::no_controller : SwitchDrop::controller_busy;
        r.backer->cache().drops().cell(reason, punted.in_port)->count(1, m.total_len);
        flow::FlowKey key = key_of_packet(packet::Packet::copy_of(m.packet));
        key.set_in_port(punted.in_port);
        r.backer->record(std::move(*make_sample(reason, m.packet, key, now)), now);
        return;
    }
}

/// Where translation came to one of its limits: which flow it was at.
void Switch::warn_of_limit(Backer& backer, const DropRecord& record) {
    using pipeline::Drop;
    constexpr Drop limits[] = {Drop::recursion_too_deep, Drop::too_many_resubmit, Drop::stack_too_deep};
    const auto is_reason = [&](Drop limit) { return record.reason.is(limit); };
    const Bridge* bridge = backer.find(record.site.bridge);
    if (!bridge || !record.site.rule || std::ranges::none_of(limits, is_reason)) return;
    const std::string match = flow::format_match(record.site.rule->match().expand());
    LOG(limit_log_, warn,
        "bridge {0}: {1}: packets are dropped by the flow table={2},priority={3}{4}{5} (weft why {0} tells "
        "more)",
        bridge->config.name, record.reason.text(), record.site.rule->table(), record.site.rule->priority(),
        match.empty() ? "" : ",", match);
}

void Switch::handle(Event event, Time now) {
    if (const auto* punted = std::get_if<PuntedPacket>(&event)) return deliver(*punted, now);
    if (const auto* dropped = std::get_if<PacketDropped>(&event)) {
        for (auto& [type, backer] : backers_)
            if (&backer->cache() == dropped->cache)
                if (const DropRecord* record = backer->record(std::move(*dropped->sample), now))
                    warn_of_limit(*backer, *record);
        return;
    }
    if (const auto* traced = std::get_if<LiveTraced>(&event)) {
        if (live_traced) live_traced(*traced->story);
        return;
    }
    if (const auto* wrong = std::get_if<FlowWasWrong>(&event)) {
        LOG(env_.log, err, "{}", *wrong->told);
        return;
    }
    if (const auto* merged = std::get_if<MasksMerged>(&event)) {
        LOG(env_.log, warn,
            "port {}: its packets need more than {} different masks in the datapath, which may be an attack; "
            "further flows from it match whole fields (upcall/show-masks tells how many)",
            merged->port, merged->limit);
        return;
    }
    for (auto& [type, backer] : backers_) backer->revalidator().hurry();
    auto* changed = std::get_if<RulesChanged>(&event);
    if (!changed) return;
    const auto it = std::ranges::find_if(
        runtimes_, [&](const auto& item) { return item.second.bridge->tables == changed->tables; });
    if (it != runtimes_.end())
        tables_changed(
            it->second,
            {.when = now, .source = HistoryStep::Source::learned, .events = std::move(changed->events)});
}

}  // namespace weft::bridge
