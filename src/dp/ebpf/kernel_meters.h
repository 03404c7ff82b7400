// SPDX-License-Identifier: Apache-2.0
// Memory for meters that user space and the programs in the kernel share.
#pragma once

#include <map>

#include "dp/core/meter.h"
#include "dp/ebpf/abi.h"
#include "sys/mapping.h"

namespace weft::dp {

/// Resource type, used by the control thread; its cells by any, as Meter says.
class KernelMeters {
  public:
    explicit KernelMeters(int outer) : outer_(outer) {}
    /// The cell of a meter; it stays where it is, and keeps its memory.
    Result<std::shared_ptr<MeterCell>> cell(uint32_t id);

  private:
    const int outer_;  ///< map of maps
    std::map<uint32_t, std::shared_ptr<sys::Mapping>> chunks_;
};

}  // namespace weft::dp
