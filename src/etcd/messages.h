// SPDX-License-Identifier: Apache-2.0
// Between etcd's messages (etcd.proto) and store/etcd_client.h.
#pragma once

#include "store/etcd_client.h"

namespace etcdserverpb {
class KeyValue;
class TxnRequest;
class WatchResponse;
}  // namespace etcdserverpb

namespace weft::store::etcd {

/// The end of the range of all keys that begin with `prefix`.
std::string prefix_end(std::string prefix);
KeyValue from(const etcdserverpb::KeyValue& kv);
/// What is watched, or why the watch is at its end.
Outcome<Watched> from(const etcdserverpb::WatchResponse& response);
etcdserverpb::TxnRequest to(const Txn& txn);

}  // namespace weft::store::etcd
