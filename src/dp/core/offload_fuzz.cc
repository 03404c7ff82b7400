// SPDX-License-Identifier: Apache-2.0
// Any frame behind any virtio-net header, as a tap or AF_PACKET socket may give it: headers are found inside
// the frame, segments are whole and carry all of the payload, and nothing is read or written beyond the end.
#include <cstring>

#include "dp/core/layers.h"
#include "dp/core/offload.h"
#include "flow/extract.h"
#include "sys/vnet_header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft;
    sys::VnetHeader header;
    if (size < sizeof header || size > 65536) return 0;
    std::memcpy(&header, data, sizeof header);
    const ByteSpan frame{data + sizeof header, size - sizeof header};
    auto p = packet::Packet::copy_of(frame, 0);
    p.offload = sys::offload_of(header);
    CHECK(sys::vnet_header_of(p.offload).gso_size == p.offload.gso_size);

    const dp::Layers at = dp::layers_of(p);
    CHECK(at.network <= p.size() && at.transport <= p.size());
    flow::PacketBlock key;
    flow::extract(p.bytes(), key, flow::max_vlan_tags);
    dp::kernel_can_segment(p);

    size_t segments = 0;
    const bool ok = dp::segment(p, [&](packet::Packet&& segment) {
        ++segments;
        CHECK(segment.size() <= p.size());
        CHECK(segment.offload.gso == packet::Gso::none && segment.offload.csum != packet::Csum::partial);
    });
    CHECK(!ok || segments > 0);
    dp::finish_checksum(p);
    return 0;
}
