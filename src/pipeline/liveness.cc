// SPDX-License-Identifier: Apache-2.0
#include "pipeline/liveness.h"

#include <algorithm>

namespace weft::pipeline {

namespace {

constexpr int watch_depth_max = 64;  ///< groups that watch one another

bool bucket_alive(const action::Bucket& bucket, Translator& t, int depth);

/// A group is alive while one of its buckets is.
bool group_alive(uint32_t id, Translator& t, int depth) {
    if (depth > watch_depth_max) return false;
    t.did_read(ReadGroup{t.bridge().id, id});
    const GroupPtr group = t.find_group(id);
    return group && std::ranges::any_of(group->spec().buckets,
                                        [&](const auto& b) { return bucket_alive(b, t, depth + 1); });
}

bool bucket_alive(const action::Bucket& bucket, Translator& t, int depth) {
    if (!bucket.watches()) return true;
    return (bucket.watch_port != ofpp::none && is_alive(bucket.watch_port, t)) ||
           (bucket.watch_group != action::group_any && group_alive(bucket.watch_group, t, depth));
}

}  // namespace

bool is_alive(OfPort number, Translator& t) {
    if (!t.planted(Plant::liveness_not_read)) t.did_read(ReadPort{t.bridge().id, number});
    const Port* port = t.bridge().port(number);
    return port && port->link_up && !(port->config & port_config::port_down);
}

bool is_alive(const action::Bucket& bucket, Translator& t) { return bucket_alive(bucket, t, 0); }

}  // namespace weft::pipeline
