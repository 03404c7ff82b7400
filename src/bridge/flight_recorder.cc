// SPDX-License-Identifier: Apache-2.0
#include "bridge/flight_recorder.h"

#include <algorithm>

#include "obs/heap.h"

namespace weft::bridge {

namespace {

/// Same reason, same place, same port: of the same group of records.
bool alike(const DropRecord& a, const DropRecord& b) {
    return a.reason == b.reason && a.sample.arg == b.sample.arg && a.site.rule == b.site.rule &&
           a.site.table == b.site.table && a.sample.key.dp_in_port() == b.sample.key.dp_in_port();
}

bool is_flow(const DropSample& sample) { return sample.reason.is(dp::Drop::flow); }

void translate_into(DropRecord& out, const pipeline::Snapshot& snapshot) {
    pipeline::Translation t = pipeline::translate(snapshot, {.key = out.key,
                                                             .bridge = *out.bridge,
                                                             .packet_len = out.sample.packet_len,
                                                             .trace = &out.path,
                                                             .trace_names = true});
    for (const auto& effect : t.effects)
        if (const auto* count = std::get_if<pipeline::CountRule>(&effect)) out.rules.push_back(count->rule);
    out.site = t.drop_site;
    out.outcome = std::move(t.actions);
    if (is_flow(out.sample)) out.reason = t.drop;
}

}  // namespace

std::unique_ptr<DropSample> make_sample(DropReason reason, ByteSpan frame, const flow::FlowKey& key,
                                        Time now) {
    auto out =
        std::make_unique<DropSample>(DropSample{.reason = reason, .key = key, .head = {}, .when = now});
    const ByteSpan head = frame.first(std::min(frame.size(), DropSample::head_max));
    out->head.assign(head.begin(), head.end());
    out->packet_len = static_cast<uint32_t>(frame.size());
    return out;
}

DropRecord retrace(const pipeline::Snapshot& snapshot, DropSample sample) {
    DropRecord out{.sample = std::move(sample), .reason = pipeline::Drop::none};
    out.reason = out.sample.reason;
    out.last = out.sample.when;
    out.version = snapshot.version();
    out.key = out.sample.key;
    out.bridge = pipeline::key_in_bridge(snapshot, out.sample.key, out.key);
    if (!out.bridge) {
        const bool recirculated = out.sample.key.packet.recirc_id.host() != 0;
        if (is_flow(out.sample))
            out.reason =
                recirculated ? pipeline::Drop::no_recirculation_context : pipeline::Drop::bridge_not_found;
        return out;
    }
    translate_into(out, snapshot);
    return out;
}

DropRecord trace_now(const pipeline::Snapshot& snapshot, pipeline::BridgeId bridge,
                     const flow::FlowKey& key) {
    DropRecord out{.sample = {.reason = dp::Drop::flow, .key = key, .head = {}},
                   .reason = pipeline::Drop::none};
    out.version = snapshot.version();
    out.key = key;
    out.bridge = bridge;
    translate_into(out, snapshot);
    return out;
}

const DropRecord* FlightRecorder::take(const pipeline::Snapshot& snapshot, DropSample sample, Time now) {
    if (!tokens_.take(now)) {
        ++skipped_;
        return nullptr;
    }
    const obs::HeapScope heap(obs::HeapUse::drop_records);
    DropRecord record = retrace(snapshot, std::move(sample));
    if (record.reason.is(pipeline::Drop::none)) return nullptr;  // what dropped it is no longer so
    if (merge(record)) return &records_.back();
    make_room(record);
    record.number = next_++;
    return &records_.emplace_back(std::move(record));
}

/// The same packet again: its record moves to the end.
bool FlightRecorder::merge(const DropRecord& record) {
    const auto same = std::ranges::find_if(records_, [&](const DropRecord& r) {
        return alike(r, record) &&
               std::ranges::equal(flow::words(r.sample.key), flow::words(record.sample.key));
    });
    if (same == records_.end()) return false;
    same->last = record.last;
    ++same->times;
    std::rotate(same, same + 1, records_.end());
    return true;
}

void FlightRecorder::make_room(const DropRecord& record) {
    const auto is_alike = [&](const DropRecord& r) { return alike(r, record); };
    if (std::ranges::count_if(records_, is_alike) >= static_cast<ptrdiff_t>(alike_max))
        records_.erase(std::ranges::find_if(records_, is_alike));
    if (records_.size() >= records_max) records_.pop_front();
}

}  // namespace weft::bridge
