// SPDX-License-Identifier: Apache-2.0
// The version counter of a datapath's tables and the registry of its readers: what makes publishing one store
// and reclaiming safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "pipeline/ids.h"
#include "pipeline/table_log.h"

namespace weft::pipeline {

/// Resource type, one for a datapath. Readers and the writer run at the same time.
///
/// A reader enters with the current version and sees exactly the rules with added <= version < removed until
/// it leaves. The writer prepares rules for current + 1, which nobody sees, then publishes by one store. What
/// was removed at version v may be taken out of the indexes once oldest_reader() >= v: nobody reads an older
/// state any more.
class Versions {
  public:
    Versions() = default;
    Versions(const Versions&) = delete;
    Versions& operator=(const Versions&) = delete;
    ~Versions();

    Version current() const { return current_.load(std::memory_order_seq_cst); }

    /// What one reader holds. Not copied: it is a place in the registry.
    class Reader {
      public:
        explicit Reader(Versions& versions);
        Reader(Reader&& other) noexcept
            : versions_(other.versions_), slot_(other.slot_), version_(other.version_) {
            other.versions_ = nullptr;
        }
        Reader& operator=(Reader&&) = delete;
        ~Reader() {
            if (versions_) versions_->leave(slot_);
        }
        Version version() const { return version_; }

      private:
        Versions* versions_;
        size_t slot_;
        Version version_;
    };

    /// The oldest version that a reader may still see; current() without readers. Writer only.
    Version oldest_reader() const;

    /// Held by an edit from its start to its end: edits of all bridges come one after another.
    std::mutex& writer() { return writer_; }
    /// What versions changed: written before they are published.
    TableLog& log() { return log_; }
    /// Writer only, under writer().
    void publish() { current_.store(current() + 1, std::memory_order_seq_cst); }

  private:
    static constexpr size_t n_slots = 64;  ///< more readers at once than that wait for one to leave
    static constexpr Version idle = ~Version{0};
    struct alignas(64) Slot {
        std::atomic<Version> version{idle};
    };

    size_t enter(Version& version);
    void leave(size_t slot) { slots_[slot].version.store(idle, std::memory_order_release); }

    std::atomic<Version> current_{1};
    std::array<Slot, n_slots> slots_;
    std::mutex writer_;
    TableLog log_;
};

}  // namespace weft::pipeline
