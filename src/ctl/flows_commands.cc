// SPDX-License-Identifier: Apache-2.0
// flows/*: what changed in a bridge's flows, groups and meters, and the way back.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "action/text.h"
#include "codec/json_text.h"
#include "ctl/context.h"
#include "ctl/explanation.h"
#include "openflow/group_text.h"
#include "openflow/meter_text.h"

namespace weft::ctl {

namespace {

using bridge::History;
using codec::Json;
using codec::JsonArray;
using obs::CommandArgs;
using obs::Shown;
using Runtime = bridge::Switch::Runtime;
using pipeline::Version;

struct Wish {
    Runtime* runtime = nullptr;
    std::vector<std::string> words;
    std::optional<std::string> since, expect;
};

/// The bridge may be left out where there is only one.
Result<Wish> parse(const Context& c, CommandArgs args, size_t others) {
    Wish out{.words = {}, .since = {}, .expect = {}};
    for (size_t i = 0; i < args.size(); ++i) {
        const std::string& word = args[i];
        auto& option = word == "--since" ? out.since : out.expect;
        if (word != "--since" && word != "--expect") {
            out.words.push_back(word);
            continue;
        }
        if (++i == args.size()) return fail(word + ": needs a value");
        option = args[i];
    }
    auto& bridges = c.sw.bridges();
    if (out.words.size() == others + 1) {
        out.runtime = TRY(find_bridge(c, out.words[0], out.words[0] + ": no such bridge"));
        out.words.erase(out.words.begin());
    } else if (out.words.size() == others && bridges.size() == 1) {
        out.runtime = &bridges.begin()->second;
    } else {
        return fail(bridges.size() == 1 ? "wrong number of arguments"
                                        : "name a bridge first: there is not just one");
    }
    return out;
}

Result<Version> parse_number(const std::string& text) {
    Version n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc() || end != text.data() + text.size())
        return fail(text +
                    ": expected a version (flows/log lists them), or for --since a time as 90s, 5m, 2h");
    return n;
}

/// A version's number, or how long ago: "90s", "5m", "2h".
Result<Version> parse_since(const History& history, const std::string& text, Time now) {
    const std::string_view units = "smh";
    const size_t unit = text.empty() ? std::string_view::npos : units.find(text.back());
    if (unit == std::string_view::npos) return parse_number(text);
    constexpr int64_t seconds[] = {1, 60, 3600};
    const Version n = TRY(parse_number(text.substr(0, text.size() - 1)));
    if (n > 1'000'000) return fail(text + ": too long ago");
    const auto version =
        history.version_at(now - std::chrono::seconds(static_cast<int64_t>(n) * seconds[unit]));
    if (!version) return fail(text + ": the history does not reach back that far (flows/log shows how far)");
    return *version;
}

std::string counted(std::string_view what, size_t n) {
    return n ? fmt::format("{}{}", what, n) : std::string();
}

Result<Shown> log(const Context& c, CommandArgs args, bool json) {
    const Wish w = TRY(parse(c, args, 0));
    const History& history = w.runtime->bridge->history;
    JsonArray list;
    std::string out = fmt::format("oldest version to go back to: {}\n", history.oldest());
    for (const auto& step : history.steps()) {
        const auto n = [&](pipeline::RuleEvent::Kind kind) {
            return std::ranges::count(step.events, kind, &pipeline::RuleEvent::kind);
        };
        using enum pipeline::RuleEvent::Kind;
        const double age = std::chrono::duration<double>(c.loop.now() - step.when).count();
        if (json)
            list.push_back(Json::object({{"version", step.version},
                                         {"age_s", age},
                                         {"source", bridge::name_of(step.source)},
                                         {"added", n(added)},
                                         {"modified", n(modified)},
                                         {"removed", n(removed)},
                                         {"groups", step.groups.size()},
                                         {"meters", step.meters.size()}}));
        else
            out += fmt::format("version {}: {:.1f} s ago, by {}: {} added, {} modified, {} removed{}{}\n",
                               step.version, age, bridge::name_of(step.source), n(added), n(modified),
                               n(removed), counted(", groups: ", step.groups.size()),
                               counted(", meters: ", step.meters.size()));
    }
    if (!json) return out;
    return Json::object({{"oldest", history.oldest()}, {"steps", Json(std::move(list))}});
}

/// As ovs-ofctl add-flow would take it, timeouts and cookie included.
std::string whole_text(const pipeline::Rule& rule, const bridge::Bridge& b) {
    const RuleFacts facts = facts_of(rule, b);
    std::string out = rule.cookie() ? fmt::format("cookie={:#x},", rule.cookie()) : "";
    if (rule.spec().idle_timeout_s) out += fmt::format("idle_timeout={},", rule.spec().idle_timeout_s);
    if (rule.spec().hard_timeout_s) out += fmt::format("hard_timeout={},", rule.spec().hard_timeout_s);
    return out + rule_text(facts) + " actions=" + facts.actions;
}

/// As ovs-ofctl add-group would take it.
std::string whole_text(uint32_t id, const pipeline::GroupPtr& group) {
    return openflow::format_group(id, group->spec(), {.bucket_ids = true});
}

/// As ovs-ofctl add-meter would take it.
std::string whole_text(uint32_t id, const std::optional<openflow::MeterSpec>& meter) {
    std::string out = openflow::format_meter(id, *meter);
    const size_t bands = out.find('\n');
    if (bands != out.npos) out.erase(bands, 1);
    std::ranges::replace(out, '\n', ' ');
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

/// The lines and members of one kind of thing.
class Listing {
  public:
    void add(std::string_view kind, std::string_view change, std::string text) {
        out_ += (change == "removed" ? "-" : "+") + text + "\n";
        list_.push_back(Json::object({{"change", change}, {kind, std::move(text)}}));
    }
    template <class Difference, class Text>
    void add_all(std::string_view kind, const std::vector<Difference>& differences, const Text& text) {
        for (const Difference& d : differences) {
            if (d.then) add(kind, "removed", text(d, d.then));
            if (d.now) add(kind, "added", text(d, d.now));
        }
    }
    const std::string& text() const { return out_; }
    JsonArray take_json() { return std::move(list_); }

  private:
    std::string out_;
    JsonArray list_;
};

Result<Shown> diff(const Context& c, CommandArgs args, bool json) {
    const Wish w = TRY(parse(c, args, 0));
    if (!w.since) return fail("expected --since VERSION or a time as 90s, 5m, 2h");
    const bridge::Bridge& b = *w.runtime->bridge;
    const Version from = TRY(parse_since(b.history, *w.since, c.loop.now()));
    const auto differences = TRY(b.history.since(from));
    Listing list;
    const auto numbered = [](const auto& d, const auto& what) { return whole_text(d.id, what); };
    list.add_all("meter", differences.meters, numbered);
    list.add_all("group", differences.groups, numbered);
    list.add_all("flow", differences.rules,
                 [&](const auto&, const pipeline::RulePtr& rule) { return whole_text(*rule, b); });
    if (!json) return fmt::format("--- version {}\n+++ version {}\n", from, b.history.newest()) + list.text();
    return Json::object({{"from", from}, {"to", b.history.newest()}, {"changes", Json(list.take_json())}});
}

/// The tables must be as the history knows them: what a packet taught a moment ago may not have been told
/// yet. Groups and meters change by controllers alone, which tell at once.
Result<void> check_unchanged(const bridge::Bridge& b, const History::Differences& differences) {
    for (const auto& d : differences.rules) {
        const pipeline::Rule& any = d.now ? *d.now : *d.then;
        pipeline::RuleFilter filter;
        filter.table = any.table();
        filter.match = any.match().expand();
        filter.strict = true;
        filter.priority = any.priority();
        if (b.tables->find(filter) != d.now)
            return fail("the tables changed meanwhile (" + rule_text(facts_of(any, b)) +
                        "): nothing was changed");
    }
    return {};
}

/// Packets may teach flows, of other bridges too, while it is looked whether they did.
Result<void> go_back(Runtime& runtime, const History::Differences& differences, Time now) {
    constexpr int tries_max = 16;
    const bridge::Bridge& b = *runtime.bridge;
    for (int tries = 1;; ++tries) {
        const Version at = b.tables->versions().current();
        TRY(check_unchanged(b, differences));
        auto done = runtime.of_switch->revert(differences, at, now);
        if (done || done.error().code != EAGAIN || tries == tries_max) return done;
    }
}

Result<std::string> revert(const Context& c, CommandArgs args) {
    const Wish w = TRY(parse(c, args, 1));
    bridge::Bridge& b = *w.runtime->bridge;
    const Version to = TRY(parse_since(b.history, w.words[0], c.loop.now()));
    if (w.expect) {
        const Version expected = TRY(parse_number(*w.expect));
        if (expected != b.history.newest())
            return fail(
                fmt::format("the tables changed meanwhile: they are at version {}, not {}; nothing was "
                            "changed (see flows/diff --since {})",
                            b.history.newest(), expected, expected));
    }
    const auto d = TRY(b.history.since(to));
    if (d.size() == 0) return fmt::format("The tables are as at version {}; nothing to do.\n", to);
    TRY(go_back(*w.runtime, d, c.loop.now()));
    return fmt::format("{} flows{}{} are as at version {} again; this is version {}.\n", d.rules.size(),
                       counted(", groups: ", d.groups.size()), counted(", meters: ", d.meters.size()), to,
                       b.history.newest());
}

}  // namespace

void add_flows_commands(obs::CommandTable& table, const Context& c) {
    table.add_show("flows/log", "[bridge]", 0, 1,
                   [c](CommandArgs args, bool json) { return log(c, args, json); });
    table.add_show("flows/diff", "[bridge] --since {version|time}", 2, 3,
                   [c](CommandArgs args, bool json) { return diff(c, args, json); });
    table.add("flows/revert", "[bridge] {version|time} [--expect version]", 1, 4,
              [c](CommandArgs args) { return revert(c, args); });
}

}  // namespace weft::ctl
