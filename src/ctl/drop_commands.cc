// SPDX-License-Identifier: Apache-2.0
// drops/*: how many packets went nowhere, and why the last ones did.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/spelling.h"
#include "codec/json_text.h"
#include "ctl/context.h"
#include "ctl/drop_table.h"
#include "ctl/exact_flow.h"
#include "ctl/explanation.h"
#include "flow/match_text.h"

namespace weft::ctl {

namespace {

using codec::Json;
using codec::JsonArray;
using obs::CommandArgs;
using obs::Shown;
using Runtime = bridge::Switch::Runtime;

Result<Shown> show(const Context& c, CommandArgs args, bool json) {
    const std::string wanted = args.empty() ? "" : args[0];
    std::vector<DropRow> rows = drop_table(c.sw);
    if (!wanted.empty()) {
        std::erase_if(rows, [&](const DropRow& r) { return r.bridge != wanted && r.port != wanted; });
        const bool known = c.sw.find(wanted) || std::ranges::any_of(c.sw.bridges(), [&](const auto& item) {
                               return item.second.bridge->members.contains(wanted);
                           });
        if (!known) return fail(wanted + ": no bridge or port of that name");
    }
    if (json) {
        JsonArray out;
        out.reserve(rows.size());
        for (const auto& r : rows)
            out.push_back(Json::object({{"bridge", r.bridge},
                                        {"port", r.port},
                                        {"reason", r.reason.name()},
                                        {"text", r.reason.text()},
                                        {"packets", r.packets}}));
        return Json(std::move(out));
    }
    std::string out = fmt::format("{:<16} {:<16} {:>12}  reason\n", "bridge", "port", "packets");
    for (const auto& r : rows)
        out += fmt::format("{:<16} {:<16} {:>12}  {}: {}\n", r.bridge, r.port, r.packets, r.reason.name(),
                           r.reason.text());
    return out;
}

Shown told(const std::vector<Explanation>& list, bool json) {
    if (json) {
        JsonArray out;
        out.reserve(list.size());
        for (const auto& e : list) out.push_back(to_json(e));
        return Json(std::move(out));
    }
    std::string out;
    for (const auto& e : list) out += (out.empty() ? "" : "\n") + to_text(e);
    return out;
}

Result<Shown> last(const Context& c, CommandArgs words, bool json) {
    size_t n = 1;
    if (words.size() > 2) return fail("--last takes one number");
    if (words.size() == 2) {
        const std::string& text = words[1];
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
        if (error != std::errc() || end != text.data() + text.size() || n == 0)
            return fail(text + ": expected how many drops to show, from 1");
    }
    std::vector<Explanation> list;
    for (auto& [type, backer] : c.sw.backers())
        for (const auto& record : backer->recorder().records())
            list.push_back(explain(c.sw, *backer, record, c.loop.now()));
    std::ranges::sort(list, {},
                      [](const Explanation& e) { return std::pair(-e.age, e.number); });  // oldest first
    if (list.size() > n) list.erase(list.begin(), list.end() - static_cast<ptrdiff_t>(n));
    if (list.empty() && !json) return "No drop was recorded.\n";
    return told(list, json);
}

flow::PortNames names_of(const bridge::Bridge& b) {
    flow::PortNames names;
    for (const auto& [name, m] : b.members) names.add(m.number, name);
    return names;
}

/// The newest record of the bridge that the match means; else what would happen now.
Explanation explain_match(const Context& c, Runtime& r, const flow::Match& match) {
    const auto& records = r.backer->recorder().records();
    for (auto it = records.rbegin(); it != records.rend(); ++it)
        if (it->bridge == r.bridge->id && match.matches(it->key))
            return explain(c.sw, *r.backer, *it, c.loop.now());
    const pipeline::Snapshot snapshot = r.backer->state().snapshot();
    const bridge::DropRecord now = bridge::trace_now(snapshot, r.bridge->id, match.key);
    return explain(c.sw, *r.backer, now, c.loop.now());
}

Result<Runtime*> bridge_for(const Context& c, CommandArgs& words) {
    if (words.size() == 2) {
        Runtime* r = TRY(find_bridge(c, words[0], words[0] + ": no such bridge"));
        words = words.subspan(1);
        return r;
    }
    if (words.size() != 1) return fail("expected [BRIDGE] MATCH, or --last [N]");
    auto& bridges = c.sw.bridges();
    if (bridges.empty()) return fail("there is no bridge");
    if (bridges.size() > 1) return fail("there are several bridges: name one before the match");
    return &bridges.begin()->second;
}

/// What is no match: a bridge alone, or a misspelt name of something.
std::string no_match_error(const Context& c, const std::string& text, bool bridge_given,
                           std::string parse_error) {
    if (text.find_first_of("=,") != std::string::npos) return parse_error;
    if (!bridge_given && c.sw.find(text))
        return text + ": which packets of this bridge? Expected [BRIDGE] MATCH";
    std::vector<std::string_view> names;
    for (const flow::Field& f : flow::fields()) names.push_back(f.name);
    if (!bridge_given)
        for (const auto& [name, runtime] : c.sw.bridges()) names.push_back(name);
    return fmt::format("{}: {} of packets: expected [BRIDGE] MATCH{}", text,
                       bridge_given ? "no field" : "neither a bridge nor a field", hint(text, names));
}

Result<Shown> why(const Context& c, CommandArgs args, bool json) {
    if (args[0] == "--last") return last(c, args, json);
    const bool bridge_given = args.size() > 1;
    Runtime* r = TRY(bridge_for(c, args));
    const flow::PortNames names = names_of(*r->bridge);
    auto parsed = flow::parse_match(args[0], &names);
    if (!parsed) return fail(no_match_error(c, args[0], bridge_given, parsed.error().message));
    flow::Match match = *std::move(parsed);
    TRY(place_options(*r->bridge->tables, match));
    return told({explain_match(c, *r, match)}, json);
}

}  // namespace

void add_drop_commands(obs::CommandTable& table, const Context& c) {
    table.add_show("drops/show", "[bridge|port]", 0, 1,
                   [c](CommandArgs args, bool json) { return show(c, args, json); });
    table.add_show("drops/why", "{--last [n] | [bridge] match}", 1, 2,
                   [c](CommandArgs args, bool json) { return why(c, args, json); });
}

}  // namespace weft::ctl
