// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "obs/log_modules.h"
#include "obs/log_pattern.h"
#include "obs/log_sinks.h"
#include "obs/logging.h"

namespace weft::obs {
namespace {

class Lines : public LogSink {
  public:
    explicit Lines(std::vector<std::string>& out) : out_(out) {}
    void write(Level, int facility, std::string_view line) override {
        out_.push_back(std::string(line));
        last_facility = facility;
    }
    int last_facility = -1;

  private:
    std::vector<std::string>& out_;
};

struct LogTest : testing::Test {
    LogTest() { log.set_sink(LogTo::file, std::make_unique<Lines>(file)); }
    std::string set(std::string_view spec) {
        const auto done = log.set(spec);
        return done ? "" : done.error().message;
    }
    LogStamp stamp{Time(5s), 1'700'000'000'123ms};
    Logging log{{.program = "ovs-vswitchd",
                 .host = "vm",
                 .pid = 42,
                 .clock = [this] { return stamp; },
                 .modules = log_modules}};
    std::vector<std::string> file;
};

TEST_F(LogTest, a_line_has_time_sequence_module_level_and_message) {
    LOG(log.module("bridge"), info, "bridge {}: using datapath ID {:016x}", "br0", 0x2ed794031342);
    std::thread([this] {
        set_thread_name("handler1");
        LOG(log.module("ofproto_dpif_upcall"), warn, "over limit");
    }).join();
    EXPECT_EQ(file,
              (std::vector<std::string>{
                  "2023-11-14T22:13:20.123Z|00001|bridge|INFO|bridge br0: using datapath ID 00002ed794031342",
                  "2023-11-14T22:13:20.123Z|00002|ofproto_dpif_upcall(handler1)|WARN|over limit"}));
}

TEST_F(LogTest, a_silent_message_does_not_evaluate_its_arguments) {
    int evaluated = 0;
    LOG(log.module("bridge"), dbg, "{}", ++evaluated);
    LOG(LogModule{}, err, "{}", ++evaluated);
    EXPECT_EQ(evaluated, 0);
    EXPECT_EQ(set("bridge:file:dbg"), "");
    LOG(log.module("bridge"), dbg, "{}", ++evaluated);
    LOG(log.module("rconn"), dbg, "{}", ++evaluated);
    EXPECT_EQ(evaluated, 1);
}

TEST_F(LogTest, a_level_spec_takes_words_in_any_order_and_case) {
    EXPECT_EQ(set("ERR,Bridge File"), "");
    LOG(log.module("bridge"), warn, "not this");
    LOG(log.module("bridge"), err, "this");
    LOG(log.module("rconn"), warn, "and this");
    EXPECT_EQ(file.size(), 2u);
    EXPECT_EQ(set(""), "");  // everything to dbg
    LOG(log.module("made_later"), dbg, "new modules follow");
    EXPECT_EQ(file.size(), 3u);
    EXPECT_EQ(set("any:off"), "");
    LOG(log.module("bridge"), emer, "silence");
    EXPECT_EQ(file.size(), 3u);
}

TEST_F(LogTest, bad_specs_are_refused_in_open_vswitchs_words) {
    EXPECT_EQ(set("foo:bar"), "no destination, level, or module \"foo\"");
    EXPECT_EQ(set("bridge:rconn"), "cannot specify multiple modules");
    EXPECT_EQ(set("file:console"), "cannot specify multiple destinations");
    EXPECT_EQ(set("PATTERN:x:y"), "unknown destination \"x\"");
    EXPECT_EQ(set("FACILITY:bogus"), "invalid facility");
    EXPECT_EQ(log.set_rate_limited(std::vector<std::string>{"foo"}, false).error().message, "unknown module");
}

TEST_F(LogTest, the_list_shows_levels_and_rate_limits) {
    EXPECT_EQ(set("bridge:console:off"), "");
    ASSERT_TRUE(log.set_rate_limited(std::vector<std::string>{"dpif_lookup_autovalidator"}, false));
    const auto list = log.list();
    EXPECT_NE(list.find("                 console    syslog    file\n"), list.npos) << list;
    EXPECT_NE(list.find("\nbridge             OFF       INFO       INFO\n"), list.npos) << list;
    EXPECT_NE(
        list.find("\ndpif_lookup_autovalidator  INFO       INFO       INFO    (rate limiting disabled)\n"),
        list.npos)
        << list;
}

TEST_F(LogTest, patterns_can_be_set_and_are_listed) {
    EXPECT_EQ(set("PATTERN:file:%d{%H:%M:%S.####}|%-6N|%t|%T|%A|%E|%P|%r|%B|%c|%p|%m|%q|%%"), "");
    EXPECT_EQ(set("pattern:CONSOLE"), "");
    log.set_syslog_prefix("<%B>");
    const auto patterns = log.list_patterns();
    EXPECT_NE(patterns.find("SYSLOG   <%B>                              ovs|%05N|%c%T|%p|%m\nCONSOLE  none   "
                            "                           \nFILE "),
              patterns.npos)
        << patterns;
    stamp.now += 250ms;
    LOG(log.module("bridge"), info, "hello");
    const std::string line = file.at(0);
    EXPECT_EQ(line.substr(line.find('.')),
              ".1230|1     |main||ovs-vswitchd|vm|42|250|30|bridge|INFO|hello|q|%");
}

TEST_F(LogTest, a_limited_message_says_how_many_were_withheld) {
    LogLimit limit{log.module("bridge"), 60, 2};
    for (int i = 0; i < 5; ++i) {
        LOG(limit, warn, "row {} is bad", i);
        stamp.now += 100ms;
    }
    EXPECT_EQ(file.size(), 2u);
    stamp.now += 2s;
    LOG(limit, warn, "again");
    ASSERT_EQ(file.size(), 4u);
    EXPECT_NE(file[2].find("|bridge|WARN|Dropped 3 log messages in last 2 seconds (most recently, 2 seconds "
                           "ago) due to excessive rate"),
              std::string::npos)
        << file[2];
    ASSERT_TRUE(log.set_rate_limited({}, false));
    for (int i = 0; i < 5; ++i) LOG(limit, warn, "all of them");
    EXPECT_EQ(file.size(), 9u);
}

TEST_F(LogTest, threads_may_log_while_levels_change) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([this] {
            const auto module = log.module("bridge");
            for (int i = 0; i < 200; ++i) LOG(module, info, "{}", i);
        });
    for (int i = 0; i < 200; ++i) EXPECT_EQ(set(i % 2 ? "bridge:dbg" : "bridge:info"), "");
    for (auto& t : threads) t.join();
    EXPECT_EQ(file.size(), 600u);
}

TEST_F(LogTest, reopening_needs_a_log_file) {
    EXPECT_EQ(log.reopen_file().error().message, "Logging to file not configured");
    const auto opened = log.open_file("/nonexistent/x.log");
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message,
              "failed to open /nonexistent/x.log for logging: No such file or directory");
}

TEST_F(LogTest, a_rotated_file_is_left_behind_by_reopen) {
    const std::string path = testing::TempDir() + "weft_log_test.log";
    std::remove(path.c_str());
    ASSERT_TRUE(log.open_file(path));
    LOG(log.module("bridge"), info, "one");
    ASSERT_EQ(std::rename(path.c_str(), (path + ".1").c_str()), 0);
    LOG(log.module("bridge"), info, "two");
    ASSERT_TRUE(log.reopen_file());
    LOG(log.module("bridge"), info, "three");
    const auto lines = [](const std::string& name) {
        int n = 0;
        if (auto* f = std::fopen(name.c_str(), "r")) {
            for (int c; (c = std::fgetc(f)) != EOF;) n += c == '\n';
            std::fclose(f);
        }
        std::remove(name.c_str());
        return n;
    };
    EXPECT_EQ(lines(path + ".1"), 4);  // opened, one, two, closing
    EXPECT_EQ(lines(path), 2);         // opened, three
}

}  // namespace
}  // namespace weft::obs
