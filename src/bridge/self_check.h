// SPDX-License-Identifier: Apache-2.0
// Whether installed flows still say what translation says: in production, on random packets that they match.
// A megaflow whose mask is too wide forwards packets it was not made for; this finds it.
#pragma once

#include <string>
#include <vector>

#include "base/prng.h"
#include "bridge/revalidator.h"

namespace weft::bridge {

/// Resource type; belongs to the control thread.
class SelfCheck {
  public:
    static constexpr uint32_t default_ppm = 1000, most_ppm = 500'000;  ///< 0.1 % of the time

    SelfCheck(dp::Datapath& datapath, pipeline::State& state, FlowCache& cache, Revalidator& revalidator)
        : datapath_(datapath), state_(state), cache_(cache), revalidator_(revalidator) {}

    /// Share of one CPU, in millionths; 0: off.
    void set_budget(uint32_t ppm) { budget_ppm_ = ppm; }

    /// A flow that was wrong. It was removed.
    struct Mismatch {
        std::string flow, packet, installed, right;  ///< as text; what the flow does, and what it should do
    };
    /// Checks as many flows as the time since the last call allows; `clock` measures that.
    std::vector<Mismatch> run(const loop::Clock& clock);

    uint64_t checked() const { return checked_; }
    uint64_t failed() const { return failed_; }
    Duration spent() const { return spent_; }

  private:
    Twin* pick();
    std::optional<Mismatch> check(Twin& twin, const pipeline::Snapshot& snapshot);

    dp::Datapath& datapath_;
    pipeline::State& state_;
    FlowCache& cache_;
    Revalidator& revalidator_;
    Prng prng_{0x5e1fc4ec};
    uint32_t budget_ppm_ = default_ppm;
    uint64_t checked_ = 0, failed_ = 0;
    Duration spent_{};
    Time last_{};
    Duration allowance_{};
};

}  // namespace weft::bridge
