// SPDX-License-Identifier: Apache-2.0
// The datapath's programs and maps in the kernel, loaded.
#pragma once

#include <array>
#include <memory>

#include "dp/ebpf/abi.h"
#include "sys/bpf_object.h"
#include "sys/bpf_ring.h"

namespace weft::dp {

inline constexpr uint32_t longest_upcall = 80 << 10;

/// Resource type. state() is shared with the programs.
class KernelProgram {
  public:
    /// The error says what the kernel or the privileges lack.
    static Result<std::unique_ptr<KernelProgram>> load();

    int ingress() const { return ingress_; }
    int recirculate() const { return recirculate_; }
    int buckets() const { return buckets_; }
    int entries() const { return entries_; }
    int statistics() const { return statistics_; }
    int meters() const { return meters_; }
    /// By name; "state" is the one behind state().
    Result<int> map(const std::string& name) const { return object_->map(name == "state" ? ".bss" : name); }
    sys::BpfRing& ring() { return *ring_; }
    weft_state& state() { return *reinterpret_cast<weft_state*>(memory_.at(state_offset_)); }
    const weft_state& state() const {
        return *reinterpret_cast<const weft_state*>(memory_.at(state_offset_));
    }
    const weft_config& config() const { return config_; }

  private:
    KernelProgram() = default;
    Result<void> open_maps();

    weft_config config_{};
    std::unique_ptr<sys::BpfObject> object_;
    std::unique_ptr<sys::BpfRing> ring_;
    sys::Mapping memory_;
    size_t state_offset_ = 0;
    int ingress_ = -1, recirculate_ = -1, buckets_ = -1, entries_ = -1, statistics_ = -1, meters_ = -1;
};

}  // namespace weft::dp
