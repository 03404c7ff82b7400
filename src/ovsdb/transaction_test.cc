// SPDX-License-Identifier: Apache-2.0
// What transact replies and does. The expected texts were given by Debian's ovsdb-server.
#include <gmock/gmock.h>

#include "codec/json_text.h"
#include "ovsdb/transaction.h"

namespace weft::ovsdb {
namespace {

using codec::Json;

const char* const schema_text = R"({"name":"T","tables":{
  "R":{"isRoot":true,"columns":{"s":{"type":"string"},"i":{"type":"integer"},"imm":{"type":"integer","mutable":false},
    "oi":{"type":{"key":"integer","min":0}},"si":{"type":{"key":"integer","min":0,"max":"unlimited"}},
    "rng":{"type":{"key":{"type":"integer","maxInteger":10}}},
    "m":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},
    "st":{"type":{"key":{"type":"uuid","refTable":"C"},"min":0,"max":"unlimited"}},
    "wk":{"type":{"key":{"type":"uuid","refTable":"C","refType":"weak"},"min":0,"max":"unlimited"}}}},
  "C":{"columns":{"n":{"type":"string"},"x":{"type":"integer"},
    "sub":{"type":{"key":{"type":"uuid","refTable":"C"},"min":0,"max":"unlimited"}}},"indexes":[["n"]]},
  "M":{"isRoot":true,"maxRows":2,"columns":{"a":{"type":"integer"}}},
  "W":{"isRoot":true,"columns":{"w":{"type":{"key":{"type":"uuid","refTable":"C","refType":"weak"}}}}}}})";

class TransactionTest : public testing::Test {
  protected:
    /// Operations given as JSON without the outer brackets; returns the results likewise.
    std::string run(const std::string& operations, Duration elapsed = {}) {
        const Json params = *codec::parse_json("[" + operations + "]");
        last_ = transact(
            db_, *params.array(), 0,
            {.prng = prng_, .read_only = read_only_, .elapsed = elapsed, .owns_lock = [](auto& lock) {
                 return lock == "mine";
             }});
        if (last_.status == TransactResult::Status::blocked) return "blocked";
        db_.commit(last_.changes);
        CHECK(codec::parse_json(last_.results));
        return last_.results.substr(1, last_.results.size() - 2);
    }
    static std::string uuid(int n) {
        return Uuid{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, static_cast<uint8_t>(n)}}.to_string();
    }
    static std::string ref(int n) { return "[\"uuid\",\"" + uuid(n) + "\"]"; }
    static std::string insert(const std::string& table, int n, const std::string& row) {
        return R"({"op":"insert","table":")" + table + R"(","uuid":")" + uuid(n) + R"(","row":{)" + row +
               "}}";
    }
    static std::string is(int n) { return "[\"_uuid\",\"==\"," + ref(n) + "]"; }
    static std::string op(const std::string& name, const std::string& table, const std::string& where,
                          const std::string& more = "") {
        return R"({"op":")" + name + R"(","table":")" + table + R"(","where":[)" + where + "]" + more + "}";
    }
    std::string mutate(const std::string& mutation) {
        return run(op("mutate", "R", "", R"(,"mutations":[)" + mutation + "]"));
    }
    /// Values of one column of all rows, e.g. `1 2`.
    std::string column(const std::string& table, const std::string& name) {
        const TableSchema* t = db_.schema().find(table);
        std::string out;
        for (const Row& row : db_.snapshot()[*t]) {
            if (!out.empty()) out += ' ';
            out += row.get(t->find(name)->index).to_text(t->find(name)->type);
        }
        return out;
    }

    Database db_{*parse_schema_text(schema_text, "test")};
    Prng prng_{1};
    bool read_only_ = false;
    TransactResult last_;
};

TEST_F(TransactionTest, insert_gives_the_uuid_and_select_the_row) {
    EXPECT_EQ(run(insert("M", 1, R"("a":5)")), R"({"uuid":)" + ref(1) + "}");
    EXPECT_EQ(run(op("select", "M", R"(["a","==",5])", R"(,"columns":["a","_uuid"])")),
              R"({"rows":[{"_uuid":)" + ref(1) + R"(,"a":5}]})");
    EXPECT_EQ(run(op("select", "M", R"(["a","<",5])")), R"({"rows":[]})");
}

TEST_F(TransactionTest, select_without_uuids_merges_equal_rows) {
    run(insert("M", 1, R"("a":5)") + "," + insert("M", 2, R"("a":5)"));
    EXPECT_EQ(run(op("select", "M", "", R"(,"columns":["a"])")), R"({"rows":[{"a":5}]})");
}

TEST_F(TransactionTest, operations_see_what_came_before_them_and_a_failure_undoes_all) {
    EXPECT_EQ(
        run(insert("R", 1, R"("i":1)") + "," + op("mutate", "R", "", R"(,"mutations":[["i","+=",4]])") + "," +
            op("select", "R", is(1), R"(,"columns":["i"])") + R"(,{"op":"abort"},{"op":"abort"})"),
        R"({"uuid":)" + ref(1) +
            R"(},{"count":1},{"rows":[{"i":5}]},{"details":"aborted by request","error":"aborted"},null)");
    EXPECT_EQ(column("R", "i"), "");
}

TEST_F(TransactionTest, named_uuids_may_be_used_before_they_are_given) {
    run(R"({"op":"insert","table":"R","row":{"st":["named-uuid","c"]}},{"op":"insert","table":"C","row":{"n":"x"},"uuid-name":"c"})");
    EXPECT_EQ(column("C", "n"), "x");
    EXPECT_THAT(
        run(R"({"op":"insert","table":"M","row":{},"uuid-name":"a"},{"op":"insert","table":"M","row":{},"uuid-name":"a"})"),
        testing::EndsWith(
            R"({"details":"This \"uuid-name\" appeared on an earlier \"insert\" operation.","error":"duplicate uuid-name","syntax":"\"a\""})"));
}

TEST_F(TransactionTest, a_chosen_uuid_must_be_new) {
    run(insert("M", 1, ""));
    const std::string error =
        R"({"details":"This UUID would duplicate a UUID already present within the table or deleted within the same transaction.","error":"duplicate uuid","syntax":"\")" +
        uuid(1) + R"(\""})";
    EXPECT_EQ(run(insert("M", 1, "")), error);
    EXPECT_EQ(run(op("delete", "M", "") + "," + insert("M", 1, "")), R"({"count":1},)" + error);
    EXPECT_EQ(run(insert("M", 2, "") + "," + op("delete", "M", is(2)) + "," + insert("M", 2, "")),
              R"({"uuid":)" + ref(2) + R"(},{"count":1},{"uuid":)" + ref(2) + "}");
}

TEST_F(TransactionTest, malformed_operations_name_the_operation) {
    EXPECT_EQ(
        run("5"),
        R"({"details":"Parsing ovsdb operation 1 of 1 failed: Object expected.","error":"syntax error"})");
    EXPECT_EQ(
        run(R"({"op":"comment","comment":"x"},{"op":"foo"},5)"),
        R"({},{"details":"Parsing ovsdb operation 2 of 3 failed: No operation \"foo\"","error":"syntax error","syntax":"{\"op\":\"foo\"}"},null)");
    EXPECT_EQ(
        run(R"({"op":"insert","table":"N","row":{}})"),
        R"({"details":"Parsing ovsdb operation 1 of 1 failed: No table named N.","error":"syntax error","syntax":"{\"op\":\"insert\",\"row\":{},\"table\":\"N\"}"})");
    EXPECT_EQ(
        run(op("select", "R", R"(["zz","==",1])")),
        R"({"details":"No column zz in table R.","error":"unknown column","syntax":"[\"zz\",\"==\",1]"})");
    EXPECT_EQ(run(op("select", "R", R"(["i","=",1])")),
              R"({"details":"No function named =.","error":"unknown function"})");
    EXPECT_EQ(
        run(op("select", "R", R"(["s","<","x"])")),
        R"({"details":"Type mismatch: \"<\" operator may not be applied to column s of type string.","error":"syntax error","syntax":"[\"s\",\"<\",\"x\"]"})");
}

TEST_F(TransactionTest, conditions_on_optional_numbers_are_false_when_there_is_none) {
    run(insert("R", 1, R"("oi":5)") + "," + insert("R", 2, ""));
    const auto count = [&](const char* where) { return run(op("update", "R", where, R"(,"row":{})")); };
    EXPECT_EQ(count(R"(["oi","<",6])"), R"({"count":1})");
    EXPECT_EQ(count(R"(["oi",">=",0])"), R"({"count":1})");
    EXPECT_EQ(count(R"(["oi","==",["set",[]]])"), R"({"count":1})");
    EXPECT_EQ(count(R"(["oi","includes",["set",[]]])"), R"({"count":2})");
    EXPECT_EQ(count(R"(["oi","excludes",["set",[1,5]]])"), R"({"count":1})");
    EXPECT_EQ(count("true"), R"({"count":2})");
    EXPECT_EQ(count("true,false"), R"({"count":0})");
}

TEST_F(TransactionTest, mutations_calculate_and_report_faults) {
    run(insert("R", 1, R"("i":-7,"si":["set",[1,2,3]],"m":["map",[["a","b"],["c","d"]]])"));
    EXPECT_EQ(mutate(R"(["i","%=",3])"), R"({"count":1})");
    EXPECT_EQ(column("R", "i"), "-1");
    EXPECT_EQ(mutate(R"(["si","+=",1])"), R"({"count":1})");
    EXPECT_EQ(column("R", "si"), "[2, 3, 4]");
    EXPECT_EQ(mutate(R"(["m","insert",["map",[["a","x"],["e","f"]]]])"), R"({"count":1})");
    EXPECT_EQ(mutate(R"(["m","delete",["map",[["a","x"],["c","d"]]]])"), R"({"count":1})");
    EXPECT_EQ(column("R", "m"), "{a=b, e=f}");
    EXPECT_EQ(mutate(R"(["m","delete",["set",["a"]]])"), R"({"count":1})");
    EXPECT_EQ(column("R", "m"), "{e=f}");
    EXPECT_EQ(mutate(R"(["i","/=",0])"), R"({"details":"Division by zero.","error":"domain error"})");
    EXPECT_EQ(mutate(R"(["i","-=",9223372036854775807],["i","-=",2])"),
              R"({"details":"Result of \"-=\" operation is out of range.","error":"range error"})");
    EXPECT_EQ(
        mutate(R"(["si","*=",0])"),
        R"({"details":"Result of \"*=\" operation contains duplicates.","error":"constraint violation"})");
    EXPECT_EQ(mutate(R"(["rng","+=",11])"),
              R"({"details":"11 is greater than maximum allowed value 10","error":"constraint violation"})");
    EXPECT_EQ(
        mutate(R"(["oi","insert",1],["oi","insert",2])"),
        R"({"details":"Attempted to store 2 elements in set of up to 1 integers.","error":"constraint violation"})");
    EXPECT_EQ(
        mutate(R"(["imm","+=",1])"),
        R"({"details":"Cannot mutate immutable column imm in table R.","error":"constraint violation","syntax":"[\"imm\",\"+=\",1]"})");
    EXPECT_EQ(mutate("5"), R"({"details":"Parse error in mutation.","error":"syntax error","syntax":"5"})");
}

TEST_F(TransactionTest, rows_that_nobody_refers_to_strongly_are_collected) {
    run(insert("C", 1, ""));
    EXPECT_EQ(column("C", "n"), "");
    run(insert("C", 1, R"("sub":)" + ref(1)));  // a row does not keep itself
    EXPECT_EQ(column("C", "n"), "");
    run(insert("R", 9, R"("st":)" + ref(1)) + "," + insert("C", 1, R"("n":"a","sub":)" + ref(2)) + "," +
        insert("C", 2, R"("n":"b")"));
    EXPECT_EQ(column("C", "n"), "a b");
    run(op("update", "R", "", R"(,"row":{"st":["set",[]]})"));
    EXPECT_EQ(column("C", "n"), "");
    EXPECT_EQ(last_.changes.rows.size(), 3u);
}

TEST_F(TransactionTest, a_row_that_refers_to_itself_goes_when_the_others_let_go) {
    run(insert("R", 9, R"("st":)" + ref(1)) + "," + insert("C", 1, R"("n":"a","sub":)" + ref(1)));
    EXPECT_EQ(column("C", "n"), "a");
    run(op("update", "R", "", R"(,"row":{"st":["set",[]]})"));
    EXPECT_EQ(column("C", "n"), "");
}

TEST_F(TransactionTest, references_must_exist_and_referred_rows_stay) {
    EXPECT_EQ(run(insert("R", 1, R"("st":)" + ref(7))),
              R"({"uuid":)" + ref(1) + R"(},{"details":"Table R column st row )" + uuid(1) +
                  " references nonexistent row " + uuid(7) +
                  R"( in table C.","error":"referential integrity violation"})");
    run(insert("R", 1, R"("st":)" + ref(7)) + "," + insert("C", 7, ""));
    EXPECT_EQ(run(op("delete", "C", "")),
              R"({"count":1},{"details":"cannot delete C row )" + uuid(7) +
                  R"_( because of 1 remaining reference(s)","error":"referential integrity violation"})_");
    EXPECT_EQ(run(op("delete", "C", "") + "," + op("delete", "R", "")), R"({"count":1},{"count":1})");
}

TEST_F(TransactionTest, weak_references_go_with_their_rows) {
    run(insert("R", 1,
               R"("st":["set",[)" + ref(7) + "," + ref(8) + R"(]],"wk":["set",[)" + ref(7) + "," + ref(8) +
                   "," + ref(9) + "]]") +
        "," + insert("C", 7, R"("n":"a")") + "," + insert("C", 8, R"("n":"b")"));
    EXPECT_EQ(column("R", "wk"), "[" + uuid(7) + ", " + uuid(8) + "]");  // 9 never was there
    mutate(R"(["st","delete",)" + ref(7) + "]");
    EXPECT_EQ(column("R", "wk"), "[" + uuid(8) + "]");
    EXPECT_EQ(run(insert("W", 5, R"("w":)" + ref(8))), R"({"uuid":)" + ref(5) + "}");
    EXPECT_EQ(
        mutate(R"(["st","delete",)" + ref(8) + "]"),
        R"({"count":1},{"details":"Deletion of 1 weak reference(s) to deleted (or never-existing) rows from column \"w\" in \"W\" row )" +
            uuid(5) +
            R"( caused this column to become empty, but constraints on this column disallow an empty column.","error":"constraint violation"})");
    EXPECT_NE(run(insert("W", 6, "")).find("contained all-zeros UUID (probably as the default value"),
              std::string::npos);
}

TEST_F(TransactionTest, indexes_are_checked_when_all_is_done) {
    run(insert("R", 1, R"("st":["set",[)" + ref(7) + "," + ref(8) + "]]") + "," +
        insert("C", 7, R"("n":"a")") + "," + insert("C", 8, R"("n":"b")"));
    const auto rename = [](int n, const char* name) {
        return op("update", "C", is(n), std::string(R"(,"row":{"n":")") + name + "\"}");
    };
    EXPECT_EQ(run(rename(7, "b") + "," + rename(8, "a")),
              R"({"count":1},{"count":1})");  // a swap is no conflict
    EXPECT_EQ(
        run(rename(8, "b")),
        R"({"count":1},{"details":"Transaction causes multiple rows in \"C\" table to have identical values (b) for index on column \"n\".  First row, with UUID )" +
            uuid(7) +
            R"(, existed in the database before this transaction and was not modified by the transaction.  Second row, with UUID )" +
            uuid(8) +
            R"(, had the following index values before the transaction: a.","error":"constraint violation"})");
}

TEST_F(TransactionTest, a_table_holds_no_more_than_max_rows) {
    EXPECT_THAT(
        run(insert("M", 1, "") + "," + insert("M", 2, "") + "," + insert("M", 3, "")),
        testing::EndsWith(
            R"_({"details":"transaction causes \"M\" table to contain 3 rows, greater than the schema-defined limit of 2 row(s)","error":"constraint violation"})_"));
    EXPECT_EQ(column("M", "a"), "");
}

TEST_F(TransactionTest, wait_succeeds_fails_or_blocks) {
    const auto wait = [](const char* until, const char* rows, const char* more) {
        return op("wait", "M", "",
                  std::string(R"(,"columns":["a"],"until":")") + until + R"(","rows":[)" + rows + "]" + more);
    };
    EXPECT_EQ(run(wait("==", "", R"(,"timeout":0)")), "{}");
    EXPECT_EQ(run(wait("!=", "", R"(,"timeout":0)")),
              R"({"details":"\"where\" clause test failed","error":"timed out"})");
    EXPECT_EQ(run(insert("M", 1, "") + "," + wait("==", "", R"(,"timeout":50)"), 10ms), "blocked");
    EXPECT_EQ(last_.deadline, Duration(50ms));
    EXPECT_EQ(run(wait("!=", "", R"(,"timeout":50)"), 50ms),
              R"({"details":"\"wait\" timed out after 50 ms","error":"timed out"})");
    EXPECT_EQ(run(wait("!=", "", ""), 1000s), "blocked");
    EXPECT_EQ(last_.deadline, std::nullopt);
    run(insert("M", 1, R"("a":3)") + "," + insert("M", 2, R"("a":3)"));
    EXPECT_EQ(run(wait("==", R"({"a":3})", R"(,"timeout":0)")), "{}");  // compared as sets
}

TEST_F(TransactionTest, comments_locks_and_durability) {
    run(R"({"op":"comment","comment":"a"},{"op":"comment","comment":"b"},{"op":"commit","durable":true},)" +
        insert("M", 1, ""));
    EXPECT_EQ(last_.changes.comment, "a\nb");
    EXPECT_TRUE(last_.durable);
    EXPECT_EQ(run(R"({"op":"assert","lock":"mine"})"), "{}");
    EXPECT_EQ(run(R"({"op":"assert","lock":"l"})"),
              R"({"details":"Asserted lock l not held.","error":"not owner"})");
}

TEST_F(TransactionTest, a_transaction_that_changes_nothing_has_no_changes) {
    run(insert("M", 1, R"("a":5)"));
    run(op("update", "M", "", R"(,"row":{"a":6})") + "," + op("update", "M", "", R"(,"row":{"a":5})"));
    EXPECT_TRUE(last_.changes.empty());
    read_only_ = true;
    EXPECT_EQ(run(op("select", "M", "", R"(,"columns":["a"])")), R"({"rows":[{"a":5}]})");
    EXPECT_NE(run(op("delete", "M", "")).find("not allowed"), std::string::npos);
}

TEST_F(TransactionTest, what_is_wrong_with_an_operation_is_told_before_that_nothing_may_be_written) {
    run(insert("M", 1, R"("a":5)"));
    read_only_ = true;
    for (const std::string& writing :
         {op("mutate", "M", "", R"(,"mutations":[["a","+=",1]])"),
          op("update", "M", is(9), R"(,"row":{"a":6})"), std::string(R"({"op":"commit","durable":false})")})
        EXPECT_NE(run(writing).find("not allowed"), std::string::npos) << writing;
    EXPECT_NE(run(op("mutate", "M", "", R"(,"mutations":[["a","/=",0]])")).find("domain error"),
              std::string::npos);
    EXPECT_NE(run(op("delete", "M", R"(["x","==",1])")).find("unknown column"), std::string::npos);
    EXPECT_EQ(run(R"({"op":"comment","comment":"x"})"), "{}");
}

}  // namespace
}  // namespace weft::ovsdb
