// SPDX-License-Identifier: Apache-2.0
#include "flow/key_value.h"

#include <algorithm>

namespace weft::flow {
namespace {

constexpr std::string_view separators = ", \t\r\n";

/// Where a value ends that stands at the begin of the text; one in parentheses ends where they close.
enum class Form : uint8_t { bare, in_parentheses };
size_t value_size(std::string_view text, Form form) {
    int depth = form == Form::in_parentheses ? 1 : 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"' && i == 0) {
            quoted = true;
        } else if (c == '(') {
            ++depth;
        } else if (c == ')') {
            --depth;
            if (depth < 0 || (depth == 0 && form == Form::in_parentheses)) return i;
        } else if (depth == 0 && separators.contains(c)) {
            return i;
        }
    }
    return text.size();
}

}  // namespace

std::optional<KeyValue> next_key_value(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
    if (text.empty()) return std::nullopt;
    const std::string_view start = text;
    const size_t key_size = text.starts_with('"') ? value_size(text, Form::bare)
                                                  : std::min(text.find_first_of(":=(, \t\r\n"), text.size());
    KeyValue out;
    out.key = text.substr(0, key_size);
    text.remove_prefix(key_size);
    const char delimiter = text.empty() ? '\0' : text.front();
    if (delimiter == ':' || delimiter == '=' || delimiter == '(') {
        text.remove_prefix(1);
        out.has_value = true;
        size_t size = value_size(text, delimiter == '(' ? Form::in_parentheses : Form::bare);
        // As in check_pkt_larger(1500)->reg0[0]: the value goes on to the end of the word.
        const bool goes_on = delimiter == '(' && text.substr(size).starts_with(")->");
        if (goes_on) size += value_size(text.substr(size + 1), Form::bare) + 1;
        out.value = text.substr(0, size);
        text.remove_prefix(size);
        if (delimiter == '(' && !goes_on && text.starts_with(')')) text.remove_prefix(1);
    }
    out.text = start.substr(0, start.size() - text.size());
    return out;
}

}  // namespace weft::flow
