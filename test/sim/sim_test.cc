// SPDX-License-Identifier: Apache-2.0
#include "sim.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "bridge/openflow_net.h"
#include "openflow/message.h"

namespace weft::sim {
namespace {

uint64_t seed() {
    const char* given = std::getenv("SEED");
    return given ? std::strtoull(given, nullptr, 10) : 20260101;
}

/// Three switches in a row, a station at each end:  h1 - s1 - s2 - s3 - h2
struct Row {
    explicit Row(uint64_t number, LinkOptions options = {}) : sim(number) {
        for (const char* name : {"s1", "s2", "s3"}) {
            Node& node = sim.add_switch(name);
            node.add_port("p1");
            node.add_port("p2");
            node.add_port("p3");
            node.apply();
            nodes.push_back(&node);
        }
        h1 = &sim.add_host(*nodes[0], "p1");
        h2 = &sim.add_host(*nodes[2], "p2");
        h3 = &sim.add_host(*nodes[1], "p3");
        left = sim.connect(*nodes[0], "p2", *nodes[1], "p1", options);
        right = sim.connect(*nodes[1], "p2", *nodes[2], "p1", options);
    }
    std::string replay() const { return "to repeat: SEED=" + sim.trace().front(); }

    Sim sim;
    std::vector<Node*> nodes;
    Host *h1 = nullptr, *h2 = nullptr, *h3 = nullptr;
    size_t left = 0, right = 0;
};

void talk(Row& row, int rounds) {
    for (int i = 0; i < rounds; ++i) {
        row.sim.send(*row.h1, row.h2->mac);
        row.sim.run_for(10ms);
        row.sim.send(*row.h2, row.h1->mac);
        row.sim.run_for(10ms);
    }
}

TEST(Sim, an_address_once_seen_is_reached_without_flooding) {
    Row row(seed());
    row.sim.send(*row.h1, row.h2->mac);
    row.sim.run_for(50ms);
    EXPECT_EQ(row.h2->received.size(), 1u) << row.replay();
    EXPECT_EQ(row.h3->received.size(), 1u) << "the first frame is flooded";
    row.sim.send(*row.h2, row.h1->mac);
    row.sim.run_for(50ms);
    EXPECT_EQ(row.h1->received.size(), 1u);
    EXPECT_EQ(row.h3->received.size(), 1u) << "the answer is not";
}

TEST(Sim, a_link_that_fails_loses_frames_and_one_that_returns_carries_them) {
    Row row(seed());
    talk(row, 2);
    row.sim.set_link_up(row.right, false);
    const size_t before = row.h2->received.size();
    talk(row, 2);
    EXPECT_EQ(row.h2->received.size(), before) << row.replay();
    row.sim.set_link_up(row.right, true);
    row.sim.run_for(1s);
    talk(row, 1);
    EXPECT_GT(row.h2->received.size(), before);
}

TEST(Sim, a_station_that_moves_is_found_again_once_it_speaks) {
    Row row(seed());
    talk(row, 1);
    Host& moved = row.sim.add_host(*row.nodes[0], "p3");
    moved.mac = row.h2->mac;
    row.sim.send(moved, row.h1->mac);
    row.sim.run_for(1s);
    row.sim.send(*row.h1, moved.mac);
    row.sim.run_for(50ms);
    EXPECT_EQ(moved.received.size(), 1u) << row.replay();
}

/// A controller that says hello, and nothing else. Resource type.
struct Controller {
    explicit Controller(Sim& s) : sim(s) { open(); }
    void open() {
        auto made =
            sim.network().listen(*net::ConnectionName::parse("ptcp:6653", net::openflow_port),
                                 [this](std::unique_ptr<net::Stream> stream) { greet(std::move(stream)); });
        CHECK(made);
        listener = std::move(*made);
    }
    void greet(std::unique_ptr<net::Stream> stream) {
        ++greeted;
        sim.note("controller greets a switch");
        stream->start({});
        const openflow::Dialect dialect{.version = openflow::Version::v13};
        stream->send(as_chars(openflow::encode(
            {.xid = 1, .body = openflow::Hello{openflow::VersionSet{openflow::Version::v13}}}, dialect)));
        streams.push_back(std::move(stream));
    }
    void fail() {
        sim.note("controller fails");
        listener.reset();
        streams.clear();
    }

    Sim& sim;
    std::unique_ptr<net::Listener> listener;
    std::vector<std::unique_ptr<net::Stream>> streams;
    int greeted = 0;
};

TEST(Sim, a_controller_that_returns_is_found_again_and_meanwhile_switches_carry_on) {
    Sim sim(seed());
    Controller controller(sim);
    sim.open_openflow = [&](const bridge::Bridge& b, openflow::Switch& s) {
        return std::make_unique<bridge::OpenflowNet>(
            bridge::OpenflowNet::Options{
                .loop = sim.loop(), .transport = sim.network(), .rundir = {}, .log = {}},
            b, s);
    };
    Node& node = sim.add_switch("s1");
    node.add_port("p1");
    node.add_port("p2");
    bridge::ControllerConfig row;
    row.row = node.bridge().row;
    row.target = "tcp:10.0.0.1:6653";
    node.bridge().controllers.push_back(row);
    node.apply();
    Host& h1 = sim.add_host(node, "p1");
    Host& h2 = sim.add_host(node, "p2");

    const auto connected = [&] {
        return node.sw().find("br0")->openflow->status(sim.loop().now())[row.row].is_connected;
    };
    EXPECT_TRUE(sim.run_until(connected, 5s));
    sim.send(h1, h2.mac);
    sim.run_for(1s);
    EXPECT_TRUE(h2.received.empty()) << "the controller decides, and has no rule";

    controller.fail();
    sim.run_for(60s);
    EXPECT_FALSE(connected());
    sim.send(h1, h2.mac);
    sim.run_for(1s);
    EXPECT_EQ(h2.received.size(), 1u) << "a standalone bridge that is abandoned switches by itself";

    controller.open();
    EXPECT_TRUE(sim.run_until(connected, 30s));
    EXPECT_GE(controller.greeted, 2);
}

TEST(Sim, the_same_seed_gives_the_same_trace) {
    const auto run = [](uint64_t number) {
        Row row(number, {.delay = 2ms, .loss = 0.2});
        talk(row, 30);
        row.sim.set_link_up(row.left, false);
        talk(row, 5);
        row.sim.set_link_up(row.left, true);
        talk(row, 30);
        return row.sim.trace();
    };
    EXPECT_EQ(run(seed()), run(seed()));
    EXPECT_NE(run(seed()), run(seed() + 1));
}

}  // namespace
}  // namespace weft::sim
