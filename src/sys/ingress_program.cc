// SPDX-License-Identifier: Apache-2.0
#include "sys/ingress_program.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "sys/bpf_folder.h"
#include "sys/bpf_link.h"
#include "sys/claim.h"
#include "sys/netlink.h"
#include "sys/netlink_attributes.h"

namespace weft::sys {
namespace {

constexpr uint32_t tcx_ingress = 46, tcx_egress = 47;  // BPF_TCX_, missing from Debian 12's headers
// The mark: this priority and name together. The handle tells filters of several processes apart.
constexpr uint32_t our_priority = 0xc0de;
constexpr const char* our_name = "weft_ingress";

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

/// Shows that the filter's process lives.
Result<Fd> hold(int ifindex, uint32_t handle) {
    return claim(fmt::format("{}/{}/{}", our_name, ifindex, handle));
}

constexpr int classic_drop = -1;  ///< in place of a program: one in the old instruction set

void put_program(nlmsghdr* header, int program) {
    if (program != classic_drop) return mnl_attr_put_u32(header, TCA_BPF_FD, static_cast<uint32_t>(program));
    const sock_filter drop{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = TC_ACT_SHOT};
    mnl_attr_put_u16(header, TCA_BPF_OPS_LEN, 1);
    mnl_attr_put(header, TCA_BPF_OPS, sizeof drop, &drop);
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
    put_program(filter.header(), program);
    mnl_attr_put_strz(filter.header(), TCA_BPF_NAME, our_name);
    mnl_attr_put_u32(filter.header(), TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
    mnl_attr_nest_end(filter.header(), options);
    if (const auto added = netlink.command(filter.bytes()); !added)
        return fail_code("add the ingress program", added.error().code);
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

Result<std::unique_ptr<IngressProgram>> IngressProgram::attach_by_filter(Netlink& netlink, int ifindex,
                                                                         int program,
                                                                         const std::string& pin) {
    if (!pin.empty())
        for (const Filter& filter : filters(netlink, ifindex, TC_H_MIN_INGRESS)) {
            if (!filter.is_ours()) continue;
            auto claim = hold(ifindex, filter.handle);
            if (!claim) continue;
            TRY(attach_clsact(netlink, program, ifindex, filter.handle));  // in place of the old program
            return std::unique_ptr<IngressProgram>(
                new IngressProgram(ifindex, std::move(*claim), filter.handle, pin));
        }
    for (auto handle = static_cast<uint32_t>(::getpid());; ++handle) {
        auto claim = hold(ifindex, handle);
        if (!claim && claim.error().code == EADDRINUSE) continue;
        if (!claim) return std::unexpected(claim.error());
        TRY(attach_clsact(netlink, program, ifindex, handle));
        return std::unique_ptr<IngressProgram>(new IngressProgram(ifindex, std::move(*claim), handle, pin));
    }
}

Result<std::unique_ptr<IngressProgram>> IngressProgram::attach(Netlink& netlink, int ifindex, int program,
                                                               const How& how) {
    if (how.method != Method::clsact) {
        auto link = attach_by_link(program, {.ifindex = ifindex, .type = tcx_ingress}, how.pin);
        if (link)
            return std::unique_ptr<IngressProgram>(new IngressProgram(ifindex, std::move(*link), 0, how.pin));
        if (how.method == Method::tcx) return std::unexpected(link.error());
    }
    return attach_by_filter(netlink, ifindex, program, how.pin);
}

Result<std::unique_ptr<IngressProgram>> IngressProgram::attach_classic_drop(Netlink& netlink, int ifindex) {
    return attach_by_filter(netlink, ifindex, classic_drop, {});
}

IngressProgram::~IngressProgram() {
    if (leave_) return;
    if (handle_ == 0) {
        if (!pin_.empty()) BpfFolder::remove(pin_);
        return;
    }
    if (auto netlink = Netlink::open()) detach_clsact(**netlink, ifindex_, handle_);
}

bool has_egress_filter(Netlink& netlink, int ifindex) {
    return !filters(netlink, ifindex, TC_H_MIN_EGRESS).empty() || has_link(ifindex, tcx_egress);
}

Result<std::vector<std::string>> remove_leftovers(Netlink& netlink, bool dry_run) {
    std::vector<std::string> out;
    for (const Link& link : TRY(netlink.links())) {
        for (const Filter& filter : filters(netlink, link.ifindex, TC_H_MIN_INGRESS)) {
            if (!filter.is_ours() || !hold(link.ifindex, filter.handle)) continue;
            if (!dry_run) detach_clsact(netlink, link.ifindex, filter.handle);
            out.push_back(link.name);
        }
    }
    return out;
}

}  // namespace weft::sys
