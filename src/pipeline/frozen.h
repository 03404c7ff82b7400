// SPDX-License-Identifier: Apache-2.0
// A translation that stopped half way, as a value: to go on when the datapath brings the packet back, when a
// controller resumes it, or in another process.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "action/action.h"
#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/uuid.h"
#include "flow/flow_key.h"

namespace weft::pipeline {

/// Value type. All that the rest of the translation depends on beyond the packet's own bytes and what the
/// datapath knows of it. Equal states are equal bytes.
struct Frozen {
    Uuid bridge;
    OfPort in_port;
    flow::PipelineBlock pipe{};
    /// Where rules wrote to them; else the packet comes back with its own.
    std::optional<flow::TunnelBlock> tunnel{};
    std::optional<Be32> priority{};  ///< the packet's first, which pop_queue goes back to
    std::vector<flow::FieldValue> stack;
    action::Actions action_set;  ///< as written
    uint64_t cookie = 0;         ///< in whose name the action set runs
    bool packet_out = false;
    bool hashed = false;  ///< the datapath computes its hash of the packet on the way
    bool paused = false;  ///< waits for a controller, not for the datapath

    /// What is left of a list of actions.
    struct Frame {
        uint8_t table = 0;
        uint64_t cookie = 0;
        bool in_action_set = false;
        action::Actions actions{};
        bool operator==(const Frame&) const = default;
    };
    std::vector<Frame> frames;  ///< innermost first

    bool operator==(const Frozen&) const = default;
};

/// Begins with a magic number and the format's version. Actions are written as OpenFlow 1.5 does, so one that
/// has several forms may come back in another that does the same.
Bytes encode(const Frozen& state);
/// The error says what is wrong with the bytes.
Result<Frozen> decode_frozen(ByteSpan bytes);

}  // namespace weft::pipeline
