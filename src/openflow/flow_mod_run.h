// SPDX-License-Identifier: Apache-2.0
// Flow_mods that came together: one new version of the tables serves them all, though each is a request of
// its own.
#pragma once

#include <functional>

#include "openflow/flow_mod_reader.h"
#include "openflow/switch.h"

namespace weft::openflow {

/// The flow_mods at the start of what a connection received and has not done yet. A removal among others ends
/// the run, as statistics are brought up to date before: it begins the next one. Borrows what it is given.
class FlowModRun final : public ChangeSource {
  public:
    static constexpr size_t longest = 256;  ///< messages

    /// `seen` is called with each message before it is done; may be empty.
    FlowModRun(ByteSpan received, const Dialect& dialect, FlowModReader& reader,
               std::function<void(ByteSpan)> seen);

    bool removes() const override { return removes_; }
    bool one_by_one() const override { return true; }
    OfResult<std::optional<TableChange>> next() override;
    uint32_t kind() const override { return reader_.kind(); }

    /// The latest one taken, which an error quotes.
    ByteSpan current() const { return current_; }
    size_t bytes_taken() const { return bytes_; }
    size_t messages_taken() const { return messages_; }

  private:
    void look_ahead();

    const ByteSpan received_;
    const Dialect& dialect_;
    FlowModReader& reader_;
    const std::function<void(ByteSpan)> seen_;
    bool removes_ = false;
    size_t bytes_ = 0, messages_ = 0;
    ByteSpan ahead_;  ///< the next one; empty: there is none
    ByteSpan current_;
};

}  // namespace weft::openflow
