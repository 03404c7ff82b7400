// SPDX-License-Identifier: Apache-2.0
// Joins dummy ports of several switches: the options stream and pstream of their interfaces.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "bridge/switch.h"
#include "net/frame_stream.h"

namespace weft::bridge {

/// Resource type; belongs to the loop's thread; ends before the switch does.
class DummyStreams {
  public:
    DummyStreams(loop::Loop& loop, net::Transport& transport, Switch& sw)
        : loop_(loop), transport_(transport), switch_(sw) {}
    ~DummyStreams();

    /// Makes the streams those of the ports there are. Cheap when nothing changed.
    void follow();
    /// What netdev-dummy/conn-state says about a port: "connected", "disconnected" or "unknown".
    std::string_view state(const std::string& port) const;

  private:
    struct Entry {
        dp::Datapath* datapath = nullptr;
        DpPort port = dp_none;
        std::unique_ptr<net::FrameStream> stream;
    };
    void attach(const Member& member, dp::Datapath& datapath);

    loop::Loop& loop_;
    net::Transport& transport_;
    Switch& switch_;
    std::map<std::string, Entry> entries_;  ///< by interface
    uint64_t seen_ = ~uint64_t{0};
};

}  // namespace weft::bridge
