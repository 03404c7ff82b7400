// SPDX-License-Identifier: Apache-2.0
// One eBPF datapath after another on the same devices, as when a process ends and the next begins. Needs
// root.
#include <sys/mount.h>

#include "dp/core/offload.h"
#include "dp/ebpf/ebpf_datapath.h"
#include "dp/user/two_pairs.h"

namespace weft::dp {
namespace {

using packet::Packet;
using testing::collect;
using testing::run;
using testing::tcp;
using Method = sys::IngressProgram::Method;
namespace act = action::dp;

class EbpfRestartSystem : public testing::TwoPairs, public ::testing::WithParamInterface<Method> {
  protected:
    void SetUp() override {
        ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
        ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
        ASSERT_EQ(::mount("bpf", "/mnt", "bpf", 0, nullptr), 0);
        TwoPairs::SetUp();
    }
    void TearDown() override {
        TwoPairs::TearDown();
        EXPECT_TRUE(pins().empty()) << "nothing is left once the ports are gone";
        ::umount("/mnt");
    }
    std::unique_ptr<UserDatapath> open() override {
        auto opened = EbpfDatapath::open(clock_, {.type = "ebpf", .name = "ovs-ebpf", .cores = {}},
                                         {.method = GetParam(), .keep_in = "/mnt/weft/test"});
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    static std::vector<std::string> pins() { return sys::BpfFolder("/mnt/weft/test").names(); }
    EbpfDatapath& ebpf() { return static_cast<EbpfDatapath&>(*dp_); }

    /// The process ends; the next one has its ports, and waits.
    void begin_again() {
        dp_->set_handler(nullptr);
        dp_.reset();
        dp_ = open();
        dp_->hold();
        dp_->set_handler(&handler_);
        EXPECT_EQ(add("s1", "system"), DpPort{1});
        EXPECT_EQ(add("s2", "system"), DpPort{2});
    }
    void adopt() {
        for (const LeftFlow& left : dp_->left_flows()) {
            const uint32_t port = left.match.key.dp_in_port().value;
            dp_->put_flow({1, port}, left.match, handler_.actions.at(DpPort{port}), PutMode::create).value();
        }
        dp_->go().value();
    }
    std::vector<Packet> through(uint32_t size) {
        send(tcp(size));
        return collect(*ring2_, 1);
    }
};

TEST_P(EbpfRestartSystem, packets_flow_by_what_the_process_before_left) {
    EXPECT_EQ(through(10).size(), 1u);
    ebpf().settle();
    begin_again();
    EXPECT_EQ(through(20).size(), 1u) << "by the old program";
    const auto left = dp_->left_flows();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left[0].stats.packets, 1u);
    EXPECT_TRUE(left[0].stats.used);
    adopt();
    EXPECT_EQ(through(30).size(), 1u);
    EXPECT_EQ(ebpf().program_counters().hit, 1u) << "by the new one, without a miss";
    EXPECT_EQ(ebpf().program_counters().up[weft_miss], 0u);
    dp_->remove_port(DpPort{1}).value();
    dp_->remove_port(DpPort{2}).value();
}

TEST_P(EbpfRestartSystem, the_hosts_packets_flow_too_and_its_device_stays_as_it_is) {
    const DpPort host = add("br0", "internal");
    run("ip addr add 10.0.0.9/24 dev br0 && ip link set br0 arp off && ip link set br0 up");
    forward(host.value, {action::dp::Output{DpPort{2}}});
    auto host_sender = sys::PacketSender::open(index("br0"), {}).value();
    const auto from_host = [&](uint32_t size) {
        const Packet p = tcp(size);
        const Packet* one = &p;
        EXPECT_EQ(host_sender->send({&one, 1}).packets, 1u);
        return collect(*ring2_, 1).size();
    };
    EXPECT_EQ(from_host(10), 1u);
    ebpf().settle();
    dp_->set_handler(nullptr);
    dp_.reset();
    EXPECT_EQ(from_host(20), 1u) << "nobody is there";
    dp_ = open();
    dp_->hold();
    dp_->set_handler(&handler_);
    dp_->remove_leftovers(std::vector<std::string>{"br0"}).value();
    EXPECT_EQ(add("s1", "system"), DpPort{1});
    EXPECT_EQ(add("s2", "system"), DpPort{2});
    EXPECT_EQ(add("br0", "internal"), host);
    EXPECT_EQ(from_host(30), 1u);
    adopt();
    EXPECT_EQ(from_host(40), 1u);
    EXPECT_EQ(ebpf().program_counters().hit, 1u) << "by the new program, without a miss";
    run("ip addr show dev br0 | grep -q 10.0.0.9 && ip link show br0 | grep -q LOWER_UP");
    for (const uint32_t port : {1u, 2u, host.value}) dp_->remove_port(DpPort{port}).value();
}

TEST_P(EbpfRestartSystem, what_went_up_while_nobody_was_there_is_forwarded_first) {
    begin_again();
    for (uint32_t i = 1; i <= 20; ++i) send(tcp(i));  // all miss
    EXPECT_EQ(collect(*ring2_, 0).size(), 0u);
    adopt();
    send(tcp(21));
    const auto got = collect(*ring2_, 21);
    ASSERT_EQ(got.size(), 21u);
    for (uint32_t i = 0; i < 21; ++i) EXPECT_EQ(got[i].size(), tcp(i + 1).size());
    dp_->remove_port(DpPort{1}).value();
    dp_->remove_port(DpPort{2}).value();
}

TEST_P(EbpfRestartSystem, a_port_that_is_wanted_no_more_is_the_hosts_again) {
    dp_->set_handler(nullptr);
    dp_.reset();
    EXPECT_FALSE(pins().empty());
    dp_ = open();
    dp_->hold();
    dp_->go().value();
    if (GetParam() == Method::clsact) {
        EXPECT_NE(std::system("tc qdisc show | grep -q clsact"), 0);
    }
    EXPECT_TRUE(sys::BpfFolder("/mnt/weft/test/links").names().empty());
}

TEST_P(EbpfRestartSystem, devices_stay_promiscuous_between_processes_and_as_they_were_after_us) {
    const auto is_promiscuous = [](const std::string& device) {
        return std::system(("ip link show " + device + " | grep -q PROMISC").c_str()) == 0;
    };
    dp_->remove_port(DpPort{2}).value();
    EXPECT_FALSE(is_promiscuous("s2"));
    run("ip link set s2 promisc on");
    EXPECT_EQ(add("s2", "system"), DpPort{2});
    begin_again();
    EXPECT_TRUE(is_promiscuous("s1"));
    adopt();
    EXPECT_TRUE(is_promiscuous("s1"));
    dp_->remove_port(DpPort{1}).value();
    dp_->remove_port(DpPort{2}).value();
    EXPECT_FALSE(is_promiscuous("s1"));
    EXPECT_TRUE(is_promiscuous("s2")) << "somebody else's setting";
}

TEST_P(EbpfRestartSystem, a_device_whose_port_is_gone_is_promiscuous_no_more) {
    dp_->set_handler(nullptr);
    dp_.reset();
    dp_ = open();
    dp_->hold();
    EXPECT_EQ(add("s1", "system"), DpPort{1});
    dp_->go().value();
    run("ip link show s1 | grep -q PROMISC");
    run("! ip link show s2 | grep -q PROMISC");
    dp_->remove_port(DpPort{1}).value();
}

INSTANTIATE_TEST_SUITE_P(Methods, EbpfRestartSystem, ::testing::Values(Method::tcx, Method::clsact),
                         [](const auto& i) { return i.param == Method::tcx ? "tcx" : "clsact"; });

}  // namespace
}  // namespace weft::dp
