// SPDX-License-Identifier: Apache-2.0
// The outer form of flow syntax: words `key`, `key=value`, `key:value` and `key(value)`, separated by commas
// and white space.
#pragma once

#include <optional>
#include <string_view>

namespace weft::flow {

struct KeyValue {
    std::string_view key;
    std::string_view value;  ///< without the parentheses of `key(value)`
    bool has_value = false;  ///< a `=`, `:` or `(` followed, though the value may be empty
    std::string_view text;   ///< all of it
};

/// Takes the next word off the text; none at its end. A value ends at a comma or white space outside
/// parentheses and quotes.
std::optional<KeyValue> next_key_value(std::string_view& text);

}  // namespace weft::flow
