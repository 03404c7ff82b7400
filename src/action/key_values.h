// SPDX-License-Identifier: Apache-2.0
// Lists of `key`, `key=value`, `key:value` and `key(value)`, separated by commas or white space: flow syntax.
#pragma once

#include <optional>
#include <string_view>

namespace weft::action {

struct KeyValue {
    std::string_view key, value;
    /// From the start of the key to the end of the item.
    std::string_view whole;
};

/// Value type; borrows the text. Separators inside parentheses or double quotes do not separate.
class KeyValues {
  public:
    explicit KeyValues(std::string_view text) : rest_(text) {}
    /// The next item; none at the end. `key(value)->x` gives the value "(value)->x".
    std::optional<KeyValue> next();
    std::string_view rest() const { return rest_; }

  private:
    std::string_view rest_;
};

}  // namespace weft::action
