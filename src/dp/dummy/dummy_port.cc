// SPDX-License-Identifier: Apache-2.0
#include "dp/dummy/dummy_port.h"

#include <charconv>

namespace weft::dp {
namespace {

constexpr uint64_t mac_base = 0xaa55aa550000;

std::string option(const PortSpec& spec, const std::string& name) {
    const auto it = spec.options.find(name);
    return it == spec.options.end() ? "" : it->second;
}

Result<std::shared_ptr<sys::PcapWriter>> create(const std::string& path) {
    if (path.empty()) return nullptr;
    return std::shared_ptr<sys::PcapWriter>(TRY(sys::PcapWriter::create(path)));
}

}  // namespace

Result<std::unique_ptr<Port>> DummyPort::open(const loop::Clock& clock, DpPort number, const PortSpec& spec) {
    std::unique_ptr<DummyPort> port(new DummyPort(clock, number, spec, TRY(sys::Event::open())));
    port->mac_ = Mac::from_u64(mac_base + number.value);
    TRY(port->set_options(spec));
    return port;
}

Result<void> DummyPort::set_options(const PortSpec& spec) {
    const std::string index = option(spec, "ifindex");
    ifindex_ = 0;
    std::from_chars(index.data(), index.data() + index.size(), ifindex_);
    if (const std::string text = option(spec, "mtu_request"); !text.empty())
        std::from_chars(text.data(), text.data() + text.size(), mtu_);
    set_mtu(mtu_);
    if (const auto mac = Mac::parse(option(spec, "mac"))) mac_ = *mac;

    std::map<std::string, std::string> wanted;
    for (const char* name : {"pcap", "rxq_pcap", "tx_pcap"})
        if (const std::string path = option(spec, name); !path.empty()) wanted[name] = path;
    if (wanted == files_) return {};  // a file is begun anew only if its option changes
    std::shared_ptr<sys::PcapWriter> received, sent;
    if (wanted.contains("pcap")) {
        received = sent = TRY(create(wanted["pcap"]));
    } else {
        received = TRY(create(option(spec, "rxq_pcap")));
        sent = TRY(create(option(spec, "tx_pcap")));
    }
    files_ = std::move(wanted);
    const std::lock_guard lock(mutex_);
    received_ = std::move(received);
    sent_ = std::move(sent);
    return {};
}

void DummyPort::capture(const std::shared_ptr<sys::PcapWriter>& file, const packet::Packet& frame) {
    if (file) file->write(frame.bytes(), clock_.since_1970());
}

void DummyPort::inject(packet::Packet&& frame) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= queue_max) return;
        frame.own();
        capture(received_, frame);
        queue_.push_back(std::move(frame));
    }
    arrived_.notify();
}

void DummyPort::receive(packet::Batch& out, uint32_t limit) {
    arrived_.drain();
    const std::lock_guard lock(mutex_);
    while (out.size() < limit && !queue_.empty()) {
        out.push(std::move(queue_.front()));
        queue_.pop_front();
    }
    if (!queue_.empty()) arrived_.notify();
}

Sent DummyPort::send(std::span<const packet::Packet* const> packets) {
    Sent sent;
    for (const packet::Packet* p : packets) {
        std::shared_ptr<const Listener> listener;
        {
            const std::lock_guard lock(mutex_);
            capture(sent_, *p);
            listener = listener_;
        }
        if (*listener) (*listener)(p->bytes());  // unlocked: it may inject
        ++sent.packets;
        sent.bytes += p->size();
    }
    return sent;
}

PortStats DummyPort::stats() const {
    PortStats s = counted();
    s.custom = {{"rx_custom_packets_1", s.rx_packets}, {"rx_custom_packets_2", s.rx_packets},
                {"rx_q0_packets", s.rx_packets},       {"rx_q0_bytes", s.rx_bytes},
                {"tx_q0_packets", s.tx_packets},       {"tx_q0_bytes", s.tx_bytes}};
    return s;
}

PortState DummyPort::state() const {
    PortState s;
    s.name = name();
    s.type = type();
    s.number = number();
    s.mac = mac_;
    s.mtu = mtu_;
    s.ifindex = ifindex_;
    s.admin_up = s.link_up = up_.load();
    return s;
}

}  // namespace weft::dp
