// SPDX-License-Identifier: Apache-2.0
// Drops for want of a controller, or of time.
#include <fmt/core.h>

#include <algorithm>

#include "bridge/default_rule.h"
#include "ctl/verdict.h"

namespace weft::ctl {

namespace {

using bridge::Bridge;
using bridge::SwitchDrop;

std::string controller_rows(const Bridge& b) {
    std::string out = "Bridge " + b.config.name + ": ";
    if (b.config.controllers.empty()) return out + "no Controller";
    for (const auto& c : b.config.controllers)
        out += fmt::format("{}Controller \"{}\"", &c == b.config.controllers.data() ? "" : ", ", c.target);
    return out;
}

Verdict no_controller(const Case& about, const Bridge& b) {
    const std::string state = controllers_state(about, b);
    return {
        .summary = "It was for the controllers of bridge " + b.config.name + ", and none took it. " + state,
        .row = controller_rows(b),
        .remedies = {"start the controller, or: ovs-vsctl set-controller " + b.config.name +
                         " tcp:ADDRESS:6653",
                     "add a rule that needs no controller (ovs-ofctl add-flow " + b.config.name + " ...)"},
        .notes = {}};
}

Verdict busy(const Bridge& b) {
    return {
        .summary =
            "Packets for the controller of bridge " + b.config.name + " came faster than it takes them.",
        .row = controller_rows(b) + " (controller_rate_limit, controller_burst_limit, controller_queue_size)",
        .remedies = {"ovs-vsctl set Controller " + b.config.name + " controller_rate_limit=...",
                     "have the controller install rules, so that fewer packets are sent to it"},
        .notes = {}};
}

Verdict overload(const Case& about) {
    const bool upcalls = about.record.reason.is(SwitchDrop::upcall_overload);
    const bridge::Member* in = about.in_port();
    const std::string port = in ? in->config.name : "?";
    Verdict out;
    out.summary = fmt::format(
        "{} packets of port {} were lost before the switch looked at them: its receive queue was full{}.",
        about.record.sample.arg, port, upcalls ? ", because most packets needed translation (upcalls)" : "");
    auto& cache = about.backer.cache();
    out.row =
        fmt::format("Open_vSwitch other_config:flow-limit={} ({} flows now), other_config:pmd-cpu-mask={}",
                    cache.flow_limit(), cache.twins().size(),
                    bridge::get(about.sw.config().other_config, "pmd-cpu-mask", "not set"));
    if (cache.beyond_flow_limit())
        out.notes.push_back(
            fmt::format("{} packets were translated one by one because the flow limit was reached.",
                        cache.beyond_flow_limit()));
    if (cache.twins().size() >= cache.flow_limit())
        out.remedies.push_back(fmt::format("ovs-vsctl set Open_vSwitch . other_config:flow-limit={}",
                                           std::max<size_t>(cache.flow_limit() * 2, 1000)));
    out.remedies.emplace_back(
        "ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=MASK, for more threads");
    if (upcalls)
        out.remedies.emplace_back(
            "match fewer fields, so that one datapath flow serves more packets "
            "(ovs-appctl dpctl/dump-flows shows what flows match)");
    return out;
}

}  // namespace

std::string controllers_state(const Case& about, const Bridge& b) {
    if (!bridge::has_controllers(b.config)) return {};
    bridge::Switch::Runtime* r = about.sw.find(b.config.name);
    if (!r || !r->openflow) return {};
    std::string out;
    for (const auto& [row, status] : r->openflow->status(about.now)) {
        if (status.is_connected) return {};
        const auto c = std::ranges::find(b.config.controllers, row, &bridge::ControllerConfig::row);
        if (c == b.config.controllers.end()) continue;
        const auto last = status.status.find("last_error");
        out += (out.empty() ? "" : ", ") + c->target +
               (last == status.status.end() ? "" : " (" + last->second + ")");
    }
    if (out.empty()) return {};
    const bool secure = b.config.fail_mode == "secure";
    return fmt::format("Its controller {} is not connected{}", out,
                       secure ? ", and in fail mode secure nothing but a controller adds rules." : ".");
}

std::optional<Verdict> judge_controllers(const Case& about) {
    const auto* reason = std::get_if<SwitchDrop>(&about.record.reason.v);
    if (!reason) return std::nullopt;
    if (*reason == SwitchDrop::rx_overflow || *reason == SwitchDrop::upcall_overload) return overload(about);
    const bridge::Bridge* b = about.site();
    if (b && *reason == SwitchDrop::no_controller) return no_controller(about, *b);
    if (b && *reason == SwitchDrop::controller_busy) return busy(*b);
    return std::nullopt;
}

}  // namespace weft::ctl
