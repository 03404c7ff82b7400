// SPDX-License-Identifier: Apache-2.0
// From datapath actions to the code that the program in the kernel runs.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <vector>

#include "action/dp_action.h"

namespace weft::dp {

/// Value type: words of weft_entry (abi.h).
struct KernelCode {
    std::vector<uint64_t> words;  ///< operations; where their data begins counts from the first data word
    std::vector<uint64_t> data;
    uint16_t flags = 0;  ///< weft_entry_flags
    size_t size() const { return words.size() + data.size(); }
    bool operator==(const KernelCode&) const = default;
};

/// What keeps a list of actions from running in the kernel.
enum class NotInKernel : uint8_t {
    userspace,
    port,
    mpls,
    truncate,
    nested,
    tag,
    length,
    nsh,
    conntrack,
    encap
};
inline constexpr size_t n_not_in_kernel = static_cast<size_t>(NotInKernel::encap) + 1;
const char* name_of(NotInKernel why);

/// The code, or why user space must do it. `sends_by` tells whether the kernel may send by a port of that
/// number; a port that does not exist is one: nothing is sent.
std::expected<KernelCode, NotInKernel> kernel_code(const action::dp::Actions& actions,
                                                   const std::function<bool(DpPort)>& sends_by);

}  // namespace weft::dp
