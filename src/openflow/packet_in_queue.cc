// SPDX-License-Identifier: Apache-2.0
#include "openflow/packet_in_queue.h"

#include <algorithm>

namespace weft::openflow {
namespace {

PacketInQueue::Options completed(PacketInQueue::Options o) {
    if (o.burst == 0) o.burst = std::max<uint64_t>(o.rate_pps / 4, 1);
    return o;
}

PacketInQueue::Kind kind_of(const PacketIn& p) {
    const bool miss = p.reason == PacketInReason::no_match || p.reason == PacketInReason::implicit_miss ||
                      p.reason == PacketInReason::explicit_miss;
    return miss ? PacketInQueue::Kind::miss : PacketInQueue::Kind::action;
}

}  // namespace

PacketInQueue::PacketInQueue(Options options)
    : options_(completed(options)), lanes_{Lane(options_), Lane(options_)} {}

bool PacketInQueue::admit(const PacketIn& packet, Time now) {
    Lane& lane = lanes_[static_cast<size_t>(kind_of(packet))];
    if (lane.waiting.empty() && lane.bucket.take(now)) {
        ++lane.counters.bypassed;
        return true;
    }
    if (lane.counters.backlog >= options_.capacity) make_room(lane);
    lane.waiting[packet.metadata.key.of_in_port()].push_back(packet);
    ++lane.counters.queued;
    ++lane.counters.backlog;
    next_ = std::min(next_, now + interval());
    return false;
}

void PacketInQueue::make_room(Lane& lane) {
    const auto longest =
        std::ranges::max_element(lane.waiting, {}, [](const auto& entry) { return entry.second.size(); });
    longest->second.pop_front();
    if (longest->second.empty()) lane.waiting.erase(longest);
    ++lane.counters.dropped;
    --lane.counters.backlog;
}

std::optional<PacketIn> PacketInQueue::take(Time now) {
    for (Lane& lane : lanes_) {
        if (lane.waiting.empty() || !lane.bucket.take(now)) continue;
        auto turn = lane.last ? lane.waiting.upper_bound(*lane.last) : lane.waiting.begin();
        if (turn == lane.waiting.end()) turn = lane.waiting.begin();
        lane.last = turn->first;
        PacketIn packet = std::move(turn->second.front());
        turn->second.pop_front();
        if (turn->second.empty()) lane.waiting.erase(turn);
        --lane.counters.backlog;
        return packet;
    }
    const bool empty = std::ranges::all_of(lanes_, [](const Lane& lane) { return lane.waiting.empty(); });
    next_ = empty ? never : now + interval();
    return std::nullopt;
}

Time PacketInQueue::next_deadline() const { return next_; }

void PacketInQueue::clear() {
    for (Lane& lane : lanes_) {
        lane.waiting.clear();
        lane.counters.backlog = 0;
    }
    next_ = never;
}

}  // namespace weft::openflow
