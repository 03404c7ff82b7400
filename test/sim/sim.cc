// SPDX-License-Identifier: Apache-2.0
#include "sim.h"

#include <fmt/core.h>

#include "base/hash.h"

namespace weft::sim {

namespace {

constexpr Duration host_delay = 10us;

Uuid uuid_of(std::string_view name) {
    Prng prng(hash_bytes(as_bytes(name)));
    return Uuid::random(prng);
}

bridge::PortConfig port_config(const std::string& node, const std::string& port, const char* type) {
    bridge::InterfaceConfig i;
    i.row = uuid_of(node + "/" + port);
    i.name = port;
    i.type = type;
    bridge::PortConfig p;
    p.row = i.row;
    p.name = port;
    p.interfaces.push_back(std::move(i));
    return p;
}

}  // namespace

Node::Node(loop::Loop& loop, std::string name,
           std::function<std::unique_ptr<bridge::OpenflowSide>(const bridge::Bridge&, openflow::Switch&)>
               open_openflow)
    : loop_(loop),
      name_(std::move(name)),
      switch_(environment(std::move(open_openflow))),
      driver_(loop_, switch_, inbox_) {
    config.row = uuid_of(name_);
    bridge::BridgeConfig b;
    b.row = uuid_of(name_ + "/br0");
    b.name = "br0";
    b.datapath_type = "dummy";
    b.ports.push_back(port_config(name_, "br0", "internal"));
    config.bridges.push_back(std::move(b));
}

bridge::Environment Node::environment(
    std::function<std::unique_ptr<bridge::OpenflowSide>(const bridge::Bridge&, openflow::Switch&)>
        open_openflow) {
    bridge::Environment env;
    env.resolve_type = [](std::string_view type) { return std::string(type); };
    env.open_datapath = [this](const std::string& type) -> Result<std::unique_ptr<dp::Datapath>> {
        auto datapath = std::make_unique<dp::FakeDatapath>(
            loop_.clock(), dp::FakeDatapath::Options{.type = type, .name = "ovs-" + name_});
        datapath_ = datapath.get();
        return datapath;
    };
    env.open_openflow = std::move(open_openflow);
    env.sink = &inbox_;
    env.wake = [this] { driver_.wake(); };
    return env;
}

void Node::add_port(const std::string& port) { bridge().ports.push_back(port_config(name_, port, "dummy")); }

dp::DummyPort& Node::device(const std::string& port) {
    dp::DummyPort* found = datapath_ ? datapath_->port(port) : nullptr;
    CHECK(found);
    return *found;
}

void Node::receive(const std::string& port, ByteSpan frame) {
    datapath_->receive(device(port).number(), packet::Packet::copy_of(frame));
}

Sim::Sim(uint64_t seed) : seed_(seed), prng_(seed) { note(fmt::format("seed {}", seed_)); }

void Sim::note(std::string what) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(loop_.now().time_since_epoch());
    trace_.push_back(fmt::format("{:>10} {}", us.count(), what));
}

Node& Sim::add_switch(const std::string& name) {
    nodes_.push_back(std::make_unique<Node>(loop_, name, open_openflow));
    return *nodes_.back();
}

Host& Sim::add_host(Node& node, const std::string& port) {
    hosts_.push_back(std::make_unique<Host>());
    Host& host = *hosts_.back();
    host.mac = Mac::from_u64(0x020000000000u + hosts_.size());
    const End at{&node, port, nullptr}, station{nullptr, port, &host};
    attached_[&host] = at;
    links_.push_back({at, station, {.delay = host_delay}});
    listen(links_.size() - 1, at, station);
    return host;
}

size_t Sim::connect(Node& a, const std::string& port_a, Node& b, const std::string& port_b,
                    LinkOptions options) {
    links_.push_back({{&a, port_a, nullptr}, {&b, port_b, nullptr}, options});
    const size_t link = links_.size() - 1;
    listen(link, links_[link].a, links_[link].b);
    listen(link, links_[link].b, links_[link].a);
    return link;
}

void Sim::set_link_up(size_t link, bool up) {
    Link& l = links_[link];
    l.up = up;
    note(fmt::format("link {} {}", link, up ? "up" : "down"));
    for (const End* end : {&l.a, &l.b})
        if (end->node) end->node->device(end->port).set_up(up);
}

void Sim::listen(size_t link, const End& from, const End& to) {
    from.node->device(from.port).listen(
        [this, link, to](ByteSpan frame) { carry(link, to, Bytes(frame.begin(), frame.end())); });
}

void Sim::carry(size_t link, const End& to, Bytes frame) {
    const Link& l = links_[link];
    if (!l.up || static_cast<double>(prng_.below(1'000'000)) < l.options.loss * 1e6) return;
    const uint64_t id = next_frame_++;
    auto timer = std::make_unique<loop::Timer>(loop_, [this, id, to, frame = std::move(frame)] {
        const auto keep = std::move(in_flight_.extract(id).mapped());
        arrive(to, frame);
    });
    timer->after(l.options.delay);
    in_flight_[id] = std::move(timer);
}

void Sim::arrive(const End& at, const Bytes& frame) {
    const std::string where = at.node ? at.node->name() + ":" + at.port : at.host->mac.to_string();
    note(fmt::format("{} gets {} bytes #{:08x}", where, frame.size(), hash_bytes(frame) & 0xffffffff));
    if (at.node)
        at.node->receive(at.port, frame);
    else
        at.host->received.push_back(frame);
}

void Sim::send(const Host& from, Mac to, size_t size) {
    Bytes frame(size);
    std::copy(to.b.begin(), to.b.end(), frame.begin());
    std::copy(from.mac.b.begin(), from.mac.b.end(), frame.begin() + 6);
    frame[12] = 0x88;
    frame[13] = 0xb5;  // local experimental Ethertype
    frame[14] = static_cast<uint8_t>(next_frame_);
    const End& at = attached_.at(&from);
    note(fmt::format("{} sends to {}", from.mac.to_string(), to.to_string()));
    arrive(at, frame);
}

}  // namespace weft::sim
