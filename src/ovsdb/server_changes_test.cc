// SPDX-License-Identifier: Apache-2.0
// Transactions that are rolled back unless they are confirmed, in virtual time and over restarts; history and
// revert.
#include <gmock/gmock.h>

#include "codec/json_text.h"
#include "ovsdb/log_record.h"
#include "ovsdb/server.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using jsonrpc::Message;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const char* const schema_text = R"({"name":"Open_vSwitch","version":"1.0.0","tables":{
  "Bridge":{"isRoot":true,"columns":{"name":{"type":"string"},"fail_mode":{"type":{"key":"string","min":0}},
    "other_config":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},
    "ports":{"type":{"key":{"type":"uuid","refTable":"Port"},"min":0,"max":"unlimited"}}},"indexes":[["name"]]},
  "Port":{"columns":{"name":{"type":"string"},"tag":{"type":{"key":"integer","min":0}},"interfaces":{"type":{"key":{"type":"uuid","refTable":"Interface"},"max":"unlimited"}}},"indexes":[["name"]]},
  "Interface":{"columns":{"name":{"type":"string"},"ofport":{"type":{"key":"integer","min":0}},"mac":{"type":{"key":"string","min":0}},"statistics":{"type":{"key":"string","value":"integer","min":0,"max":"unlimited"},"ephemeral":true}}}}})";

/// What outlives a server: the rows, and the records beside them. Loses rows that were not synced when told
/// to.
struct Disk {
    Snapshot rows{*parse_schema_text(schema_text, "test")}, synced{rows};
    std::vector<Json> records;
    int64_t date_ms = 1'000'000;
    bool record_fails = false, rows_fail = false, syncs = true;
};

class DiskStorage : public Storage {
  public:
    explicit DiskStorage(Disk& disk) : disk_(disk) {}
    Result<> append(const Changes& changes) override {
        if (disk_.rows_fail) return fail("disk full");
        changes.apply_to(disk_.rows);
        return {};
    }
    void sync(uint64_t ticket) override { tickets.push_back(ticket); }
    std::unique_ptr<Replacement> replacement() override { CHECK(false); }
    std::vector<uint64_t> tickets;

  private:
    Disk& disk_;
};

class DiskRecords : public ChangeLogStore {
  public:
    explicit DiskRecords(Disk& disk) : disk_(disk) {}
    Result<> append(const std::string& record) override {
        if (disk_.record_fails) return fail("disk full");
        disk_.records.push_back(*codec::parse_json(record));
        return {};
    }

  private:
    Disk& disk_;
};

class ServerChanges : public testing::Test {
  protected:
    ServerChanges() {
        start();
        transact(insert("Bridge", R"("name":"br0","ports":["named-uuid","p"])") + "," +
                 insert("Port", R"("name":"eth0","interfaces":["named-uuid","i"])", "p") + "," +
                 insert("Interface", R"("name":"eth0")", "i"));
    }

    /// A new process on what the disk has.
    void start() {
        auto db = std::make_unique<Database>(disk_.rows.schema);
        db->commit(everything(disk_.rows));
        auto storage = std::make_unique<DiskStorage>(disk_);
        storage_ = storage.get();
        server_ = std::make_unique<Server>(Prng(++starts_));
        CHECK(server_->add_database(std::move(db), std::move(storage)));
        CHECK(server_->keep_changes("Open_vSwitch",
                                    {.date_ms = [this] { return disk_.date_ms; },
                                     .store = std::make_unique<DiskRecords>(disk_),
                                     .records = condense(disk_.records)},
                                    now_));
        server_->open(1, {.name = "unix#1"});
    }
    void restart_after(Duration down) {
        server_.reset();
        pass_quietly(down);
        now_ = Time{} + 1h;  // another machine's time line
        start();
    }
    void pass_quietly(Duration d) {
        now_ += d;
        disk_.date_ms += to_ms(d);
    }
    void sync() {
        for (const uint64_t ticket : std::exchange(storage_->tickets, {})) {
            disk_.synced = disk_.rows;
            server_->synced(ticket, {});
        }
    }
    /// Time passes, as the shell lets it: ticks at deadlines only.
    void pass(Duration d) {
        const Time end = now_ + d;
        while (server_->deadline() <= end) {
            pass_quietly(std::max(server_->deadline() - now_, Duration{}));
            server_->tick(now_);
            if (disk_.syncs) sync();
        }
        pass_quietly(end - now_);
    }

    /// The result or the error.
    Json call(const std::string& method, const std::string& params) {
        server_->receive(
            1, Message::request(method, *codec::parse_json("[\"Open_vSwitch\"" + params + "]")->array(), 7),
            now_);
        sync();
        Json last;
        for (const Output& o : server_->take_output()) {
            Json json = *codec::parse_json(o.text());
            if (json.find("id") && *json.find("id") == Json(7)) last = std::move(json);
        }
        const Json* result = last.find("result");
        return result && !result->is_null() ? *result : *last.find("error");
    }
    Json transact(const std::string& operations) { return call("transact", "," + operations); }
    Json apply(const std::string& operations, const std::string& options = R"("confirm_within":60000)") {
        return call("weft_apply", ",{" + options + "}," + operations);
    }
    static std::string id_of(const Json& reply) {
        CHECK(reply.array() && reply.array()->front().find("id"));
        return *reply.array()->front().find("id")->string();
    }
    std::string error_of(const Json& reply) { return codec::format_json(reply); }
    Json history() { return call("weft_history", ",{}"); }
    std::string state_of(const std::string& id) {
        const Json all = history();
        for (const Json& one : *all.array())
            if (*one.find("id") == Json(id)) return one.find("state") ? *one.find("state")->string() : "";
        return "unknown";
    }

    static std::string insert(const std::string& table, const std::string& row,
                              const std::string& name = "") {
        return R"({"op":"insert","table":")" + table + R"(","row":{)" + row + "}" +
               (name.empty() ? "" : R"(,"uuid-name":")" + name + "\"") + "}";
    }
    static std::string set(const std::string& table, const std::string& name, const std::string& row) {
        return R"({"op":"update","table":")" + table + R"(","where":[["name","==",")" + name +
               R"("]],"row":{)" + row + "}}";
    }
    static std::string remove_port(const std::string& port_uuid) {
        return R"({"op":"mutate","table":"Bridge","where":[],"mutations":[["ports","delete",["uuid",")" +
               port_uuid + R"("]]]})";
    }
    static std::string add_port(const std::string& name) {
        return insert("Interface", R"("name":")" + name + "\"", "i") + "," +
               insert("Port", R"("name":")" + name + R"(","interfaces":["named-uuid","i"])", "p") + "," +
               R"({"op":"mutate","table":"Bridge","where":[],"mutations":[["ports","insert",["named-uuid","p"]]]})";
    }
    const Row* row(const std::string& table, const std::string& name) const {
        const TableSchema& t = *disk_.rows.schema->find(table);
        for (const Row& r : disk_.rows[t])
            if (r[t.find("name")->index] == Datum(Atom(std::string_view(name)))) return &r;
        return nullptr;
    }
    std::string value(const std::string& table, const std::string& name, const std::string& column) const {
        const Row* r = row(table, name);
        const auto* c = disk_.rows.schema->find(table)->find(column);
        return r ? (*r)[c->index].to_text(c->type) : "no row";
    }
    std::string ports() const {
        const TableSchema& t = *disk_.rows.schema->find("Port");
        std::string out;
        for (const Row& r : disk_.rows[t]) out += r[t.find("name")->index].to_bare() + " ";
        return out;
    }

    Disk disk_;
    Time now_ = Time{} + 1s;
    uint64_t starts_ = 0;
    std::unique_ptr<Server> server_;
    DiskStorage* storage_ = nullptr;
};

TEST_F(ServerChanges, what_is_not_confirmed_is_rolled_back_in_time) {
    const std::string port = row("Port", "eth0")->uuid().to_string();
    const std::string interface = row("Interface", "eth0")->uuid().to_string();
    const std::string id = id_of(apply(remove_port(port)));
    EXPECT_EQ(ports(), "");
    EXPECT_EQ(state_of(id), "pending");
    pass(59s);
    EXPECT_EQ(ports(), "");
    pass(2s);
    EXPECT_EQ(ports(), "eth0 ");
    EXPECT_EQ(row("Port", "eth0")->uuid().to_string(), port);
    EXPECT_EQ(row("Interface", "eth0")->uuid().to_string(), interface);
    EXPECT_EQ(value("Bridge", "br0", "ports"), "[" + port + "]");
    EXPECT_EQ(state_of(id), "rolled back");
    EXPECT_THAT(error_of(call("weft_confirm", ",\"" + id + "\"")), HasSubstr("it was rolled back"));
}

TEST_F(ServerChanges, what_is_confirmed_stays) {
    const std::string id = id_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")")));
    EXPECT_EQ(*call("weft_confirm", ",\"" + id.substr(0, 6) + "\"").find("id"), Json(id));
    pass(2min);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    EXPECT_EQ(state_of(id), "confirmed");
    restart_after(2min);
    pass(2min);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    EXPECT_THAT(error_of(call("weft_confirm", ",\"" + id + "\"")), HasSubstr("it was confirmed"));
}

TEST_F(ServerChanges, the_clock_runs_on_while_the_server_is_down) {
    apply(set("Bridge", "br0", R"("fail_mode":"secure")"));
    pass(20s);
    restart_after(10s);
    pass(29s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    pass(2s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
    apply(set("Bridge", "br0", R"("fail_mode":"secure")"));
    restart_after(5min);
    pass(0s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
}

TEST_F(ServerChanges, a_clock_that_was_set_back_does_not_prolong_the_wait) {
    apply(set("Bridge", "br0", R"("fail_mode":"secure")"));
    disk_.date_ms -= 3'600'000;
    restart_after(0s);
    pass(61s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
}

TEST_F(ServerChanges, a_crash_between_the_record_and_the_change_leaves_nothing_to_roll_back) {
    disk_.rows_fail = true;
    EXPECT_THAT(error_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")"))), HasSubstr("disk full"));
    disk_.rows_fail = false;
    disk_.records.pop_back();  // the one that says so: the process dies before it
    restart_after(1s);
    transact(set("Bridge", "br0", R"("other_config":["map",[["a","1"]]])"));
    pass(2min);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{a=\"1\"}");
    EXPECT_THAT(codec::format_json(disk_.records.back()), HasSubstr("rolled back"));
}

TEST_F(ServerChanges, a_change_that_cannot_be_recorded_is_not_made) {
    disk_.record_fails = true;
    EXPECT_THAT(error_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")"))), HasSubstr("disk full"));
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
}

TEST_F(ServerChanges, a_roll_back_that_power_took_away_comes_again) {
    const std::string id = id_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")")));
    sync();
    disk_.syncs = false;
    pass(61s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
    disk_.rows = disk_.synced;  // the roll-back never reached the disk
    disk_.syncs = true;
    restart_after(1s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    pass(0s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
}

TEST_F(ServerChanges, a_full_disk_delays_a_roll_back) {
    apply(set("Bridge", "br0", R"("fail_mode":"secure")"));
    disk_.rows_fail = true;
    pass(90s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    disk_.rows_fail = false;
    pass(6s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
}

TEST_F(ServerChanges, a_roll_back_touches_what_the_change_touched_and_no_more) {
    apply(set("Bridge", "br0", R"("other_config":["map",[["a","1"]]])") + "," + add_port("eth1"));
    transact(
        R"({"op":"mutate","table":"Bridge","where":[],"mutations":[["other_config","insert",["map",[["b","2"]]]]]})");
    transact(add_port("eth2"));
    transact(
        set("Interface", "eth1", R"("ofport":7,"statistics":["map",[["rx",1]]])"));  // the switch tells of it
    pass(61s);
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{b=\"2\"}");
    EXPECT_EQ(value("Port", "eth1", "name"), "no row");
    EXPECT_EQ(value("Port", "eth2", "name"), "eth2");
    EXPECT_EQ(value("Port", "eth0", "name"), "eth0");
}

TEST_F(ServerChanges, a_later_edit_is_reported_and_stays) {
    const std::string id = id_of(
        apply(set("Bridge", "br0", R"("fail_mode":"secure","other_config":["map",[["a","1"],["b","1"]]])")));
    transact(set("Bridge", "br0", R"("fail_mode":"standalone")"));
    transact(
        R"({"op":"mutate","table":"Bridge","where":[],"mutations":[["other_config","delete",["set",["b"]]],["other_config","insert",["map",[["b","2"]]]]]})");
    pass(61s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "standalone");
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{b=\"2\"}");
    const Json all = history();
    std::string details;
    for (const Json& one : *all.array())
        if (*one.find("id") == Json(id)) details = codec::format_json(*one.find("details"));
    EXPECT_THAT(details, HasSubstr("Bridge br0: fail_mode is standalone by now, not secure"));
    EXPECT_THAT(details, HasSubstr("other_config:b is"));
}

TEST_F(ServerChanges, a_new_row_that_somebody_edited_stays) {
    apply(add_port("eth1"));
    transact(set("Interface", "eth1", R"("mac":"00:00:00:00:00:01")"));
    pass(61s);
    EXPECT_EQ(value("Port", "eth1", "name"), "eth1");
    EXPECT_THAT(codec::format_json(disk_.records.back()), HasSubstr("Interface eth1: mac was changed since"));
}

TEST_F(ServerChanges, a_deleted_row_stays_away_where_another_has_its_name) {
    apply(remove_port(row("Port", "eth0")->uuid().to_string()));
    transact(add_port("eth0"));
    const Uuid other = row("Port", "eth0")->uuid();
    pass(61s);
    EXPECT_EQ(row("Port", "eth0")->uuid(), other);
    EXPECT_THAT(codec::format_json(disk_.records.back()), HasSubstr("another row has its name"));
}

TEST_F(ServerChanges, two_that_overlap_are_not_pending_at_once) {
    const std::string first = id_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")")));
    EXPECT_THAT(error_of(apply(set("Bridge", "br0", R"("fail_mode":"standalone")"))),
                HasSubstr("transaction " + first));
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    const std::string second = id_of(apply(set("Bridge", "br0", R"("other_config":["map",[["a","1"]]])")));
    EXPECT_THAT(error_of(apply(R"({"op":"delete","table":"Bridge","where":[]})")), HasSubstr("overlaps"));
    call("weft_confirm", ",\"" + second + "\"");
    pass(61s);
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{a=\"1\"}");
}

TEST_F(ServerChanges, a_plan_of_an_older_state_is_refused) {
    const Json reply = apply(set("Bridge", "br0", R"("fail_mode":"secure")"),
                             R"("since":"00000000-0000-0000-0000-000000000001")");
    EXPECT_THAT(error_of(reply), HasSubstr("\"changed\""));
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
}

TEST_F(ServerChanges, a_plan_outlives_what_others_change_elsewhere) {
    const Json first =
        call("monitor_cond_since", R"(,"m",{"Bridge":[{}]},"00000000-0000-0000-0000-000000000000")");
    const std::string since = R"("since":)" + codec::format_json((*first.array())[1]);
    transact(set("Interface", "eth0", R"("statistics":["map",[["rx",1]]])") + "," +
             set("Bridge", "br0", R"("other_config":["map",[["a","1"]]])"));
    EXPECT_THAT(error_of(apply(set("Bridge", "br0", R"("other_config":["map",[["a","2"]]])"), since)),
                HasSubstr("changed"));
    id_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")"), since));
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
}

TEST_F(ServerChanges, history_has_configuration_and_reverts_it) {
    transact(set("Bridge", "br0", R"("fail_mode":"secure")") +
             R"(,{"op":"comment","comment":"ovs-vsctl: set"})");
    transact(set("Interface", "eth0", R"("ofport":1,"statistics":["map",[["rx",1]]])"));
    const Json all = history();
    ASSERT_THAT(*all.array(), SizeIs(2));
    const Json& newest = all.array()->back();
    EXPECT_EQ(*newest.find("comment"), Json("ovs-vsctl: set"));
    const std::string id = *newest.find("id")->string();
    EXPECT_THAT(codec::format_json(call("weft_revert", ",\"" + id + R"(",{"dry_run":true})")),
                HasSubstr(R"("made":false)"));
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "secure");
    EXPECT_THAT(codec::format_json(call("weft_revert", ",\"" + id + R"(",{})")), HasSubstr(R"("made":true)"));
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
    EXPECT_THAT(error_of(call("weft_revert", R"(,"0000",{})")), HasSubstr("weft db history"));
    EXPECT_THAT(error_of(call("weft_revert", R"(,"xyz",{})")), HasSubstr("12 hex digits"));
}

TEST_F(ServerChanges, history_is_bounded_by_its_memory) {
    const std::string part(1'000'000, 'x');
    for (int i = 0; i < 20; ++i)
        transact(
            set("Bridge", "br0", R"("other_config":["map",[["k",")" + std::to_string(i) + part + "\"]]]"));
    const size_t kept = history().array()->size();
    EXPECT_GE(kept, RecentTransactions::max_bytes / 2 / 1'100'000)
        << "each keeps the value before and the one after";
    EXPECT_LE(kept, RecentTransactions::max_bytes / 2 / part.size());
    EXPECT_THAT(codec::format_json(history()), HasSubstr(std::to_string(19) + "xxx"));
}

TEST_F(ServerChanges, a_revert_with_conflicts_is_all_or_what_was_asked_for) {
    const std::string id =
        id_of(apply(set("Bridge", "br0", R"("fail_mode":"secure","other_config":["map",[["a","1"]]])"), ""));
    transact(set("Bridge", "br0", R"("fail_mode":"standalone")"));
    const std::string reply = codec::format_json(call("weft_revert", ",\"" + id + R"(",{})"));
    EXPECT_THAT(reply, HasSubstr(R"("made":false)"));
    EXPECT_THAT(reply, HasSubstr("fail_mode is standalone by now"));
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{a=\"1\"}");
    call("weft_revert", ",\"" + id + R"(",{"partial":true,"confirm_within":1000})");
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{}");
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "standalone");
    pass(2s);
    EXPECT_EQ(value("Bridge", "br0", "other_config"), "{a=\"1\"}");
}

TEST_F(ServerChanges, a_revert_ends_the_wait_for_a_confirmation) {
    const std::string id = id_of(apply(set("Bridge", "br0", R"("fail_mode":"secure")")));
    call("weft_revert", ",\"" + id + R"(",{})");
    EXPECT_EQ(value("Bridge", "br0", "fail_mode"), "[]");
    pass(0s);
    EXPECT_EQ(state_of(id), "rolled back");
    id_of(apply(set("Bridge", "br0", R"("fail_mode":"standalone")")));  // nothing overlaps any more
}

TEST_F(ServerChanges, a_reader_may_not_apply_confirm_or_revert) {
    server_->set_read_only(1, true);
    for (const char* method : {"weft_apply", "weft_confirm", "weft_revert"})
        EXPECT_THAT(error_of(call(method, R"(,{})")), HasSubstr("not allowed"));
    EXPECT_THAT(*history().array(), SizeIs(1));
}

}  // namespace
}  // namespace weft::ovsdb
