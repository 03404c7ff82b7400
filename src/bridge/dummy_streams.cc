// SPDX-License-Identifier: Apache-2.0
#include "bridge/dummy_streams.h"

#include <set>

#include "dp/fake/fake_datapath.h"

namespace weft::bridge {

namespace {

bool has_stream(const Member& m) {
    return m.config.options.contains("stream") || m.config.options.contains("pstream");
}

dp::DummyPort* port_of(dp::Datapath& datapath, DpPort number) {
    auto* fake = dynamic_cast<dp::FakeDatapath*>(&datapath);
    return fake ? fake->port(number) : nullptr;
}

}  // namespace

DummyStreams::~DummyStreams() {
    for (auto& [name, r] : switch_.bridges())
        for (auto& [interface, m] : r.bridge->members)
            if (entries_.contains(interface))
                if (dp::DummyPort* port = port_of(r.backer->datapath(), m.dp_port)) port->listen({});
}

void DummyStreams::follow() {
    if (seen_ == switch_.changes()) return;
    seen_ = switch_.changes();
    std::set<std::string> wanted;
    for (auto& [name, r] : switch_.bridges())
        for (auto& [interface, m] : r.bridge->members) {
            if (!has_stream(m) || !port_of(r.backer->datapath(), m.dp_port)) continue;
            wanted.insert(interface);
            attach(m, r.backer->datapath());
        }
    for (auto it = entries_.begin(); it != entries_.end();) {
        if (wanted.contains(it->first)) {
            ++it;
            continue;
        }
        // The port may have lost its options, or be gone with its listener.
        for (auto& [name, r] : switch_.bridges())
            if (const auto m = r.bridge->members.find(it->first); m != r.bridge->members.end())
                if (dp::DummyPort* port = port_of(r.backer->datapath(), m->second.dp_port)) port->listen({});
        it = entries_.erase(it);
    }
}

void DummyStreams::attach(const Member& member, dp::Datapath& datapath) {
    Entry& entry = entries_[member.config.name];
    if (entry.datapath != &datapath || entry.port != member.dp_port) {
        entry.datapath = &datapath;
        entry.port = member.dp_port;
        auto* fake = dynamic_cast<dp::FakeDatapath*>(&datapath);
        entry.stream = std::make_unique<net::FrameStream>(
            loop_, transport_, [fake, number = member.dp_port](ByteSpan f) {
                fake->receive(number, packet::Packet::copy_of(f));
            });
    }
    net::FrameStream* stream = entry.stream.get();
    port_of(datapath, member.dp_port)->listen([stream](ByteSpan frame) { stream->send(frame); });
    net::FrameStream::Options options(member.config.options.begin(), member.config.options.end());
    (void)entry.stream->configure(options);
}

std::string_view DummyStreams::state(const std::string& port) const {
    const auto it = entries_.find(port);
    return it == entries_.end() ? "unknown" : it->second.stream->state();
}

}  // namespace weft::bridge
