// SPDX-License-Identifier: Apache-2.0
// What our datapaths can do, as dpif/show-dp-features and Datapath:capabilities tell it
// (ovs-vswitchd.conf.db(5)).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weft::dp {

struct Feature {
    std::string_view name, title;
    int value;  ///< of one that is no number: 0 or 1
    bool is_number = false;

    std::string text(const char* yes, const char* no) const {
        return is_number ? std::to_string(value) : value ? yes : no;
    }
};

/// The same for all: what the kernel does not do for the eBPF datapath, user space does.
std::span<const Feature> features();

}  // namespace weft::dp
