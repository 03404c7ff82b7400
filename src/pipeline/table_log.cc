// SPDX-License-Identifier: Apache-2.0
#include "pipeline/table_log.h"

#include <algorithm>

namespace weft::pipeline {

void TableLog::add(std::vector<TableChange> changes) {
    std::deque<TableChange> gone;  // freed without the lock
    const std::lock_guard hold(mutex_);
    for (TableChange& c : changes) changes_.push_back(std::move(c));
    while (changes_.size() > limit) {
        forgotten_ = changes_.front().version;
        gone.push_back(std::move(changes_.front()));
        changes_.pop_front();
    }
}

void TableLog::forget(Version version) {
    std::deque<TableChange> gone;
    const std::lock_guard hold(mutex_);
    forgotten_ = version;
    gone.swap(changes_);
}

std::optional<std::vector<TableChange>> TableLog::since(Version seen) const {
    const std::lock_guard hold(mutex_);
    if (seen < forgotten_) return std::nullopt;
    const auto from = std::ranges::upper_bound(changes_, seen, {}, &TableChange::version);
    return std::vector<TableChange>(from, changes_.end());
}

}  // namespace weft::pipeline
