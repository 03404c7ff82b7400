// SPDX-License-Identifier: Apache-2.0
#include "bridge/in_band.h"

#include <gtest/gtest.h>

#include "bridge/local_address.h"
#include "flow/match_text.h"

namespace weft::bridge {
namespace {

class InBandTest : public testing::Test {
  protected:
    void SetUp() override {
        bridge_.mac = *Mac::parse("02:00:00:00:00:99");
        bridge_.config.controllers.emplace_back().target = "tcp:10.0.0.1:6653";
    }
    /// The flows of priorities 180003 and 180004.
    std::string hops() {
        in_band_.apply(bridge_, {}, [this](Ip4) { return hop_; }, Time{});
        std::string out;
        pipeline::RuleFilter all;
        all.hidden = true;
        bridge_.tables->visit(all, versions_.current(), [&](const pipeline::RulePtr& rule) {
            const int32_t n = rule->priority() - pipeline::in_band_priority;
            if (n == 3 || n == 4) out += flow::format_match(rule->match().expand()) + "\n";
        });
        return out;
    }
    void set_hop(const char* via, int ifindex, const char* mac) {
        hop_ = sys::NextHop{*parse_ip4(via), ifindex, {}};
        if (mac) hop_->mac = *Mac::parse(mac);
    }

    pipeline::Versions versions_;
    Bridge bridge_{pipeline::BridgeId{1}, versions_, Time{}};
    InBand in_band_;
    std::optional<sys::NextHop> hop_;
};

TEST_F(InBandTest, the_next_hops_address_is_kept_until_another_hop_or_address_is_known) {
    EXPECT_EQ(hops(), "");
    set_hop("10.0.0.1", 4, nullptr);
    EXPECT_EQ(hops(), "");
    set_hop("10.0.0.1", 4, "02:00:00:00:00:55");
    const std::string first = hops();
    EXPECT_NE(first.find("arp,dl_dst=02:00:00:00:00:55,arp_op=2\n"), std::string::npos);
    EXPECT_NE(first.find("arp,dl_src=02:00:00:00:00:55,arp_op=1\n"), std::string::npos);
    set_hop("10.0.0.1", 4, nullptr);
    EXPECT_EQ(hops(), first) << "its entry aged";
    hop_.reset();
    EXPECT_EQ(hops(), first) << "no route for a while";
    set_hop("10.0.0.1", 4, "02:00:00:00:00:56");
    EXPECT_NE(hops().find("00:56"), std::string::npos);
    EXPECT_EQ(hops().find("00:55"), std::string::npos);
    set_hop("10.0.0.254", 4, nullptr);
    EXPECT_EQ(hops(), "") << "another gateway, not known yet";
}

TEST_F(InBandTest, nothing_is_remembered_while_control_is_not_in_band) {
    set_hop("10.0.0.1", 4, "02:00:00:00:00:55");
    EXPECT_NE(hops(), "");
    bridge_.config.other_config["disable-in-band"] = "true";
    EXPECT_EQ(hops(), "");
    EXPECT_FALSE(in_band_.has_remotes());
    bridge_.config.other_config.clear();
    set_hop("10.0.0.1", 4, nullptr);
    EXPECT_EQ(hops(), "");
}

TEST(LocalAddress, the_netmask_is_given_or_that_of_the_class) {
    std::vector<std::string> problems;
    const auto setting = [&](const char* ip, const char* netmask = "", const char* gateway = "") {
        problems.clear();
        ControllerConfig c;
        c.local_ip = ip;
        c.local_netmask = netmask;
        c.local_gateway = gateway;
        const auto s = local_setting(c, problems);
        if (!s) return s.error().message;
        return format_ip4(s->address) + "/" + std::to_string(s->prefix) +
               (s->gateway ? " " + format_ip4(*s->gateway) : "");
    };
    EXPECT_EQ(setting("10.0.0.7"), "10.0.0.7/8");
    EXPECT_EQ(setting("172.16.0.7"), "172.16.0.7/16");
    EXPECT_EQ(setting("192.168.0.7"), "192.168.0.7/24");
    EXPECT_EQ(setting("10.0.0.7", "255.255.255.255", "10.0.0.1"), "10.0.0.7/32 10.0.0.1");
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(setting("10.0.0.7", "255.0.255.0", "junk"), "10.0.0.7/8");
    EXPECT_EQ(problems,
              (std::vector<std::string>{"local_netmask 255.0.255.0 is no netmask: 255.0.0.0 is used",
                                        "local_gateway junk is no IPv4 address: it stays unused"}));
    EXPECT_EQ(setting("bogus"), "local_ip bogus is no IPv4 address: it stays unused");
}

}  // namespace
}  // namespace weft::bridge
