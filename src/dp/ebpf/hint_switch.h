// SPDX-License-Identifier: Apache-2.0
// Whether programs are to try the mask first that a hint names.
#pragma once

#include <array>
#include <cstdint>

namespace weft::dp {

/// Hints save tries, if there are not many more flows than there is room for hints, and cost memory accesses.
/// So what they save is measured, with them and now and then without. Value type.
class HintSwitch {
  public:
    bool on() const { return on_; }
    /// So many packets were looked up since the last call, and so many masks tried for them. Changes what
    /// on() tells.
    void step(uint64_t packets, uint64_t tried);

  private:
    bool pays() const;

    bool on_ = true;
    std::array<double, 2> tries_{};  ///< for a packet, without hints and with; 0: not known
    unsigned steps_ = 0;
};

}  // namespace weft::dp
