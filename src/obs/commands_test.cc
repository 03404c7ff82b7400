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

TEST_F(Commands, dropped_without_an_answer_are_errors) {
    table.add_late("late", "", 0, 0, [](CommandArgs, CommandReply) {});
    EXPECT_EQ(run("late"), "error: the command was given up");
}

}  // namespace
}  // namespace weft::obs
