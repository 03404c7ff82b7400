// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/ebpf_datapath.h"

#include <cerrno>

#include "dp/core/port_list.h"
#include "dp/user/internal_port.h"

namespace weft::dp {
namespace {

constexpr uint32_t to_host = 1;  // BPF_F_INGRESS

bool is_system(const PortSpec& spec) { return spec.type == "system" || spec.type.empty(); }

template <class T>
std::atomic_ref<uint32_t> atomic(T& word) {
    static_assert(sizeof word == sizeof(uint32_t));
    return std::atomic_ref(reinterpret_cast<uint32_t&>(word));
}

/// A counter that programs add to.
uint64_t read(const __u64& counter) {
    return std::atomic_ref(reinterpret_cast<uint64_t&>(const_cast<__u64&>(counter)))
        .load(std::memory_order_relaxed);
}

}  // namespace

Result<std::unique_ptr<EbpfDatapath>> EbpfDatapath::open(const loop::Clock& clock, Options options, How how) {
    auto program = TRY(KernelProgram::load());
    std::unique_ptr<EbpfDatapath> out(new EbpfDatapath(clock, std::move(options), TRY(Devices::open()),
                                                       std::move(program), std::move(how)));
    TRY(out->start());
    return out;
}

EbpfDatapath::EbpfDatapath(const loop::Clock& clock, Options options, Devices devices,
                           std::unique_ptr<KernelProgram> program, How how)
    : UserDatapath(clock, std::move(options), std::move(devices)),
      how_(std::move(how)),
      program_(std::move(program)) {
    if (!how_.keep_in.empty()) pins_.emplace(how_.keep_in);
}

Result<void> EbpfDatapath::start() {
    const auto sends_by = [this](DpPort port) {
        return port.value < weft_ports_max && !user_only_[port.value].load(std::memory_order_relaxed);
    };
    shared_.meters.set_cells([this](uint32_t id) { return meters_.cell(id); });
    flows_ = TRY(KernelFlows::make(*program_, sends_by));
    shared_.flows.set_mirror(flows_.get());
    upcalls_ = TRY(UpcallThread::start(shared_, clock_, *program_));
    return start_threads();
}

EbpfDatapath::~EbpfDatapath() {
    let_go();
    upcalls_.reset();
    shared_.flows.set_mirror(nullptr);
}

Result<std::unique_ptr<Port>> EbpfDatapath::open_port(DpPort number, const PortSpec& spec) {
    constexpr auto by_program = SystemPort::Receiver::program_in_kernel;
    if (number.value >= weft_ports_max) return UserDatapath::open_port(number, spec);
    if (is_system(spec)) return SystemPort::open(*kernel_, number, spec, by_program);
    if (spec.type == "internal" && !is_tap(spec.name))
        return InternalPort::open(*kernel_, number, spec, by_program);
    return UserDatapath::open_port(number, spec);
}

/// There is one already, as the userspace datapath makes: it keeps its addresses and routes.
bool EbpfDatapath::is_tap(const std::string& name) const {
    const auto link = kernel_->netlink->link(name);
    return link && link->kind == "tun";
}

Result<DpPort> EbpfDatapath::add_port(const PortSpec& spec) {
    const DpPort number = TRY(UserDatapath::add_port(spec));
    if (const auto connected = connect(number); !connected) {
        disconnect(number);
        TRY(UserDatapath::remove_port(number));
        return std::unexpected(connected.error());
    }
    return number;
}

Result<void> EbpfDatapath::connect(DpPort number) {
    if (number.value >= weft_ports_max) return {};
    const std::shared_ptr<Port> port = TRY(find_port(shared_.ports.current(), number));
    const bool user_only = port->device() == 0;
    // Flows may name the port already.
    if (user_only_[number.value].exchange(user_only) != user_only) {
        flows_->ports_changed();
        shared_.flows.mirror_again();
    }
    if (user_only) return {};
    for (uint32_t stripe = 0; stripe < program_->config().stripes; ++stripe)
        program_->state().sent[stripe][number.value] = {};  // an earlier port's
    const bool by_user = port->wait_fd() >= 0;  // a tap: what the host sends comes by its descriptor
    Attached& attached = attached_[number];
    attached.ifindex = port->device();
    weft_out_port& out = program_->state().out_ports[number.value];
    out.frame_max = port->frame_max();
    out.flags = by_user ? to_host : 0;
    atomic(out.ifindex).store(static_cast<uint32_t>(attached.ifindex), std::memory_order_release);
    if (by_user) return {};
    TRY(announce(number, attached.ifindex));
    attached.by_program = true;
    return is_held() ? Result<void>() : attach(number, attached);
}

/// The slot of a device, or the one it could have; null if all of those are taken.
weft_in_port* EbpfDatapath::in_port_slot(uint32_t ifindex) {
    weft_in_port* free = nullptr;
    for (uint32_t i = 0; i < weft_port_probes; ++i) {
        weft_in_port& slot = program_->state().in_ports[(ifindex + i) % weft_port_slots];
        if (slot.ifindex == ifindex) return &slot;
        if (!free && (slot.ifindex == 0 || slot.port == 0)) free = &slot;
        if (slot.ifindex == 0) break;
    }
    return free;
}

Result<void> EbpfDatapath::announce(DpPort number, int ifindex) {
    weft_in_port* slot = in_port_slot(static_cast<uint32_t>(ifindex));
    if (!slot) return fail("the eBPF datapath has no room for another device: remove some ports", ENOSPC);
    atomic(slot->port).store(number.value, std::memory_order_release);
    atomic(slot->ifindex).store(static_cast<uint32_t>(ifindex), std::memory_order_release);
    return {};
}

void EbpfDatapath::disconnect(DpPort number) {
    const auto it = attached_.find(number);
    if (it == attached_.end()) return;
    it->second.xdp.reset();
    it->second.program.reset();
    if (pins_) pins_->promiscuous().end(*kernel_->netlink, it->second.ifindex);
    atomic(program_->state().out_ports[number.value].xdp).store(0, std::memory_order_release);
    set_straight(number, 0);
    atomic(program_->state().out_ports[number.value].ifindex).store(0, std::memory_order_release);
    // The slot keeps its device, so that the search for others goes on behind it.
    weft_in_port* slot = in_port_slot(static_cast<uint32_t>(it->second.ifindex));
    if (slot && slot->port == number.value) atomic(slot->port).store(0, std::memory_order_release);
    attached_.erase(it);
}

Result<void> EbpfDatapath::remove_port(DpPort number) {
    TRY(find_port(shared_.ports.current(), number));
    disconnect(number);
    return UserDatapath::remove_port(number);
}

void EbpfDatapath::follow_mtu() {
    for (const auto& [number, attached] : attached_)
        if (const Port* port = shared_.ports.current().find(number))
            atomic(program_->state().out_ports[number.value].frame_max)
                .store(port->frame_max(), std::memory_order_relaxed);
}

void EbpfDatapath::note_news() {
    UserDatapath::note_news();
    close_straight_ways();
    follow_mtu();
}

void EbpfDatapath::set_vlan_limit(unsigned tags) {
    UserDatapath::set_vlan_limit(tags);
    atomic(program_->state().vlan_tags).store(tags, std::memory_order_relaxed);
}

bool EbpfDatapath::set_tap(const std::optional<flow::Match>& match) {
    const bool done = UserDatapath::set_tap(match);
    atomic(program_->state().all_up).store(match.has_value(), std::memory_order_release);
    return done;
}

void EbpfDatapath::weigh_hints() {
    const weft_counters now = program_counters(), before = std::exchange(weighed_, now);
    const auto used = atomic(program_->state().hints);
    const bool many_masks = program_->state().n_masks > weft_hint_masks;
    if (many_masks && used.load(std::memory_order_relaxed) == hint_switch_.on())
        hint_switch_.step(now.hit - before.hit + now.up[weft_miss] - before.up[weft_miss],
                          now.masks_tried - before.masks_tried);
    used.store(many_masks && hint_switch_.on(), std::memory_order_relaxed);
}

Time EbpfDatapath::run(Time now) {
    atomic(program_->state().drop_samples).store(DropSamples::per_refill, std::memory_order_relaxed);
    flows_->put_busiest_first();
    constexpr Duration interval = 1s;
    if (now - followed_ >= interval) {
        followed_ = now;
        follow_xdp();
        open_straight_ways(now);
        weigh_hints();
    }
    return UserDatapath::run(now);
}

Result<PortStats> EbpfDatapath::port_stats(DpPort number) const {
    PortStats s = TRY(UserDatapath::port_stats(number));
    const auto it = attached_.find(number);
    if (it == attached_.end()) return s;
    for (uint32_t stripe = 0; stripe < program_->config().stripes; ++stripe) {  // no more are mapped
        const weft_port_counters& sent = program_->state().sent[stripe][number.value];
        s.tx_packets += read(sent.packets);
        s.tx_bytes += read(sent.bytes);
    }
    return s;
}

weft_counters EbpfDatapath::program_counters() const {
    weft_counters sum{};
    for (const weft_counters& c : program_->state().counters) {
        sum.hit += read(c.hit);
        sum.masks_tried += read(c.masks_tried);
        for (size_t i = 0; i < std::size(c.up); ++i) sum.up[i] += read(c.up[i]);
        for (size_t i = 0; i < std::size(c.lost); ++i) sum.lost[i] += read(c.lost[i]);
    }
    return sum;
}

void EbpfDatapath::settle() const {
    const uint64_t position = program_->ring().produced();
    while (program_->ring().consumed() < position) std::this_thread::yield();
}

DatapathStats EbpfDatapath::stats() const {
    DatapathStats s = UserDatapath::stats();
    if (upcalls_) add_counters(s, upcalls_->counters());
    const weft_counters c = program_counters();
    s.hit += c.hit;
    s.mask_hit += c.masks_tried;
    s.lost += c.lost[weft_ring_full] + c.lost[weft_share_used] + c.lost[weft_too_long] + c.lost[weft_overrun];
    if (upcalls_) s.lost += upcalls_->unknown_segmentation();
    return s;
}

DropCounts EbpfDatapath::port_drops(DpPort port) const {
    DropCounts sum = UserDatapath::port_drops(port);
    if (port.value >= weft_ports_max) return sum;
    const weft_share& share = program_->state().shares[port.value];
    sum[static_cast<size_t>(Drop::upcall_lost)] += read(share.lost);
    sum[static_cast<size_t>(Drop::meter)] += read(share.over_rate);
    return sum;
}

DropCounts EbpfDatapath::drops() const {
    DropCounts sum = UserDatapath::drops();
    if (upcalls_) add_drops(sum, upcalls_->counters());
    const weft_counters c = program_counters();
    const auto add = [&](Drop reason, uint64_t n) { sum[static_cast<size_t>(reason)] += n; };
    add(Drop::explicit_drop, c.lost[weft_drop_action]);
    add(Drop::upcall_lost,
        c.lost[weft_ring_full] + c.lost[weft_share_used] + c.lost[weft_too_long] + c.lost[weft_overrun]);
    add(Drop::mtu, c.lost[weft_beyond_mtu]);
    add(Drop::recirculation, c.lost[weft_too_deep]);
    add(Drop::invalid_port, c.lost[weft_invalid_port]);
    add(Drop::meter, c.lost[weft_over_rate]);
    if (upcalls_) add(Drop::offload, upcalls_->unknown_segmentation());
    add(Drop::tx, c.lost[weft_edit_failed]);
    return sum;
}

}  // namespace weft::dp
