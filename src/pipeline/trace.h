// SPDX-License-Identifier: Apache-2.0
// The story of a translation, in the words and layout of ofproto/trace.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/translate.h"

namespace weft::pipeline {

/// What a line tells, which decides how it is printed.
enum class TraceKind : uint8_t {
    bridge,  ///< bridge("br0"), underlined; heads a block
    table,   ///< " 0. ip, priority 1", numbered
    thaw,    ///< resuming after recirculation
    action,  ///< indented
    detail,  ///< " -> ..."
    note,    ///< " >> ..."
    error,   ///< " >>>> ... <<<<"
};

/// A tree of lines, built while translating. Not thread-safe.
class Trace {
  public:
    struct Node {
        TraceKind kind;
        std::string text;
        std::vector<Node> children;
    };

    /// Adds a line below the innermost open one and opens it.
    void open(TraceKind kind, std::string text);
    void close();
    /// Adds a line without opening it.
    void add(TraceKind kind, std::string text);

    const std::vector<Node>& roots() const { return roots_; }
    /// The final state of the packet's key in the first bridge, kept by translate().
    void set_final(const flow::FlowKey& key) { final_ = key; }
    const flow::FlowKey& final_key() const { return final_; }

    /// All lines as ofproto/trace prints them between "Flow:" and "Final flow:".
    std::string text() const;

  private:
    std::vector<Node> roots_;
    std::vector<size_t> path_;
    flow::FlowKey final_{};
};

/// The whole output of ofproto/trace for one request. `packet_given`: effects are played afterwards by the
/// caller.
std::string trace_text(const Snapshot& snapshot, const Request& request, const Translation& translation,
                       const Trace& trace);

}  // namespace weft::pipeline
