// SPDX-License-Identifier: Apache-2.0
// EbpfDatapath from one process to the next: what stays in the kernel when it ends, and how it takes over.
#include <algorithm>

#include "dp/ebpf/ebpf_datapath.h"

namespace weft::dp {

void EbpfDatapath::hold() {
    UserDatapath::hold();
    upcalls_.reset();
    if (!pins_) return;
    predecessor_ = pins_->generations();
    if (how_.adopt) return;
    sys::BpfFolder::remove(pins_->links());
    end_promiscuous_without_port();
    for (const std::string& generation : std::exchange(predecessor_, {})) sys::BpfFolder::remove(generation);
}

std::vector<LeftFlow> EbpfDatapath::left_flows() const {
    std::vector<LeftFlow> out;
    for (const std::string& generation : predecessor_) {
        if (!PinFolder::is_readable(generation)) continue;
        const auto earlier = Predecessor::open(generation);
        if (!earlier) continue;
        std::vector<LeftFlow> flows = (*earlier)->flows();
        std::ranges::move(flows, std::back_inserter(out));
    }
    return out;
}

/// Our maps outlive us.
Result<void> EbpfDatapath::keep() {
    if (pins_ && generation_.empty()) generation_ = TRY(pins_->add_generation(*program_));
    return {};
}

Result<void> EbpfDatapath::attach(DpPort number, Attached& attached) {
    TRY(keep());
    sys::IngressProgram::How how{.method = how_.method};
    if (pins_) how.pin = pins_->link(attached.ifindex);
    attached.program =
        TRY(sys::IngressProgram::attach(*kernel_->netlink, attached.ifindex, program_->ingress(), how));
    choose_hook(number, attached);
    // A network card that passes on only what is for the host would cut off the others while we are away.
    return pins_ ? pins_->promiscuous().begin(*kernel_->netlink, attached.ifindex) : Result<void>();
}

void EbpfDatapath::end_promiscuous_without_port() {
    const auto promiscuous = pins_->promiscuous();
    for (const int ifindex : promiscuous.all())
        if (std::ranges::none_of(
                attached_, [&](const auto& a) { return a.second.by_program && a.second.ifindex == ifindex; }))
            promiscuous.end(*kernel_->netlink, ifindex);
}

Result<void> EbpfDatapath::attach_all() {
    Result<void> outcome;
    const auto wants_xdp = [](const auto& a) { return a.second.wanted == HookChoice::xdp; };
    if (std::ranges::any_of(attached_, wants_xdp)) {
        [[maybe_unused]] const auto loaded = load_xdp();  // else each port says why it has no XDP
    }
    for (auto& [number, attached] : attached_) {
        if (!attached.by_program) continue;
        auto done = attach(number, attached);
        if (!done && outcome) outcome = std::move(done);
    }
    return outcome;
}

/// From each device's old program to ours: by one exchange, so that every packet meets one of them. What the
/// old ones sent up is forwarded before anything that ours do: a flow's packets stay in order.
Result<void> EbpfDatapath::go() {
    if (!is_held()) return {};
    Result<void> outcome = attach_all();
    if (pins_) {
        (void)sys::remove_leftovers(*kernel_->netlink);  // filters that were not taken over
        const sys::BpfFolder links(pins_->links());
        for (const std::string& name : links.names())
            if (std::ranges::none_of(attached_, [&](const auto& a) {
                    const std::string path = links.path_of(name);
                    return (a.second.by_program && path == pins_->link(a.second.ifindex)) ||
                           (a.second.xdp && path == pins_->xdp_link(a.second.ifindex));
                }))
                sys::BpfFolder::remove(links.path_of(name));  // no port any more, or XDP no more
        end_promiscuous_without_port();
    }
    const auto started = replace_predecessors();
    if (!started) return started;
    TRY(UserDatapath::go());
    return outcome;
}

Result<void> EbpfDatapath::replace_predecessors() {
    std::vector<std::unique_ptr<Predecessor>> earlier;
    std::vector<sys::BpfRing*> rings;
    if (!predecessor_.empty()) sys::wait_for_programs();  // the old ones run no more
    for (const std::string& generation : predecessor_) {
        if (!PinFolder::is_readable(generation)) continue;
        auto opened = Predecessor::open(generation);
        if (!opened) continue;
        rings.push_back(&(*opened)->ring());
        earlier.push_back(std::move(*opened));
    }
    upcalls_ = TRY(UpcallThread::start(shared_, clock_, *program_, rings));
    for (const std::string& generation : std::exchange(predecessor_, {})) sys::BpfFolder::remove(generation);
    return {};
}

/// At the end: with ports the programs stay, else nothing does.
void EbpfDatapath::let_go() {
    const bool stay =
        pins_ && std::ranges::any_of(attached_, [](const auto& a) { return a.second.program != nullptr; });
    for (auto& [number, attached] : attached_)
        if (stay && attached.program) {
            attached.program->leave();
            if (attached.xdp) attached.xdp->leave();
        }
    attached_.clear();
    if (stay || !pins_) return;
    if (!generation_.empty()) sys::BpfFolder::remove(generation_);
    pins_->tidy_up();
}

}  // namespace weft::dp
