// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/lock_table.h"

#include <algorithm>
#include <ranges>

#include "base/result.h"

namespace weft::ovsdb {

bool LockTable::requested(const std::string& lock, SessionId session) const {
    const auto it = queues_.find(lock);
    return it != queues_.end() && std::ranges::find(it->second, session) != it->second.end();
}

bool LockTable::owns(const std::string& lock, SessionId session) const {
    const auto it = queues_.find(lock);
    return it != queues_.end() && it->second.front() == session;
}

bool LockTable::lock(const std::string& lock, SessionId session) {
    CHECK(!requested(lock, session));
    auto& queue = queues_[lock];
    queue.push_back(session);
    return queue.size() == 1;
}

LockTable::Notices LockTable::steal(const std::string& lock, SessionId session) {
    CHECK(!requested(lock, session));
    auto& queue = queues_[lock];
    Notices out;
    if (!queue.empty()) out.push_back({Notice::What::stolen, queue.front(), lock});
    queue.push_front(session);
    return out;
}

LockTable::Notices LockTable::unlock(const std::string& lock, SessionId session) {
    CHECK(requested(lock, session));
    auto& queue = queues_[lock];
    const bool owned = queue.front() == session;
    queue.erase(std::ranges::find(queue, session));
    Notices out;
    if (queue.empty())
        queues_.erase(lock);
    else if (owned)
        out.push_back({Notice::What::locked, queue.front(), lock});
    return out;
}

LockTable::Notices LockTable::unlock_all(SessionId session) {
    std::vector<std::string> locks;
    for (const auto& [name, queue] : queues_)
        if (std::ranges::find(queue, session) != queue.end()) locks.push_back(name);
    Notices out;
    for (const std::string& name : locks)
        for (Notice& notice : unlock(name, session)) out.push_back(std::move(notice));
    return out;
}

std::vector<std::string> LockTable::names() const {
    const auto names = std::views::keys(queues_);
    return {names.begin(), names.end()};
}

std::vector<std::string> LockTable::of_session(SessionId session, bool owned) const {
    std::vector<std::string> out;
    for (const auto& [name, queue] : queues_) {
        const bool is_owner = queue.front() == session;
        if (owned ? is_owner : !is_owner && std::ranges::find(queue, session) != queue.end())
            out.push_back(name);
    }
    return out;
}

}  // namespace weft::ovsdb
