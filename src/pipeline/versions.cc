// SPDX-License-Identifier: Apache-2.0
#include "pipeline/versions.h"

#include <thread>

#include "base/result.h"

namespace weft::pipeline {

Versions::~Versions() {
    for (const auto& slot : slots_) CHECK(slot.version.load() == idle);
}

size_t Versions::enter(Version& version) {
    const size_t start = std::hash<std::thread::id>{}(std::this_thread::get_id());
    for (size_t i = 0;; ++i) {
        const size_t at = (start + i) % n_slots;
        Version free = idle;
        Version seen = current();
        if (!slots_[at].version.compare_exchange_strong(free, seen, std::memory_order_seq_cst)) {
            if (i % n_slots == n_slots - 1) std::this_thread::yield();
            continue;
        }
        // A writer that published before this slot was taken may have looked past it: what it reclaims is
        // older than the version it published, so move up to that. Its later looks see the slot.
        for (Version now = current(); now != seen; now = current()) {
            seen = now;
            slots_[at].version.store(seen, std::memory_order_seq_cst);
        }
        version = seen;
        return at;
    }
}

Versions::Reader::Reader(Versions& versions) : versions_(&versions), slot_(versions.enter(version_)) {}

Version Versions::oldest_reader() const {
    Version oldest = current();
    for (const auto& slot : slots_) {
        const Version v = slot.version.load(std::memory_order_seq_cst);
        if (v < oldest) oldest = v;
    }
    return oldest;
}

}  // namespace weft::pipeline
