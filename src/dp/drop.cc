// SPDX-License-Identifier: Apache-2.0
#include "dp/drop.h"

#include <iterator>

#include "base/result.h"

namespace weft::dp {

namespace {

struct Words {
    Drop reason;
    std::string_view coverage, explanation;
};

constexpr Words table[] = {
    {Drop::flow, "datapath_drop_flow", "its flow has no actions"},
    {Drop::explicit_drop, "datapath_drop_explicit", "its flow says drop"},
    {Drop::rx_invalid, "datapath_drop_rx_invalid_packet", "too short for an Ethernet header"},
    {Drop::upcall_lost, "datapath_drop_upcall_error", "nobody was there to translate it"},
    {Drop::meter, "datapath_drop_meter", "beyond the rate of a meter"},
    {Drop::recirculation, "datapath_drop_recirc_error", "it recirculated too often"},
    {Drop::invalid_port, "datapath_drop_invalid_port", "the output port is gone"},
    {Drop::truncated, "datapath_drop_truncated", "cut shorter than an Ethernet header"},
    {Drop::mtu, "datapath_drop_mtu", "longer than the output port's MTU"},
    {Drop::offload, "datapath_drop_offload",
     "checksum or segmentation left to do that the headers contradict"},
    {Drop::tx, "datapath_drop_tx", "the output device did not take it"},
    {Drop::conntrack, "datapath_drop_conntrack",
     "its flow tracks connections, which this datapath cannot yet"},
    {Drop::no_ethernet, "datapath_drop_no_ethernet",
     "it has no Ethernet header, which the output port needs"},
};
static_assert(std::size(table) == n_drops);

const Words& words(Drop reason) {
    const Words& w = table[static_cast<size_t>(reason)];
    CHECK(w.reason == reason);
    return w;
}

}  // namespace

std::string_view coverage_name(Drop reason) { return words(reason).coverage; }
std::string_view explanation(Drop reason) { return words(reason).explanation; }

}  // namespace weft::dp
