// SPDX-License-Identifier: Apache-2.0
#include "bridge/local_address.h"

#include <algorithm>
#include <bit>
#include <cerrno>

namespace weft::bridge {

namespace {

constexpr int address_bits = 32;

/// Of the class that the address had before there were netmasks (RFC 791 3.2).
uint8_t class_prefix(Ip4 address) {
    const uint32_t a = address.host();
    return a >> 31 == 0 ? 8 : a >> 30 == 2 ? 16 : 24;
}

/// The length of a netmask; none: it is no such.
std::optional<uint8_t> prefix_of(const std::string& netmask) {
    const auto mask = parse_ip4(netmask);
    if (!mask) return std::nullopt;
    const int length = std::countl_one(mask->host());
    const bool contiguous = length == address_bits || (mask->host() << length) == 0;
    if (length == 0 || !contiguous) return std::nullopt;
    return static_cast<uint8_t>(length);
}

std::string dotted(uint8_t prefix) {
    return format_ip4(Ip4(prefix == 0 ? 0 : ~uint32_t{0} << (address_bits - prefix)));
}

}  // namespace

Result<sys::Ip4Setting> local_setting(const ControllerConfig& c, std::vector<std::string>& problems) {
    const auto address = parse_ip4(c.local_ip);
    if (!address) return fail("local_ip " + c.local_ip + " is no IPv4 address: it stays unused");
    sys::Ip4Setting out{.address = *address, .prefix = class_prefix(*address)};
    if (!c.local_netmask.empty()) {
        if (const auto prefix = prefix_of(c.local_netmask))
            out.prefix = *prefix;
        else
            problems.push_back("local_netmask " + c.local_netmask + " is no netmask: " + dotted(out.prefix) +
                               " is used");
    }
    if (!c.local_gateway.empty()) {
        if (const auto gateway = parse_ip4(c.local_gateway))
            out.gateway = *gateway;
        else
            problems.push_back("local_gateway " + c.local_gateway + " is no IPv4 address: it stays unused");
    }
    return out;
}

void configure_local_port(const Bridge& bridge, sys::IpConfig& host, obs::LogModule log) {
    const auto& controllers = bridge.config.controllers;
    const auto c = std::ranges::find_if(controllers, [](const auto& one) { return !one.local_ip.empty(); });
    const Member* local = bridge.find(ofpp::local);
    if (c == controllers.end() || !local || local->state.ifindex <= 0) return;
    const std::string& name = bridge.config.name;
    std::vector<std::string> problems;
    const auto wanted = local_setting(*c, problems);
    if (!wanted) problems.push_back(wanted.error().message);
    for (const std::string& p : problems) LOG(log, warn, "bridge {}: controller {}: {}", name, c->target, p);
    if (!wanted) return;
    const auto done = host.set(local->state.ifindex, *wanted);
    if (!done && done.error().code == EEXIST)
        LOG(log, warn, "bridge {}: there is another default route: gateway {} stays unused", name,
            format_ip4(*wanted->gateway));
    else if (!done)
        LOG(log, warn, "bridge {}: IP address {} cannot be configured: {}", name, format_ip4(wanted->address),
            done.error().message);
    if (done && done->address)
        LOG(log, info, "bridge {}: configured IP address {}, netmask {}", name, format_ip4(wanted->address),
            dotted(wanted->prefix));
    if (done && done->gateway)
        LOG(log, info, "bridge {}: configured gateway {}", name, format_ip4(*wanted->gateway));
}

}  // namespace weft::bridge
