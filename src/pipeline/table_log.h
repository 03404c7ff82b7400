// SPDX-License-Identifier: Apache-2.0
// What the last versions of the tables changed, so that a megaflow need not be translated again for a change
// that it has nothing to do with.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/rule.h"

namespace weft::pipeline {

class Tables;

/// One rule that came, went or was modified; or a group; or, with neither, what a table does with packets
/// that no rule matches. Value type.
struct TableChange {
    Version version = 0;  ///< the first one that shows it
    const Tables* tables = nullptr;
    uint8_t table = 0;
    RulePtr rule;
    std::optional<uint32_t> group;
};

/// Resource type, thread-safe. Remembers a bounded number of changes; a version with more of them, or one too
/// long ago, is beyond it.
class TableLog {
  public:
    static constexpr size_t limit = 1024;

    /// All changes of one version, before it is published; versions only grow.
    void add(std::vector<TableChange> changes);
    /// The version changed more than can be remembered.
    void forget(Version version);
    /// What versions later than `seen` changed, in order; none if the log does not reach back so far.
    std::optional<std::vector<TableChange>> since(Version seen) const;

  private:
    mutable std::mutex mutex_;
    std::deque<TableChange> changes_;
    Version forgotten_ = 0;  ///< of this version and older ones some are not there
};

}  // namespace weft::pipeline
