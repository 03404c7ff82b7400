// SPDX-License-Identifier: Apache-2.0
#include "sys/internal_pair.h"

#include <fmt/core.h>

#include <cerrno>

#include "base/hash.h"
#include "sys/claim.h"
#include "sys/netlink.h"

namespace weft::sys {
namespace {

constexpr std::string_view wire_mark = "weft end of internal port ";  ///< the port's name follows
constexpr size_t name_max = 15;

/// The same for every process, and no longer than a device's name may be.
std::string wire_name(const std::string& port) {
    std::string plain = "weft-" + port;
    if (plain.size() <= name_max) return plain;
    const uint64_t hash = hash_bytes({reinterpret_cast<const uint8_t*>(port.data()), port.size()});
    return fmt::format("weft-{:010x}", hash >> 24);
}

std::string wire_alias(const std::string& port) { return std::string(wire_mark) + port; }

Result<Fd> claim_pair(int wire) { return claim(fmt::format("weft_internal/{}", wire)); }

Result<Link> find_wire(Netlink& netlink, const std::string& port) {
    const std::string name = wire_name(port);
    Link wire = TRY(netlink.link(name));
    if (wire.kind == "veth" && wire.alias == wire_alias(port)) return wire;
    return fail("internal port " + port + " needs the name of device " + name + ": rename that", EEXIST);
}

Result<Link> make_pair(Netlink& netlink, const std::string& port) {
    const std::string name = wire_name(port);
    if (const auto made = netlink.add_pair(port, name); !made)
        return fail_code("make device " + port + " with its other end " + name, made.error().code);
    Link wire = TRY(netlink.link(name));
    TRY(netlink.set_alias(wire.ifindex, wire_alias(port)));
    TRY(netlink.set_alias(wire.peer, internal_port_mark));
    [[maybe_unused]] const auto silent = netlink.set_silent(wire.ifindex);  // not where there is no IPv6
    return wire;
}

}  // namespace

Result<InternalPair> InternalPair::open(Netlink& netlink, const std::string& port) {
    auto wire = find_wire(netlink, port);
    if (!wire && wire.error().code == ENODEV) wire = make_pair(netlink, port);
    if (!wire) return std::unexpected(wire.error());
    auto claimed = claim_pair(wire->ifindex);
    if (!claimed && claimed.error().code == EADDRINUSE)
        return fail("internal port " + port + " is in use by another process", EBUSY);
    if (!claimed) return std::unexpected(claimed.error());
    TRY(netlink.set_up(wire->ifindex, true));
    return InternalPair(wire->ifindex, *std::move(claimed));
}

bool InternalPair::exists(Netlink& netlink, const std::string& port) {
    return find_wire(netlink, port).has_value();
}

Result<InternalPair::Host> InternalPair::host(Netlink& netlink) const {
    const Link wire = TRY(netlink.link(wire_));
    return Host{TRY(netlink.link(wire.peer, wire.peer_namespace)), !wire.peer_namespace};
}

void InternalPair::remove(Netlink& netlink) {
    [[maybe_unused]] const auto done = netlink.remove_link(wire_);  // it may be gone
}

Result<std::vector<LeftPair>> left_pairs(Netlink& netlink) {
    std::vector<LeftPair> out;
    for (const Link& link : TRY(netlink.links()))
        if (link.kind == "veth" && link.alias.starts_with(wire_mark) && claim_pair(link.ifindex))
            out.push_back({link.alias.substr(wire_mark.size()), link.ifindex});
    return out;
}

}  // namespace weft::sys
