// SPDX-License-Identifier: Apache-2.0
// upcall/* and revalidator/*: megaflows and what keeps them true.
#include <fmt/core.h>

#include <charconv>

#include "codec/json_counter.h"
#include "ctl/context.h"

namespace weft::ctl {

namespace {

using codec::Json;
using codec::JsonArray;
using obs::CommandArgs;
using obs::Shown;

/// What only this kind of datapath knows, one line for each group.
std::string facts_of(const dp::Datapath& datapath) {
    std::string out;
    std::string_view group;
    for (const dp::DatapathFact& f : datapath.facts()) {
        if (f.group != std::exchange(group, f.group)) out += fmt::format("\n  {:<11}:", f.group);
        out += fmt::format(" ({} {})", f.name, f.value);
    }
    return out.empty() ? out : out + "\n";
}

Json facts_json(const dp::Datapath& datapath) {
    codec::JsonObject out;
    for (const dp::DatapathFact& f : datapath.facts()) {
        codec::JsonObject group = out.contains(f.group) ? *out[f.group].object() : codec::JsonObject();
        group.set(f.name, codec::number(f.value));
        out.set(f.group, Json(std::move(group)));
    }
    return out;
}

Shown show(const Context& c, bool json) {
    std::string out;
    JsonArray list;
    for (auto& [type, backer] : c.sw.backers()) {
        const auto s = backer->revalidator().stats();
        const size_t keys = backer->cache().twins().size(), most = std::max(s.flows_max, keys);
        const int64_t pass_ms = std::max<int64_t>(1, to_ms(s.last_pass));
        list.push_back(Json::object({{"datapath", backer->name()},
                                     {"flows", keys},
                                     {"flows_average", s.flows_average},
                                     {"flows_max", most},
                                     {"flow_limit", backer->cache().flow_limit()},
                                     {"dump_duration_ms", pass_ms},
                                     {"facts", facts_json(backer->datapath())}}));
        out += fmt::format(
            "{}:\n"
            "  flows         : (current {}) (avg {:.0f}) (max {}) (limit {})\n"
            "  dump duration : {}ms\n"
            "  ufid enabled : true\n"
            "\n"
            "  1: (keys {})\n",
            backer->name(), keys, s.flows_average, most, backer->cache().flow_limit(), pass_ms, keys);
        out += facts_of(backer->datapath());
    }
    return json ? Shown(Json(std::move(list))) : out;
}

/// Who brought how many masks into the datapath, and how many flows got another mask for that.
Shown show_masks(const Context& c, bool json) {
    std::string out;
    JsonArray list;
    for (auto& [type, backer] : c.sw.backers()) {
        out += fmt::format("{}:\n", backer->name());
        for (const auto& use : backer->cache().mask_budget().uses()) {
            const std::string name = port_name(*backer, use.port);
            out += fmt::format("  port {}: masks {}, limit {}, flows merged {}\n", name, use.masks,
                               bridge::MaskBudget::default_limit, use.merged);
            list.push_back(Json::object({{"datapath", backer->name()},
                                         {"port", name},
                                         {"masks", use.masks},
                                         {"limit", bridge::MaskBudget::default_limit},
                                         {"flows_merged", codec::number(use.merged)}}));
        }
    }
    return json ? Shown(Json(std::move(list))) : out;
}

/// From arrival to sending, of packets that the fast path did not know.
Shown show_latency(const Context& c, bool json) {
    using obs::Histogram;
    using Us = std::chrono::duration<double, std::micro>;
    std::string out;
    JsonArray list;
    for (auto& [type, backer] : c.sw.backers()) {
        const Histogram::Snapshot s = backer->datapath().upcall_latency();
        uint64_t packets = 0;
        for (const uint64_t n : s.counts) packets += n;
        const double mean = packets ? Us(s.sum).count() / static_cast<double>(packets) : 0;
        out += fmt::format("{}:\n  packets {}, mean {:.1f} us\n", backer->name(), packets, mean);
        JsonArray buckets;
        for (size_t i = 0; i < s.counts.size(); ++i) {
            const bool last = i == Histogram::bounds.size();
            const auto bound = last ? 0 : static_cast<int64_t>(Us(Histogram::bounds[i]).count());
            if (s.counts[i])
                out += last ? fmt::format("  longer: {}\n", s.counts[i])
                            : fmt::format("  at most {} us: {}\n", bound, s.counts[i]);
            buckets.push_back(Json::object(
                {{"at_most_us", last ? Json() : Json(bound)}, {"packets", codec::number(s.counts[i])}}));
        }
        list.push_back(Json::object({{"datapath", backer->name()},
                                     {"packets", codec::number(packets)},
                                     {"mean_us", mean},
                                     {"buckets", Json(std::move(buckets))}}));
    }
    return json ? Shown(Json(std::move(list))) : out;
}

Result<std::string> set_flow_limit(const Context& c, CommandArgs args) {
    size_t limit = 0;
    std::from_chars(args[0].data(), args[0].data() + args[0].size(), limit);
    for (auto& [type, backer] : c.sw.backers()) {
        auto limits = backer->revalidator().limits();
        limits.flow_limit = limit;
        backer->revalidator().set_limits(limits);
    }
    return fmt::format("set flow_limit to {}\n", limit);
}

Result<std::string> set_megaflows(const Context& c, bool on) {
    for (auto& [type, backer] : c.sw.backers()) {
        backer->cache().set_megaflows(on);
        backer->revalidator().purge();
    }
    return on ? "megaflows enabled\n" : "megaflows disabled\n";
}

}  // namespace

void add_upcall_commands(obs::CommandTable& table, const Context& c) {
    table.add_show("upcall/show", "", 0, 0, [c](CommandArgs, bool json) { return show(c, json); });
    table.add_show("upcall/show-masks", "", 0, 0,
                   [c](CommandArgs, bool json) { return show_masks(c, json); });
    table.add_show("upcall/latency", "", 0, 0, [c](CommandArgs, bool json) { return show_latency(c, json); });
    table.add("upcall/set-flow-limit", "flow-limit-number", 1, 1,
              [c](CommandArgs args) { return set_flow_limit(c, args); });
    table.add("upcall/enable-megaflows", "", 0, 0, [c](CommandArgs) { return set_megaflows(c, true); });
    table.add("upcall/disable-megaflows", "", 0, 0, [c](CommandArgs) { return set_megaflows(c, false); });
    // Flows are always named by ufid here; nothing depends on the switch.
    table.add("upcall/enable-ufid", "", 0, 0, [](CommandArgs) -> Result<std::string> {
        return "Datapath dumping tersely using UFID enabled for supported datapaths";
    });
    table.add("upcall/disable-ufid", "", 0, 0, [](CommandArgs) -> Result<std::string> {
        return "Datapath dumping tersely using UFID disabled";
    });
    table.add("revalidator/wait", "", 0, 0, [c](CommandArgs) -> Result<std::string> {
        for (auto& [type, backer] : c.sw.backers()) backer->revalidator().pass(c.loop.now());
        return "";
    });
    table.add("revalidator/purge", "", 0, 0, [c](CommandArgs) -> Result<std::string> {
        for (auto& [type, backer] : c.sw.backers()) backer->revalidator().purge();
        return "";
    });
    for (const bool pause : {true, false})
        table.add(pause ? "revalidator/pause" : "revalidator/resume", "", 0, 0,
                  [c, pause](CommandArgs) -> Result<std::string> {
                      for (auto& [type, backer] : c.sw.backers()) backer->revalidator().set_paused(pause);
                      return "";
                  });
}

}  // namespace weft::ctl
