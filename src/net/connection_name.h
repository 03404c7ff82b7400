// SPDX-License-Identifier: Apache-2.0
// Names of connections: "tcp:HOST[:PORT]", "punix:FILE" ... (ovsdb(7) "Connection Methods", ovs-ofctl(8)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace weft::net {

inline constexpr uint16_t ovsdb_port = 6640, openflow_port = 6653;

/// Value type.
struct ConnectionName {
    enum class Kind : uint8_t { unix_socket, tcp, ssl };

    Kind kind = Kind::unix_socket;
    bool passive = false;  ///< punix:, ptcp:, pssl:
    std::string host;      ///< tcp, ssl; without brackets; empty if passive: all addresses
    uint16_t port = 0;     ///< tcp, ssl; 0 if passive: any free one
    std::string path;      ///< unix_socket, as given
    std::string text;      ///< the whole name, as given
    std::optional<uint8_t> dscp =
        {};  ///< tcp, ssl: of the packets (RFC 2474); not of the text; unset: the system's

    /// Code EAFNOSUPPORT for an unknown method or a malformed address.
    static Result<ConnectionName> parse(std::string_view text, uint16_t default_port);
    /// Names separated by commas; at least one.
    static Result<std::vector<ConnectionName>> parse_list(std::string_view text, uint16_t default_port);
    bool operator==(const ConnectionName&) const = default;
};

}  // namespace weft::net
