// SPDX-License-Identifier: Apache-2.0
// Remembers the last packets that were dropped: what they looked like, why, and their way through the tables.
// Samples come from the threads that forward, at a bounded rate (dp::DropSamples); all else happens on the
// control thread, and nothing at all while nothing is dropped.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/token_bucket.h"
#include "bridge/drop_reason.h"
#include "obs/trace.h"
#include "pipeline/snapshot.h"
#include "pipeline/translate.h"

namespace weft::bridge {

/// What a forwarding thread keeps of a packet it dropped. Value type.
struct DropSample {
    static constexpr size_t head_max = 128;

    DropReason reason;
    flow::FlowKey key{};  ///< in_port is the datapath's
    Bytes head = {};      ///< the frame's first bytes
    uint32_t packet_len = 0;
    uint32_t arg = 0;  ///< as in dp::DroppedPacket; for overflows: how many packets
    Time when{};
};
std::unique_ptr<DropSample> make_sample(DropReason reason, ByteSpan frame, const flow::FlowKey& key,
                                        Time now);

/// A drop as it is told. Value type.
struct DropRecord {
    uint64_t number = 0;  ///< counts up from 1
    DropSample sample;
    DropReason reason;   ///< what translation says where the sample says only "flow"
    uint64_t times = 1;  ///< samples that were the same
    Time last{};
    std::optional<pipeline::BridgeId> bridge = {};  ///< where it came in; none: no bridge has the port
    flow::FlowKey key{};                            ///< as that bridge sees it
    pipeline::DropSite site = {};
    std::vector<pipeline::RulePtr> rules = {};  ///< that it passed, in order
    obs::TraceNode path = {};
    action::dp::Actions outcome = {};  ///< what translation made of it
    pipeline::Version version = 0;     ///< of the tables then
};

/// Translates the packet of a sample again.
DropRecord retrace(const pipeline::Snapshot& snapshot, DropSample sample);
/// What would become of a packet now. `key` is the bridge's.
DropRecord trace_now(const pipeline::Snapshot& snapshot, pipeline::BridgeId bridge, const flow::FlowKey& key);

/// Resource type; belongs to the control thread.
class FlightRecorder {
  public:
    static constexpr size_t records_max = 256;
    /// Of one reason at one rule and port, so that a flood does not push out all others.
    static constexpr size_t alike_max = 16;

    /// The record that the sample came into, valid until the next; null: it is passed over.
    const DropRecord* take(const pipeline::Snapshot& snapshot, DropSample sample, Time now);
    /// Oldest first.
    const std::deque<DropRecord>& records() const { return records_; }
    /// Samples that came too fast to be looked at.
    uint64_t skipped() const { return skipped_; }
    void clear() { records_.clear(); }

  private:
    bool merge(const DropRecord& record);
    void make_room(const DropRecord& record);

    std::deque<DropRecord> records_;
    TokenBucket tokens_{200, 100};
    uint64_t next_ = 1, skipped_ = 0;
};

}  // namespace weft::bridge
