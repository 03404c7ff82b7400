// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_text.h"

#include <array>

#include "action/check.h"
#include "flow/match_text.h"
#include "openflow/error.h"
#include "openflow/number_text.h"
#include "openflow/print/text.h"

namespace weft::openflow {
namespace {

Result<uint16_t> parse_u16(const flow::KeyValue& kv) {
    return static_cast<uint16_t>(TRY(parse_up_to(kv.value, kv.key, 0xffff)));
}

Result<OfPort> parse_out_port(const flow::KeyValue& kv, const action::Names& names) {
    const auto port = flow::parse_port(kv.value, names.ports);
    if (!port) return fail(std::string(kv.value) + " is not a valid OpenFlow port");
    return *port;
}

/// The words of a flow that are no match.
class WordParser {
  public:
    WordParser(FlowMod& mod, const action::Names& names) : m_(mod), names_(names) {}

    /// False: it is none of these.
    Result<bool> parse(const flow::KeyValue& kv) {
        if (parse_flag(kv.key)) return true;
        if (kv.value.empty()) return false;
        if (is_statistic(kv.key)) return true;
        if (kv.key == "table") {
            const auto table = flow::parse_table(kv.value, names_.tables);
            if (!table) return fail("unknown table " + quoted(kv.value));
            m_.table = *table;
        } else if (kv.key == "priority" && m_.command != FlowModCommand::remove) {
            m_.priority = TRY(parse_u16(kv));
        } else if (kv.key == "idle_timeout") {
            m_.idle_timeout = TRY(parse_u16(kv));
        } else if (kv.key == "hard_timeout") {
            m_.hard_timeout = TRY(parse_u16(kv));
        } else if (kv.key == "importance") {
            m_.importance = TRY(parse_u16(kv));
        } else if (kv.key == "cookie") {
            TRY(parse_cookie(kv.value));
        } else if (m_.is_remove() && kv.key == "out_port") {
            m_.out_port = TRY(parse_out_port(kv, names_));
        } else if (m_.is_remove() && kv.key == "out_group") {
            m_.out_group = static_cast<uint32_t>(TRY(parse_u64(kv.value)));
        } else {
            return false;
        }
        return true;
    }

  private:
    bool parse_flag(std::string_view word) {
        using namespace flow_flag;
        constexpr std::array<std::pair<std::string_view, uint16_t>, 5> flags{
            {{"send_flow_rem", send_flow_rem},
             {"check_overlap", check_overlap},
             {"reset_counts", reset_counts},
             {"no_packet_counts", no_packet_counts},
             {"no_byte_counts", no_byte_counts}}};
        for (const auto& [name, bit] : flags) {
            if (word != name) continue;
            m_.flags |= bit;
            return true;
        }
        return false;
    }

    /// What dump-flows prints, so that its output reads back.
    static bool is_statistic(std::string_view word) {
        return word == "duration" || word == "n_packets" || word == "n_bytes" || word == "idle_age" ||
               word == "hard_age";
    }

    /// cookie=NEW or cookie=VALUE/MASK
    Result<> parse_cookie(std::string_view text) {
        const size_t slash = text.find('/');
        if (slash == std::string_view::npos) {
            m_.new_cookie = TRY(parse_u64(text));
            return {};
        }
        if (m_.command == FlowModCommand::add) return fail("flow additions cannot use a cookie mask");
        m_.cookie_mask = TRY(parse_u64(text.substr(slash + 1)));
        m_.cookie = TRY(parse_u64(text.substr(0, slash))) & m_.cookie_mask;
        return {};
    }

    FlowMod& m_;
    const action::Names& names_;
};

/// The text up to "actions=" and behind it; the latter has no data() if there is no such word.
struct Halves {
    std::string_view match, actions;
};
Halves split_actions(std::string_view text) {
    for (const std::string_view word : {"actions=", "action="}) {
        size_t at = text.find(word);
        while (at != std::string_view::npos && at > 0 &&
               std::string_view(", \t").find(text[at - 1]) == std::string_view::npos)
            at = text.find(word, at + 1);
        if (at != std::string_view::npos) return {text.substr(0, at), text.substr(at + word.size())};
    }
    return {text, std::string_view()};
}

Result<> parse_words(std::string_view text, const action::Names& names, FlowMod& m, std::string* asked) {
    WordParser words(m, names);
    while (const auto kv = flow::next_key_value(text)) {
        if (TRY(words.parse(*kv))) continue;
        if (TRY(flow::parse_match_word(*kv, names.ports, m.match))) continue;
        return std::unexpected(flow::unknown_word(*kv));
    }
    const flow::Match whole = m.match;
    if (flow::finish_match(m.match) && asked) *asked = flow::format_match(whole, names.ports);
    return {};
}

Result<> parse_actions(std::string_view text, const action::Names& names, FlowMod& m) {
    m.actions = TRY(action::parse_actions(text, names));
    std::string lack;
    const auto possible =
        action::check(m.actions, {.match = m.match, .table = m.table, .n_tables = all_tables, .lack = &lack});
    if (!possible)
        return fail("actions are invalid with specified match (" + std::string(error_name(possible.error())) +
                    ")" + (lack.empty() ? "" : "\n" + lack));
    return {};
}

// ---- printing

void add_count(std::string& out, std::string_view name, uint64_t v) { (out += name) += count(v) + ", "; }

void add_if(std::string& out, std::string_view name, std::optional<uint32_t> v) {
    if (v && *v) (out += name) += std::to_string(*v) + ", ";
}

void add_ages(std::string& out, const FlowStats& f) {
    if (f.idle_age) (out += "idle_age=") += std::to_string(*f.idle_age) + ", ";
    if (f.hard_age && *f.hard_age != f.duration_s) (out += "hard_age=") += std::to_string(*f.hard_age) + ", ";
}

}  // namespace

Result<FlowMod> parse_flow_mod(std::string_view text, FlowModCommand command, const action::Names& names,
                               std::string* asked) {
    FlowMod m;
    m.command = command;
    const auto [match, actions] = split_actions(text);
    if (!m.is_remove() && !actions.data()) return fail("must specify an action");
    TRY(parse_words(match, names, m, asked));
    if (m.is_remove()) {
        if (actions.data()) return fail("unknown keyword actions");
        if (m.new_cookie)
            return fail("cannot set cookie (to match on a cookie, specify a mask, e.g. cookie=" +
                        std::to_string(*m.new_cookie) + "/-1)");
        return m;
    }
    if (command == FlowModCommand::add && !m.new_cookie) m.new_cookie = 0;
    if (m.table == all_tables) m.table = 0;
    TRY(parse_actions(actions, names, m));
    return m;
}

Result<FlowQuery> parse_flow_query(std::string_view text, const action::Names& names, std::string* asked) {
    FlowMod m = TRY(parse_flow_mod(text, FlowModCommand::remove, names, asked));
    return FlowQuery{.table = m.table,
                     .out_port = m.out_port,
                     .out_group = m.out_group,
                     .cookie = m.cookie,
                     .cookie_mask = m.cookie_mask,
                     .match = std::move(m.match)};
}

bool gives_table(std::string_view text) {
    text = split_actions(text).match;
    bool given = false;
    while (const auto kv = flow::next_key_value(text)) {
        if (kv->key == "table") given = kv->value != "255";
    }
    return given;
}

std::string format_flow(const FlowStats& f, const FlowTextOptions& options) {
    std::string out;
    if (options.stats || f.cookie) out += "cookie=" + hex(f.cookie) + ", ";
    if (options.stats) out += "duration=" + duration(f.duration_s, f.duration_ns) + ", ";
    if (options.stats || f.table) out += "table=" + flow::format_table(f.table, options.names.tables) + ", ";
    if (options.stats) {
        add_count(out, "n_packets=", f.packets);
        add_count(out, "n_bytes=", f.bytes);
    }
    add_if(out, "idle_timeout=", f.idle_timeout);
    add_if(out, "hard_timeout=", f.hard_timeout);
    out += flow_flags(f.flags);
    add_if(out, "importance=", f.importance);
    if (options.stats && options.ages) add_ages(out, f);
    const std::string match = flow::format_match(f.match, options.names.ports);
    if (f.priority != default_priority) {
        out += "priority=" + std::to_string(f.priority);
        if (!match.empty()) out += ",";
    }
    out += match;
    if (f.priority != default_priority || !match.empty()) out += " ";
    return out + "actions=" + action::to_text(f.actions, options.names);
}

}  // namespace weft::openflow
