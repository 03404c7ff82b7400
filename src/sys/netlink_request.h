// SPDX-License-Identifier: Apache-2.0
// Building and reading messages of netlink. For .cc files of this folder.
#pragma once

#include <array>
#include <cstring>

#include "base/bytes.h"
#include "sys/netlink_attributes.h"

namespace weft::sys {

/// Resource type: a request under construction, in memory large enough for those made here.
class Request {
  public:
    Request(uint16_t type, uint16_t flags, uint32_t seq) {
        mnl_nlmsg_put_header(buffer_.data());
        header()->nlmsg_type = type;
        header()->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
        header()->nlmsg_seq = seq;
    }
    Request(const Request&) = delete;

    nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }
    template <class T>
    T& put() {
        return *static_cast<T*>(mnl_nlmsg_put_extra_header(header(), sizeof(T)));
    }
    Bytes take() {
        const auto* p = reinterpret_cast<const uint8_t*>(buffer_.data());
        return Bytes(p, p + header()->nlmsg_len);
    }

  private:
    alignas(8) std::array<char, 1024> buffer_{};
};

/// The integer of an attribute, or `otherwise` if it is too short.
template <class T>
T number_of(const nlattr* a, T otherwise = {}) {
    T v = otherwise;
    if (mnl_attr_get_payload_len(a) >= sizeof v) std::memcpy(&v, mnl_attr_get_payload(a), sizeof v);
    return v;
}

/// The message's header if it is one whole message of at least `body` bytes.
inline const nlmsghdr* header_of(ByteSpan message, size_t body) {
    const auto* h = reinterpret_cast<const nlmsghdr*>(message.data());
    if (message.size() < sizeof *h || h->nlmsg_len > message.size() || h->nlmsg_len < sizeof *h + body)
        return nullptr;
    return h;
}

}  // namespace weft::sys
