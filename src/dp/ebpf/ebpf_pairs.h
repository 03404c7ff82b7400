// SPDX-License-Identifier: Apache-2.0
// For tests: the eBPF datapath between two pairs of devices. Needs root.
#pragma once

#include <memory>

#include "dp/ebpf/ebpf_datapath.h"
#include "dp/user/two_pairs.h"

namespace weft::dp::testing {

class EbpfPairs : public TwoPairs {
  protected:
    std::unique_ptr<UserDatapath> open() override {
        auto opened = EbpfDatapath::open(clock_, {.type = "ebpf", .name = "ovs-ebpf", .cores = {}}, {});
        EXPECT_TRUE(opened) << opened.error().message << "\nRemedy: root, and Linux 5.17 or later with BTF";
        ebpf_ = opened->get();
        return std::move(*opened);
    }
    EbpfDatapath* ebpf_ = nullptr;
};

}  // namespace weft::dp::testing
