// SPDX-License-Identifier: Apache-2.0
// Any bytes as a capture file: refused with a reason, or frames that all lie in the file; and any bytes as a
// frame of each link type.
#include "sys/capture_link.h"
#include "sys/pcap.h"

namespace {

constexpr size_t ethernet_header = 14, least_header = 8;

/// What a frame can have grown by, if it had no header.
void expect_within(const weft::Bytes& frame, size_t size) { CHECK(frame.size() <= size + ethernet_header); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const weft::ByteSpan in(data, size);
    if (size >= 2) {
        const auto type = static_cast<uint16_t>(data[0] << 8 | data[1]);
        const auto frame = weft::sys::as_ethernet(type, in.subspan(2));
        CHECK(!frame || weft::sys::reads_link(type));
        if (frame) expect_within(*frame, size - 2);
    }
    const auto frames = weft::sys::parse_pcap(in, "capture");
    if (!frames) {
        CHECK(frames.error().message.starts_with("capture "));
        return 0;
    }
    size_t bytes = 0;
    for (const auto& frame : *frames) {
        expect_within(frame, size);
        bytes += least_header + frame.size();
    }
    CHECK(bytes <= size + frames->size() * ethernet_header);
    return 0;
}
