// SPDX-License-Identifier: Apache-2.0
#include "sys/ingress_drop.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sys/netlink.h"
#include "sys/netlink_attributes.h"

namespace weft::sys {
namespace {

constexpr auto tcx_ingress =
    static_cast<bpf_attach_type>(46);  // BPF_TCX_INGRESS, missing from Debian 12's headers
// The mark: this priority and name together. The handle tells filters of several processes apart.
constexpr uint32_t our_priority = 0xc0de;
constexpr const char* our_name = "weft_ingress_drop";

Result<Fd> bpf(bpf_cmd command, bpf_attr& attr, const char* what) {
    return fd_or_errno(static_cast<int>(::syscall(SYS_bpf, command, &attr, sizeof attr)), what);
}

/// The shortest program there is: every frame ends here.
Result<Fd> load_program() {
    bpf_insn code[2]{};
    code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
    code[0].dst_reg = BPF_REG_0;
    code[0].imm = TC_ACT_SHOT;
    code[1].code = BPF_JMP | BPF_EXIT;
    bpf_attr attr{};
    attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
    attr.insns = reinterpret_cast<uint64_t>(code);
    attr.insn_cnt = 2;
    attr.license = reinterpret_cast<uint64_t>("Apache-2.0");
    std::strncpy(attr.prog_name, "weft_drop", sizeof attr.prog_name - 1);
    return bpf(BPF_PROG_LOAD, attr, "load the ingress filter");
}

Result<Fd> attach_tcx(int program, int ifindex) {
    bpf_attr attr{};
    attr.link_create.prog_fd = static_cast<uint32_t>(program);
    attr.link_create.target_ifindex = static_cast<uint32_t>(ifindex);
    attr.link_create.attach_type = tcx_ingress;
    return bpf(BPF_LINK_CREATE, attr, "attach the ingress filter");
}

/// Resource type: a traffic control request for one device.
class TcRequest {
  public:
    TcRequest(Netlink& netlink, uint16_t type, uint16_t flags, int ifindex) {
        header_ = mnl_nlmsg_put_header(buffer_.data());
        header_->nlmsg_type = type;
        header_->nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
        header_->nlmsg_seq = netlink.next_seq();
        body_ = static_cast<tcmsg*>(mnl_nlmsg_put_extra_header(header_, sizeof(tcmsg)));
        body_->tcm_ifindex = ifindex;
    }
    TcRequest(const TcRequest&) = delete;

    nlmsghdr* header() { return header_; }
    tcmsg& body() { return *body_; }
    ByteSpan bytes() const { return {reinterpret_cast<const uint8_t*>(header_), header_->nlmsg_len}; }
    void address_filter(uint32_t handle) {
        body_->tcm_parent = TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS);
        body_->tcm_handle = handle;
        body_->tcm_info = TC_H_MAKE(our_priority << 16, htons(ETH_P_ALL));
        mnl_attr_put_strz(header_, TCA_KIND, "bpf");
    }

  private:
    alignas(8) std::array<char, 512> buffer_{};
    nlmsghdr* header_;
    tcmsg* body_;
};

/// Shows that the filter's process lives: an abstract socket address belongs to the network namespace, as the
/// device does, and goes with its last descriptor. code EADDRINUSE if another process holds it.
Result<Fd> hold(int ifindex, uint32_t handle) {
    Fd fd = TRY(fd_or_errno(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket for an ingress filter"));
    const std::string name = fmt::format("{}/{}/{}", our_name, ifindex, handle);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0)
        return fail_errno("claim an ingress filter");
    return fd;
}

Result<void> attach_clsact(Netlink& netlink, int program, int ifindex, uint32_t handle) {
    TcRequest qdisc(netlink, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, ifindex);
    qdisc.body().tcm_parent = TC_H_CLSACT;
    qdisc.body().tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
    mnl_attr_put_strz(qdisc.header(), TCA_KIND, "clsact");
    if (const auto made = netlink.command(qdisc.bytes()); !made && made.error().code != EEXIST)
        return fail_code("add clsact", made.error().code);
    TcRequest filter(netlink, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_ACK, ifindex);
    filter.address_filter(handle);
    nlattr* options = mnl_attr_nest_start(filter.header(), TCA_OPTIONS);
    mnl_attr_put_u32(filter.header(), TCA_BPF_FD, static_cast<uint32_t>(program));
    mnl_attr_put_strz(filter.header(), TCA_BPF_NAME, our_name);
    mnl_attr_put_u32(filter.header(), TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
    mnl_attr_nest_end(filter.header(), options);
    if (const auto added = netlink.command(filter.bytes()); !added)
        return fail_code("add the ingress filter", added.error().code);
    return {};
}

struct Filter {
    uint32_t handle = 0;  ///< 0: what stands for all filters of one priority
    std::string name;
    bool is_ours() const { return handle != 0 && name == our_name; }
};

Filter parse_filter(ByteSpan message) {
    const auto* h = reinterpret_cast<const nlmsghdr*>(message.data());
    Filter out;
    out.handle = static_cast<const tcmsg*>(mnl_nlmsg_get_payload(h))->tcm_handle;
    for_each_attribute(h, sizeof(tcmsg), [&](const nlattr* a) {
        if (mnl_attr_get_type(a) != TCA_OPTIONS) return;
        for_each_nested(a, [&](const nlattr* b) {
            if (mnl_attr_get_type(b) == TCA_BPF_NAME) out.name = mnl_attr_get_str(b);
        });
    });
    return out;
}

/// All filters on one side of a clsact qdisc.
std::vector<Filter> filters(Netlink& netlink, int ifindex, uint32_t side) {
    TcRequest ask(netlink, RTM_GETTFILTER, NLM_F_DUMP, ifindex);
    ask.body().tcm_parent = TC_H_MAKE(TC_H_CLSACT, side);
    std::vector<Filter> out;
    (void)netlink.exchange(ask.bytes(), [&](ByteSpan m) { out.push_back(parse_filter(m)); });
    return out;
}

void detach_clsact(Netlink& netlink, int ifindex, uint32_t handle) {
    TcRequest filter(netlink, RTM_DELTFILTER, NLM_F_ACK, ifindex);
    filter.address_filter(handle);
    (void)netlink.command(filter.bytes());  // the device may be gone
    // An empty clsact does nothing, whoever made it.
    if (!filters(netlink, ifindex, TC_H_MIN_INGRESS).empty() ||
        !filters(netlink, ifindex, TC_H_MIN_EGRESS).empty())
        return;
    TcRequest qdisc(netlink, RTM_DELQDISC, NLM_F_ACK, ifindex);
    qdisc.body().tcm_parent = TC_H_CLSACT;
    qdisc.body().tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0);
    mnl_attr_put_strz(qdisc.header(), TCA_KIND, "clsact");
    (void)netlink.command(qdisc.bytes());
}

}  // namespace

Result<std::unique_ptr<IngressDrop>> IngressDrop::attach(Netlink& netlink, int ifindex, Method method) {
    const Fd program = TRY(load_program());
    if (method != Method::clsact) {
        auto link = attach_tcx(program.get(), ifindex);
        if (link) return std::unique_ptr<IngressDrop>(new IngressDrop(ifindex, std::move(*link), 0));
        if (method == Method::tcx) return std::unexpected(link.error());
    }
    for (auto handle = static_cast<uint32_t>(::getpid());; ++handle) {
        auto claim = hold(ifindex, handle);
        if (!claim && claim.error().code == EADDRINUSE) continue;
        if (!claim) return std::unexpected(claim.error());
        TRY(attach_clsact(netlink, program.get(), ifindex, handle));
        return std::unique_ptr<IngressDrop>(new IngressDrop(ifindex, std::move(*claim), handle));
    }
}

IngressDrop::~IngressDrop() {
    if (handle_ == 0) return;
    if (auto netlink = Netlink::open()) detach_clsact(**netlink, ifindex_, handle_);
}

Result<void> remove_leftovers(Netlink& netlink) {
    for (const Link& link : TRY(netlink.links())) {
        for (const Filter& filter : filters(netlink, link.ifindex, TC_H_MIN_INGRESS))
            if (filter.is_ours() && hold(link.ifindex, filter.handle))
                detach_clsact(netlink, link.ifindex, filter.handle);
    }
    return {};
}

}  // namespace weft::sys
