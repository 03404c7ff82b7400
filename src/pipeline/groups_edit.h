// SPDX-License-Identifier: Apache-2.0
// The part of a TablesEdit that concerns groups. Internal to pipeline.
#pragma once

#include <expected>
#include <optional>
#include <vector>

#include "pipeline/flow_change.h"
#include "pipeline/group.h"

namespace weft::pipeline {

/// Changes groups in version `next`, which nobody sees yet. Resource type, the writer's.
class GroupsEdit {
  public:
    GroupsEdit(Groups& groups, Version next, Time now) : groups_(groups), next_(next), now_(now) {}

    /// Groups that are gone go to `gone`.
    std::expected<void, ChangeError> apply(const GroupChange& change, std::vector<uint32_t>& gone);
    /// Whether every group that the actions use exists; the first that does not.
    std::optional<uint32_t> missing(const action::Actions& actions) const;
    bool changed() const { return !steps_.empty(); }
    /// The groups that came, went or changed; some perhaps twice.
    std::vector<uint32_t> touched() const;
    void undo();

  private:
    using Done = std::expected<void, ChangeError>;
    struct Step {
        GroupPtr added, removed;
    };
    Done put(uint32_t id, action::GroupSpec spec, const Group* old);
    Done insert(const GroupChange& change, const Group& old);
    Done remove_buckets(const GroupChange& change, const Group& old);
    bool reaches(const action::GroupSpec& from, uint32_t id) const;

    Groups& groups_;
    Version next_;
    Time now_;
    std::vector<Step> steps_;
};

}  // namespace weft::pipeline
