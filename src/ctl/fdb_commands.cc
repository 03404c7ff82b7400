// SPDX-License-Identifier: Apache-2.0
// fdb/*: the MAC learning tables.
#include <fmt/core.h>

#include <charconv>

#include "codec/json_counter.h"
#include "ctl/context.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;
using obs::Shown;
using Runtime = bridge::Switch::Runtime;

std::string port_text(const bridge::Bridge& b, pipeline::BundleId bundle) {
    for (const auto& [name, m] : b.members)
        if (m.bundle == bundle) return m.number == ofpp::local ? "LOCAL" : std::to_string(m.number.value);
    return "?";
}

codec::Json entries_json(const bridge::Bridge& b, Time now) {
    codec::JsonArray out;
    for (const auto& e : b.macs->entries()) {
        const std::string port = port_text(b, e.port);
        const auto age = std::chrono::duration<double>(now - e.used).count();
        const bool is_number = port.find_first_not_of("0123456789") == std::string::npos;
        out.push_back(codec::Json::object({{"port", is_number ? codec::Json(std::stoi(port)) : port},
                                           {"vlan", e.vlan},
                                           {"mac", e.mac.to_string()},
                                           {"static", e.is_static},
                                           {"age", e.is_static ? codec::Json() : age}}));
    }
    return out;
}

std::string show(const bridge::Bridge& b, Time now) {
    std::string out = " port  VLAN  MAC                Age\n";
    for (const auto& e : b.macs->entries()) {
        out += fmt::format("{:>5}  {:>4}  {}  ", port_text(b, e.port), e.vlan, e.mac.to_string());
        if (e.is_static)
            out += "static\n";
        else
            out += fmt::format("{:>3}\n",
                               std::chrono::duration_cast<std::chrono::seconds>(now - e.used).count());
    }
    return out;
}

std::string show_stats(const bridge::Bridge& b) {
    const auto s = b.macs->stats();
    return fmt::format(
        "Statistics for bridge \"{}\":\n"
        "  Current/maximum MAC entries in the table: {}/{}\n"
        "  Current static MAC entries in the table : {}\n"
        "  Total number of learned MAC entries     : {}\n"
        "  Total number of expired MAC entries     : {}\n"
        "  Total number of evicted MAC entries     : {}\n"
        "  Total number of port moved MAC entries  : {}\n",
        b.config.name, s.entries, s.max_entries, s.static_entries, s.learned, s.expired, s.evicted, s.moved);
}

codec::Json stats_json(const bridge::Bridge& b) {
    const auto s = b.macs->stats();
    return codec::Json::object({{"bridge", b.config.name},
                                {"entries", s.entries},
                                {"max_entries", s.max_entries},
                                {"static_entries", s.static_entries},
                                {"learned", codec::number(s.learned)},
                                {"expired", codec::number(s.expired)},
                                {"evicted", codec::number(s.evicted)},
                                {"moved", codec::number(s.moved)}});
}

uint16_t parse_vlan(const std::string& text) {
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return static_cast<uint16_t>(value);
}

Result<std::string> add(const Context& c, CommandArgs args) {
    Runtime* r = TRY(find_bridge(c, args[0]));
    const auto member = r->bridge->members.find(args[1]);
    if (member == r->bridge->members.end())
        return fail("software error, odp port is present but no ofp port");
    const auto mac = Mac::parse(args[3]);
    if (!mac) return fail("bad MAC address");
    if (!r->bridge->macs->add_static(parse_vlan(args[2]), *mac, member->second.bundle, c.loop.now()))
        return fail("no space left for a static MAC entry: raise other_config:mac-table-size");
    r->backer->revalidator().hurry();
    return "";
}

Result<std::string> remove(const Context& c, CommandArgs args) {
    Runtime* r = TRY(find_bridge(c, args[0]));
    const auto mac = Mac::parse(args[2]);
    if (!mac) return fail("bad MAC address");
    if (!r->bridge->macs->remove(parse_vlan(args[1]), *mac)) return fail("could not find static mac entry");
    r->backer->revalidator().hurry();
    return "";
}

/// Calls `act` on the bridge that is named, or on all.
Result<std::string> for_each(const Context& c, CommandArgs args, std::string_view done,
                             const std::function<void(Runtime&)>& act) {
    if (!args.empty())
        act(*TRY(find_bridge(c, args[0])));
    else
        for (auto& [name, r] : c.sw.bridges()) act(r);
    return std::string(done);
}

}  // namespace

void add_fdb_commands(obs::CommandTable& table, const Context& c) {
    table.add("fdb/add", "bridge port vlan mac", 4, 4, [c](CommandArgs args) { return add(c, args); });
    table.add("fdb/del", "bridge vlan mac", 3, 3, [c](CommandArgs args) { return remove(c, args); });
    table.add("fdb/flush", "[bridge]", 0, 1, [c](CommandArgs args) {
        return for_each(c, args, "table successfully flushed", [](Runtime& r) {
            r.bridge->macs->flush();
            r.backer->revalidator().hurry();
        });
    });
    table.add_show("fdb/show", "bridge", 1, 1, [c](CommandArgs args, bool json) -> Result<Shown> {
        const bridge::Bridge& b = *TRY(find_bridge(c, args[0]))->bridge;
        return json ? Shown(entries_json(b, c.loop.now())) : show(b, c.loop.now());
    });
    table.add_show("fdb/stats-show", "bridge", 1, 1, [c](CommandArgs args, bool json) -> Result<Shown> {
        const bridge::Bridge& b = *TRY(find_bridge(c, args[0]))->bridge;
        return json ? Shown(stats_json(b)) : show_stats(b);
    });
    table.add("fdb/stats-clear", "[bridge]", 0, 1, [c](CommandArgs args) {
        return for_each(c, args, "statistics successfully cleared",
                        [](Runtime& r) { r.bridge->macs->clear_stats(); });
    });
}

}  // namespace weft::ctl
