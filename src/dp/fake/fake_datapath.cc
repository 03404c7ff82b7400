// SPDX-License-Identifier: Apache-2.0
#include "dp/fake/fake_datapath.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "dp/core/port_list.h"

namespace weft::dp {

namespace {

constexpr Duration housekeeping = 500ms;

/// Open vSwitch's dummies take their number from their name, so that tests can tell it: p3 is 3, br3 is 103.
std::optional<DpPort> number_of_name(std::string_view name) {
    const size_t digits = name.find_first_of("0123456789");
    if (digits == std::string_view::npos) return std::nullopt;
    uint32_t number = 0;
    std::from_chars(name.data() + digits, name.data() + name.size(), number);
    if (name.starts_with("br")) number += 100;
    if (number == 0) return std::nullopt;
    return DpPort{number};
}

}  // namespace

FakeDatapath::~FakeDatapath() {
    set_tap({});
    shared_.ports.publish(std::make_unique<const PortMap>());
    shared_.domain.collect();
}

DummyPort* FakeDatapath::port(std::string_view name) const {
    for (const auto& p : shared_.ports.current().by_number)
        if (p && p->name() == name) return DummyPort::from(p.get());
    return nullptr;
}

FakeDatapath::FakeDatapath(const loop::Clock& clock, Options options)
    : clock_(clock), options_(std::move(options)), engine_(shared_, options_.seed) {
    // The datapath's own port, as Open vSwitch's dummy has it.
    const auto own =
        add_port({.name = options_.name, .type = "internal", .options = {}, .request = DpPort{0}});
    CHECK(own);
}

Result<DpPort> FakeDatapath::add_port(const PortSpec& wanted) {
    constexpr std::array known{"", "system", "internal", "tap", "dummy", "dummy-internal", "dummy-pmd"};
    if (std::ranges::find(known, wanted.type) == known.end())
        return fail("ports of type " + wanted.type + " are not supported", EAFNOSUPPORT);
    PortSpec spec = wanted;
    if (spec.type == "internal") spec.type = "dummy-internal";
    if (!spec.request) spec.request = number_of_name(spec.name);
    const DpPort number = TRY(free_number(shared_.ports.current(), spec));
    publish_port(shared_, number, TRY(DummyPort::open(clock_, number, spec)));
    return number;
}

Result<void> FakeDatapath::remove_port(DpPort number) {
    TRY(find_port(shared_.ports.current(), number));
    publish_port(shared_, number, nullptr);
    shared_.domain.collect();
    return {};
}

Result<void> FakeDatapath::set_port_options(DpPort number, const PortSpec& spec) {
    return TRY(find_port(shared_.ports.current(), number))->set_options(spec);
}

Result<void> FakeDatapath::set_port_up(DpPort number, bool up) {
    return TRY(find_port(shared_.ports.current(), number))->set_up(up);
}

std::vector<PortState> FakeDatapath::ports() const {
    std::vector<PortState> out;
    for (const auto& p : shared_.ports.current().by_number)
        if (p) out.push_back(p->state());
    return out;
}

Result<PortState> FakeDatapath::port_state(DpPort number) const {
    return TRY(find_port(shared_.ports.current(), number))->state();
}

Result<PortStats> FakeDatapath::port_stats(DpPort number) const {
    return TRY(find_port(shared_.ports.current(), number))->stats();
}

DeviceNews FakeDatapath::take_news() {
    DeviceNews out;
    for (const auto& p : shared_.ports.current().by_number)
        if (DummyPort* dummy = DummyPort::from(p.get()); dummy && dummy->take_change())
            out.names.insert(p->name());
    return out;
}

bool FakeDatapath::receive(DpPort number, packet::Packet&& frame) {
    DummyPort* in = port(number);
    if (!in) return false;
    in->inject(std::move(frame));
    if (!forwarding_) forward_waiting();
    return true;
}

void FakeDatapath::forward_waiting() {
    forwarding_ = true;
    for (bool any = true; any;) {
        any = false;
        const auto pin = reader_.pin();
        const PortMap& ports = shared_.ports.read(pin);
        for (const auto& port : ports.by_number) {
            packet::Batch batch;
            if (port) port->receive(batch, packet::Batch::capacity);
            if (batch.empty()) continue;
            any = true;
            uint64_t bytes = 0;
            for (const packet::Packet& p : batch) bytes += p.size();
            port->count_received(batch.size(), bytes);
            engine_.begin(pin, clock_.now());
            engine_.process(batch.packets(), port->number());
            engine_.flush();
        }
    }
    forwarding_ = false;
}

void FakeDatapath::execute(packet::Packet&& packet, const flow::FlowKey& key, ActionsPtr actions) {
    const bool outermost = !std::exchange(forwarding_, true);
    {
        // An engine of its own: a handler of ours may be what calls this, from within process().
        Engine engine(shared_, options_.seed);
        const auto pin = reader_.pin();
        engine.begin(pin, clock_.now());
        engine.execute(packet, key, *actions);
        engine.flush();
        add_drops(executed_drops_, engine.counters());
    }
    if (outermost) forward_waiting();
}

DatapathStats FakeDatapath::stats() const {
    DatapathStats s;
    add_counters(s, engine_.counters());
    s.flows = shared_.flows.size();
    s.masks = shared_.flows.n_masks();
    return s;
}

DropCounts FakeDatapath::drops() const {
    DropCounts sum = executed_drops_;
    add_drops(sum, engine_.counters());
    return sum;
}

DropCounts FakeDatapath::port_drops(DpPort number) const {
    const Port* port = shared_.ports.current().find(number);
    return port ? port->drops() : DropCounts{};
}

Time FakeDatapath::run(Time now) {
    if (!forwarding_) forward_waiting();
    shared_.flows.tidy_up();
    shared_.samples.refill();
    return now + housekeeping;
}

}  // namespace weft::dp
