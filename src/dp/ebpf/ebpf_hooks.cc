// SPDX-License-Identifier: Apache-2.0
// EbpfDatapath's hooks: at which place of the kernel the program of each port runs, and why there.
#include <algorithm>
#include <cerrno>

#include "dp/ebpf/ebpf_datapath.h"

namespace weft::dp {
namespace {

constexpr const char* hook_option = "ebpf-hook";

const char* by_tap(std::string_view type) {
    return type == "tap" ? "what the host sends by the device is read by user space"
                         : "what the host sends is read by user space, since the userspace datapath made the "
                           "device: remove the port and add it again to have the kernel forward that";
}

}  // namespace

Result<void> EbpfDatapath::set_port_options(DpPort port, const PortSpec& spec) {
    const auto done = UserDatapath::set_port_options(port, spec);
    const auto it = attached_.find(port);
    const auto option = spec.options.find(hook_option);
    if (it == attached_.end() || !it->second.by_program || option == spec.options.end()) return done;
    it->second.wanted = parse_hook(option->second);
    if (it->second.program) choose_hook(port, it->second);
    return done;
}

/// tc stays in any case: what XDP does not forward, it does.
void EbpfDatapath::choose_hook(DpPort number, Attached& attached) {
    attached.no_xdp.clear();
    if (attached.wanted != HookChoice::xdp) attached.xdp.reset();
    if (attached.wanted == HookChoice::xdp && !attached.xdp) {
        auto done = attach_xdp(number, attached);
        if (done)
            attached.xdp = std::move(*done);
        else
            attached.no_xdp = done.error().message;
    }
    if (xdp_) tell_xdp(number, attached);
}

/// Before it runs anywhere: a flow that went by tc while XDP knew its port not yet would be reordered.
Result<void> EbpfDatapath::load_xdp() {
    xdp_ = TRY(XdpHook::load(*program_, kernel_->ethtool));
    follow_xdp();
    return {};
}

Result<std::unique_ptr<sys::XdpProgram>> EbpfDatapath::attach_xdp(DpPort number, Attached& attached) {
    if (!xdp_) TRY(load_xdp());
    tell_xdp(number, attached);
    const sys::Link device = TRY(kernel_->netlink->link(attached.ifindex));
    attached.xdp_mtu = device.mtu;
    return xdp_->attach(device, pins_ ? pins_->xdp_link(attached.ifindex) : std::string());
}

/// What XDP's programs have to know of a device.
void EbpfDatapath::tell_xdp(DpPort number, const Attached& attached) {
    const auto device = kernel_->netlink->link(attached.ifindex);
    const uint32_t flags = device ? xdp_->flags_of(*device) : 0;
    std::atomic_ref(program_->state().out_ports[number.value].xdp).store(flags, std::memory_order_release);
}

/// Once the MTU has been raised. Off first: else the kernel keeps the other end's limit.
void EbpfDatapath::take_pieces(DpPort number, Attached& attached) {
    const auto device = kernel_->netlink->link(attached.ifindex);
    if (!attached.xdp || !device) return;
    if (!XdpHook::has_pieces(device->mtu) || XdpHook::has_pieces(attached.xdp_mtu)) return;
    attached.xdp.reset();
    choose_hook(number, attached);
}

/// It changes, as when somebody turns off NAPI at the other end of a veth.
void EbpfDatapath::follow_xdp() {
    if (!xdp_) return;
    for (auto& [number, attached] : attached_) {
        take_pieces(number, attached);
        if (attached.by_program) tell_xdp(number, attached);
    }
}

void EbpfDatapath::set_straight(DpPort number, uint64_t address) {
    __u64& shared = program_->state().out_ports[number.value].straight_to;
    std::atomic_ref(reinterpret_cast<uint64_t&>(shared)).store(address, std::memory_order_release);
}

/// A device that was changed may take nothing now; the next look tells.
void EbpfDatapath::close_straight_ways() {
    for (const auto& [number, attached] : attached_) {
        const Port* port = shared_.ports.current().find(number);
        if (port && (news().all || news().names.contains(port->name()))) set_straight(number, 0);
    }
}

/// What tells whether a port may have one changes in places that tell of no event: so some ports are looked
/// at each time, in turn.
void EbpfDatapath::open_straight_ways(Time now) {
    constexpr size_t looked_at = 100;
    constexpr Duration trusted = 3s;
    straight_.look();
    __u64& until = program_->state().straight_until;
    std::atomic_ref(reinterpret_cast<uint64_t&>(until))
        .store(static_cast<uint64_t>((now + trusted).time_since_epoch().count()), std::memory_order_relaxed);
    auto it = attached_.lower_bound(next_straight_);
    for (size_t i = 0; i < std::min(looked_at, attached_.size()); ++i, ++it) {
        if (it == attached_.end()) it = attached_.begin();
        if (it->second.by_program) set_straight(it->first, straight_.address_of(it->second.ifindex));
    }
    next_straight_ = it == attached_.end() ? DpPort{} : it->first;
}

std::map<std::string, std::string> EbpfDatapath::hook_status(const PortState& port) const {
    const auto it = attached_.find(port.number);
    if (it != attached_.end() && it->second.program) {
        const bool tcx = it->second.program->method() == Method::tcx;
        const std::string tc = tcx ? "tc ingress (tcx) keeps checksum and segmentation offloads whole"
                                   : "tc ingress (clsact: the kernel has no tcx)";
        if (it->second.xdp)
            return {{"ebpf_hook", "xdp"},
                    {"ebpf_hook_reason", "asked for by other_config:ebpf-hook; what XDP cannot do, tc does"}};
        if (!it->second.no_xdp.empty())
            return {{"ebpf_hook", "tc"}, {"ebpf_hook_reason", "XDP was asked for: " + it->second.no_xdp}};
        return {{"ebpf_hook", "tc"}, {"ebpf_hook_reason", tc}};
    }
    if (port.number.value >= weft_ports_max)
        return {{"ebpf_hook", "none"},
                {"ebpf_hook_reason", "its number in the datapath is " + std::to_string(port.number.value) +
                                         ", and the kernel forwards for numbers below " +
                                         std::to_string(weft_ports_max) + ": user space does"}};
    return {{"ebpf_hook", "none"},
            {"ebpf_hook_reason", it != attached_.end()
                                     ? by_tap(port.type)
                                     : "the kernel does not forward for this port: user space does"}};
}

PortState EbpfDatapath::with_hook(PortState state) const {
    state.status.merge(hook_status(state));
    return state;
}

std::vector<PortState> EbpfDatapath::ports() const {
    std::vector<PortState> out = UserDatapath::ports();
    for (PortState& state : out) state = with_hook(std::move(state));
    return out;
}

Result<PortState> EbpfDatapath::port_state(DpPort port) const {
    return with_hook(TRY(UserDatapath::port_state(port)));
}

}  // namespace weft::dp
