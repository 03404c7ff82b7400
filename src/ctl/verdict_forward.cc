// SPDX-License-Identifier: Apache-2.0
// Packets that are not dropped: where they go, and what awaits them there.
#include <fmt/core.h>

#include <set>

#include "ctl/verdict.h"

namespace weft::ctl {

namespace {

namespace act = action::dp;

struct Outcome {
    std::set<uint32_t> ports;
    bool punted = false, recirculated = false;
};

void collect(const act::Actions& actions, Outcome& out) {
    for (const act::Action& a : actions) {
        if (const auto* o = std::get_if<act::Output>(&a.v)) out.ports.insert(o->port.value);
        if (std::holds_alternative<act::Userspace>(a.v)) out.punted = true;
        if (std::holds_alternative<act::Recirc>(a.v)) out.recirculated = true;
        if (const auto* c = std::get_if<act::Clone>(&a.v)) collect(*c->actions, out);
        if (const auto* s = std::get_if<act::Sample>(&a.v)) collect(*s->actions, out);
    }
}

/// Of the ports it goes to, those that cannot take it.
void add_dead_ends(const bridge::Backer& backer, const Outcome& outcome, Verdict& out) {
    for (const auto& [name, b] : backer.bridges)
        for (const auto& [interface, m] : b->members) {
            if (m.is_patch() || !outcome.ports.contains(m.dp_port.value)) continue;
            if (m.state.admin_up && m.state.link_up) continue;
            const bool off = !m.state.admin_up;
            out.notes.push_back(fmt::format("Port {} is down, so the packet is lost there.", interface));
            out.row = fmt::format("Interface \"{}\": {}=down", interface, off ? "admin_state" : "link_state");
            out.remedies.push_back(off ? "ip link set " + interface + " up"
                                       : "turn the other end of " + interface + " on, or plug it in");
        }
}

}  // namespace

Verdict judge_forwarded(const Case& about) {
    Verdict out;
    Outcome outcome;
    collect(about.record.outcome, outcome);
    std::string where;
    for (const auto& [name, b] : about.backer.bridges)
        for (const auto& [interface, m] : b->members)
            if (!m.is_patch() && outcome.ports.contains(m.dp_port.value))
                where += (where.empty() ? "" : ", ") + interface;
    out.summary = where.empty() ? "It goes to no port" : "It goes to " + where;
    if (outcome.punted) out.summary += "; it is sent to the controllers";
    if (outcome.recirculated) out.summary += "; it is looked up once more (recirculation)";
    out.summary += ".";
    add_dead_ends(about.backer, outcome, out);
    return out;
}

}  // namespace weft::ctl
