// SPDX-License-Identifier: Apache-2.0
#include "openflow/bundles.h"

#include <algorithm>

namespace weft::openflow {

std::pair<Bundles::Place, Bundles::Changes> Bundles::take(Place at) {
    Changes changes = std::move(at->second.changes);
    bytes_ -= changes.bytes();
    return {bundles_.erase(at), std::move(changes)};
}

std::unexpected<OfError> Bundles::end(Place at, OfError error) {
    take(at);
    return refuse(error);
}

OfResult<Bundles::Place> Bundles::find(uint32_t id, uint16_t flags) {
    const auto at = bundles_.find(id);
    if (at == bundles_.end()) return refuse(OfError::bfc_bad_id);
    if (at->second.flags != flags) return end(at, OfError::bfc_bad_flags);
    return at;
}

OfResult<Bundles::Place> Bundles::make(uint32_t id, uint16_t flags, Time now) {
    if (bundles_.size() >= max_bundles) return refuse(OfError::bfc_out_of_bundles);
    return bundles_.emplace(id, Bundle{.flags = flags, .changes = {}, .used = now}).first;
}

OfResult<> Bundles::open(const BundleControl& c, Time now) {
    if (const auto at = bundles_.find(c.id); at != bundles_.end()) return end(at, OfError::bfc_bad_id);
    TRY(make(c.id, c.flags, now));
    return {};
}

OfResult<> Bundles::add(const BundleAddView& a, Kind kind, Time now) {
    const Place at = bundles_.contains(a.id) ? TRY(find(a.id, a.flags)) : TRY(make(a.id, a.flags, now));
    Bundle& bundle = at->second;
    if (bundle.closed) return end(at, OfError::bfc_bundle_closed);
    if (bytes_ + a.message.size() > max_bytes_) return end(at, OfError::bfc_msg_too_many);
    bytes_ += a.message.size();
    Changes& changes = bundle.changes;
    (kind == Kind::other ? changes.others : changes.tables).add(a.message);
    changes.removes = changes.removes || kind == Kind::removal;
    bundle.used = now;
    return {};
}

OfResult<> Bundles::close(const BundleControl& c, Time now) {
    const Place at = TRY(find(c.id, c.flags));
    if (at->second.closed) return end(at, OfError::bfc_bundle_closed);
    at->second.closed = true;
    at->second.used = now;
    return {};
}

OfResult<> Bundles::discard(const BundleControl& c) {
    const auto at = bundles_.find(c.id);
    if (at == bundles_.end()) return refuse(OfError::bfc_bad_id);
    take(at);
    return {};
}

OfResult<Bundles::Changes> Bundles::commit(const BundleControl& c) {
    return take(TRY(find(c.id, c.flags))).second;
}

std::vector<uint32_t> Bundles::expire(Time now, Duration idle) {
    std::vector<uint32_t> ended;
    for (auto at = bundles_.begin(); at != bundles_.end();) {
        if (now - at->second.used < idle) {
            ++at;
            continue;
        }
        ended.push_back(at->first);
        at = take(at).first;
    }
    return ended;
}

Time Bundles::next_deadline(Duration idle) const {
    Time next = never;
    for (const auto& [id, bundle] : bundles_) next = std::min(next, bundle.used + idle);
    return next;
}

}  // namespace weft::openflow
