// SPDX-License-Identifier: Apache-2.0
// Flow tables in text: a number, or a name that a switch gave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flow/port_text.h"

namespace weft::flow {

/// Names of tables of a switch. A name that two tables have names none.
class TableNames {
  public:
    void add(uint8_t table, std::string name) {
        if (!name.empty()) names_.add(OfPort{table}, std::move(name));
    }
    std::optional<std::string_view> name(uint8_t table) const { return names_.name(OfPort{table}); }
    std::optional<uint8_t> number(std::string_view name) const;

  private:
    PortNames names_;
};

/// A table's name (quoted if it would not read back), or its number.
std::string format_table(uint8_t table, const TableNames* names = nullptr);
/// A number up to 255, decimal or with 0x, or a name. None: no such table.
std::optional<uint8_t> parse_table(std::string_view text, const TableNames* names = nullptr);

}  // namespace weft::flow
