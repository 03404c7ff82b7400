// SPDX-License-Identifier: Apache-2.0
// What tests with real devices wait with.
#pragma once

#include <vector>

#include "base/time.h"
#include "packet/batch.h"
#include "sys/poll_set.h"

namespace weft::sys {

constexpr auto patience = 2000ms;

inline bool readable(int fd, std::chrono::milliseconds timeout = patience) {
    PollSet set = PollSet::open().value();
    set.add(fd, 1).value();
    return !set.wait(timeout).empty();
}

/// What arrives, until `n` frames have or patience ends; each owned.
template <class Source>
std::vector<packet::Packet> collect(Source& source, size_t n) {
    std::vector<packet::Packet> out;
    while (out.size() < n && readable(source.fd())) {
        packet::Batch batch;
        source.receive(batch);
        for (packet::Packet& p : batch) {
            p.own();
            out.push_back(std::move(p));
        }
        batch.clear();
        source.release();
    }
    return out;
}

}  // namespace weft::sys
