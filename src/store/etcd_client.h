// SPDX-License-Identifier: Apache-2.0
// etcd's v3 API as far as a database in etcd needs it. The plugin of src/etcd implements it over gRPC, tests
// in memory.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"

namespace weft::store::etcd {

struct Failure {
    enum class Kind : uint8_t {
        unavailable,  ///< no answer, or none that says what happened: worth another try
        compacted,    ///< the revision that was asked for is gone
        no_space,     ///< etcd's quota is used up: it takes nothing until that is dealt with
        denied,       ///< user, password, role or certificate
        refused,      ///< anything else that another try does not change
    } kind = Kind::refused;
    std::string message;
};
/// For whom etcd refused with the words `said`.
inline Failure no_space(const std::string& said) {
    return {Failure::Kind::no_space, said +
                                         ": etcd has used up its quota; compact and defragment it, then "
                                         "disarm the alarm (etcdctl alarm disarm)"};
}

template <class T = void>
using Outcome = std::expected<T, Failure>;
template <class T = void>
using Done = std::move_only_function<void(Outcome<T>)>;

struct KeyValue {
    std::string key, value;
    int64_t create_revision = 0, mod_revision = 0;
};

/// Keys from `key` up to, not including, `end`; `end` empty: the one key.
struct Range {
    std::string key, end;
    int64_t revision = 0;  ///< 0: the newest
    int64_t limit = 0;     ///< 0: all
};

struct RangeOutcome {
    std::vector<KeyValue> kvs;
    int64_t revision = 0;  ///< of etcd's store
    bool more = false;     ///< the limit cut it off
};

/// Holds if the key's last change was at the revision; 0: if it is not there.
struct Compare {
    std::string key;
    int64_t mod_revision = 0;
};

struct Operation {
    enum class What : uint8_t { put, erase } what = What::put;
    std::string key;
    std::string value = {};  ///< of put
    std::string end = {};    ///< of erase, as Range's
    int64_t lease = 0;       ///< of put; 0: none
};

/// The operations are made all, or none if a comparison fails.
struct Txn {
    std::vector<Compare> compares;
    std::vector<Operation> operations;
};

struct TxnOutcome {
    bool succeeded = false;
    int64_t revision = 0;
};

struct Event {
    bool erased = false;
    KeyValue kv;
};

/// What changed since the last; whole revisions. The first may be empty: the watch has begun.
struct Watched {
    std::vector<Event> events;
};

/// Resource type; belongs to the loop's thread. Each call answers once (watch() often, until an error), later
/// and not from within, on that thread; nothing comes after the client ended.
class Client {
  public:
    virtual ~Client() = default;
    virtual void range(Range range, Done<RangeOutcome> done) = 0;
    virtual void txn(Txn txn, Done<TxnOutcome> done) = 0;
    /// Forgets what keys said before the revision.
    virtual void compact(int64_t revision, Done<> done) = 0;
    /// The lease ends with the client, if etcd can still be told.
    virtual void grant_lease(std::chrono::seconds ttl, Done<int64_t> done) = 0;
    /// An error of kind refused if the lease is over.
    virtual void keep_lease(int64_t lease, Done<> done) = 0;
    using OnWatched = std::function<void(Outcome<Watched>)>;
    /// Changes of keys that begin with `prefix`, from the revision on. Ends an earlier watch.
    virtual void watch(std::string prefix, int64_t revision, OnWatched on_watched) = 0;
    /// host:port of the member that is asked now.
    virtual std::string endpoint() const = 0;
};

struct ClientOptions {
    std::vector<std::string> endpoints;             ///< host:port; asked in turn
    std::string ca_cert, certificate, private_key;  ///< PEM texts; all empty: no TLS
    std::string user, password;                     ///< user empty: none
    Duration call_timeout = 2s;
    /// Runs a call on the loop's thread; any thread.
    std::function<void(std::move_only_function<void()>)> post;
};

/// What the plugin exports as `weft_etcd_client`; the caller owns the result.
using MakeClient = Client*(ClientOptions* options);

}  // namespace weft::store::etcd
