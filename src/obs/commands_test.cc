// SPDX-License-Identifier: Apache-2.0
#include "obs/commands.h"

#include <gtest/gtest.h>

#include "obs/log_modules.h"
#include "obs/standard_commands.h"

namespace weft::obs {
namespace {

struct Commands : testing::Test {
    Commands() {
        add_general_commands(table, "ovs-vswitchd (Open vSwitch) 3.1.0\nWeft 0.1\n");
        add_log_commands(table, logging);
        add_counter_commands(table, coverage, memory);
        coverage.counter("dp_packet_batch_grow");
    }
    std::string run(std::string_view name, std::vector<std::string> args = {}) {
        std::string out = "(no answer)";
        table.execute(name, args, CommandReply([&](Result<std::string> r) {
                          out = r ? *r : "error: " + r.error().message;
                      }));
        return out;
    }
    Logging logging{
        {.program = "t", .host = "h", .pid = 1, .clock = [] { return LogStamp{}; }, .modules = log_modules}};
    Coverage coverage;
    MemoryReport memory;
    CommandTable table;
};

TEST_F(Commands, are_refused_in_open_vswitchs_words) {
    EXPECT_EQ(
        run("bogus"),
        "error: \"bogus\" is not a valid command (use \"list-commands\" to see a list of valid commands)");
    EXPECT_EQ(run("version", {"x"}), "error: \"version\" command takes at most 0 arguments");
    EXPECT_EQ(run("coverage/read-counter"),
              "error: \"coverage/read-counter\" command requires at least 1 arguments");
    EXPECT_EQ(run("coverage/read-counter", {"bogus"}), "error: No such counter");
    EXPECT_EQ(run("vlog/set", {"dbg", "bogus"}), "error: no destination, level, or module \"bogus\"");
    EXPECT_EQ(run("vlog/disable-rate-limit", {"bogus"}), "error: unknown module");
    EXPECT_EQ(run("vlog/reopen"), "error: Logging to file not configured");
}

TEST_F(Commands, answer) {
    EXPECT_EQ(run("coverage/read-counter", {"dp_packet_batch_grow"}), "0\n");
    EXPECT_EQ(run("memory/show"), "");
    EXPECT_EQ(run("vlog/set", {"bridge", "rconn:file:off"}), "");
    EXPECT_NE(run("vlog/list").find("\nbridge             DBG        DBG        DBG\n"), std::string::npos);
    EXPECT_NE(run("list-commands").find("\n  coverage/read-counter   COUNTER\n"), std::string::npos);
}

TEST_F(Commands, that_show_something_do_so_in_json_too) {
    coverage.counter("dp_packet_batch_grow").add(3);
    memory.add([](MemoryUsage& usage) { usage["cells"] += 7; });
    EXPECT_EQ(run("memory/show", {"--format", "json"}), "{\"cells\":7}\n");
    EXPECT_EQ(run("memory/show", {"-f", "text"}), "cells:7");
    EXPECT_EQ(
        run("coverage/show", {"--format=json"}),
        R"([{"name":"dp_packet_batch_grow","per_second_1h":0,"per_second_1m":0,"per_second_5s":0,"total":3}])"
        "\n");
    EXPECT_NE(run("vlog/list", {"--format=json"})
                  .find(R"({"console":"info","file":"info","module":"bridge","rate_limited":true,)"),
              std::string::npos);
    EXPECT_NE(run("list-commands", {"--format=json"})
                  .find(R"({"command":"coverage/read-counter","usage":"COUNTER"})"),
              std::string::npos);
    EXPECT_EQ(run("memory/show", {"--format=xml"}), "error: xml: unknown format: use text or json");
    EXPECT_EQ(run("memory/show", {"--format"}), "error: --format: needs a value: text or json");
    EXPECT_EQ(run("memory/show", {"--format=json", "x"}),
              "error: \"memory/show\" command takes at most 0 arguments");
}

TEST_F(Commands, that_have_a_text_alone_give_it_as_a_json_string) {
    coverage.counter("dp_packet_batch_grow").add(3);
    EXPECT_EQ(run("coverage/read-counter", {"dp_packet_batch_grow", "--format=json"}), "\"3\\n\"\n");
    EXPECT_EQ(run("vlog/set", {"bridge", "rconn:file:off", "--format=json"}), "\"\"\n");
    EXPECT_EQ(run("coverage/read-counter", {"bogus", "--format=json"}), "error: No such counter");
    EXPECT_EQ(run("coverage/read-counter", {"--format=json"}),
              "error: \"coverage/read-counter\" command requires at least 1 arguments");
    table.add_late("late", "", 0, 0, [](CommandArgs, CommandReply) {});
    EXPECT_EQ(run("late", {"--format=json"}), "error: the command was given up");
}

TEST_F(Commands, dropped_without_an_answer_are_errors) {
    table.add_late("late", "", 0, 0, [](CommandArgs, CommandReply) {});
    EXPECT_EQ(run("late"), "error: the command was given up");
}

}  // namespace
}  // namespace weft::obs
