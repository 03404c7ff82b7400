// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message of rtnetlink: nothing is read beyond its end, names and numbers stay within bounds.
#include "sys/link.h"

#include "sys/ip_config.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft;
    const Bytes message(data, data + size);  // aligned as a socket's buffer, and its own block
    if (const auto event = sys::message::parse_link(message))
        CHECK(event->link.name.size() <= size && event->link.alias.size() <= size);
    sys::message::parse_address(message);
    sys::message::parse_route(message);
    sys::message::parse_neighbor(message);
    return 0;
}
