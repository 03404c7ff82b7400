// SPDX-License-Identifier: Apache-2.0
// Who may write what by the rules of RBAC_Role. The expected answers were given by Debian's ovsdb-server, but
// for what only ours has.
#include <gmock/gmock.h>

#include "codec/json_text.h"
#include "ovsdb/server.h"

namespace weft::ovsdb {
namespace {

using codec::Json;
using jsonrpc::Message;
using ::testing::HasSubstr;

const char* const schema_text = R"({"name":"F","version":"1.0.0","tables":{
  "RBAC_Role":{"isRoot":true,"columns":{"name":{"type":"string"},"permissions":{"type":{"key":"string",
    "value":{"type":"uuid","refTable":"Rule","refType":"weak"},"min":0,"max":"unlimited"}}}},
  "Rule":{"isRoot":true,"columns":{
    "authorization":{"type":{"key":"string","min":0,"max":"unlimited"}},"insert_delete":{"type":"boolean"},
    "update":{"type":{"key":"string","min":0,"max":"unlimited"}}}},
  "Ship":{"isRoot":true,"columns":{"owner":{"type":"string"},"load":{"type":"integer"},
    "crew":{"type":{"key":"string","min":0,"max":"unlimited"}},"mate":{"type":{"key":"string","min":0,"max":1}},
    "labels":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},
    "few":{"type":{"key":"string","value":"string","min":0,"max":2}},
    "counts":{"type":{"key":"string","value":"integer","min":0,"max":"unlimited"}},
    "port":{"type":{"key":{"type":"uuid","refTable":"Port","refType":"weak"},"min":0,"max":1}},
    "boats":{"type":{"key":{"type":"uuid","refTable":"Boat"},"min":0,"max":"unlimited"}}}},
  "Port":{"isRoot":true,"columns":{"name":{"type":"string"}}},"Boat":{"columns":{"name":{"type":"string"}}}}})";

const Identity ann{"captain", "ann"}, bob{"captain", "bob"}, nobody{"captain", {}}, root{};

std::string op(const std::string& name, const std::string& table, const std::string& more) {
    return R"({"op":")" + name + R"(","table":")" + table + R"(",)" + more + "}";
}
std::string insert(const std::string& table, const std::string& row) {
    return op("insert", table, R"("row":{)" + row + "}");
}
std::string update(const std::string& row, const std::string& where = "") {
    return op("update", "Ship", R"("where":[)" + where + R"(],"row":{)" + row + "}");
}
std::string mutate(const std::string& mutations) {
    return op("mutate", "Ship", R"("where":[],"mutations":[)" + mutations + "]");
}
std::string erase(const std::string& table) { return op("delete", table, R"("where":[])"); }

/// "a", "b" as a set of strings.
std::string set_of(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) out += (out.empty() ? "\"" : ",\"") + word + "\"";
    return R"(["set",[)" + out + "]]";
}

struct Rule {
    std::vector<std::string> authorization = {"owner"};
    std::vector<std::string> update = {"load"};
    bool insert_delete = true;
};

class AccessTest : public testing::Test {
  protected:
    AccessTest() { ship(R"("owner":"ann","load":1)"); }

    /// "ok", what is prohibited, or another error; the changes stay if `keeps`.
    std::string run(const Identity& who, const std::string& operations, bool keeps = false) {
        const Json params = *codec::parse_json("[" + operations + "]");
        const auto result = transact(db_, *params.array(), 0, {.prng = prng_, .identity = who});
        if (keeps) db_.commit(result.changes);
        for (const Json& one : *codec::parse_json(result.results)->array())
            if (const Json* error = one.find("error")) {
                const std::string details = *one.find("details")->string();
                const size_t at = details.find(" prohibit ");
                return *error->string() == "permission error" && at != details.npos
                           ? "no " + details.substr(at + 10)
                           : *error->string();
            }
        return "ok";
    }
    bool may(const Identity& who, const std::string& operations) { return run(who, operations) == "ok"; }
    /// The only ship there is.
    void ship(const std::string& row) {
        CHECK(run(root, erase("Ship") + "," + insert("Ship", row), true) == "ok");
    }
    /// The only rule of the only role.
    void rule(const Rule& rule, const std::string& table = "Ship") {
        const std::string row = R"("authorization":)" + set_of(rule.authorization) + R"(,"update":)" +
                                set_of(rule.update) + R"(,"insert_delete":)" +
                                (rule.insert_delete ? "true" : "false");
        const std::string role =
            R"("name":"captain","permissions":["map",[[")" + table + R"(",["named-uuid","r"]]]])";
        CHECK(run(root,
                  erase("RBAC_Role") + "," + erase("Rule") + "," +
                      op("insert", "Rule", R"("uuid-name":"r","row":{)" + row + "}") + "," +
                      insert("RBAC_Role", role),
                  true) == "ok");
    }
    bool is_authorized(const std::string& where) {
        rule({.authorization = {where}});
        const bool by_update = may(ann, update(R"("load":2)"));
        EXPECT_EQ(by_update, may(ann, erase("Ship"))) << where;
        return by_update;
    }

    Prng prng_{1};
    Database db_{*parse_schema_text(schema_text, "test")};
};

TEST_F(AccessTest, a_role_that_no_rule_speaks_of_may_only_read) {
    EXPECT_EQ(run(ann, insert("Ship", "")), R"(no row insertion into table "Ship".)");
    EXPECT_EQ(run(ann, update(R"("load":2)")), R"(no modification of table "Ship".)");
    EXPECT_EQ(run(ann, mutate(R"(["load","+=",1])")), R"(no mutate operation on table "Ship".)");
    EXPECT_EQ(run(ann, erase("Ship")), R"(no row deletion from table "Ship".)");
    EXPECT_EQ(run(ann, update(R"("load":2)", R"(["owner","==","zed"])")),
              R"(no modification of table "Ship".)");
    EXPECT_EQ(run(ann, op("select", "Ship", R"("where":[])")), "ok");
    rule({}, "Port");
    EXPECT_FALSE(may(ann, erase("Ship")));
    EXPECT_FALSE(may({"pirate", "ann"}, insert("Port", "")));
}

TEST_F(AccessTest, the_message_names_client_and_role) {
    const auto details = [](const Identity& who) { return prohibited(who, "that.").details; };
    EXPECT_EQ(details(ann), R"(RBAC rules for client "ann" role "captain" prohibit that.)");
    EXPECT_EQ(details(nobody), R"-(RBAC rules for client "(null)" role "captain" prohibit that.)-");
}

TEST_F(AccessTest, no_role_means_no_restriction) {
    EXPECT_TRUE(may(root, erase("Ship")));
    EXPECT_TRUE(may({"", "ann"}, insert("Port", "")));
    EXPECT_FALSE(is_restricted(**parse_schema_text(R"({"name":"N","tables":{}})", "test"), ann));
}

TEST_F(AccessTest, a_client_owns_the_rows_that_name_it) {
    rule({});
    EXPECT_TRUE(may(ann, insert("Ship", R"("owner":"ann")")));
    EXPECT_FALSE(may(ann, insert("Ship", R"("owner":"bob")")));
    EXPECT_TRUE(may(ann, erase("Ship")));
    EXPECT_FALSE(may(bob, erase("Ship")));
    EXPECT_TRUE(may(ann, update(R"("load":2)")));
    EXPECT_FALSE(may(bob, update(R"("load":2)")));
    EXPECT_FALSE(may(bob, update("")));
    EXPECT_TRUE(may(bob, update(R"("load":2)", R"(["owner","==","bob"])"))) << "which matches no row";
    EXPECT_FALSE(may(nobody, update(R"("load":2)", R"(["owner","==","bob"])")));
    EXPECT_FALSE(may(ann, update(R"("load":2,"owner":"ann")"))) << "a column that may not be updated";
    EXPECT_FALSE(may(ann, mutate(R"(["load","+=",1],["crew","insert","x"])")));
    ASSERT_TRUE(may(root, insert("Ship", R"("owner":"bob")")));
    run(root, insert("Ship", R"("owner":"bob")"), true);
    EXPECT_FALSE(may(ann, update(R"("load":2)"))) << "one of the rows is another's";
    EXPECT_EQ(run(ann, mutate(R"(["load","/=",0])")), R"(no mutate operation on table "Ship".)");
}

TEST_F(AccessTest, insertion_and_deletion_have_a_switch_of_their_own) {
    rule({.insert_delete = false});
    EXPECT_FALSE(may(ann, insert("Ship", R"("owner":"ann")")));
    EXPECT_FALSE(may(ann, erase("Ship")));
    EXPECT_TRUE(may(ann, update(R"("load":2)")));
}

TEST_F(AccessTest, an_empty_authorization_means_anyone_with_a_name) {
    rule({.authorization = {""}});
    for (const Identity& who : {ann, bob, Identity{"captain", ""}}) {
        EXPECT_TRUE(may(who, insert("Ship", "")));
        EXPECT_TRUE(may(who, mutate(R"(["load","+=",1])")));
    }
    EXPECT_FALSE(may(nobody, insert("Ship", "")));
    rule({.authorization = {}});
    EXPECT_FALSE(may(ann, erase("Ship")));
}

TEST_F(AccessTest, authorization_reads_strings_and_keys_of_maps) {
    ship(
        R"("owner":"zed","mate":"ann","crew":"ann","load":5,"labels":["map",[["by","ann"],["x","zed"],["a:b","ann"]]],
        "few":["map",[["by","ann"]]],"counts":["map",[["ann",1]]])");
    for (const char* where :
         {"mate", "labels:by", "labels:by:more", "labels::by", ":labels:by", "labels:by:"})
        EXPECT_TRUE(is_authorized(where)) << where;
    for (const char* where :
         {"owner",       "crew",       "crew:ann", "load",   "labels",     "labels:", "labels:x",
          "labels:none", "labels:a:b", "few:by",   "counts", "counts:ann", "mate:",   ":mate",
          "mate:ann",    ":",          "none",     "none:x", "_uuid",      " mate"})
        EXPECT_FALSE(is_authorized(where)) << where;
    rule({.authorization = {"none", "crew", "mate"}});
    EXPECT_TRUE(may(ann, erase("Ship"))) << "one of them is enough";
}

TEST_F(AccessTest, update_means_whole_columns) {
    const std::string with_key = mutate(R"(["labels","insert",["map",[["by","x"]]]])");
    rule({.update = {"labels"}});
    EXPECT_TRUE(may(ann, with_key));
    EXPECT_FALSE(may(ann, update(R"("load":2)")));
    rule({.update = {"labels:by"}});
    EXPECT_FALSE(may(ann, with_key)) << "the manual has pairs here, which Open vSwitch permits nothing by";
    rule({.update = {""}});
    EXPECT_FALSE(may(ann, with_key));
}

TEST_F(AccessTest, rows_and_rules_are_those_that_the_transaction_has_made) {
    rule({.update = {"owner", "load"}});
    const std::string give = update(R"("owner":"bob")");
    EXPECT_FALSE(may(ann, give + "," + update(R"("load":2)")));
    EXPECT_TRUE(may(ann, give));
    rule({.authorization = {""}}, "RBAC_Role");
    EXPECT_EQ(run(ann, erase("RBAC_Role") + "," + insert("RBAC_Role", "")),
              R"(no row insertion into table "RBAC_Role".)");
}

TEST_F(AccessTest, what_follows_by_references_needs_no_permission) {
    run(root,
        op("insert", "Port", R"("uuid-name":"p","row":{})") + "," +
            op("insert", "Boat", R"("uuid-name":"b","row":{})") + "," +
            update(R"("port":["named-uuid","p"],"boats":["named-uuid","b"])"),
        true);
    rule({.authorization = {""}}, "Port");
    EXPECT_EQ(run(ann, erase("Port"), true), "ok") << "the ship's weak reference goes";
    rule({.update = {"boats"}});
    EXPECT_EQ(run(ann, update(R"("boats":["set",[]])"), true), "ok") << "the boat goes";
    EXPECT_EQ(db_.snapshot()[*db_.schema().find("Boat")].size(), 0u);
}

TEST_F(AccessTest, mistakes_of_the_operation_are_told_first) {
    EXPECT_EQ(run(ann, insert("Ship", R"("none":1)")), "unknown column");
    EXPECT_EQ(run(ann, insert("Ship", R"("load":"x")")), "syntax error");
    EXPECT_EQ(run(ann, op("delete", "Ship", R"("where":[["none","==",1]])")), "unknown column");
    EXPECT_EQ(run(ann, mutate(R"(["owner","+=",1])")), "syntax error");
}

/// The source of a relay: remembers what it is asked to carry out.
class FakeSource : public RelaySource {
  public:
    bool is_connected() const override { return true; }
    void forward(codec::JsonArray params, std::move_only_function<void(const Message&)>) override {
        asked.push_back(codec::format_json(Json(std::move(params))));
    }
    std::vector<std::string> asked;
};

class AccessServerTest : public AccessTest {
  protected:
    AccessServerTest() {
        rule({});
        auto db = std::make_unique<Database>(db_.snapshot().schema);
        db->commit(Changes::between(db->snapshot(), db_.snapshot()));
        CHECK(server_.add_database(std::move(db), nullptr));
        CHECK(server_.keep_changes("F", {.date_ms = [] { return 1; }}, now_));
        open(1, ann);
    }
    void open(SessionId session, const Identity& who) {
        to_->open(session, {.name = "ssl", .identity = who});
        to_->receive(session, Message::request("set_db_change_aware", {true}, 0), now_);
        to_->take_output();
    }
    std::string send(SessionId session, const std::string& method, const std::string& params) {
        to_->receive(session, Message::request(method, *codec::parse_json("[" + params + "]")->array(), 7),
                     now_);
        std::string out;
        for (const Output& one : to_->take_output()) out += one.text();
        return out;
    }

    Time now_{};
    Server server_{Prng(2)};
    Server* to_ = &server_;
};

constexpr const char* load_2 = R"("F",{"op":"update","table":"Ship","where":[],"row":{"load":2}})";

TEST_F(AccessServerTest, a_role_may_change_while_its_clients_are_connected) {
    EXPECT_THAT(send(1, "transact", load_2), HasSubstr("count"));
    server_.set_role(1, "pirate");
    EXPECT_THAT(send(1, "transact", load_2), HasSubstr(R"(role \"pirate\" prohibit modification)"));
    server_.set_role(1, "");
    EXPECT_THAT(send(1, "transact", R"("F",{"op":"insert","table":"Port","row":{}})"), HasSubstr("uuid"));
}

TEST_F(AccessServerTest, a_transaction_that_waits_is_judged_when_it_goes_on) {
    const std::string wait =
        R"({"op":"wait","table":"Port","where":[],"columns":["name"],"until":"!=","rows":[]})";
    EXPECT_EQ(send(1, "transact", R"("F",)" + wait + "," + update(R"("load":2)")), "");
    server_.set_role(1, "pirate");
    server_.execute("F", *codec::parse_json("[" + insert("Port", "") + "]")->array(), now_);
    EXPECT_THAT(server_.take_output().at(0).text(), HasSubstr(R"(role \"pirate\" prohibit)"));
}

TEST_F(AccessServerTest, what_no_rule_speaks_of_is_refused_to_roles) {
    EXPECT_THAT(send(1, "convert", R"("F",{})"),
                HasSubstr(R"(role \"captain\" prohibit \"convert\" of database F (only the root role may)"));
    for (const char* method : {"weft_apply", "weft_confirm", "weft_revert"})
        EXPECT_THAT(send(1, method, R"("F",{},{"op":"comment","comment":"x"})"),
                    HasSubstr(R"(client \"ann\" role \"captain\" prohibit \")" + std::string(method)));
    EXPECT_THAT(send(1, "weft_history", R"("F")"), HasSubstr("result"));
    EXPECT_THAT(send(1, "lock", R"("l")"), HasSubstr("true"));
}

TEST_F(AccessServerTest, a_relay_judges_whom_its_source_does_not_know) {
    Server relay{Prng(3)};
    FakeSource source;
    CHECK(relay.add_relay("F", source));
    CHECK(relay.follow("F", db_.snapshot(), {}, now_));
    to_ = &relay;
    open(1, ann);
    open(2, bob);
    open(3, root);
    EXPECT_EQ(send(1, "transact", load_2), "");
    EXPECT_EQ(source.asked.size(), 1u);
    EXPECT_THAT(send(2, "transact", load_2), HasSubstr("permission error"));
    EXPECT_THAT(send(2, "transact", R"("F",)" + update(R"("load":2)", R"(["owner","==","bob"])")),
                HasSubstr(R"({"count":0})"));
    EXPECT_EQ(source.asked.size(), 1u);
    EXPECT_EQ(send(3, "transact", load_2), "");
    EXPECT_EQ(source.asked.size(), 2u);
}

}  // namespace
}  // namespace weft::ovsdb
