// SPDX-License-Identifier: Apache-2.0
// A network in a process: whole switches on links with delay and loss, in virtual time, from one seed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/prng.h"
#include "bridge/driver.h"
#include "bridge/switch.h"
#include "dp/fake/fake_datapath.h"
#include "loop/loop.h"
#include "net/memory_transport.h"

namespace weft::sim {

struct LinkOptions {
    Duration delay = 1ms;
    double loss = 0;  ///< probability of losing a frame
};

/// One switch with one bridge, br0, whose ports are p1, p2 ... Resource type.
class Node {
  public:
    Node(loop::Loop& loop, std::string name,
         std::function<std::unique_ptr<bridge::OpenflowSide>(const bridge::Bridge&, openflow::Switch&)>
             open_openflow);

    const std::string& name() const { return name_; }
    /// The wanted state; apply() makes it true.
    bridge::Config config;
    bridge::BridgeConfig& bridge() { return config.bridges.front(); }
    void add_port(const std::string& port);
    void apply() { switch_.apply(config, loop_.now()); }

    bridge::Switch& sw() { return switch_; }
    dp::FakeDatapath& datapath() { return *datapath_; }
    dp::DummyPort& device(const std::string& port);
    void receive(const std::string& port, ByteSpan frame);

  private:
    bridge::Environment environment(
        std::function<std::unique_ptr<bridge::OpenflowSide>(const bridge::Bridge&, openflow::Switch&)>
            open_openflow);

    loop::Loop& loop_;
    std::string name_;
    dp::FakeDatapath* datapath_ = nullptr;  ///< the switch's
    bridge::Inbox inbox_;
    bridge::Switch switch_;
    bridge::Driver driver_;
};

/// A station on a port. Resource type.
struct Host {
    Mac mac;
    std::vector<Bytes> received;
};

/// Resource type. The same seed and the same calls give the same trace.
class Sim {
  public:
    explicit Sim(uint64_t seed);

    Node& add_switch(const std::string& name);
    Host& add_host(Node& node, const std::string& port);
    /// A cable between two ports; the number names it.
    size_t connect(Node& a, const std::string& port_a, Node& b, const std::string& port_b,
                   LinkOptions options = {});
    void set_link_up(size_t link, bool up);

    /// A frame of `size` bytes leaves the station.
    void send(const Host& from, Mac to, size_t size = 64);
    void run_for(Duration span) { loop_.run_for(span); }
    bool run_until(const std::function<bool()>& done, Duration limit) { return loop_.run_until(done, limit); }

    loop::Loop& loop() { return loop_; }
    net::MemoryTransport& network() { return network_; }
    /// Has a node's bridges connected to controllers over network(); set before add_switch().
    std::function<std::unique_ptr<bridge::OpenflowSide>(const bridge::Bridge&, openflow::Switch&)>
        open_openflow;
    /// All that happened, a line each.
    const std::vector<std::string>& trace() const { return trace_; }
    void note(std::string what);

  private:
    struct End {
        Node* node = nullptr;
        std::string port;
        Host* host = nullptr;
    };
    struct Link {
        End a, b;
        LinkOptions options;
        bool up = true;
    };
    void listen(size_t link, const End& from, const End& to);
    void carry(size_t link, const End& to, Bytes frame);
    void arrive(const End& at, const Bytes& frame);

    const uint64_t seed_;
    Prng prng_;
    loop::Clock clock_{loop::Clock::Kind::simulated};
    loop::Loop loop_{clock_};
    net::MemoryTransport network_{loop_, 1ms};
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::unique_ptr<Host>> hosts_;
    std::map<const Host*, End> attached_;
    std::vector<Link> links_;
    std::map<uint64_t, std::unique_ptr<loop::Timer>> in_flight_;
    uint64_t next_frame_ = 0;
    std::vector<std::string> trace_;
};

}  // namespace weft::sim
