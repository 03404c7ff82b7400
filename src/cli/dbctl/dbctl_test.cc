// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/dbctl/column_args.h"
#include "cli/dbctl/db_commands.h"
#include "cli/dbctl/show.h"

namespace weft::cli::dbctl {
namespace {

using ovsdb::client::View;
using testing::ElementsAre;

/// A schema that has nothing to do with switches: the grammar does not know them.
constexpr std::string_view schema_text = R"({"name":"Zoo","version":"1.0.0","tables":{
  "Zoo":{"isRoot":true,"maxRows":1,"columns":{"cages":{"type":{"key":{"type":"uuid","refTable":"Cage"},"min":0,"max":"unlimited"}},
         "motto":{"type":"string"}}},
  "Cage":{"columns":{"name":{"type":"string","mutable":false},"size":{"type":{"key":{"type":"integer","minInteger":0,"maxInteger":99}}},
          "tags":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},
          "doors":{"type":{"key":"integer","min":0,"max":3}}},"indexes":[["name"]]}}})";

constexpr RecordName names[] = {{"Zoo", "Zoo"}, {"Cage", "Cage", "name"}};
constexpr ShowTable shown[] = {{"Zoo", "", "cages motto"}, {"Cage", "name", "size tags"}};

/// A database with two cages, and commands run on it.
class DbCtl : public testing::Test {
  protected:
    DbCtl() {
        Workspace db(View(ovsdb::Snapshot(schema_)), 1);
        const auto zoo = db.insert(*schema_->find("Zoo"));
        for (const auto* name : {"lions", "owls"}) {
            const auto cage = db.insert(*schema_->find("Cage"));
            db.set_value(cage, "name", name);
            db.set_value(cage, "tags", std::map<std::string, std::string>{{"noise", name}});
            db.add(zoo, "cages", ovsdb::Datum(ovsdb::Atom(cage.uuid())));
        }
        base_ = db.view();
    }

    /// What the command line prints, or its error.
    std::string run(std::vector<std::string> words) {
        auto calls = parse_commands(database_commands(), {}, words);
        if (!calls) return calls.error().message;
        Needs needs(*schema_, names);
        db_ = std::make_unique<Workspace>(base_, 2);
        Symbols symbols(*db_);
        std::string printed;
        for (const auto& call : *calls) {
            if (call.command->need)
                if (auto ok = call.command->need(call, needs); !ok) return ok.error().message;
            Output out;
            Context context{call,    names, shown,     style_,     false,     *db_,
                            symbols, out,   warnings_, must_wait_, exit_code_};
            if (auto ok = call.command->run(context); !ok) return ok.error().message;
            printed += out.table ? out.table->to_string(style_) : out.text;
        }
        std::vector<std::string> doubts;
        if (auto ok = symbols.check(doubts); !ok) return ok.error().message;
        for (auto& doubt : doubts) warnings_.emplace_back("", std::move(doubt));
        return printed;
    }
    std::string operations() { return codec::format_json(db_->transaction().operations()); }

    ovsdb::SchemaPtr schema_ = *ovsdb::parse_schema_text(schema_text, "zoo");
    View base_;
    TableStyle style_{.format = TableStyle::Format::list};
    std::unique_ptr<Workspace> db_;
    std::vector<std::pair<std::string_view, std::string>> warnings_;
    bool must_wait_ = false;
    std::optional<int> exit_code_;
};

TEST_F(DbCtl, a_command_sees_what_those_before_it_wrote) {
    EXPECT_EQ(run({"set", "cage", "owls", "size=7", "--", "get", "cage", "owls", "size"}), "7\n");
    EXPECT_EQ(run({"--id=@c", "create", "cage", "name=bears", "--", "add", "zoo", ".", "cages", "@c", "--",
                   "get", "cage", "bears", "name"}),
              "bears\n");
    EXPECT_TRUE(warnings_.empty());
}

TEST_F(DbCtl, names_may_be_cut_short_where_they_are_unique) {
    EXPECT_EQ(run({"get", "c", "owls", "SI"}), "0\n");
    EXPECT_EQ(run({"get", "cage", "owls", "colour"}),
              "Cage does not contain a column whose name matches \"colour\"");
    EXPECT_EQ(run({"get", "cgae", "owls"}), "unknown table \"cgae\"\nDid you mean \"Cage\"?");
    EXPECT_EQ(run({"gte", "cage", "owls"}),
              "unknown command 'gte'; use --help for help\nDid you mean \"get\"?");
}

TEST_F(DbCtl, adding_to_a_set_is_sent_as_that_and_setting_it_as_a_whole) {
    run({"add", "cage", "owls", "tags", "a=b"});
    EXPECT_THAT(operations(), testing::HasSubstr(R"(["tags","insert",["map",[["a","b"]]]])"));
    run({"set", "cage", "owls", "tags=a=b"});
    EXPECT_THAT(operations(), testing::HasSubstr(R"("row":{"tags":["map",[["a","b"]]]})"));
    run({"set", "cage", "owls", "tags:noise=none"});
    EXPECT_THAT(
        operations(),
        testing::HasSubstr(R"(["tags","delete","noise"],["tags","insert",["map",[["noise","none"]]]])"));
}

TEST_F(DbCtl, a_changed_row_must_still_be_there_at_the_end) {
    run({"set", "cage", "owls", "size=1"});
    EXPECT_THAT(operations(), testing::HasSubstr(R"("op":"wait")"));
    run({"set", "cage", "owls", "size=0"});
    EXPECT_EQ(operations(), "[]");
}

TEST_F(DbCtl, what_breaks_a_rule_of_the_schema_is_refused_before_it_is_sent) {
    EXPECT_EQ(run({"set", "cage", "owls", "name=x"}), "cannot modify read-only column name in table Cage");
    EXPECT_EQ(run({"set", "cage", "owls", "size=100"}),
              "constraint violation: 100 is not in the valid range 0 to 99 (inclusive)");
    EXPECT_EQ(
        run({"add", "cage", "owls", "doors", "1", "2-4"}),
        "\"add\" operation would put 4 values in column doors of table Cage but the maximum number is 3");
    EXPECT_EQ(
        run({"remove", "cage", "owls", "size", "0"}),
        "\"remove\" operation would put 0 values in column size of table Cage but the minimum number is 1");
}

TEST_F(DbCtl, names_of_new_rows_must_be_defined_and_kept_alive) {
    EXPECT_EQ(run({"add", "zoo", ".", "cages", "@c"}),
              "row id \"@c\" is referenced but never created (e.g. with \"-- --id=@c create ...\")");
    EXPECT_EQ(run({"--", "--id=@c", "create", "cage", "name=x"}), "");
    ASSERT_EQ(warnings_.size(), 1u);
    EXPECT_THAT(warnings_[0].second, testing::StartsWith("row id \"@c\" was created but no reference"));
}

TEST_F(DbCtl, wait_until_asks_to_be_run_again) {
    run({"wait-until", "cage", "owls", "size>3"});
    EXPECT_TRUE(must_wait_);
    must_wait_ = false;
    run({"set", "cage", "owls", "size=4", "--", "wait-until", "cage", "owls", "size>3"});
    EXPECT_FALSE(must_wait_);
}

TEST_F(DbCtl, show_omits_what_has_its_default) {
    EXPECT_EQ(run({"set", "cage", "owls", "size=5"}), "");
    const auto text = show_text(db_->view(), shown);
    EXPECT_THAT(text, testing::HasSubstr("    Cage owls\n        size: 5\n        tags: {noise=owls}\n"));
    EXPECT_THAT(text, testing::HasSubstr("    Cage lions\n        tags: {noise=lions}\n"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("motto")));
    const auto json = show_json(db_->view(), shown);
    EXPECT_EQ(*json.array()->front().find("motto"), codec::Json(""));
    EXPECT_EQ(json.array()->front().find("cages")->array()->size(), 2u);
}

TEST_F(DbCtl, only_needed_columns_are_fetched) {
    Needs needs(*schema_, names);
    const auto calls =
        parse_commands(database_commands(), {}, std::vector<std::string>{"get", "cage", "owls", "size"});
    ASSERT_TRUE(calls);
    ASSERT_TRUE(calls->front().command->need(calls->front(), needs));
    const auto interest = needs.interest();
    ASSERT_EQ(interest.size(), 1u);
    EXPECT_THAT(interest[0].columns, ElementsAre("name", "size"));
}

TEST(Commands, usage_and_arity_come_from_the_same_words) {
    EXPECT_EQ(readable_arguments("!TABLE *RECORD"), "TABLE [RECORD]...");
    EXPECT_EQ(readable_arguments("!TABLE +COLUMN?:KEY=VALUE"), "TABLE COLUMN[:KEY]=VALUE...");
    EXPECT_EQ(arity("!A ?B").max, 2u);
    EXPECT_EQ(arity("!A +B *C").min, 2u);
    EXPECT_GT(arity("!A +B *C").max, 1000u);
}

}  // namespace
}  // namespace weft::cli::dbctl
