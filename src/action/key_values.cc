// SPDX-License-Identifier: Apache-2.0
#include "action/key_values.h"

#include <algorithm>

namespace weft::action {
namespace {

constexpr std::string_view separators = ", \t\r\n";
bool is_separator(char c) { return separators.find(c) != std::string_view::npos; }

/// How far a word reaches: to the first of `ends` (or separator) outside parentheses and quotes.
size_t word_end(std::string_view text, std::string_view ends) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
            continue;
        }
        if (depth == 0 && (is_separator(c) || ends.find(c) != std::string_view::npos)) return i;
        if (c == '"') quoted = true;
        if (c == '(') ++depth;
        if (c == ')' && depth > 0) --depth;
    }
    return text.size();
}

}  // namespace

std::optional<KeyValue> KeyValues::next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(separators), rest_.size()));
    if (rest_.empty()) return std::nullopt;
    const std::string_view all = rest_;
    KeyValue kv;
    kv.key = all.substr(0, word_end(all, ":=("));
    std::string_view after = all.substr(kv.key.size());
    if (after.empty() || is_separator(after[0])) {
        kv.whole = kv.key;
    } else if (after[0] == '(') {
        const std::string_view group = after.substr(0, word_end(after, {}));
        const bool closed = group.size() >= 2 && group.ends_with(')');
        kv.value = closed ? group.substr(1, group.size() - 2) : group;
        kv.whole = all.substr(0, kv.key.size() + group.size());
    } else {
        after.remove_prefix(1);
        kv.value = after.substr(0, word_end(after, {}));
        kv.whole = all.substr(0, kv.key.size() + 1 + kv.value.size());
    }
    rest_.remove_prefix(std::max<size_t>(kv.whole.size(), 1));
    return kv;
}

}  // namespace weft::action
