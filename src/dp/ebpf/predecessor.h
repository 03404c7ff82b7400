// SPDX-License-Identifier: Apache-2.0
// What an earlier process left forwarding in the kernel: its maps, found by their pins.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dp/datapath.h"
#include "dp/ebpf/program.h"
#include "sys/bpf_folder.h"
#include "sys/promiscuous.h"

namespace weft::dp {

/// Maps and links of one switch in a BPF file system:
///
///     ROOT/links/IFINDEX               the link of each device that a program is attached to (tcx)
///     ROOT/links/xdp_IFINDEX           the same for XDP
///     ROOT/promiscuous/IFINDEX         a mark: the device is promiscuous by our doing
///     ROOT/maps_LAYOUT_GENERATION/...  the maps of the programs of one process
///
/// LAYOUT tells how the maps are laid out, so that no process reads what it does not know. Value type.
class PinFolder {
  public:
    explicit PinFolder(std::string root) : root_(std::move(root)) {}

    const std::string& root() const { return root_; }
    std::string link(int ifindex) const { return links() + "/" + std::to_string(ifindex); }
    std::string xdp_link(int ifindex) const { return links() + "/xdp_" + std::to_string(ifindex); }
    std::string links() const { return root_ + "/links"; }
    sys::PromiscuousDevices promiscuous() const {
        return sys::PromiscuousDevices(root_ + "/" + sys::promiscuous_marks);
    }
    /// Folders of maps that are there now.
    std::vector<std::string> generations() const;
    /// Its layout is ours.
    static bool is_readable(const std::string& generation);
    /// Makes the folders of a new generation and pins the maps there; its path.
    Result<std::string> add_generation(const KernelProgram& program) const;
    /// The folders that are empty.
    void tidy_up() const;

  private:
    std::string root_;
};

/// One generation of maps. Resource type; its programs may go on running and counting meanwhile.
class Predecessor {
  public:
    static Result<std::unique_ptr<Predecessor>> open(const std::string& generation);

    /// Each flow whose packets it forwards; those that it still holds back are left out.
    std::vector<LeftFlow> flows() const;
    /// What went up and nobody took.
    sys::BpfRing& ring() { return *ring_; }

  private:
    Predecessor() = default;
    /// Inner maps of a map of maps, mapped: those from a place on that lie without a gap, as they were made.
    class Pieces {
      public:
        struct Cells {
            uint32_t size, first;  ///< bytes of each; the place of the first inner map
        };
        Result<void> open(const sys::BpfFolder& folder, const std::string& name, Cells cells);
        /// Null if there is no such cell.
        const uint8_t* at(uint32_t piece, uint32_t place) const;
        uint32_t length(uint32_t piece) const { return piece < pieces_.size() ? pieces_[piece].length : 0; }

      private:
        struct Piece {
            sys::Mapping memory;
            uint32_t length = 0;
        };
        uint32_t value_size_ = 0;
        std::vector<Piece> pieces_;
    };
    const weft_state& state() const { return *reinterpret_cast<const weft_state*>(state_.at(0)); }
    std::optional<LeftFlow> flow(uint64_t slot) const;
    FlowStats stats_of(uint32_t reference) const;

    sys::Mapping state_;
    Pieces buckets_, entries_, statistics_;
    sys::Fd ring_map_;
    std::unique_ptr<sys::BpfRing> ring_;
};

}  // namespace weft::dp
