// SPDX-License-Identifier: Apache-2.0
// A thread that forwards: takes batches from its ports as long as there are any, else waits for events.
#pragma once

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dp/core/engine.h"
#include "loop/clock.h"
#include "sys/poll_set.h"

namespace weft::dp {

/// Resource type: the thread runs as long as the object lives. All calls from the control thread.
class PollThread {
  public:
    struct Options {
        std::string name;
        std::optional<int> core;  ///< to bind it to
        uint64_t seed = 1;
    };
    static Result<std::unique_ptr<PollThread>> start(Shared& shared, const loop::Clock& clock,
                                                     Options options);
    ~PollThread();

    /// From now on it polls the port, or no longer does. It may still be in the middle of a batch: before a
    /// port that was taken away is destroyed, readers of Shared::domain must have passed.
    void add(std::shared_ptr<Port> port);
    void remove(DpPort port);
    size_t n_ports() const { return ports_.current().size(); }
    /// Interrupts its waiting.
    void wake() const { wake_up_.notify(); }

    const EngineCounters& counters() const { return engine_.counters(); }
    std::optional<int> core() const { return options_.core; }

  private:
    using Ports = std::vector<std::shared_ptr<Port>>;
    /// A port that had frames when last looked at.
    struct Active {
        DpPort port;
        uint32_t allowance = packet::Batch::capacity;
        bool is_new = true;  ///< nothing was received since its event
    };
    PollThread(Shared& shared, const loop::Clock& clock, Options options, sys::PollSet poll,
               sys::Event event);
    void run();
    void poll_active();
    bool poll_port(Port& port, Active& active);
    void look_for_events(bool wait);

    const loop::Clock& clock_;
    obs::Histogram& upcall_latency_;
    const Options options_;
    sys::PollSet poll_;
    sys::Event wake_up_;
    loop::Published<Ports> ports_;
    loop::EpochReader reader_;
    Engine engine_;
    packet::Batch batch_;
    std::vector<Active> active_;
    Time round_began_{};
    bool translated_ = false;  ///< in the last round many packets had to be
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace weft::dp
