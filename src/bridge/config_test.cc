// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "bridge/config_keys.h"
#include "bridge/config_reader.h"
#include "bridge/default_rule.h"
#include "bridge/identity.h"
#include "bridge/port_numbers.h"
#include "bridge/self_check.h"
#include "pipeline/config.h"

namespace weft::bridge {
namespace {

InterfaceConfig interface(std::string name) {
    InterfaceConfig i;
    i.name = std::move(name);
    return i;
}

TEST(ConfigKeys, that_nobody_heeds_are_told_from_those_that_nobody_knows) {
    const auto problem = [](std::string_view table, std::string_view column, std::string_view key,
                            std::string_view value = "1") {
        return problem_of_key({table, column, key}, value);
    };
    EXPECT_EQ(problem("Bridge", "other_config", "dp-desc"), "");
    EXPECT_EQ(problem("Open_vSwitch", "other_config", "bundle-idle-timeout"), "");
    EXPECT_EQ(problem("Open_vSwitch", "other_config", "n-handler-threads"),
              "is not supported yet and is ignored (see doc/compatibility.md)");
    EXPECT_EQ(problem("Open_vSwitch", "other_config", "max_idle"),
              "is no key that is known and is ignored. Did you mean \"max-idle\"?");
    EXPECT_EQ(problem("Open_vSwitch", "other_config", "zzzzzzzz"), "is no key that is known and is ignored.");
    EXPECT_EQ(problem("Bridge", "other_config", "max-idle"), "is no key that is known and is ignored.")
        << "of another table";
    EXPECT_EQ(problem("Interface", "bfd", "min_rx"), "") << "the column is told of as a whole";
    EXPECT_EQ(problem("Interface", "bfd", "enabel", "true"),
              "is no key that is known and is ignored. Did you mean \"enable\"?");
    EXPECT_EQ(
        problem("Interface", "options", "n_rxq", "2"),
        "is for ports of another type, or not supported yet, and is ignored (see doc/compatibility.md)");
}

TEST(ConfigKeys, values_that_make_no_sense_are_told_with_what_is_used_instead) {
    struct Case {
        KeyName name;
        std::string_view value, told;
    };
    const Case cases[] = {
        {{"Bridge", "other_config", "forward-bpdu"},
         "yes",
         "is \"yes\", and should be true or false: false is used instead"},
        {{"Open_vSwitch", "other_config", "ebpf"},
         "no",
         "is \"no\", and should be true or false: true is used instead"},
        {{"Bridge", "other_config", "mac-aging-time"},
         "5",
         "is \"5\", and should be an integer of at least 15 and at most 3600: 15 is used instead"},
        {{"Bridge", "other_config", "mac-aging-time"},
         "5m",
         "is \"5m\", and should be an integer of at least 15 and at most 3600: 300 is used instead"},
        {{"Bridge", "other_config", "hwaddr"},
         "01:00:00:00:00:01",
         "is \"01:00:00:00:00:01\", and should be the MAC address of a station: that of a port is used "
         "instead"},
        {{"Bridge", "other_config", "datapath-id"},
         "5",
         "is \"5\", and should be 16 hexadecimal digits, or 0x and up to 16, not all zero: that of its MAC "
         "address is used "
         "instead"},
        {{"Port", "other_config", "qinq-ethtype"},
         "802.1d",
         "is \"802.1d\", and should be one of 802.1ad 802.1q: 802.1ad is used instead"},
        {{"Interface", "bfd", "enable"},
         "yes",
         "is \"yes\", and should be true or false: false is used instead"},
    };
    for (const Case& c : cases) EXPECT_EQ(problem_of_key(c.name, c.value), c.told);
    EXPECT_EQ(problem_of_key({"Bridge", "other_config", "datapath-id"}, "0x5"), "");
    EXPECT_EQ(problem_of_key({"Bridge", "other_config", "mac-aging-time"}, "3600"), "");
}

TEST(ConfigKeys, what_is_used_is_what_the_log_says) {
    const auto number = [](const char* value) {
        return number_of({{"mac-aging-time", value}}, "Bridge", "mac-aging-time");
    };
    EXPECT_EQ(number("5"), 15);
    EXPECT_EQ(number("86400"), 3600);
    EXPECT_EQ(number("5m"), 300);
    EXPECT_EQ(number("60"), 60);
    EXPECT_EQ(number_if_any({{"in-band-queue", "x"}}, "Bridge", "in-band-queue"), std::nullopt);
    EXPECT_TRUE(get_bool({{"ebpf", "no"}}, "ebpf", true));
    EXPECT_FALSE(get_bool({{"ebpf", "false"}}, "ebpf", true));
    EXPECT_FALSE(get_bool({{"forward-bpdu", "yes"}}, "forward-bpdu"));
}

TEST(ConfigKeys, defaults_are_those_of_what_they_set) {
    EXPECT_EQ(number_of({}, "Open_vSwitch", "max-translation-depth"), pipeline::Limits{}.depth);
    EXPECT_EQ(number_of({}, "Open_vSwitch", "max-resubmits"), pipeline::Limits{}.resubmits);
    EXPECT_EQ(number_of({}, "Open_vSwitch", "self-check-ppm"), SelfCheck::default_ppm);
    EXPECT_EQ(number_of({{"self-check-ppm", "1000000"}}, "Open_vSwitch", "self-check-ppm"),
              SelfCheck::most_ppm);
}

TEST(PortNumbers, count_up_from_one_and_stay_with_the_name) {
    PortNumbers numbers;
    EXPECT_EQ(numbers.assign(interface("p1"), false), OfPort{1});
    EXPECT_EQ(numbers.assign(interface("p2"), false), OfPort{2});
    EXPECT_EQ(numbers.assign(interface("p1"), false), OfPort{1});
}

TEST(PortNumbers, a_number_given_up_is_the_last_to_be_given_again) {
    PortNumbers numbers;
    numbers.assign(interface("p1"), false);
    numbers.release("p1");
    EXPECT_EQ(numbers.assign(interface("p2"), false), OfPort{2});
}

TEST(PortNumbers, the_number_in_the_database_survives_a_restart) {
    PortNumbers numbers;
    InterfaceConfig i = interface("p1");
    i.ofport = 7;
    EXPECT_EQ(numbers.assign(i, false), OfPort{7});
    EXPECT_EQ(numbers.assign(interface("p2"), false), OfPort{1});
}

TEST(PortNumbers, an_error_in_the_database_is_no_number) {
    PortNumbers numbers;
    InterfaceConfig i = interface("p1");
    i.ofport = -1;
    EXPECT_EQ(numbers.assign(i, false), OfPort{1});
}

TEST(PortNumbers, a_request_wins_unless_it_is_taken) {
    PortNumbers numbers;
    InterfaceConfig a = interface("a"), b = interface("b");
    a.ofport_request = b.ofport_request = 5;
    EXPECT_EQ(numbers.assign(a, false), OfPort{5});
    EXPECT_EQ(numbers.assign(b, false), OfPort{1});
    a.ofport_request = 9;
    EXPECT_EQ(numbers.assign(a, false), OfPort{9});
    EXPECT_EQ(numbers.assign(b, false), OfPort{5});
}

TEST(PortNumbers, a_request_takes_the_number_of_who_got_it_by_chance) {
    PortNumbers numbers;
    InterfaceConfig b = interface("b");
    b.ofport_request = 1;
    EXPECT_EQ(numbers.assign(interface("a"), false), OfPort{1});
    EXPECT_EQ(numbers.assign(b, false), OfPort{1});
    EXPECT_EQ(numbers.find("a"), std::nullopt);
    EXPECT_EQ(numbers.assign(interface("a"), false), OfPort{2});
    EXPECT_EQ(numbers.assign(b, false), OfPort{1});
}

TEST(PortNumbers, the_local_port_is_local) {
    PortNumbers numbers;
    EXPECT_EQ(numbers.assign(interface("br0"), true), ofpp::local);
}

BridgeConfig bridge_with_uuid() {
    BridgeConfig b;
    b.name = "br0";
    b.row = *Uuid::parse("e980f880-a3dc-4bbc-8ac7-c15d162236f7");
    return b;
}

TEST(Identity, without_physical_members_the_address_comes_from_the_uuid_as_in_open_vswitch) {
    const BridgeConfig b = bridge_with_uuid();
    const Mac mac = choose_mac(b, {});
    EXPECT_EQ(mac.to_string(), "82:f8:80:e9:bc:4b");
    EXPECT_EQ(format_datapath_id(choose_datapath_id(b, mac)), "000082f880e9bc4b");
}

TEST(Identity, the_lowest_physical_address_wins_over_local_ones) {
    const Mac members[] = {*Mac::parse("00:50:56:00:00:09"), *Mac::parse("00:50:56:00:00:02"),
                           *Mac::parse("02:00:00:00:00:01")};
    EXPECT_EQ(choose_mac(bridge_with_uuid(), members).to_string(), "00:50:56:00:00:02");
}

TEST(Identity, configured_address_and_datapath_id_win) {
    BridgeConfig b = bridge_with_uuid();
    b.other_config = {{"hwaddr", "00:00:00:00:00:07"}, {"datapath-id", "fedcba9876543210"}};
    EXPECT_EQ(choose_mac(b, {}).to_string(), "00:00:00:00:00:07");
    EXPECT_EQ(choose_datapath_id(b, Mac{}), 0xfedcba9876543210u);
    b.other_config["datapath-id"] = "0x5";
    EXPECT_EQ(choose_datapath_id(b, Mac{}), 5u);
    b.other_config["datapath-id"] = "12";
    EXPECT_EQ(choose_datapath_id(b, *Mac::parse("00:00:00:00:00:07")), 7u);
}

TEST(ConfigReader, orders_names_as_people_do) {
    EXPECT_TRUE(natural_less("p2", "p10"));
    EXPECT_FALSE(natural_less("p10", "p2"));
    EXPECT_TRUE(natural_less("a1b", "a1c"));
    EXPECT_TRUE(natural_less("p", "p1"));
    EXPECT_FALSE(natural_less("p1", "p1"));
    EXPECT_TRUE(natural_less("p01", "p1"));  // some order, not both
    EXPECT_FALSE(natural_less("p1", "p01"));
}

TEST(DefaultRule, only_a_standalone_bridge_without_primary_controllers_switches_alone) {
    BridgeConfig b = bridge_with_uuid();
    EXPECT_TRUE(switches_alone(b));
    b.controllers.emplace_back().target = "ptcp:6653";
    EXPECT_TRUE(switches_alone(b));
    b.controllers.emplace_back().target = "tcp:10.0.0.1";
    EXPECT_FALSE(switches_alone(b));
    b.controllers.clear();
    b.fail_mode = "secure";
    EXPECT_FALSE(switches_alone(b));
}

}  // namespace
}  // namespace weft::bridge
