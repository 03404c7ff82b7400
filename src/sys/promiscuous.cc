// SPDX-License-Identifier: Apache-2.0
#include "sys/promiscuous.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

#include <charconv>

#include "sys/fd.h"

namespace weft::sys {

Result<void> make_promiscuous(int packet_socket, int ifindex) {
    packet_mreq membership{};
    membership.mr_ifindex = ifindex;
    membership.mr_type = PACKET_MR_PROMISC;
    if (::setsockopt(packet_socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0)
        return {};
    return fail_errno("packet socket: promiscuous mode");
}

Result<void> PromiscuousDevices::begin(Netlink& netlink, int ifindex) const {
    const Link link = TRY(netlink.link(ifindex));
    if (link.promiscuous) return {};
    TRY(BpfFolder::make(marks_.path_of(std::to_string(ifindex))));
    return netlink.set_promiscuous(ifindex, true);
}

void PromiscuousDevices::end(Netlink& netlink, int ifindex) const {
    const std::string mark = std::to_string(ifindex);
    if (!marks_.is_folder(mark)) return;
    [[maybe_unused]] const auto done = netlink.set_promiscuous(ifindex, false);  // it may be gone
    BpfFolder::remove(marks_.path_of(mark));
}

std::vector<int> PromiscuousDevices::all() const {
    std::vector<int> out;
    for (const std::string& mark : marks_.names())
        if (int ifindex = 0;
            std::from_chars(mark.data(), mark.data() + mark.size(), ifindex).ec == std::errc())
            out.push_back(ifindex);
    return out;
}

}  // namespace weft::sys
