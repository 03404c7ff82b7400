// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/flow_color.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace weft::cli::ofctl {
namespace {

constexpr std::array<std::string_view, 7> setting_names{"ac", "dr", "le", "pm", "pr", "sp", "vl"};
constexpr std::string_view special_words[] = {
    "output:", "load:", "move:", "group:", "set_field:", "table=", "priority=", "exit"};

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '[' || c == ']';
}

size_t word_end(std::string_view text) {
    return static_cast<size_t>(std::ranges::find_if_not(text, is_word) - text.begin());
}

}  // namespace

std::optional<FlowColors> FlowColors::wanted(const std::optional<std::string>& when) {
    const char *terminal = std::getenv("TERM"), *unwanted = std::getenv("NO_COLOR");
    const bool colourful = ::isatty(STDOUT_FILENO) && terminal && std::string_view(terminal) != "dumb" &&
                           (!unwanted || !*unwanted);
    // Without the option there are none, as in Open vSwitch.
    const bool on = when && (*when == "always" || (*when == "auto" && colourful));
    if (!on) return std::nullopt;
    FlowColors colors;
    if (const char* setting = std::getenv("OVS_COLORS")) colors.read(setting);
    return colors;
}

void FlowColors::read(std::string_view setting) {
    while (!setting.empty()) {
        const size_t colon = std::min(setting.find(':'), setting.size());
        const std::string_view item = setting.substr(0, colon);
        setting.remove_prefix(std::min(colon + 1, setting.size()));
        for (size_t i = 0; i < setting_names.size(); ++i) {
            if (item.starts_with(setting_names[i]) && item.substr(2, 1) == "=") codes_[i] = item.substr(3);
        }
    }
}

std::string FlowColors::painted(Kind kind, std::string_view text) const {
    return "\33[" + codes_[kind] + "m\33[K" + std::string(text) + "\33[m\33[K";
}

/// `name=value` and lone names, separated by commas and blanks.
void FlowColors::paint_match(std::string_view text, std::string& out) const {
    while (!text.empty()) {
        const size_t end = word_end(text);
        if (end == 0) {
            out += text[0];
            text.remove_prefix(1);
            continue;
        }
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(end);
        if (!text.starts_with('=')) {
            out += painted(value, word);
            continue;
        }
        const bool is_special = word == "table" || word == "priority";
        out += painted(is_special ? special : param, std::string(word) + "=");
        text.remove_prefix(1);
        const size_t stop = std::min(text.find_first_of(", \n"), text.size());
        out += text.substr(0, stop);
        text.remove_prefix(stop);
    }
}

void FlowColors::paint_word(std::string_view word, bool in_learn, std::string& out) const {
    const auto is = [&](auto... names) { return ((word == names) || ...); };
    const bool is_special = std::ranges::find(special_words, word) != std::end(special_words);
    const bool is_flag = std::ranges::all_of(word, [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); });
    if (is("drop"))
        out += painted(drop, word);
    else if (is("output("))
        out += painted(special, "output") + "(";
    else if (word.ends_with('('))
        out += painted(is("learn(") ? learn : paren, word);
    else if (is_special)
        out += painted(special, word);
    else if ((word.ends_with(':') && !is("CONTROLLER:")) || word.ends_with('=') ||
             (in_learn && word.ends_with(']')))
        out += painted(param, word);
    else if (is_flag)
        out += painted(is("dec_ttl") ? paren : value, word);
    else
        out += word;
}

/// Words with the `:`, `=` or `(` behind them; a closing parenthesis has the colour of the opening one.
void FlowColors::paint_actions(std::string_view text, std::string& out) const {
    std::string open;  // 'l' for each learn( that is open, 'o' for output(, 'p' for others
    while (!text.empty()) {
        size_t end = word_end(text);
        if (end == 0) {
            if (text[0] == ')' && !open.empty()) {
                out += open.back() == 'o' ? ")" : painted(open.back() == 'l' ? learn : paren, ")");
                open.pop_back();
            } else if (text.starts_with("->")) {
                out += painted(special, "->");
                text.remove_prefix(1);
            } else {
                out += text[0];
            }
            text.remove_prefix(1);
            continue;
        }
        if (end < text.size() && std::string_view(":=(").find(text[end]) != std::string_view::npos) ++end;
        const std::string_view word = text.substr(0, end);
        const bool in_learn = open.ends_with('l');
        if (word.ends_with('(')) open += word == "learn(" ? 'l' : word == "output(" ? 'o' : 'p';
        paint_word(word, in_learn, out);
        text.remove_prefix(end);
    }
}

std::string FlowColors::paint(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end);
        constexpr std::string_view mark = "actions=";
        const size_t at = line.find(mark);
        if (!line.starts_with(' ') || at == line.npos) {
            out += line;
            continue;
        }
        paint_match(line.substr(0, at), out);
        out += painted(actions, mark);
        paint_actions(line.substr(at + mark.size()), out);
    }
    return out;
}

}  // namespace weft::cli::ofctl
