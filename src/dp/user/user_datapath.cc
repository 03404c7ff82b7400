// SPDX-License-Identifier: Apache-2.0
#include "dp/user/user_datapath.h"

#include <algorithm>
#include <cerrno>

#include "dp/core/port_list.h"
#include "dp/dummy/dummy_port.h"
#include "dp/user/internal_port.h"
#include "dp/user/tap_port.h"
#include "sys/ingress_drop.h"

namespace weft::dp {
namespace {

constexpr Duration housekeeping = 200ms;
constexpr size_t device_name_max = 15;  ///< the kernel's IFNAMSIZ - 1

}  // namespace

Result<std::unique_ptr<UserDatapath>> UserDatapath::open(const loop::Clock& clock, Options options) {
    std::unique_ptr<UserDatapath> out(new UserDatapath(clock, std::move(options), TRY(Devices::open())));
    TRY(out->start_threads());
    return out;
}

Result<UserDatapath::Devices> UserDatapath::Devices::open() {
    auto kernel = TRY(Kernel::open());
    return Devices{std::move(kernel), TRY(sys::LinkMonitor::open())};
}

UserDatapath::UserDatapath(const loop::Clock& clock, Options options, Devices devices)
    : clock_(clock),
      kernel_(std::move(devices.kernel)),
      options_(std::move(options)),
      monitor_(std::move(devices.monitor)) {}

UserDatapath::~UserDatapath() {
    threads_.clear();
    set_tap({});
    shared_.ports.publish(std::make_unique<const PortMap>());
    shared_.domain.collect();
}

Result<void> UserDatapath::start_threads() {
    const size_t n = std::max<size_t>(1, options_.cores.size());
    for (size_t i = 0; i < n; ++i) {
        PollThread::Options o{.name = "pmd" + std::to_string(i), .core = {}, .seed = i + 1};
        if (!options_.cores.empty()) o.core = options_.cores[i];
        threads_.push_back(TRY(PollThread::start(shared_, clock_, std::move(o))));
    }
    return {};
}

Result<void> UserDatapath::set_cores(std::vector<int> cores) {
    if (cores == options_.cores) return {};
    for (const auto& t : threads_) {
        add_counters(retired_, t->counters());
        add_drops(retired_drops_, t->counters());
    }
    threads_.clear();
    options_.cores = std::move(cores);
    TRY(start_threads());
    if (held_) return {};
    for (const auto& port : shared_.ports.current().by_number)
        if (port) least_busy().add(port);
    return {};
}

PollThread& UserDatapath::least_busy() {
    return **std::ranges::min_element(threads_, {}, [](const auto& t) { return t->n_ports(); });
}

Result<std::unique_ptr<Port>> UserDatapath::open_port(DpPort number, const PortSpec& spec) {
    if (spec.type == "system" || spec.type.empty()) return SystemPort::open(*kernel_, number, spec);
    // Made by the eBPF datapath: kept with its addresses and routes.
    if (spec.type == "internal" && sys::InternalPair::exists(*kernel_->netlink, spec.name))
        return InternalPort::open(*kernel_, number, spec, SystemPort::Receiver::port);
    if (spec.type == "internal" || spec.type == "tap") return TapPort::open(*kernel_, number, spec);
    if (spec.type == "dummy") return DummyPort::open(clock_, number, spec);
    return fail("ports of type " + spec.type + " are not supported", EAFNOSUPPORT);
}

Result<DpPort> UserDatapath::add_port(const PortSpec& spec) {
    if (spec.name.size() > device_name_max) return fail(spec.name + ": name too long", ENAMETOOLONG);
    if (spec.name.find('/') != std::string::npos) return fail(spec.name + ": bad name", EINVAL);
    const DpPort number = TRY(free_number(shared_.ports.current(), spec));
    std::shared_ptr<Port> port = TRY(open_port(number, spec));
    publish_port(shared_, number, port);
    if (!held_) least_busy().add(std::move(port));
    return number;
}

Result<void> UserDatapath::go() {
    if (!std::exchange(held_, false)) return {};
    for (const auto& port : shared_.ports.current().by_number)
        if (port) least_busy().add(port);
    return {};
}

Result<void> UserDatapath::remove_port(DpPort number) {
    const std::shared_ptr<Port> port = TRY(find_port(shared_.ports.current(), number));
    for (const auto& t : threads_) t->remove(number);
    publish_port(shared_, number, nullptr);
    synchronize();
    port->retire();
    return {};
}

void UserDatapath::synchronize() {
    std::atomic<bool> passed{false};
    shared_.domain.retire([&passed] { passed = true; });
    // Threads that wait for packets are not pinned; those that forward are for one round.
    while (shared_.domain.collect(), !passed) std::this_thread::yield();
}

Result<void> UserDatapath::set_port_options(DpPort number, const PortSpec& spec) {
    return TRY(find_port(shared_.ports.current(), number))->set_options(spec);
}

Result<void> UserDatapath::set_port_up(DpPort number, bool up) {
    return TRY(find_port(shared_.ports.current(), number))->set_up(up);
}

void UserDatapath::set_slow_path_meter(DpPort number, std::optional<uint32_t> meter) {
    if (Port* port = shared_.ports.current().find(number)) port->set_slow_path_meter(meter);
}

DummyPort* UserDatapath::dummy(std::string_view name) const {
    for (const auto& p : shared_.ports.current().by_number)
        if (p && p->name() == name) return DummyPort::from(p.get());
    return nullptr;
}

std::vector<PortState> UserDatapath::ports() const {
    std::vector<PortState> out;
    for (const auto& p : shared_.ports.current().by_number)
        if (p) out.push_back(p->state());
    return out;
}

Result<PortState> UserDatapath::port_state(DpPort number) const {
    return TRY(find_port(shared_.ports.current(), number))->state();
}

Result<PortStats> UserDatapath::port_stats(DpPort number) const {
    return TRY(find_port(shared_.ports.current(), number))->stats();
}

Result<void> UserDatapath::put_flow(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode) {
    return shared_.flows.put(id, match, std::move(actions), mode);
}

void UserDatapath::execute(packet::Packet&& packet, const flow::FlowKey& key, ActionsPtr actions) {
    const auto pin = control_reader_.pin();
    control_engine_.begin(pin, clock_.now());
    control_engine_.execute(packet, key, *actions);
    control_engine_.flush();
}

void UserDatapath::set_handler(UpcallHandler* handler) {
    shared_.handler.store(handler, std::memory_order_release);
    synchronize();
}

DatapathStats UserDatapath::stats() const {
    DatapathStats s = retired_;
    for (const auto& t : threads_) add_counters(s, t->counters());
    add_counters(s, control_engine_.counters());
    s.flows = shared_.flows.size();
    s.masks = shared_.flows.n_masks();
    return s;
}

DropCounts UserDatapath::drops() const {
    DropCounts sum = retired_drops_;
    for (const auto& t : threads_) add_drops(sum, t->counters());
    add_drops(sum, control_engine_.counters());
    return sum;
}

DropCounts UserDatapath::port_drops(DpPort number) const {
    const Port* port = shared_.ports.current().find(number);
    return port ? port->drops() : DropCounts{};
}

std::vector<std::pair<DpPort, uint64_t>> UserDatapath::overflows() const {
    std::vector<std::pair<DpPort, uint64_t>> out;
    for (const auto& p : shared_.ports.current().by_number)
        if (p) out.emplace_back(p->number(), p->overflow());
    return out;
}

void UserDatapath::note_news() {
    sys::LinkMonitor::News news = monitor_->read();
    news_.all = news_.all || news.lost;
    for (const sys::LinkEvent& e : news.events) {
        news_.names.insert(e.link.name);
        // A device that was renamed is told of by its new name.
        for (const auto& p : shared_.ports.current().by_number)
            if (p && p->link_changed(e.link)) news_.names.insert(p->name());
    }
}

Time UserDatapath::run(Time now) {
    note_news();
    for (const auto& p : shared_.ports.current().by_number)
        if (p) p->housekeep(now);
    shared_.flows.tidy_up();
    shared_.samples.refill();
    return now + housekeeping;
}

Result<void> UserDatapath::remove_leftovers(std::span<const std::string> internal_ports) {
    if (!outlives_process()) TRY(sys::remove_leftovers(*kernel_->netlink));
    TRY(InternalPort::remove_leftovers(*kernel_, internal_ports));
    return TapPort::remove_leftovers(*kernel_, internal_ports);
}

}  // namespace weft::dp
