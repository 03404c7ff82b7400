// SPDX-License-Identifier: Apache-2.0
// Plans: what scripts say, what they would change, what is wrong with them.
#include <gmock/gmock.h>

#include "cli/db/arguments.h"
#include "cli/db/change_text.h"
#include "cli/db/doubtful_keys.h"
#include "cli/db/planner.h"
#include "cli/db/script.h"
#include "cli/vsctl/schema.h"
#include "codec/json_text.h"

namespace weft::cli::db {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) {
    auto out = parse_commands_text(text);
    return out ? *out : std::vector<std::string>{"error: " + out.error().message};
}

TEST(Script, lines_are_commands_as_a_shell_has_them) {
    EXPECT_THAT(
        words("add-br br0 # the first\n\n  # nothing\nadd-port br0 eth0 -- set port eth0 tag=5\n"),
        ElementsAre("add-br", "br0", "--", "add-port", "br0", "eth0", "--", "set", "port", "eth0", "tag=5"));
    EXPECT_THAT(
        words("set br br0 other_config:x='a \"b\"' \\\n external_ids:y=\"c\\\"d\\\\\" z\\ z ''"),
        ElementsAre("set", "br", "br0", "other_config:x=a \"b\"", "external_ids:y=c\"d\\", "z z", ""));
    EXPECT_THAT(
        words("sudo ovs-vsctl --no-wait -t 5 --may-exist add-br br0\n/usr/bin/ovs-vsctl -- del-br br1"),
        ElementsAre("--may-exist", "add-br", "br0", "--", "del-br", "br1"));
    EXPECT_THAT(words("add-br 'br0\nx"), ElementsAre(HasSubstr("line 1: the quotation that begins with '")));
    EXPECT_THAT(words("a\nb \\"), ElementsAre(HasSubstr("line 2")));
    EXPECT_THAT(words("# only this"), ElementsAre(HasSubstr("no command")));
}

TEST(Script, json_is_a_transaction_or_a_saved_plan) {
    auto script = parse_script(R"( ["OVN_Northbound", {"op":"select"}])");
    ASSERT_TRUE(script);
    EXPECT_EQ(script->database, "OVN_Northbound");
    EXPECT_EQ(script->operations.size(), 1u);
    script = parse_script(R"([{"op":"select"}])");
    ASSERT_TRUE(script && script->database.empty());
    script->database = "D";
    script->planned = "~ R\n";
    const auto again = parse_script(codec::format_json(script->to_json()));
    ASSERT_TRUE(again && again->is_saved_plan);
    EXPECT_EQ(again->operations, script->operations);
    EXPECT_EQ(again->planned, "~ R\n");
    for (const char* bad :
         {"[", "[1]", R"(["D"])", "{}", R"({"weft_plan":1,"database":"D"})", R"({"weft_plan":2})"})
        EXPECT_FALSE(parse_script(bad)) << bad;
}

TEST(Arguments, end_where_another_grammar_begins) {
    const std::vector<std::string> given = {"--confirm-within", "60s",    "--force",
                                            "--may-exist",      "add-br", "br0"};
    const auto args = Arguments::parse("db apply", given, "--confirm-within= --force", true);
    ASSERT_TRUE(args);
    EXPECT_EQ(*args->value("--confirm-within"), "60s");
    EXPECT_TRUE(args->has("--force"));
    EXPECT_THAT(args->operands(), ElementsAre("--may-exist", "add-br", "br0"));
    const auto bad = Arguments::parse("db revert", std::vector<std::string>{"--patial"}, "--partial");
    EXPECT_THAT(bad.error().message, HasSubstr("Did you mean \"--partial\"?"));
    EXPECT_EQ(*parse_interval("t", "5m"), 300'000);
    EXPECT_EQ(*parse_interval("t", "60"), 60'000);
    EXPECT_EQ(*parse_interval("t", "250ms"), 250);
    for (const char* bad_time : {"", "0s", "1x", "-1s", "169h", "99999999999s", "1.5h"})
        EXPECT_FALSE(parse_interval("t", bad_time)) << bad_time;
}

class Planning : public testing::Test {
  protected:
    Planning() { run("add-br br0 -- add-port br0 eth0 -- set bridge br0 other_config:stp-priority=100"); }

    Result<Plan> plan(std::string_view text) {
        auto script = parse_script(text);
        if (!script) return std::unexpected(script.error());
        return make_plan(*script, now_, Paths::from_environment(), ++seed_);
    }
    void run(std::string_view text) {
        auto made = plan(text);
        CHECK(made);
        now_ = made->after;
    }
    std::string text(std::string_view script) {
        auto made = plan(script);
        return made ? made->text : "error: " + made.error().message;
    }
    std::vector<std::string> doubts(std::string_view script) {
        auto made = plan(script);
        return made ? made->doubts : std::vector<std::string>{"error: " + made.error().message};
    }
    static std::string op(const std::string& rest) { return "[{" + rest + "}]"; }

    uint64_t seed_ = 0;
    ovsdb::Snapshot now_{*ovsdb::parse_schema_text(vsctl::schema_text(), "vswitch")};
};

TEST_F(Planning, shows_what_commands_would_change) {
    EXPECT_EQ(text("add-port br0 eth1 tag=5 -- set interface eth1 type=internal\nset bridge br0 "
                   "other_config:stp-priority=200 fail_mode=secure"),
              "~ Bridge br0\n    fail_mode: none -> secure\n    other_config:stp-priority: \"100\" -> "
              "\"200\"\n    ports: +eth1\n"
              "+ Interface eth1\n    type: internal\n"
              "+ Port eth1\n    interfaces: eth1\n    tag: 5\n");
}

TEST_F(Planning, shows_what_goes_with_what_is_removed) {
    EXPECT_EQ(text("del-port eth0"), "~ Bridge br0\n    ports: -eth0\n- Interface eth0\n- Port eth0\n");
    EXPECT_EQ(text("set bridge br0 other_config:stp-priority=100"), "");
}

TEST_F(Planning, is_the_same_text_whatever_uuids_new_rows_get) {
    const char* script =
        "add-port br0 p1 -- set port p1 qos=@q -- --id=@q create QoS type=linux-htb queues=1=@u -- --id=@u "
        "create Queue dscp=7";
    EXPECT_EQ(text(script), text(script));
    EXPECT_THAT(text(script), HasSubstr("qos: (new)"));
}

TEST_F(Planning, checks_types_and_references) {
    EXPECT_THAT(text("set port eth0 tag=5000"), HasSubstr("5000"));
    EXPECT_THAT(text("add-port br1 eth9"), HasSubstr("no bridge named br1"));
    EXPECT_THAT(text("set interfce eth0 type=internal"), HasSubstr("Did you mean \"Interface\"?"));
    EXPECT_THAT(text(op(R"("op":"update","table":"Brdge","where":[],"row":{})")),
                HasSubstr("Did you mean \"Bridge\"?"));
    EXPECT_THAT(
        text(op(R"("op":"update","table":"Bridge","where":[],"row":{"fail_mod":"secure"})")),
        testing::AllOf(HasSubstr("operation 1 (update Bridge)"), HasSubstr("Did you mean \"fail_mode\"?")));
    EXPECT_THAT(text(op(R"("op":"update","table":"Bridge","where":[],"row":{"fail_mode":"sure"})")),
                HasSubstr("constraint violation"));
    EXPECT_THAT(
        text(op(
            R"("op":"update","table":"Bridge","where":[],"row":{"ports":["uuid","00000000-0000-0000-0000-000000000009"]})")),
        HasSubstr("referential integrity violation"));
    EXPECT_THAT(text("wait-until bridge br9"), HasSubstr("cannot be part of a plan"));
}

TEST_F(Planning, doubts_keys_that_nobody_knows) {
    EXPECT_THAT(
        doubts("set interface eth0 type=vxlan options:remot_ip=10.0.0.1"),
        ElementsAre("Interface eth0: options:remot_ip is no key that is known\nDid you mean \"remote_ip\"?"));
    EXPECT_THAT(doubts("set bridge br0 other_config:stp_priority=1"),
                ElementsAre(HasSubstr("Did you mean \"stp-priority\"?")));
    EXPECT_THAT(doubts("set bridge br0 other_config:stp-priority=70000"),
                ElementsAre("Bridge br0: other_config:stp-priority=70000: expected an integer of at least 0 "
                            "and at most 65535"));
    EXPECT_THAT(doubts("set bridge br0 other_config:forward-bpdu=yes"),
                ElementsAre(HasSubstr("expected true or false")));
    EXPECT_THAT(doubts("set port eth0 other_config:lacp-time=quick"),
                ElementsAre(HasSubstr("one of fast slow")));
    EXPECT_THAT(doubts("set interface eth0 external_ids:iface_id=x"),
                ElementsAre(HasSubstr("Did you mean \"iface-id\"?")));
    EXPECT_THAT(doubts("set interface eth0 external_ids:our-own=x options:remote_ip=flow"), IsEmpty());
    EXPECT_THAT(doubts("set bridge br0 fail_mode=secure"),
                IsEmpty());  // what was there before is nobody's slip now
}

TEST(KnownKeys, each_line_makes_sense) {
    EXPECT_GT(ovsdb::vswitch_keys().size(), 150u);
    const auto schema = *ovsdb::parse_schema_text(vsctl::schema_text(), "vswitch");
    for (const auto& key : ovsdb::vswitch_keys()) {
        const auto* table = schema->find(key.table);
        ASSERT_TRUE(table && table->find(key.column)) << key.table << " " << key.column;
        EXPECT_TRUE(table->find(key.column)->type.is_map()) << key.column;
        EXPECT_LE(key.min, key.max) << key.key;
    }
    for (const char* bad :
         {"Bridge other_config x", "Bridge other_config x integer a", "B c x float", "B c x one-of"})
        EXPECT_THAT(ovsdb::parse_known_keys(bad).error().message, HasSubstr("line 1")) << bad;
}

}  // namespace
}  // namespace weft::cli::db
