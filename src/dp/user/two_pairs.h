// SPDX-License-Identifier: Apache-2.0
// For tests of datapaths between real devices, in a network namespace of each test's own. Needs root.
#pragma once

#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <thread>

#include "dp/user/user_datapath.h"
#include "sys/testing.h"

namespace weft::dp::testing {

using packet::Packet;
using sys::collect, sys::readable;

inline void run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

/// Sends what comes in by a port to the list of actions for it, with a megaflow of the port.
struct ByPort : UpcallHandler {
    std::mutex mutex;
    std::map<DpPort, ActionsPtr> actions;
    Verdict upcall(const Upcall& up) override {
        flow::FlowMask mask{};
        mask.packet.in_port = be_max<Be32>;
        const std::lock_guard lock(mutex);
        const auto it = actions.find(up.key.dp_in_port());
        if (it == actions.end()) return {};
        return {.actions = it->second, .install = Verdict::Install{{1, up.key.dp_in_port().value}, mask}};
    }
};

/// Two pairs of devices: h1 - s1 and h2 - s2; the datapath has s1 as port 1 and s2 as port 2.
class TwoPairs : public ::testing::Test {
  protected:
    virtual std::unique_ptr<UserDatapath> open() { return UserDatapath::open(clock_, {}).value(); }
    void SetUp() override {
        ASSERT_EQ(::unshare(CLONE_NEWNET), 0) << "these tests make network namespaces: run them as root";
        run("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
        for (const char* n : {"1", "2"})
            run(std::string("ip link add h") + n + " type veth peer name s" + n + " && ip link set h" + n +
                " up && ip link set s" + n + " up");
        kernel_ = Kernel::open().value();
        dp_ = open();
        EXPECT_EQ(add("s1", "system"), DpPort{1});
        EXPECT_EQ(add("s2", "system"), DpPort{2});
        forward(1, {action::dp::Output{DpPort{2}}});
        forward(2, {action::dp::Output{DpPort{1}}});
        dp_->set_handler(&handler_);
        ring1_ = sys::PacketRing::open(index("h1"), {}).value();
        ring2_ = sys::PacketRing::open(index("h2"), {}).value();
        sender1_ = sys::PacketSender::open(index("h1"), {}).value();
    }
    void TearDown() override { dp_.reset(); }
    int index(const std::string& name) { return kernel_->netlink->link(name).value().ifindex; }
    DpPort add(const std::string& name, const std::string& type) {
        return dp_->add_port({.name = name, .type = type, .options = {}, .request = {}}).value();
    }
    void forward(uint32_t port, action::dp::Actions list) {
        const auto actions = std::make_shared<const action::dp::Actions>(std::move(list));
        const std::lock_guard lock(handler_.mutex);
        handler_.actions[DpPort{port}] = actions;
    }
    void send(Packet p) {
        const Packet* one = &p;
        ASSERT_EQ(sender1_->send({&one, 1}).packets, 1u);
    }
    /// How long upcalls took, once `n` are counted: that is after their packets have left. At most ten
    /// seconds.
    obs::Histogram::Snapshot latency_of(uint64_t n) {
        const Time end = clock_.now() + 10s;
        for (;;) {
            const auto latency = dp_->upcall_latency();
            const uint64_t counted =
                std::accumulate(latency.counts.begin(), latency.counts.end(), uint64_t{0});
            if (counted >= n || clock_.now() > end) {
                EXPECT_EQ(counted, n);
                return latency;
            }
            std::this_thread::yield();
        }
    }

    loop::Clock clock_;
    ByPort handler_;
    std::unique_ptr<Kernel> kernel_;
    std::unique_ptr<UserDatapath> dp_;
    std::unique_ptr<sys::PacketRing> ring1_, ring2_;
    std::unique_ptr<sys::PacketSender> sender1_;
};

/// TCP over IPv4, checksum left to do; a super-packet if the payload is long.
inline Packet tcp(uint32_t payload) {
    Bytes f = *parse_hex(
        "020000000004 020000000002 0800"
        "4500 0000 0000 4000 40 06 0000 0a000001 0a000002"
        "1000 0050 00000001 00000001 5010 2000 0000 0000");
    const auto total = static_cast<uint16_t>(40 + payload);
    f[16] = static_cast<uint8_t>(total >> 8);
    f[17] = static_cast<uint8_t>(total);
    f.resize(f.size() + payload, 0x5a);
    Packet p = Packet::copy_of(f);
    p.offload = {.csum = packet::Csum::partial, .csum_start = 34, .csum_offset = 16};
    if (payload > 1460) {
        p.offload.gso = packet::Gso::tcp4;
        p.offload.gso_size = 1400;
        p.offload.header_size = 54;
    }
    return p;
}

}  // namespace weft::dp::testing
