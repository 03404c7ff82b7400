// SPDX-License-Identifier: Apache-2.0
// Keeps a switch's checkpoint in a file, and reads the one that an earlier process left.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bridge/checkpoint.h"
#include "loop/clock.h"
#include "obs/log.h"
#include "pipeline/snapshot.h"

namespace weft::bridge {

/// What to write: all that is small, and where a thread of its own finds the rest. Moves.
struct CheckpointJob {
    Checkpoint state;  ///< its bridges without groups and rules
    struct Source {
        std::shared_ptr<const pipeline::Tables> tables;
        pipeline::State* versions;
    };
    std::vector<Source> sources;  ///< for each bridge, in order
};

/// Resource type; calls from the control thread. What takes long is done by a thread of its own.
class Checkpointer {
  public:
    Checkpointer(std::string path, const loop::Clock& clock, obs::LogModule log = {});
    ~Checkpointer();

    /// The file of an earlier process. One of another version, or damaged, is set aside with a warning; one
    /// from before the machine started is forgotten.
    void load();
    /// What there was; null: the switch starts clean, or has been restored.
    const Checkpoint* loaded() const { return loaded_ ? &*loaded_ : nullptr; }
    void forget() { loaded_.reset(); }

    /// False if the last one is still being written.
    bool is_idle() const;
    /// Starts to write; only when idle.
    void start(CheckpointJob job);
    /// Waits until nothing is read of the sources of the last job.
    void settle();
    /// Writes it before it returns.
    void write_now(CheckpointJob job);
    void remove();

    /// How long the last one took, and how large it was.
    Duration took() const;
    size_t size() const;

  private:
    void run();
    void write(CheckpointJob& job);
    void fill(CheckpointJob& job);
    void save(const Bytes& bytes);

    const std::string path_;
    const loop::Clock& clock_;
    const obs::LogModule log_;
    std::string boot_;
    std::optional<Checkpoint> loaded_;

    mutable std::mutex mutex_;  ///< guards all below
    std::condition_variable changed_;
    std::optional<CheckpointJob> job_;
    bool busy_ = false, stop_ = false;
    Duration took_{};
    size_t size_ = 0;

    bool complained_ = false;  ///< the writer's alone
    std::thread thread_;
};

}  // namespace weft::bridge
