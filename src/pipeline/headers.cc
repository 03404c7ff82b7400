// SPDX-License-Identifier: Apache-2.0
// Headers around the packet, for encap and decap.
#include <cstring>

#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;

namespace {

constexpr size_t first_header = offsetof(PacketBlock, eth_dst);

template <class T>
void fill(T& member) {
    std::memset(&member, 0xff, sizeof member);
}

PacketBlock with_type(PacketBlock headers, uint32_t packet_type) {
    headers.packet_type = Be32(packet_type);
    headers.eth_type = Be16(static_cast<uint16_t>(packet_type));
    return headers;
}

}  // namespace

void Translator::change_ethernet(NewHeaders::Pending how, uint32_t packet_type) {
    commit();
    view_.write(&PacketBlock::eth_src, Mac{});
    view_.write(&PacketBlock::eth_dst, Mac{});
    view_.write(&PacketBlock::packet_type, Be32(packet_type));
    headers_.pending = how;
    fill(headers_.made.eth_src);
    fill(headers_.made.eth_dst);
}

void Translator::push_header(NewHeaders::Pending how, const PacketBlock& headers, Bytes md2) {
    commit();
    view_.write_headers(headers);
    view_.write(&PacketBlock::packet_type, headers.packet_type);
    headers_.pending = how;
    headers_.md2 = std::move(md2);
    std::memset(reinterpret_cast<uint8_t*>(&headers_.made) + first_header, 0xff,
                sizeof(PacketBlock) - first_header);
    inner_unknown_ = false;  // what nobody knows is not what shows now
}

void Translator::pop_header(const action::dp::Action& pop, uint32_t packet_type) {
    commit();
    add(pop);
    const PacketBlock bare = with_type({}, packet_type);
    view_.write_headers(bare);
    view_.write(&PacketBlock::packet_type, bare.packet_type);
    base_.packet = view_.key_for_lookup().packet;
    ++headers_.n_committed;
    freeze(Resume::after_this);
}

}  // namespace weft::pipeline
