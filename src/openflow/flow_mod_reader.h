// SPDX-License-Identifier: Apache-2.0
// Flow_mods that come one after another are mostly alike: what was made of one is made of the next by putting
// in what differs.
#pragma once

#include <optional>

#include "flow/value_places.h"
#include "openflow/in_place.h"

namespace weft::openflow {

/// Resource type: one for the flow_mods of a connection, in any order. What it reads is what decode() makes
/// of the message, or the same error.
class FlowModReader {
  public:
    /// A whole message that flow_mod_command() knows.
    OfResult<> read(ByteSpan message, const Dialect& dialect);
    /// What the latest read() made; until the next one.
    const FlowMod& mod() const { return *mod_; }
    /// Flow_mods of one kind are adds that differ in their cookies, priorities and the values that they match
    /// at most; 0: of no such kind.
    uint32_t kind() const { return like_.empty() ? 0 : kind_; }

  private:
    bool is_alike(ByteSpan message, const Dialect& dialect) const;
    bool put_in(ByteSpan message);
    void learn(ByteSpan message, const Dialect& dialect);
    void let_differ(size_t at, size_t size);

    std::optional<FlowMod> mod_;
    uint32_t kind_ = 0;
    Bytes like_;       ///< the one whose kind the latest is; empty: none
    Bytes fixed_;      ///< bits in which others of the kind do not differ
    Dialect dialect_;  ///< of both
    size_t match_at_ = 0, cookie_at_ = 0, priority_at_ = 0;
    std::vector<flow::ValuePlace> values_;  ///< from match_at_ on
};

}  // namespace weft::openflow
