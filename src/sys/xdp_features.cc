// SPDX-License-Identifier: Apache-2.0
#include "sys/xdp_features.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cerrno>

#include "sys/netlink_request.h"

namespace weft::sys {
namespace {

// linux/netdev.h, missing from Debian 12's headers (Documentation/netlink/specs/netdev.yaml).
constexpr const char* family_name = "netdev";
constexpr uint8_t get_device = 1;
constexpr uint16_t attribute_ifindex = 1, attribute_features = 3;
constexpr uint64_t takes_redirected = 1 << 2, takes_fragments = 1 << 6;

void put_command(Request& request, uint8_t command) {
    auto& header = request.put<genlmsghdr>();
    header.cmd = command;
    header.version = 1;
}

/// An attribute of the answer to a request; 0 if it has none such.
template <class T>
Result<T> ask(Netlink& netlink, Request& request, uint16_t attribute) {
    T out{};
    TRY(netlink.exchange(request.take(), [&](ByteSpan message) {
        const nlmsghdr* h = header_of(message, sizeof(genlmsghdr));
        if (!h) return;
        for_each_attribute(h, sizeof(genlmsghdr), [&](const nlattr* a) {
            if (mnl_attr_get_type(a) == attribute) out = number_of<T>(a);
        });
    }));
    return out;
}

}  // namespace

Result<std::unique_ptr<XdpFeatures>> XdpFeatures::open() {
    auto netlink = TRY(Netlink::open_generic());
    Request request(GENL_ID_CTRL, 0, netlink->next_seq());
    put_command(request, CTRL_CMD_GETFAMILY);
    mnl_attr_put_strz(request.header(), CTRL_ATTR_FAMILY_NAME, family_name);
    const auto family = ask<uint16_t>(*netlink, request, CTRL_ATTR_FAMILY_ID);
    if (!family || *family == 0)
        return fail("the kernel does not tell which devices take frames from XDP (Linux 6.3 does)", ENOTSUP);
    return std::unique_ptr<XdpFeatures>(new XdpFeatures(std::move(netlink), *family));
}

XdpFeatures::Takes XdpFeatures::takes(int ifindex) {
    Request request(family_, 0, netlink_->next_seq());
    put_command(request, get_device);
    mnl_attr_put_u32(request.header(), attribute_ifindex, static_cast<uint32_t>(ifindex));
    const auto features = ask<uint64_t>(*netlink_, request, attribute_features);
    if (!features) return {};
    return {.frames = (*features & takes_redirected) != 0, .fragments = (*features & takes_fragments) != 0};
}

}  // namespace weft::sys
