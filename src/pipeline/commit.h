// SPDX-License-Identifier: Apache-2.0
// The commit step: datapath actions that turn the packet as it is into the packet as it shall be.
#pragma once

#include "action/dp_action.h"
#include "flow/flow_view.h"
#include "pipeline/translate.h"

namespace weft::pipeline {

struct CommitOptions {
    Plant plant = Plant::none;
    bool inner_unknown = false;  ///< the key does not show what is behind the Ethertype
};

/// Headers that encap and decap put around the packet or take away. Value type.
struct NewHeaders {
    /// What the next commit has to do before anything else.
    enum class Pending : uint8_t { none, push_eth, pop_eth, push_nsh, add_mpls };
    Pending pending = Pending::none;
    Bytes md2;                 ///< of push_nsh
    flow::PacketBlock made{};  ///< ones where the headers that show are not the packet's own
    unsigned n_committed = 0;  ///< what no later commit can take back
};

/// Appends to `out` what turns `base` into the view's key, and makes `base` equal to it. A change that would
/// leave the packet as it is costs no action, but its bits are un-wildcarded: another packet would need it.
/// Under labels that were pushed `base` keeps what it knows of the inner headers, for the time when they are
/// popped.
void commit(flow::FlowView& view, flow::FlowKey& base, NewHeaders& headers, action::dp::Actions& out,
            CommitOptions options);

/// Whether the Ethertype says that labels follow. Reads without un-wildcarding, as do the next two.
bool is_mpls(const flow::PacketBlock& p);
/// How many labels the key's stack has, as far as it is visible: 0..3.
int mpls_labels(const flow::PacketBlock& p);
/// True if the stack goes on below what the key holds.
bool more_mpls_labels(const flow::PacketBlock& p);

inline constexpr uint32_t mpls_bos = 0x100;

}  // namespace weft::pipeline
