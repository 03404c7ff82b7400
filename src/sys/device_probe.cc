// SPDX-License-Identifier: Apache-2.0
#include "sys/device_probe.h"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>

#include <array>
#include <filesystem>

#include "sys/bpf_object.h"
#include "sys/ethtool.h"
#include "sys/netlink.h"
#include "sys/netlink_attributes.h"

namespace weft::sys {
namespace {

constexpr const char* named_namespaces = "/run/netns";

/// The number of a device's XDP program; 0: it has none.
uint32_t xdp_program_of(Netlink& netlink, int ifindex) {
    uint32_t out = 0;
    (void)netlink.exchange(message::ask_link(netlink.next_seq(), ifindex), [&](ByteSpan m) {
        const auto* h = reinterpret_cast<const nlmsghdr*>(m.data());
        for_each_attribute(h, sizeof(ifinfomsg), [&](const nlattr* a) {
            if (mnl_attr_get_type(a) != IFLA_XDP) return;
            for_each_nested(a, [&](const nlattr* b) {
                if (mnl_attr_get_type(b) == IFLA_XDP_PROG_ID) out = mnl_attr_get_u32(b);
            });
        });
    });
    return out;
}

std::optional<bool> feature(const Ethtool& ethtool, const std::string& device, Ethtool::Feature which) {
    const auto value = ethtool.feature(device, which);
    return value ? std::optional(*value) : std::nullopt;
}

/// The number that our namespace has for another; none: it has none, so no device of ours leads there.
std::optional<int> number_of(Netlink& netlink, int namespace_fd) {
    alignas(8) std::array<char, 128> buffer{};
    nlmsghdr* h = mnl_nlmsg_put_header(buffer.data());
    h->nlmsg_type = RTM_GETNSID;
    h->nlmsg_flags = NLM_F_REQUEST;
    h->nlmsg_seq = netlink.next_seq();
    mnl_nlmsg_put_extra_header(h, sizeof(rtgenmsg));
    mnl_attr_put_u32(h, NETNSA_FD, static_cast<uint32_t>(namespace_fd));
    std::optional<int> out;
    (void)netlink.exchange({reinterpret_cast<const uint8_t*>(h), h->nlmsg_len}, [&](ByteSpan m) {
        const auto* answer = reinterpret_cast<const nlmsghdr*>(m.data());
        for_each_attribute(answer, sizeof(rtgenmsg), [&](const nlattr* a) {
            const auto number = static_cast<int>(mnl_attr_get_u32(a));
            if (mnl_attr_get_type(a) == NETNSA_NSID && number >= 0) out = number;
        });
    });
    return out;
}

/// The other end of `out`, if this namespace has it: frames that XDP sends vanish unless it runs NAPI,
/// which GRO or an XDP program of its own turns on.
void note_peer(DeviceProbe& out, int peer) {
    const auto netlink = Netlink::open();
    const auto ethtool = Ethtool::open();
    if (!netlink || !ethtool) return;
    const auto link = (*netlink)->link(peer);
    if (!link) return;
    out.peer = link->name;
    out.peer_takes_xdp = xdp_program_of(**netlink, peer) != 0 ||
                         feature(*ethtool, link->name, Ethtool::Feature::gro).value_or(false);
}

/// Resource type: this thread is in another network namespace as long as it lives.
class Visit {
  public:
    explicit Visit(int there)
        : home_(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)),
          arrived_(home_.valid() && ::setns(there, CLONE_NEWNET) == 0) {}
    ~Visit() {
        if (arrived_) CHECK(::setns(home_.get(), CLONE_NEWNET) == 0);
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    bool arrived() const { return arrived_; }

  private:
    Fd home_;
    bool arrived_;
};

/// What is known of it.
void find_peer(Netlink& netlink, DeviceProbe& out) {
    const Link& link = out.link;
    if (link.kind != "veth" || link.peer == 0) return;
    // The switch sends by the other end of an internal port.
    if (out.is_internal()) return note_peer(out, link.ifindex);
    if (!link.peer_namespace) return note_peer(out, link.peer);
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(named_namespaces, error)) {
        const Fd there(::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC));
        if (!there.valid() || number_of(netlink, there.get()) != link.peer_namespace) continue;
        const Visit visit(there.get());
        if (!visit.arrived()) return;
        note_peer(out, link.peer);
        out.peer += " in namespace " + entry.path().filename().string();
        return;
    }
}

}  // namespace

Result<void> enter_network_of(int pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/ns/net";
    std::error_code error;
    if (std::filesystem::equivalent(path, "/proc/self/ns/net", error)) return {};
    const Fd there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!there.valid() || ::setns(there.get(), CLONE_NEWNET) != 0) return fail_errno("enter " + path);
    return {};
}

Result<DeviceProbe> probe_device(Netlink& netlink, const std::string& device) {
    DeviceProbe out;
    out.link = TRY(netlink.link(device));
    const Ethtool ethtool = TRY(Ethtool::open());
    if (const auto driver = ethtool.driver(device)) out.driver = driver->name;
    out.tx_checksum = feature(ethtool, device, Ethtool::Feature::tx_checksum);
    out.tso = feature(ethtool, device, Ethtool::Feature::tso);
    out.gro = feature(ethtool, device, Ethtool::Feature::gro);
    out.lro = feature(ethtool, device, Ethtool::Feature::lro);
    out.xdp_program = xdp_program_of(netlink, out.is_internal() ? out.link.peer : out.link.ifindex);
    if (out.xdp_program) out.xdp_name = program_name(out.xdp_program).value_or("");
    for (const InterfaceAddress& a : TRY(netlink.addresses()))
        if (a.ifindex == out.link.ifindex && !(a.v6 && a.ip6.b[0] == 0xfe && (a.ip6.b[1] & 0xc0) == 0x80))
            out.addresses.push_back((a.v6 ? a.ip6.to_string() : format_ip4(a.ip4)) + "/" +
                                    std::to_string(a.prefix));
    find_peer(netlink, out);
    return out;
}

}  // namespace weft::sys
