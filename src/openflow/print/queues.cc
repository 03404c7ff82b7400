// SPDX-License-Identifier: Apache-2.0
// Queues: requests, statistics, configuration.
#include <algorithm>

#include "openflow/print/printer.h"

namespace weft::openflow {
namespace {

std::string request(OfPort port, uint32_t queue, const Printer& p) {
    return " port=" + p.port(port) + " queue=" + (queue == all_queues ? "ALL" : std::to_string(queue));
}

/// Tenths of a percent.
std::string rate(std::string_view name, uint16_t v) {
    constexpr uint16_t unset = 0xffff, whole = 1000;
    if (v == unset) return {};
    const std::string value =
        v > whole ? "(disabled)" : std::to_string(v / 10) + "." + std::to_string(v % 10) + "%";
    return " " + std::string(name) + ":" + value;
}

void add_queues(std::vector<QueueDesc> queues, Printer& p) {
    std::ranges::sort(queues, {}, [](const QueueDesc& q) { return std::pair(q.port, q.queue); });
    std::optional<OfPort> last;
    for (const QueueDesc& q : queues) {
        if (q.port != last) p.out += (last ? "port=" : " port=") + p.port(q.port) + "\n";
        last = q.port;
        p.out += "queue " + std::to_string(q.queue) + ":" + rate("min_rate", q.min_rate) +
                 rate("max_rate", q.max_rate) + "\n";
    }
}

}  // namespace

void print(const QueueStatsRequest& m, Printer& p) { p.out += request(m.port, m.queue, p); }
void print(const QueueDescRequest& m, Printer& p) { p.out += request(m.port, m.queue, p); }
void print(const QueueConfigRequest& m, Printer& p) { p.out += " port=" + p.port(m.port); }

void print(const QueueStatsReply& m, Printer& p) {
    p.out += " " + std::to_string(m.queues.size()) + " queues\n";
    for (const QueueStats& q : m.queues) {
        p.out += "  port " + p.port(q.port) + " queue " + std::to_string(q.queue) +
                 ": bytes=" + count(q.tx_bytes) + ", pkts=" + count(q.tx_packets) +
                 ", errors=" + count(q.tx_errors) + ", duration=" +
                 (q.duration_s == ~0u ? std::string("?") : duration(q.duration_s, q.duration_ns)) + "\n";
    }
}

void print(const QueueDescReply& m, Printer& p) { add_queues(m.queues, p); }

void print(const QueueConfigReply& m, Printer& p) {
    std::vector<QueueDesc> queues = m.queues;
    for (QueueDesc& q : queues) {
        if (q.port == ofpp::none) q.port = m.port;
    }
    if (queues.empty()) p.out += " port=" + p.port(m.port) + "\n";
    add_queues(std::move(queues), p);
}

}  // namespace weft::openflow
