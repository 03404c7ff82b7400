// SPDX-License-Identifier: Apache-2.0
#include "cli/weft/doctor.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include <algorithm>
#include <cerrno>

namespace weft::cli::weft_tool {
namespace {

sys::DeviceProbe healthy_device(const std::string& name = "veth0") {
    sys::DeviceProbe d;
    d.link.name = name;
    d.link.kind = "veth";
    d.link.mtu = 1500;
    d.link.admin_up = d.link.carrier = true;
    d.tx_checksum = d.tso = d.gro = d.peer_takes_xdp = true;
    d.lro = false;
    d.peer = "eth0 in namespace h1";
    return d;
}

Patient healthy() {
    Patient p;
    p.kernel = {.major = 6,
                .minor = 18,
                .release = "6.18.0",
                .load_error = 0,
                .has_types = true,
                .has_tcx = true,
                .has_file_system = true,
                .compiles = true,
                .has_xdp_sockets = true};
    p.capabilities = ~uint64_t{0};
    p.devices = {healthy_device(), healthy_device("veth1")};
    return p;
}

TEST(Doctor, a_healthy_switch_has_nothing_to_improve) {
    const Diagnosis d = diagnose(healthy());
    EXPECT_TRUE(d.is_healthy() && d.findings.empty()) << to_text(d);
    EXPECT_EQ(d.datapath, "ebpf");
    ASSERT_EQ(d.ports.size(), 2u);
    EXPECT_EQ(d.ports[0].hook, "tc");
}

struct Case {
    const char* name;
    void (*hurt)(Patient&);
    const char *remedy, *datapath;
    bool is_fault;
};

const Case cases[] = {
    {"old_kernel", [](Patient& p) { p.kernel.major = 5, p.kernel.minor = 10; }, "5.17", "userspace", true},
    {"no_privilege", [](Patient& p) { p.kernel.load_error = EPERM, p.capabilities.reset(); }, "CAP_BPF",
     "userspace", true},
    {"not_tried", [](Patient& p) { p.kernel.load_error = EPERM; }, "as root", "ebpf", false},
    {"no_bpf", [](Patient& p) { p.kernel.load_error = ENOSYS; }, "seccomp", "userspace", true},
    {"no_types", [](Patient& p) { p.kernel.has_types = false; }, "CONFIG_DEBUG_INFO_BTF", "userspace", true},
    {"no_file_system", [](Patient& p) { p.kernel.has_file_system = false; }, "mount -t bpf", "ebpf", false},
    {"no_jit", [](Patient& p) { p.kernel.compiles = false; }, "bpf_jit_enable=1", "ebpf", false},
    {"no_tcx", [](Patient& p) { p.kernel.has_tcx = false; }, "6.6", "ebpf", false},
    {"switch_privilege", [](Patient& p) { p.capabilities = uint64_t{1} << CAP_NET_ADMIN; },
     "AmbientCapabilities=CAP_BPF, CAP_PERFMON", "userspace", true},
    {"down", [](Patient& p) { p.devices[0].link.admin_up = false; }, "ip link set veth0 up", "ebpf", true},
    {"no_carrier", [](Patient& p) { p.devices[0].link.carrier = false; }, "other end up", "ebpf", true},
    {"enslaved", [](Patient& p) { p.devices[0].link.master = 7; }, "nomaster", "ebpf", true},
    {"xdp_attached", [](Patient& p) { p.devices[0].xdp_program = 7; }, "veth0 xdp off", "ebpf", true},
    {"address", [](Patient& p) { p.devices[0].addresses = {"10.0.0.1/24"}; },
     "ip addr del 10.0.0.1/24 dev veth0", "ebpf", true},
    {"lro", [](Patient& p) { p.devices[0].lro = true; }, "lro off", "ebpf", true},
    {"tx_checksum", [](Patient& p) { p.devices[0].tx_checksum = false; }, "tx on", "ebpf", false},
    {"tso", [](Patient& p) { p.devices[0].tso = false; }, "tso on", "ebpf", false},
    {"peer_napi", [](Patient& p) { p.devices[0].peer_takes_xdp = false; }, "ethtool -K eth0 gro on", "ebpf",
     false},
    {"mtu", [](Patient& p) { p.devices[1].link.mtu = 9000; }, "ip link set veth0 mtu 9000", "ebpf", true},
    {"no_device", [](Patient& p) { p.missing = {"gone0"}; }, "create it", "ebpf", true},
};

TEST(Doctor, each_ailment_alone_is_found_alone_and_has_a_remedy) {
    for (const Case& c : cases) {
        Patient p = healthy();
        c.hurt(p);
        const Diagnosis d = diagnose(p);
        ASSERT_EQ(d.findings.size(), 1u) << c.name << "\n" << to_text(d);
        const Finding& f = d.findings[0];
        EXPECT_EQ(f.name, c.name);
        EXPECT_NE(f.remedy.find(c.remedy), std::string::npos) << c.name << ": " << f.remedy;
        EXPECT_EQ(f.grade == Finding::Grade::fault, c.is_fault) << c.name;
        EXPECT_EQ(d.datapath, c.datapath) << c.name;
    }
}

TEST(Doctor, what_is_unknown_is_not_complained_of) {
    Patient p = healthy();
    auto& d = p.devices[0];
    d.tx_checksum = d.tso = d.gro = d.lro = d.peer_takes_xdp = std::nullopt;
    p.capabilities.reset();
    EXPECT_TRUE(diagnose(p).findings.empty());
}

TEST(Doctor, the_switchs_own_xdp_program_is_a_hook_and_no_fault) {
    for (const char* name : {"weft_xdp", "weft_xdp_jumbo"}) {
        Patient p = healthy();
        p.devices[0].xdp_program = 7;
        p.devices[0].xdp_name = name;
        const Diagnosis d = diagnose(p);
        EXPECT_TRUE(d.findings.empty()) << to_text(d);
        EXPECT_EQ(d.ports[0].hook, "xdp");
        EXPECT_EQ(d.ports[1].hook, "tc");
    }
}

TEST(Doctor, an_internal_port_may_have_an_address) {
    Patient p = healthy();
    p.devices[0].link.kind = "tun";
    p.devices[0].addresses = {"10.0.0.1/24"};
    const Diagnosis d = diagnose(p);
    EXPECT_TRUE(d.findings.empty());
    EXPECT_EQ(d.ports[0].hook, "none");
    p.devices[0].link.kind = "veth";
    EXPECT_FALSE(diagnose(p).is_healthy());
    p.devices[0].link.alias = sys::internal_port_mark;
    EXPECT_TRUE(diagnose(p).findings.empty());
    EXPECT_EQ(diagnose(p).ports[0].hook, "tc");
}

}  // namespace
}  // namespace weft::cli::weft_tool
