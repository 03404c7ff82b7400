// SPDX-License-Identifier: Apache-2.0
// ofproto/trace-live: the next real packets that match are traced as they come, and forwarded as ever.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/context.h"
#include "pipeline/trace.h"

namespace weft::ctl {

/// One live trace at a time. Resource type; belongs to the control thread and ends before loop and switch do.
class LiveTrace {
  public:
    struct Wish {
        std::vector<std::string> words;
        bool json = false;
        int count = 1, seconds = 10;
    };
    explicit LiveTrace(const Context& c);
    ~LiveTrace();
    LiveTrace(const LiveTrace&) = delete;
    LiveTrace& operator=(const LiveTrace&) = delete;

    void add_commands(obs::CommandTable& table);

  private:
    void start(obs::CommandArgs args, obs::CommandReply reply);
    Result<void> begin(Wish wish);
    void take(const pipeline::TraceStory& story);
    void end();
    std::string text() const;

    Context c_;
    loop::Timer timer_;
    std::optional<obs::CommandReply> reply_;
    Wish wish_;
    std::string bridge_;
    std::vector<pipeline::TraceStory> stories_;
};

}  // namespace weft::ctl
