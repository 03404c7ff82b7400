// SPDX-License-Identifier: Apache-2.0
// The locks of RFC 7047 4.1.8: each has a queue of clients, the first of which owns it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace weft::ovsdb {

using SessionId = uint64_t;

/// Value type.
class LockTable {
  public:
    /// Whom a change of owner must be told to.
    struct Notice {
        enum class What : uint8_t { locked, stolen } what;
        SessionId session;
        std::string lock;
        bool operator==(const Notice&) const = default;
    };
    using Notices = std::vector<Notice>;

    /// True if the session waits for the lock or owns it.
    bool requested(const std::string& lock, SessionId session) const;
    bool owns(const std::string& lock, SessionId session) const;
    /// At the end of the queue; true if that makes it the owner. Must not be requested() yet.
    bool lock(const std::string& lock, SessionId session);
    /// To the head of the queue. The former owner is told, and stays next in line.
    Notices steal(const std::string& lock, SessionId session);
    /// Out of the queue; the next owner is told. Must be requested().
    Notices unlock(const std::string& lock, SessionId session);
    Notices unlock_all(SessionId session);
    /// Locks that somebody owns or waits for.
    std::vector<std::string> names() const;
    /// Who owns the lock; it must be in names().
    SessionId owner(const std::string& lock) const { return queues_.at(lock).front(); }
    bool is_requested(const std::string& lock) const { return queues_.contains(lock); }
    /// Locks that the session owns (`owned`) or waits for.
    std::vector<std::string> of_session(SessionId session, bool owned) const;

  private:
    std::map<std::string, std::deque<SessionId>> queues_;  ///< none is empty
};

}  // namespace weft::ovsdb
