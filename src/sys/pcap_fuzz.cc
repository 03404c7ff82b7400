// SPDX-License-Identifier: Apache-2.0
// Any bytes as a capture file: refused with a reason, or frames that all lie in the file.
#include "sys/pcap.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto frames = weft::sys::parse_pcap({data, size}, "capture");
    if (!frames) {
        CHECK(frames.error().message.starts_with("capture "));
        return 0;
    }
    size_t bytes = 24;
    for (const auto& frame : *frames) bytes += 16 + frame.size();
    CHECK(bytes == size);
    return 0;
}
