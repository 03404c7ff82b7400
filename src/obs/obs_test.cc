// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "obs/coverage.h"
#include "obs/memory.h"
#include "obs/trace.h"

namespace weft::obs {
namespace {

TEST(Coverage, shows_rates_and_totals_as_open_vswitch_does) {
    Coverage coverage;
    coverage.counter("dp_packet_batch_grow");
    auto& hits = coverage.counter("util_xalloc");
    coverage.sample(Time{});
    hits.add(12);
    coverage.sample(Time{5s});
    const auto text = coverage.show();
    EXPECT_NE(text.find("\nutil_xalloc                2.4/sec     0.200/sec        0.0033/sec   total: 12\n1 "
                        "events never hit\n"),
              text.npos)
        << text;
    EXPECT_EQ(text.find("Event coverage, avg rate over last: 5 seconds, last minute, last hour,  hash="), 0u);
    EXPECT_EQ(coverage.read("util_xalloc"), 12u);
    EXPECT_EQ(coverage.read("dp_packet_batch_grow"), 0u);
    EXPECT_EQ(coverage.read("bogus"), std::nullopt);
}

TEST(Coverage, rates_fade_as_time_goes_by) {
    Coverage coverage;
    auto& hits = coverage.counter("hits");
    coverage.sample(Time{});
    hits.add(3600);
    coverage.sample(Time{5s});
    coverage.sample(Time{10s});
    EXPECT_NE(coverage.show().find("0.0/sec    60.000/sec        1.0000/sec"), std::string::npos)
        << coverage.show();
    coverage.sample(Time{70s});
    EXPECT_NE(coverage.show().find("0.0/sec     0.000/sec        1.0000/sec"), std::string::npos)
        << coverage.show();
    coverage.sample(Time{2h});
    coverage.sample(Time{3h});
    EXPECT_NE(coverage.show().find("0.0/sec     0.000/sec        0.0000/sec"), std::string::npos)
        << coverage.show();
}

TEST(Memory, sums_over_providers_and_sorts) {
    MemoryReport report;
    EXPECT_EQ(report.show(), "");
    report.add([](MemoryUsage& u) { u["rules"] += 5, u["handlers"] += 1; });
    report.add([](MemoryUsage& u) { u["rules"] += 2; });
    EXPECT_EQ(report.show(), "handlers:1 rules:7");
}

TEST(Trace, prints_titles_tables_actions_and_details) {
    TraceNode root;
    auto& bridge = root.add(TraceKind::bridge, "bridge(\"br0\")");
    auto& table = bridge.add(TraceKind::table, " 0. priority 0");
    table.add(TraceKind::action, "NORMAL").add(TraceKind::detail, "no learned MAC for destination, flooding");
    EXPECT_EQ(format_trace(root),
              "\nbridge(\"br0\")\n-------------\n 0. priority 0\n    NORMAL\n"
              "     -> no learned MAC for destination, flooding\n");
}

TEST(Trace, what_a_last_action_leads_to_takes_its_place_and_else_goes_deeper) {
    TraceNode root;
    auto& bridge = root.add(TraceKind::bridge, "bridge(\"br0\")");
    auto& first = bridge.add(TraceKind::table, " 0. ip, priority 1");
    auto& resubmit = first.add(TraceKind::action, "resubmit(,10)");
    auto& ten = resubmit.add(TraceKind::table, "10. priority 3");
    ten.add(TraceKind::action, "output:1").add(TraceKind::warning, "skipping output to input port");
    ten.add(TraceKind::action, "goto_table:13")
        .add(TraceKind::table, "13. No match.")
        .add(TraceKind::action, "drop");
    auto& patch = first.add(TraceKind::action, "output:9").add(TraceKind::bridge, "bridge(\"br1\")");
    patch.add(TraceKind::table, " 0. priority 0").add(TraceKind::action, "NORMAL");
    auto& last = first.add(TraceKind::action, "resubmit(,2)");
    last.add(TraceKind::table, " 2. priority 4").add(TraceKind::action, "output:4");
    EXPECT_EQ(format_trace(root), R"(
bridge("br0")
-------------
 0. ip, priority 1
    resubmit(,10)
    10. priority 3
            output:1
             >> skipping output to input port
            goto_table:13
        13. No match.
            drop
    output:9

    bridge("br1")
    -------------
         0. priority 0
            NORMAL
    resubmit(,2)
 2. priority 4
    output:4
)");
}

}  // namespace
}  // namespace weft::obs
