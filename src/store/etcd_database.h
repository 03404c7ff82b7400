// SPDX-License-Identifier: Apache-2.0
// A database in etcd (etcd_format.h): one of the servers that share its log.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "loop/loop.h"
#include "obs/log.h"
#include "ovsdb/server.h"
#include "store/etcd_keys.h"
#include "store/file_storage.h"

namespace weft::store::etcd {

struct DatabaseOptions {
    std::string prefix;                                    ///< Address::prefix
    std::string about;                                     ///< of this server, for the others' cluster/status
    std::chrono::seconds lease = std::chrono::seconds(5);  ///< how long locks and leader outlive their server
    RunAside aside = run_at_once();
    std::function<void()> pump = [] {};  ///< the server has output
    uint64_t seed = 0;
    obs::LogModule log = {};
};

/// Resource type; belongs to the loop's thread, as the server does. It must be taken out of the server
/// (Server::remove_database()) before it ends.
///
/// Invariants: the server has been told of all entries up to index_, and keys_ says what etcd said at
/// keys_.revision. Etcd is the judge: what this server believes of head, writer or locks is compared in the
/// Txn that relies on it.
class EtcdDatabase final : public ovsdb::Cluster {
  public:
    /// Loads the database and adds it to the server. `opened` is told, later and once, when the database is
    /// served, or why it is not; while etcd cannot be reached that is tried again for `patience`.
    using Opened = std::move_only_function<void(Result<>)>;
    EtcdDatabase(loop::Loop& loop, ovsdb::Server& server, std::unique_ptr<Client> client,
                 DatabaseOptions options, Duration patience, Opened opened);
    ~EtcdDatabase() override;

    State state() const override;
    int64_t date_ms() const override;
    std::string complaint() const override;
    void propose(ovsdb::ClusterProposal proposal) override;
    void catch_up() override;
    bool holds(const std::string& lock) const override { return holds_key("lock/" + lock); }
    void want(const std::string& lock) override;
    void steal(const std::string& lock) override;
    void release(const std::string& lock) override;

    const std::string& name() const { return name_; }
    /// "ok", or what is wrong.
    std::string storage_status() const;
    /// As text for people.
    std::string status() const;
    codec::Json status_json() const;

    /// Writes a snapshot of what the database says and takes the log up to it away; `done` is told how it
    /// went.
    void compact(std::move_only_function<void(Result<>)> done);
    bool is_due_for_compaction() const;

  private:
    struct Loading;
    struct Pending;
    struct Compaction;
    std::string key(const std::string& name) const { return options_.prefix + name; }
    void complain(std::string why);
    /// Tells the server that something has changed, and sends what it has to say to that.
    void changed();

    // etcd_load.cc
    void load();
    void load_page();
    void loaded_page(RangeOutcome page);
    Result<> finish_loading();
    void loading_failed(const Failure& failure);
    void opened(Result<> result);
    void watch();
    void on_watched(Outcome<Watched> watched);
    void take_event(Event event);
    Result<> take_entries();

    // etcd_propose.cc
    void send();
    void take_writer();
    void upload_part();
    void append();
    void send_failed(const Uuid& proposal, const Failure& failure);
    void lost(const Uuid& proposal, uint64_t seen);
    void read_head();
    void check_barrier();

    // etcd_leases.cc
    void keep_lease();
    void lease_kept(const Outcome<>& kept, Time sent);
    bool is_lease_valid() const { return lease_ != 0 && loop_.now() < lease_until_; }
    std::string own_value() const { return sid_.to_string() + "/" + std::to_string(lease_); }
    bool holds_key(const std::string& name) const;
    void take_key(const std::string& name);
    void give_key(const std::string& name);
    void review_keys();

    // etcd_compact.cc
    void install_snapshot();
    void end_compaction(Result<> result);

    loop::Loop& loop_;
    ovsdb::Server& server_;
    std::unique_ptr<Client> client_;
    DatabaseOptions options_;
    Prng prng_;
    Uuid sid_;
    std::string name_;  ///< of the database; empty: not loaded yet
    std::string complaint_ = "etcd has not been reached yet";
    std::string refusal_;
    Opened opened_;
    Time open_until_;

    Keys keys_;
    uint64_t index_ = 0;
    Uuid last_;          ///< the id of that entry
    uint64_t seen_ = 0;  ///< changes that may let a Txn succeed that failed
    std::unique_ptr<Loading> loading_;
    loop::Timer retry_load_, retry_watch_;

    std::unique_ptr<Pending> pending_;
    loop::Timer retry_send_;
    bool is_reading_head_ = false, wants_head_ = false;
    uint64_t head_number_ = 0;  ///< of calls of catch_up()
    int64_t barrier_ = 0;       ///< the head's revision that catch_up() waits for; 0: it does not
    loop::Timer retry_head_;

    int64_t lease_ = 0;
    Time lease_until_{};
    bool is_keeping_ = false;
    loop::Timer lease_timer_, expiry_timer_;
    std::set<std::string> wanted_ = {"leader"};  ///< keys
    std::set<std::string> taking_;               ///< those that etcd has been asked for
    bool was_connected_ = false;

    std::unique_ptr<Compaction> compaction_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// Makes the database at `prefix`; an error if there is one.
void create(Client& client, const std::string& prefix, const ovsdb::Snapshot& contents, uint64_t seed,
            Done<> done);

}  // namespace weft::store::etcd
