// SPDX-License-Identifier: Apache-2.0
// VLANs as NORMAL sees them: which VLAN a frame is in, which ports belong to it, what tags it carries where
// it leaves. Behaviour of the vlan_mode column of the Port table, ovs-vswitchd.conf.db(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "flow/flow_view.h"
#include "pipeline/config.h"

namespace weft::pipeline {

/// A frame in the VLANs of a bridge: `outer` is the VLAN that decides where it may go, 0 without one; `inner`
/// is the customer's below it. Value type.
struct InVlan {
    uint16_t outer = 0, inner = 0;
};

/// The tags of a packet, read as far as asked for.
class FrameTags {
  public:
    explicit FrameTags(flow::FlowView& key) : key_(key) {}
    bool tagged() { return key_.read({flow::FieldId::vlan_tci, 12, 1}).to_u64(); }
    uint16_t vid() { return static_cast<uint16_t>(key_.read({flow::FieldId::vlan_tci, 0, 12}).to_u64()); }
    uint16_t inner_vid();
    /// True if there is an inner tag of neither VLAN nor priority. Of tags that tell more, only inner_vid()
    /// is read.
    bool inner_is_blank();

  private:
    flow::FlowView& key_;
};

/// The VLAN of a frame that comes in on `port`; none, and the reason in `why`, if it may not.
std::optional<InVlan> classify(const Bundle& port, FrameTags tags, std::string& why);

/// Whether a frame in this VLAN belongs on the port.
bool carries(const Bundle& port, InVlan vlan);

/// Rewrites the tags of the key as they are on the way from `in` to `out`. False if the frame leaves as it
/// came, which depends on no more than classify() has read.
bool rewrite(flow::FlowView& key, const Bundle& in, const Bundle& out, InVlan vlan);

}  // namespace weft::pipeline
