// SPDX-License-Identifier: Apache-2.0
// Which packet-in a punted packet becomes: what translation knew, kept until no megaflow names it any more.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/time.h"
#include "pipeline/effects.h"

namespace weft::bridge {

/// Resource type; any thread. Only packets on their way to a controller come here.
class Punts {
  public:
    /// How long a punt that no megaflow names is kept for packets under way.
    static constexpr Duration grace = 5s;

    void add(const pipeline::Punt& punt, Time now);
    std::shared_ptr<const pipeline::Punt> find(uint32_t id) const;
    /// Forgets what is neither in `named` nor newer than `grace`.
    void sweep(const std::unordered_set<uint32_t>& named, Time now);
    size_t size() const;

  private:
    struct Entry {
        std::shared_ptr<const pipeline::Punt> punt;
        Time used;
    };
    mutable std::mutex mutex_;
    std::unordered_map<uint32_t, Entry> map_;
};

}  // namespace weft::bridge
