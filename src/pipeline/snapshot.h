// SPDX-License-Identifier: Apache-2.0
// What a translation reads: one configuration and one version of all tables, for as long as it takes.
#pragma once

#include <memory>
#include <mutex>

#include "pipeline/config.h"
#include "pipeline/recirc.h"
#include "pipeline/versions.h"

namespace weft::pipeline {

class Snapshot;

/// Holds what is in force. Resource type: snapshot() from any thread, publish() from the control thread.
class State {
  public:
    State() : config_(std::make_shared<const Config>()) {}

    Snapshot snapshot();
    void publish(std::shared_ptr<const Config> config);
    std::shared_ptr<const Config> config() const;
    uint64_t generation() const;
    Versions& versions() { return versions_; }
    RecircTable& recirc() { return recirc_; }

  private:
    Versions versions_;
    RecircTable recirc_;
    mutable std::mutex mutex_;  ///< guards the pointer only
    std::shared_ptr<const Config> config_;
    uint64_t generation_ = 0;
};

/// A reader's guard, on its stack: while it lives, no rule it can see is reclaimed. Keep it for a translation
/// or a batch of them, not across a wait: old rules pile up. How reclaiming works is behind this type (now:
/// versions and a registry of readers; the configuration by shared_ptr), so that it can change without its
/// users.
class Snapshot {
  public:
    const Config& config() const { return *config_; }
    const std::shared_ptr<const Config>& config_ptr() const { return config_; }
    /// Counts the configurations: another one has another.
    uint64_t generation() const { return generation_; }
    Version version() const { return reader_.version(); }
    /// Frozen states are no part of a version: their numbers say what they are.
    RecircTable& recirc() const { return *recirc_; }

  private:
    friend class State;
    Snapshot(std::shared_ptr<const Config> config, uint64_t generation, State& state)
        : reader_(state.versions()),
          config_(std::move(config)),
          generation_(generation),
          recirc_(&state.recirc()) {}

    Versions::Reader reader_;
    std::shared_ptr<const Config> config_;
    uint64_t generation_;
    RecircTable* recirc_;
};

}  // namespace weft::pipeline
