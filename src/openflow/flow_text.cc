// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_text.h"

#include <array>
#include <charconv>

#include "action/check.h"
#include "flow/match_text.h"
#include "openflow/error.h"

namespace weft::openflow {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

Result<uint64_t> parse_u64(std::string_view text) {
    if (text.empty()) return fail("missing required numeric argument");
    if (text == "-1") return ~uint64_t{0};
    int base = 10;
    std::string_view digits = text;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
        digits.remove_prefix(2);
        base = 16;
    }
    uint64_t v = 0;
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), v, base);
    if (ec != std::errc{} || end != digits.data() + digits.size())
        return fail("invalid numeric format " + std::string(text));
    return v;
}

Result<uint16_t> parse_u16(const flow::KeyValue& kv) {
    const auto v = parse_u64(kv.value);
    if (!v || *v > 0xffff) return fail("invalid " + std::string(kv.key) + " " + quoted(kv.value));
    return static_cast<uint16_t>(*v);
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
        if (is_statistic(kv.key)) return true;
        if (kv.key == "table") {
            const auto v = parse_u64(kv.value);
            if (!v || *v > 255) return fail("unknown table " + quoted(kv.value));
            m_.table = static_cast<uint8_t>(*v);
        } else if (kv.key == "priority") {
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

Result<> parse_words(std::string_view text, const action::Names& names, FlowMod& m) {
    WordParser words(m, names);
    while (const auto kv = flow::next_key_value(text)) {
        if (TRY(words.parse(*kv))) continue;
        if (TRY(flow::parse_match_word(*kv, names.ports, m.match))) continue;
        return std::unexpected(flow::unknown_word(*kv));
    }
    flow::finish_match(m.match);
    return {};
}

Result<> parse_actions(std::string_view text, const action::Names& names, FlowMod& m) {
    m.actions = TRY(action::parse_actions(text, names));
    const auto possible = action::check(m.actions, {m.match, m.table, all_tables});
    if (!possible)
        return fail("actions are invalid with specified match (" + std::string(error_name(possible.error())) +
                    ")");
    return {};
}

// ---- printing

void add_hex(std::string& out, uint64_t v) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v, 16).ptr;
    (out += "0x").append(digits.data(), end);
}

void add_count(std::string& out, std::string_view name, uint64_t v) {
    out += name;
    out += v == ~uint64_t{0} ? "?" : std::to_string(v);
    out += ", ";
}

/// Seconds with as many digits as there are: none, milliseconds, microseconds or nanoseconds.
void add_duration(std::string& out, uint32_t s, uint32_t ns) {
    out += std::to_string(s);
    if (ns) {
        size_t digits = 9;
        uint32_t fraction = ns;
        for (; fraction % 1000 == 0; fraction /= 1000) digits -= 3;
        const std::string text = std::to_string(fraction);
        out += "." + std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
    }
    out += "s";
}

void add_if(std::string& out, std::string_view name, std::optional<uint32_t> v) {
    if (v && *v) (out += name) += std::to_string(*v) + ", ";
}

void add_flags(std::string& out, uint16_t flags) {
    constexpr std::string_view names[] = {"send_flow_rem ", "check_overlap ", "reset_counts ",
                                          "no_packet_counts ", "no_byte_counts "};
    for (size_t i = 0; i < std::size(names); ++i) {
        if (flags >> i & 1) out += names[i];
    }
}

void add_ages(std::string& out, const FlowStats& f) {
    if (f.idle_age) (out += "idle_age=") += std::to_string(*f.idle_age) + ", ";
    if (f.hard_age && *f.hard_age != f.duration_s) (out += "hard_age=") += std::to_string(*f.hard_age) + ", ";
}

}  // namespace

Result<FlowMod> parse_flow_mod(std::string_view text, FlowModCommand command, const action::Names& names) {
    FlowMod m;
    m.command = command;
    const auto [match, actions] = split_actions(text);
    TRY(parse_words(match, names, m));
    if (m.is_remove()) {
        // What matches is removed; a cookie, which newer syntax wants with a mask, says which.
        if (m.new_cookie) {
            m.cookie = *m.new_cookie;
            m.cookie_mask = ~uint64_t{0};
            m.new_cookie.reset();
        }
        return m;
    }
    if (!actions.data()) return fail("must specify an action");
    if (command == FlowModCommand::add && !m.new_cookie) m.new_cookie = 0;
    if (m.table == all_tables) m.table = 0;
    TRY(parse_actions(actions, names, m));
    return m;
}

std::string format_flow(const FlowStats& f, const FlowTextOptions& options) {
    std::string out;
    if (options.stats || f.cookie) {
        out += "cookie=";
        add_hex(out, f.cookie);
        out += ", ";
    }
    if (options.stats) {
        out += "duration=";
        add_duration(out, f.duration_s, f.duration_ns);
        out += ", ";
    }
    if (options.stats || f.table) out += "table=" + std::to_string(f.table) + ", ";
    if (options.stats) {
        add_count(out, "n_packets=", f.packets);
        add_count(out, "n_bytes=", f.bytes);
    }
    add_if(out, "idle_timeout=", f.idle_timeout);
    add_if(out, "hard_timeout=", f.hard_timeout);
    add_flags(out, f.flags);
    add_if(out, "importance=", f.importance);
    if (options.stats) add_ages(out, f);
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
