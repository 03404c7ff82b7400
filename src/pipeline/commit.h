// SPDX-License-Identifier: Apache-2.0
// The commit step: datapath actions that turn the packet as it is into the packet as it shall be.
#pragma once

#include "action/dp_action.h"
#include "flow/flow_view.h"
#include "pipeline/translate.h"

namespace weft::pipeline {

/// Appends to `out` what turns `base` into the view's key, and makes `base` equal to it. A change that would
/// leave the packet as it is costs no action, but its bits are un-wildcarded: another packet would need it.
void commit(flow::FlowView& view, flow::FlowKey& base, action::dp::Actions& out, Plant plant);

/// Whether the Ethertype says that labels follow. Reads without un-wildcarding, as do the next two.
bool is_mpls(const flow::PacketBlock& p);
/// How many labels the key's stack has, as far as it is visible: 0..3.
int mpls_labels(const flow::PacketBlock& p);
/// True if the stack goes on below what the key holds.
bool more_mpls_labels(const flow::PacketBlock& p);

inline constexpr uint32_t mpls_bos = 0x100;

}  // namespace weft::pipeline
