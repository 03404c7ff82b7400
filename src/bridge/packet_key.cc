// SPDX-License-Identifier: Apache-2.0
#include "bridge/packet_key.h"

#include "flow/extract.h"

namespace weft::bridge {

flow::FlowKey key_of_packet(const packet::Packet& packet) {
    flow::FlowKey key{};
    flow::extract(packet.bytes(), key.packet);
    return key;
}

void overlay(flow::FlowKey& key, const flow::Match& fields) {
    const auto k = flow::words(key);
    const auto value = flow::words(fields.key), mask = flow::words(fields.mask);
    for (size_t i = 0; i < flow::key_words; ++i) k[i] = (k[i] & ~mask[i]) | (value[i] & mask[i]);
}

}  // namespace weft::bridge
