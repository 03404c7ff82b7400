// SPDX-License-Identifier: Apache-2.0
#include "sys/promiscuous.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

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

}  // namespace weft::sys
