// SPDX-License-Identifier: Apache-2.0
// A tree of remarks about how a decision was reached, printed as ofproto/trace prints it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace weft::obs {

enum class TraceKind : uint8_t {
    bridge,   ///< a title, underlined
    table,    ///< " 0. in_port=1, priority 100"
    action,   ///< what is done
    bucket,   ///< of a group: a title for the actions in it
    detail,   ///< " -> why it came so"
    warning,  ///< " >> what was left out"
    error,    ///< " >>>> why it ended here <<<<"
    plain,    ///< a line of its own
};

/// Value type.
struct TraceNode {
    TraceKind kind = TraceKind::plain;
    std::string text;
    std::deque<TraceNode> children;  ///< references stay valid while siblings are added

    /// Appends a child and returns it.
    TraceNode& add(TraceKind child_kind, std::string child_text) {
        return children.emplace_back(child_kind, std::move(child_text));
    }
    bool operator==(const TraceNode&) const = default;
};

/// The children of `root`, one line each. What the last action of a table leads to stands at the table's own
/// depth, so that long chains of tables read straight down:
///
///     bridge("br0")
///     -------------
///      0. in_port=1, priority 100
///         resubmit(,10)
///         10. priority 3
///                 output:2
///         resubmit(,1)
///      1. priority 0
///         NORMAL
///          -> no learned MAC for destination, flooding
std::string format_trace(const TraceNode& root);

}  // namespace weft::obs
