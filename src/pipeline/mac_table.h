// SPDX-License-Identifier: Apache-2.0
// Where stations are: the MAC learning table of one bridge.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "pipeline/ids.h"

namespace weft::pipeline {

inline constexpr Duration default_mac_aging = 300s;
inline constexpr size_t default_mac_limit = 8192;

/// Resource type, outside the versions; any thread may call anything at any time. Lookups share a lock with
/// those of the same shard only; changes of a mapping are one at a time. The time is the caller's and must
/// not run backwards between calls of run().
///
/// Size limit and fairness: when the table is full, a new address takes the place of the least recently seen
/// dynamic one of the port that has most. Static entries neither age nor move, and stay when the table is
/// full.
class MacTable {
  public:
    struct Entry {
        Mac mac;
        uint16_t vlan = 0;
        BundleId port;
        Time used;  ///< last time it was seen as a source
        bool is_static = false;
    };
    /// As `fdb/stats-show` reports them. The totals count since the last clear_stats().
    struct Stats {
        size_t entries = 0, max_entries = 0, static_entries = 0;
        uint64_t learned = 0, expired = 0, evicted = 0, moved = 0;
    };

    explicit MacTable(Duration aging = default_mac_aging, size_t limit = default_mac_limit);
    ~MacTable();
    MacTable(const MacTable&) = delete;
    MacTable& operator=(const MacTable&) = delete;

    /// The port behind the address. Entries count until run() takes them out.
    std::optional<BundleId> lookup(uint16_t vlan, Mac mac) const;

    /// What learn() would change: translation explains it before anything happens.
    enum class Change : uint8_t { none, learned, moved };
    Change would_learn(uint16_t vlan, Mac mac, BundleId port) const;
    /// A frame from `mac` came in on `port` at `now`.
    Change learn(uint16_t vlan, Mac mac, BundleId port, Time now);

    /// fdb/add and fdb/del. add_static() is false if the table has no room left.
    bool add_static(uint16_t vlan, Mac mac, BundleId port, Time now);
    bool remove(uint16_t vlan, Mac mac);
    /// All dynamic entries; with `port` only its own, static ones included, as when a port goes away.
    void flush();
    void flush(BundleId port);
    /// Dynamic entries of VLANs whose bit is set in `vlans`.
    void flush_vlans(const std::array<uint64_t, 64>& vlans);

    /// Takes out what has aged; returns when it next has something to do.
    Time run(Time now);
    void set_aging(Duration aging);
    void set_limit(size_t limit);

    /// Least recently used first, static ones last: the order of `fdb/show`.
    std::vector<Entry> entries() const;
    Stats stats() const;
    void clear_stats();
    /// Grows whenever an address appears, moves or goes: translations that looked one up may have changed.
    uint64_t changes() const { return changes_.load(std::memory_order_acquire); }

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
    std::atomic<uint64_t> changes_{0};
};

}  // namespace weft::pipeline
