// SPDX-License-Identifier: Apache-2.0
// Ports and queues.
#include <algorithm>

#include "base/spelling.h"
#include "cli/ofctl/tool.h"
#include "openflow/number_text.h"
#include "openflow/print/json.h"

namespace weft::cli::ofctl {
namespace {

using openflow::Version;
namespace config = openflow::port_config;

struct PortAction {
    std::string_view name;
    uint32_t bit;
    bool set;
};
constexpr PortAction port_actions[] = {
    {"up", config::port_down, false},
    {"down", config::port_down, true},
    {"stp", config::no_stp, false},
    {"no-stp", config::no_stp, true},
    {"receive", config::no_recv, false},
    {"no-receive", config::no_recv, true},
    {"receive-stp", config::no_recv_stp, false},
    {"no-receive-stp", config::no_recv_stp, true},
    {"flood", config::no_flood, false},
    {"no-flood", config::no_flood, true},
    {"forward", config::no_fwd, false},
    {"no-forward", config::no_fwd, true},
    {"packet-in", config::no_packet_in, false},
    {"no-packet-in", config::no_packet_in, true},
};

Result<openflow::PortDesc> find_port(Client& client, const std::string& text) {
    const auto number = flow::parse_port(text);
    std::optional<openflow::PortDesc> found;
    TRY(client.collect(openflow::PortDescRequest{}, [&](ByteSpan part) {
        const auto message = openflow::decode(part, client.dialect());
        const auto* reply = message ? std::get_if<openflow::PortDescReply>(&message->body) : nullptr;
        if (!reply) return;
        for (const auto& p : reply->ports) {
            if (number ? p.number == *number : p.name == text) found = p;
        }
    }));
    if (!found) return fail(client.target() + ": couldn't find port `" + text + "'");
    return *found;
}

Result<uint32_t> queue_number(const std::string& text) {
    if (text == "ALL" || text == "all" || text == "ANY" || text == "any") return openflow::all_queues;
    return TRY(openflow::parse_u32(text));
}

/// The port and queue of `[PORT [QUEUE]]`; none is all.
struct QueuePlace {
    OfPort port = ofpp::none;
    uint32_t queue = openflow::all_queues;
};
Result<QueuePlace> queue_place(Tool& t, Args args) {
    QueuePlace out;
    const bool has_port =
        args.size() > 1 && !args[1].empty() && args[1] != "ALL" && args[1] != "all" && args[1] != "ANY";
    if (has_port) out.port = TRY(t.port(args[0], args[1]));
    if (args.size() > 2) out.queue = TRY(queue_number(args[2]));
    return out;
}

/// In 1.0 one port at a time tells its queues.
Result<> queues_of_each(Tool& t, Client& client, OfPort only) {
    std::vector<OfPort> ports;
    if (only != ofpp::none) {
        ports.push_back(only);
    } else {
        TRY(client.collect(openflow::PortDescRequest{}, [&](ByteSpan part) {
            const auto message = openflow::decode(part, client.dialect());
            const auto* reply = message ? std::get_if<openflow::PortDescReply>(&message->body) : nullptr;
            if (!reply) return;
            for (const auto& p : reply->ports) {
                if (p.number.value < ofpp::max.value) ports.push_back(p.number);
            }
        }));
    }
    openflow::JsonList list;
    for (const OfPort port : ports) {
        const Bytes reply = TRY(client.ask(openflow::QueueConfigRequest{port}));
        if (t.settings().json)
            list.add(reply, client.dialect());
        else
            t.print(openflow::print_message(reply, t.print_options(1)));
    }
    if (t.settings().json) t.add_json("queues", std::move(list).take());
    return {};
}

}  // namespace

Result<> dump_ports(Tool& t, Args args) {
    const OfPort port = args.size() > 1 ? TRY(t.port(args[0], args[1])) : ofpp::none;
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::PortStatsRequest{port}, "ports");
}

Result<> dump_ports_desc(Tool& t, Args args) {
    const OfPort port = args.size() > 1 ? TRY(t.port(args[0], args[1])) : ofpp::none;
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::PortDescRequest{port}, "ports");
}

Result<> mod_port(Tool& t, Args args) {
    const auto client = TRY(t.open(args[0]));
    const auto port = TRY(find_port(*client, args[1]));
    const auto action = std::ranges::find(port_actions, args[2], &PortAction::name);
    if (action == std::end(port_actions)) {
        std::vector<std::string_view> known;
        for (const auto& a : port_actions) known.push_back(a.name);
        return fail("unknown mod-port command '" + args[2] + "'" + hint(args[2], known));
    }
    const openflow::Body change[] = {openflow::PortMod{.number = port.number,
                                                       .hw_addr = port.hw_addr,
                                                       .config = action->set ? action->bit : 0,
                                                       .mask = action->bit}};
    return t.change(*client, change);
}

Result<> queue_stats(Tool& t, Args args) {
    const QueuePlace place = TRY(queue_place(t, args));
    const auto client = TRY(t.open(args[0]));
    return t.show_list(*client, openflow::QueueStatsRequest{place.port, place.queue}, "queues");
}

Result<> queue_get_config(Tool& t, Args args) {
    const QueuePlace place = TRY(queue_place(t, args));
    const auto client = TRY(t.open(args[0]));
    if (client->version() >= Version::v14)
        return t.show_list(*client, openflow::QueueDescRequest{place.port, place.queue}, "queues");
    if (client->version() == Version::v10) return queues_of_each(t, *client, place.port);
    return t.show_list(*client, openflow::QueueConfigRequest{place.port}, "queues");
}

}  // namespace weft::cli::ofctl
