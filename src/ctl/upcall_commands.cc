// SPDX-License-Identifier: Apache-2.0
// upcall/* and revalidator/*: megaflows and what keeps them true.
#include <fmt/core.h>

#include <charconv>

#include "ctl/context.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;

std::string show(const Context& c) {
    std::string out;
    for (auto& [type, backer] : c.sw.backers()) {
        const auto s = backer->revalidator().stats();
        const size_t keys = backer->cache().twins().size();
        out += fmt::format(
            "{}:\n"
            "  flows         : (current {}) (avg {:.0f}) (max {}) (limit {})\n"
            "  dump duration : {}ms\n"
            "  ufid enabled : true\n"
            "\n"
            "  1: (keys {})\n",
            backer->name(), keys, s.flows_average, std::max(s.flows_max, keys), backer->cache().flow_limit(),
            std::max<int64_t>(1, to_ms(s.last_pass)), keys);
    }
    return out;
}

/// Who brought how many masks into the datapath, and how many flows got another mask for that.
std::string show_masks(const Context& c) {
    std::string out;
    for (auto& [type, backer] : c.sw.backers()) {
        out += fmt::format("{}:\n", backer->name());
        const auto config = backer->state().config();
        for (const auto& use : backer->cache().mask_budget().uses()) {
            const auto at = config->find(use.port);
            const auto* port = at ? config->port(*at) : nullptr;
            out += fmt::format("  port {}: masks {}, limit {}, flows merged {}\n",
                               port ? port->name : std::to_string(use.port.value), use.masks,
                               bridge::MaskBudget::default_limit, use.merged);
        }
    }
    return out;
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
    table.add("upcall/show", "", 0, 0, [c](CommandArgs) -> Result<std::string> { return show(c); });
    table.add("upcall/show-masks", "", 0, 0,
              [c](CommandArgs) -> Result<std::string> { return show_masks(c); });
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
