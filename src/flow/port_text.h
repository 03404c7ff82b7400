// SPDX-License-Identifier: Apache-2.0
// OpenFlow ports in text: numbers, the standard's names, and names of a bridge's own ports.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace weft::flow {

/// Value type: the names of a bridge's ports. A name that two ports have, or a number, names none.
class PortNames {
  public:
    void add(OfPort port, std::string name);
    std::optional<std::string_view> name(OfPort port) const;
    std::optional<OfPort> number(std::string_view name) const;

  private:
    std::map<uint16_t, std::string> by_number_;
    std::map<std::string, OfPort, std::less<>> by_name_;
};

/// `LOCAL`, `NORMAL` ..., a port's name (quoted if it would not read back), or its number.
std::string format_port(OfPort port, const PortNames* names = nullptr);

/// A decimal number (also OpenFlow 1.1's 32-bit form of the reserved ones), a standard name in any case, or a
/// name in `names`, which may stand in double quotes with JSON's escapes. None: no such port.
std::optional<OfPort> parse_port(std::string_view text, const PortNames* names = nullptr);

/// A name as it stands in text: quoted if it is no identifier.
std::string format_name(std::string_view name);
/// What stands between double quotes, with JSON's escapes undone; none: there are no quotes.
std::optional<std::string> parse_name(std::string_view quoted);

}  // namespace weft::flow
