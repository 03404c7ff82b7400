// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/monitor.h"

#include <algorithm>
#include <map>

namespace weft::ovsdb {

void MonitorGroups::add(Monitor& monitor, MonitorRequest request) {
    auto it = std::ranges::find_if(groups_, [&](const auto& g) { return g->request == request; });
    if (it == groups_.end()) {
        groups_.push_back(std::make_unique<MonitorGroup>(MonitorGroup{std::move(request), {}}));
        it = groups_.end() - 1;
    }
    (*it)->members.push_back(&monitor);
    monitor.group = it->get();
}

void MonitorGroups::remove(Monitor& monitor) {
    MonitorGroup* group = std::exchange(monitor.group, nullptr);
    std::erase(group->members, &monitor);
    if (group->members.empty()) std::erase_if(groups_, [&](const auto& g) { return g.get() == group; });
}

void History::add(const Uuid& transaction, Changes changes, const Snapshot& now) {
    size_t most_rows = 0;
    for (const RowMap& table : now.tables) most_rows += table.size();
    most_rows = std::max(most_rows, min_rows);
    rows_ += changes.rows.size();
    entries_.push_back({transaction, std::make_shared<const Changes>(std::move(changes))});
    const auto empty_first = [this] {
        if (const auto first = std::exchange(entries_.front().changes, nullptr)) rows_ -= first->rows.size();
    };
    empty_first();
    while (entries_.size() > 1 && (entries_.size() > max_transactions || rows_ > most_rows)) {
        entries_.pop_front();
        empty_first();
    }
}

void History::clear() {
    entries_.clear();
    rows_ = 0;
}

std::optional<Missed> History::since(const Uuid& transaction) const {
    const auto it = std::ranges::find(entries_, transaction, &Entry::transaction);
    if (it == entries_.end()) return std::nullopt;
    Missed out;
    for (auto later = it + 1; later != entries_.end(); ++later) {
        out.rows += later->changes->rows.size();
        out.transactions.push_back(later->changes);
    }
    return out;
}

Changes Missed::merged() const {
    std::map<std::pair<TableIndex, Uuid>, RowChange> all;
    for (const auto& changes : transactions)
        for (const RowChange& change : changes->rows) {
            const auto [row, added] = all.try_emplace({change.table, change.uuid}, change);
            if (!added) row->second.after = change.after;
        }
    Changes out;
    for (auto& [id, change] : all)
        if (change.before || change.after) out.rows.push_back(std::move(change));
    return out;
}

}  // namespace weft::ovsdb
