// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

struct OptionsTest : testing::Test {
    OptionsTest() {
        options.flag("detach", detach);
        options.flag("no-chdir", chdir, false);
        options.ignore("no-self-confinement");
        options.text("unixctl", unixctl, 'u');
        options.optional_text("pidfile", has_pidfile, pidfile);
        options.optional_text("verbose", has_verbose, verbose, 'v');
    }
    /// The other arguments, joined; or the error.
    std::string parse(std::vector<std::string> args, Options::Order order = Options::Order::mixed) {
        const auto rest = options.parse(args, order);
        if (!rest) return "error: " + rest.error().message;
        std::string out;
        for (const auto& arg : *rest) out += arg + ";";
        return out;
    }
    Options options;
    bool detach = false, chdir = true, has_pidfile = false, has_verbose = false;
    std::string unixctl;
    Options::Value pidfile, verbose;
};

TEST_F(OptionsTest, are_taken_in_long_and_short_form) {
    EXPECT_EQ(parse({"--detach", "--unixctl=x", "--pidfile"}), "");
    EXPECT_TRUE(detach && has_pidfile && !pidfile);
    EXPECT_EQ(unixctl, "x");
    EXPECT_EQ(parse({"--unixctl", "y", "--pidfile=", "-vdbg"}), "");
    EXPECT_EQ(unixctl, "y");
    EXPECT_EQ(pidfile, "");
    EXPECT_EQ(verbose, "dbg");
    EXPECT_EQ(parse({"-uz", "-v"}), "");
    EXPECT_EQ(unixctl, "z");
    EXPECT_FALSE(verbose);
}

TEST_F(OptionsTest, may_be_shortened_as_long_as_they_are_unique) {
    EXPECT_EQ(parse({"--pidfil=a"}), "");
    EXPECT_EQ(pidfile, "a");
    EXPECT_EQ(parse({"--no"}),
              "error: option '--no' is ambiguous; possibilities: '--no-chdir' '--no-self-confinement'");
}

TEST_F(OptionsTest, are_refused_in_getopts_words) {
    EXPECT_EQ(parse({"--bogus"}), "error: unrecognized option '--bogus'");
    EXPECT_EQ(parse({"--detach=1"}), "error: option '--detach' doesn't allow an argument");
    EXPECT_EQ(parse({"--unixctl"}), "error: option '--unixctl' requires an argument");
    EXPECT_EQ(parse({"-Z"}), "error: invalid option -- 'Z'");
    EXPECT_EQ(parse({"-u"}), "error: option requires an argument -- 'u'");
}

TEST_F(OptionsTest, end_where_the_order_says) {
    EXPECT_EQ(parse({"a", "--detach", "--", "--x"}), "a;--x;");
    EXPECT_TRUE(detach);
    detach = false;
    EXPECT_EQ(parse({"-ux", "cmd", "--detach"}, Options::Order::options_first), "cmd;--detach;");
    EXPECT_FALSE(detach);
    EXPECT_EQ(parse({"-", "-ux"}), "-;");
}

TEST(Numbers, name_the_option_and_the_range) {
    EXPECT_EQ(*parse_number("--timeout", "5", 0, 10), 5);
    EXPECT_EQ(parse_number("--timeout", "x", 0, 10).error().message,
              "--timeout: \"x\" is not a number from 0 to 10");
    EXPECT_FALSE(parse_number("--timeout", "11", 0, 10));
    EXPECT_FALSE(parse_number("--timeout", "5s", 0, 10));
}

}  // namespace
}  // namespace weft::cli
