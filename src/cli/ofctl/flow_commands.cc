// SPDX-License-Identifier: Apache-2.0
// Changes of flows, and questions about them.
#include <algorithm>
#include <numeric>

#include "cli/ofctl/flow_color.h"
#include "cli/ofctl/flow_file.h"
#include "cli/ofctl/progress.h"
#include "openflow/flow_text.h"
#include "openflow/print/json.h"

namespace weft::cli::ofctl {
namespace {

using openflow::FlowModCommand;
using openflow::Version;

// ---- changes

/// Without extensions 1.0 cannot leave a cookie as it is: a modified flow gets 0.
void give_cookies(const openflow::Dialect& dialect, std::vector<openflow::Body>& changes) {
    if (dialect.version != Version::v10 || dialect.nxm) return;
    for (openflow::Body& one : changes) {
        auto* mod = std::get_if<openflow::FlowMod>(&one);
        if (mod && !mod->is_remove() && !mod->new_cookie) mod->new_cookie = 0;
    }
}

Result<> send_changes(Tool& t, const std::string& target, Changes& changes) {
    const auto opened = t.open(target, changes.usable, FlowFormats::Wanted::simplest);
    if (!opened) {
        Error error = opened.error();
        if (error.code == 0) error.message += hint_of_lack(changes);
        return std::unexpected(std::move(error));
    }
    const auto& client = *opened;
    give_cookies(client->dialect(), changes.list);
    return t.settings().bundle ? t.change_at_once(*client, changes.list) : t.change(*client, changes.list);
}

Result<> change_flows(Tool& t, const std::string& target, const std::string& text,
                      std::optional<FlowModCommand> command, bool from_file) {
    Changes changes;
    const auto add = [&](std::string_view line, std::optional<FlowModCommand> meaning) -> Result<> {
        return t.with_names(
            target, [&](const action::Names& names) { return add_flow_text(line, meaning, names, changes); });
    };
    if (from_file)
        TRY(read_lines(text, [&](std::string_view line) { return add(line, command); }));
    else
        TRY(add(text, command.value_or(FlowModCommand::add)));
    return send_changes(t, target, changes);
}

// ---- questions

Result<openflow::FlowQuery> parse_query(Tool& t, Args args, bool aggregate) {
    openflow::FlowQuery query;
    std::string asked;
    if (args.size() > 1)
        query = TRY(t.with_names(args[0], [&](const action::Names& names) {
            return openflow::parse_flow_query(args[1], names, &asked);
        }));
    warn_of_what_cannot_apply(asked, query.match);
    query.aggregate = aggregate;
    return query;
}

/// Whether `a` comes first by the key, or nothing if it does not tell: flows without the field are last.
std::optional<bool> comes_first(const openflow::FlowStats& a, const openflow::FlowStats& b,
                                const SortKey& key) {
    if (!key.field) {
        if (a.priority == b.priority) return std::nullopt;
        return key.descending ? a.priority > b.priority : a.priority < b.priority;
    }
    const auto id = key.field->id;
    const bool has_a = !flow::field_mask(a.match, id).is_zero(),
               has_b = !flow::field_mask(b.match, id).is_zero();
    if (has_a != has_b) return has_a;
    const auto va = flow::get_field(a.match.key, id), vb = flow::get_field(b.match.key, id);
    if (!has_a || va == vb) return std::nullopt;
    return key.descending ? va.b > vb.b : va.b < vb.b;
}

/// Their places in order; flows that no key tells apart stay as they came.
std::vector<size_t> sorted_places(const std::vector<openflow::FlowStats>& flows,
                                  const std::vector<SortKey>& keys) {
    std::vector<size_t> places(flows.size());
    std::iota(places.begin(), places.end(), size_t{0});
    std::ranges::sort(places, [&](size_t a, size_t b) {
        for (const SortKey& key : keys) {
            if (const auto first = comes_first(flows[a], flows[b], key)) return *first;
        }
        return a < b;
    });
    return places;
}

/// The flows of one message; what is none, an error, is printed.
std::vector<openflow::FlowStats> flows_of(Tool& t, ByteSpan part, const openflow::Dialect& dialect) {
    auto message = openflow::decode(part, dialect);
    auto* reply = message ? std::get_if<openflow::FlowStatsReply>(&message->body) : nullptr;
    if (reply) return std::move(reply->flows);
    t.print(openflow::print_message(part, t.print_options(1)));
    return {};
}

class FlowPrinter {
  public:
    FlowPrinter(Tool& t, action::Names names) : t_(t), colors_(FlowColors::wanted(t.settings().color)) {
        options_.stats = t.settings().stats.value_or(true);
        options_.ages = false;
        options_.names = names;
    }
    void operator()(const openflow::FlowStats& flow) {
        const std::string text = " " + openflow::format_flow(flow, options_) + "\n";
        t_.print(colors_ ? colors_->paint(text) : text);
    }

  private:
    Tool& t_;
    std::optional<FlowColors> colors_;
    openflow::FlowTextOptions options_;
};

/// One flow a line, without the messages they came in.
Result<> dump_lines(Tool& t, Client& client, const openflow::FlowQuery& query) {
    FlowPrinter print(t, TRY(t.names_to_show(client.target())));
    std::vector<openflow::FlowStats> all;
    const bool sorted = !t.settings().sort.empty();
    Progress progress;
    TRY(client.collect(query, [&](ByteSpan part) {
        auto flows = flows_of(t, part, client.dialect());
        progress.step(flows.size());
        if (sorted)
            std::ranges::move(flows, std::back_inserter(all));
        else
            std::ranges::for_each(flows, std::ref(print));
    }));
    for (const size_t place : sorted_places(all, t.settings().sort)) print(all[place]);
    return {};
}

Result<> dump_messages(Tool& t, Client& client, const openflow::FlowQuery& query) {
    const auto colors = FlowColors::wanted(t.settings().color);
    Progress progress;
    return client.collect(query, [&](ByteSpan part) {
        const std::string text = openflow::print_message(part, t.print_options(1));
        progress.step(static_cast<size_t>(std::max<ptrdiff_t>(1, std::ranges::count(text, '\n'))) -
                      1);  // the first line is no flow
        t.print(colors ? colors->paint(text) : text);
    });
}

}  // namespace

Result<> add_flow(Tool& t, Args args) {
    return change_flows(t, args[0], args[1],
                        args[1] == "-" ? std::nullopt : std::optional(FlowModCommand::add), args[1] == "-");
}

Result<> add_flows(Tool& t, Args args) { return change_flows(t, args[0], args[1], std::nullopt, true); }

Result<> mod_flows(Tool& t, Args args) {
    const auto command = t.settings().strict ? FlowModCommand::modify_strict : FlowModCommand::modify;
    return change_flows(t, args[0], args[1], command, args[1] == "-");
}

Result<> del_flows(Tool& t, Args args) {
    const auto command = t.settings().strict ? FlowModCommand::remove_strict : FlowModCommand::remove;
    const std::string text = args.size() > 1 ? args[1] : "";
    return change_flows(t, args[0], text, command, text == "-");
}

Result<> dump_flows(Tool& t, Args args) {
    const auto query = TRY(parse_query(t, args, false));
    const auto client = TRY(t.open(args[0], usable_formats(query), FlowFormats::Wanted::richest));
    const Settings& s = t.settings();
    if (s.json) return t.show_list(*client, query, "flows");
    const bool as_lines = t.shows_names() || !s.stats.value_or(true) || !s.sort.empty();
    return as_lines ? dump_lines(t, *client, query) : dump_messages(t, *client, query);
}

Result<> dump_aggregate(Tool& t, Args args) {
    const auto query = TRY(parse_query(t, args, true));
    const auto client = TRY(t.open(args[0], usable_formats(query), FlowFormats::Wanted::richest));
    return t.show_list(*client, query, "aggregate");
}

}  // namespace weft::cli::ofctl
