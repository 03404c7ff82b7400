// SPDX-License-Identifier: Apache-2.0
// The datapath's programs and maps in the kernel, loaded.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dp/ebpf/kernel_memory.h"
#include "sys/bpf_object.h"
#include "sys/bpf_ring.h"

namespace weft::dp {

inline constexpr uint32_t longest_upcall = 80 << 10;

/// Resource type. state() is shared with the programs.
class KernelProgram {
  public:
    /// Where flows may lie: none, for tests, in no arena; addresses that arenas of earlier processes have.
    struct Arena {
        bool wanted = true;
        std::vector<uint64_t> taken{};
    };
    /// The error says what the kernel or the privileges lack. A kernel that has no arena gets maps.
    static Result<std::unique_ptr<KernelProgram>> load(const Arena& arena);

    int ingress() const { return ingress_; }
    int recirculate() const { return recirculate_; }
    KernelMemory& memory() { return *flows_; }
    bool has_arena() const { return flows_->is_arena(); }
    /// Names of the maps that hold the flows.
    std::span<const char* const> flow_maps() const {
        static constexpr const char* arena[] = {"arena"};
        return has_arena() ? std::span<const char* const>(arena) : KernelMemory::names;
    }
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
    Result<void> load_with_arena(std::span<const uint64_t> taken);
    Result<void> open_maps(sys::Mapping arena);
    sys::BpfConstant constant() const {
        return {"config", {reinterpret_cast<const uint8_t*>(&config_), sizeof config_}};
    }

    weft_config config_{};
    std::unique_ptr<sys::BpfObject> object_;
    std::unique_ptr<sys::BpfRing> ring_;
    sys::Mapping memory_;
    size_t state_offset_ = 0;
    std::optional<KernelMemory> flows_;
    int ingress_ = -1, recirculate_ = -1, meters_ = -1;
};

}  // namespace weft::dp
