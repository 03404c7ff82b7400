// SPDX-License-Identifier: Apache-2.0
// Walking netlink attributes: libmnl's loops are macros that C++ does not take. For .cc files of this folder.
#pragma once

#include <libmnl/libmnl.h>

namespace weft::sys {

template <class F>
void for_each_attribute(const void* first, const void* end, const F& visit) {
    const auto* a = static_cast<const nlattr*>(first);
    const auto left = [&] {
        return static_cast<int>(static_cast<const char*>(end) - reinterpret_cast<const char*>(a));
    };
    for (; mnl_attr_ok(a, left()); a = mnl_attr_next(a)) visit(a);
}

/// Of a message whose own header has `body` bytes.
template <class F>
void for_each_attribute(const nlmsghdr* message, size_t body, const F& visit) {
    for_each_attribute(mnl_nlmsg_get_payload_offset(message, body), mnl_nlmsg_get_payload_tail(message),
                       visit);
}

template <class F>
void for_each_nested(const nlattr* nest, const F& visit) {
    const auto* p = static_cast<const char*>(mnl_attr_get_payload(nest));
    for_each_attribute(p, p + mnl_attr_get_payload_len(nest), visit);
}

}  // namespace weft::sys
