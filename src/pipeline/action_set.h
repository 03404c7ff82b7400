// SPDX-License-Identifier: Apache-2.0
// The action set that write_actions fills and that runs at the end of the pipeline.
#pragma once

#include "action/action.h"

namespace weft::pipeline {

/// What the key's actset_output holds while the action set has no output.
inline constexpr Be32 no_output{ofpp::unset.value};

/// Value type. One action of each kind, the latest; field modifications add up.
class ActionSet {
  public:
    void write(const action::Actions& actions);
    void clear() { written_.clear(); }
    bool empty() const { return written_.empty(); }
    const action::Actions& written() const { return written_; }

    /// What runs, in the order of ovs-actions(7) "Action Sets". Empty if nothing would send the packet
    /// anywhere.
    action::Actions in_order() const;
    /// The port of the output action; ofpp::unset without one, or if a group takes precedence.
    OfPort output() const;

  private:
    action::Actions written_;
};

}  // namespace weft::pipeline
