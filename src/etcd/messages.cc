// SPDX-License-Identifier: Apache-2.0
#include "etcd/messages.h"

#include <etcd.pb.h>

namespace weft::store::etcd {

namespace pb = etcdserverpb;

std::string prefix_end(std::string prefix) {
    while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
    if (!prefix.empty()) ++prefix.back();
    return prefix;
}

KeyValue from(const pb::KeyValue& kv) {
    return {kv.key(), kv.value(), kv.create_revision(), kv.mod_revision()};
}

Outcome<Watched> from(const pb::WatchResponse& response) {
    if (response.compact_revision() > 0)
        return std::unexpected(Failure{Failure::Kind::compacted, "the watched revision has been compacted"});
    if (response.canceled()) {
        const std::string& why = response.cancel_reason();
        const auto kind = why.find("permission denied") != std::string::npos ? Failure::Kind::denied
                                                                             : Failure::Kind::unavailable;
        return std::unexpected(Failure{kind, why});
    }
    Watched out;
    for (const pb::Event& event : response.events())
        out.events.push_back({event.type() == pb::Event::DELETE, from(event.kv())});
    return out;
}

pb::TxnRequest to(const Txn& txn) {
    pb::TxnRequest out;
    for (const Compare& one : txn.compares) {
        pb::Compare* compare = out.add_compare();
        compare->set_result(pb::Compare::EQUAL);
        compare->set_target(pb::Compare::MOD);
        compare->set_key(one.key);
        compare->set_mod_revision(one.mod_revision);
    }
    for (const Operation& one : txn.operations) {
        if (one.what == Operation::What::put) {
            pb::PutRequest* put = out.add_success()->mutable_request_put();
            put->set_key(one.key);
            put->set_value(one.value);
            put->set_lease(one.lease);
        } else {
            pb::DeleteRangeRequest* erase = out.add_success()->mutable_request_delete_range();
            erase->set_key(one.key);
            erase->set_range_end(one.end);
        }
    }
    return out;
}

}  // namespace weft::store::etcd
