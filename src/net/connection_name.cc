// SPDX-License-Identifier: Apache-2.0
#include "net/connection_name.h"

#include <array>
#include <cerrno>
#include <charconv>

namespace weft::net {
namespace {

struct Method {
    std::string_view prefix;
    ConnectionName::Kind kind;
    bool passive;
};
constexpr std::array methods{
    Method{"unix:", ConnectionName::Kind::unix_socket, false},
    Method{"punix:", ConnectionName::Kind::unix_socket, true},
    Method{"tcp:", ConnectionName::Kind::tcp, false},
    Method{"ptcp:", ConnectionName::Kind::tcp, true},
    Method{"ssl:", ConnectionName::Kind::ssl, false},
    Method{"pssl:", ConnectionName::Kind::ssl, true},
};

Result<uint16_t> parse_port(std::string_view address, std::string_view port) {
    uint16_t value = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), value);
    if (error != std::errc{} || end != port.data() + port.size())
        return fail(std::string(address) + ": bad port number \"" + std::string(port) + "\"", EAFNOSUPPORT);
    return value;
}

struct Halves {
    std::string_view host, port;
};

/// Cuts "HOST[:PORT]", where an IPv6 HOST stands in brackets if a PORT follows.
Result<Halves> cut_host_port(std::string_view address) {
    if (address.starts_with('[')) {
        const size_t end = address.find(']');
        const auto rest = end == address.npos ? "[" : address.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':'))
            return fail(std::string(address) + ": an IPv6 address in brackets and a port are [ADDRESS]:PORT",
                        EAFNOSUPPORT);
        return Halves{address.substr(1, end - 1), rest.substr(rest.empty() ? 0 : 1)};
    }
    const size_t colon = address.find(':');
    if (colon == address.npos) return Halves{address, {}};
    if (address.find(':', colon + 1) != address.npos)
        return fail(std::string(address) + ": an IPv6 address must stand in brackets", EAFNOSUPPORT);
    return Halves{address.substr(0, colon), address.substr(colon + 1)};
}

/// "HOST[:PORT]" of an active name.
Result<> parse_active(std::string_view address, ConnectionName& out) {
    const auto halves = TRY(cut_host_port(address));
    if (halves.host.empty()) return fail(std::string(address) + ": host must be specified", EAFNOSUPPORT);
    out.host = halves.host;
    if (!halves.port.empty()) out.port = TRY(parse_port(address, halves.port));
    return {};
}

/// "[PORT][:HOST]" of a passive name; the HOST may or may not stand in brackets.
Result<> parse_passive(std::string_view address, ConnectionName& out) {
    const size_t colon = std::min(address.find(':'), address.size());
    if (colon > 0) out.port = TRY(parse_port(address, address.substr(0, colon)));
    std::string_view host = address.substr(std::min(colon + 1, address.size()));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    out.host = host;
    return {};
}

}  // namespace

Result<ConnectionName> ConnectionName::parse(std::string_view text, uint16_t default_port) {
    for (const auto& method : methods) {
        if (!text.starts_with(method.prefix)) continue;
        const auto rest = text.substr(method.prefix.size());
        ConnectionName out{.kind = method.kind,
                           .passive = method.passive,
                           .host = {},
                           .port = default_port,
                           .path = {},
                           .text = std::string(text)};
        if (method.kind == Kind::unix_socket) {
            out.port = 0;
            out.path = rest;
        } else if (method.passive) {
            TRY(parse_passive(rest, out));
        } else {
            TRY(parse_active(rest, out));
        }
        return out;
    }
    return fail("\"" + std::string(text) +
                    "\" is not a connection: it must start with unix:, tcp:, ssl:, punix:, ptcp: or pssl:",
                EAFNOSUPPORT);
}

Result<std::vector<ConnectionName>> ConnectionName::parse_list(std::string_view text, uint16_t default_port) {
    std::vector<ConnectionName> out;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        if (comma > 0) out.push_back(TRY(parse(text.substr(0, comma), default_port)));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    if (out.empty()) return fail("no database server is named", EAFNOSUPPORT);
    return out;
}

}  // namespace weft::net
