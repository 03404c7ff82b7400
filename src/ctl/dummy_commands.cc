// SPDX-License-Identifier: Apache-2.0
// netdev-dummy/*: what tests do to a switch that runs on dummies (ovs-vswitchd --enable-dummy).
#include <fmt/core.h>

#include <charconv>

#include "ctl/context.h"
#include "ctl/flow_dump.h"
#include "dp/fake/fake_datapath.h"
#include "flow/compose.h"
#include "flow/dp_text.h"

namespace weft::ctl {

namespace {

using obs::CommandArgs;

struct Device {
    dp::FakeDatapath* datapath = nullptr;
    dp::DummyPort* port = nullptr;
};

std::vector<Device> devices(const Context& c) {
    std::vector<Device> out;
    for (auto& [type, backer] : c.sw.backers()) {
        auto* fake = dynamic_cast<dp::FakeDatapath*>(&backer->datapath());
        if (!fake) continue;
        for (const auto& state : fake->ports())
            if (dp::DummyPort* port = fake->port(state.number)) out.push_back({fake, port});
    }
    return out;
}

Result<Device> find_device(const Context& c, const std::string& name, const char* otherwise) {
    for (const Device& d : devices(c))
        if (d.port->name() == name) return d;
    return fail(otherwise);
}

/// The frames that one argument of netdev-dummy/receive means.
Result<packet::Packet> parse_frame(const dp::Datapath& datapath, const std::string& text, size_t length) {
    const bool is_hex =
        text.size() >= 28 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (is_hex) {
        const auto bytes = parse_hex(text);
        if (bytes) return packet::Packet::copy_of(*bytes);
    }
    const flow::DpPortNames names = flow_naming(datapath);
    const auto key = flow::parse_dp_key(text, &names);
    if (!key) return fail(key.error().message);
    if (length == 0) return packet::Packet::copy_of(flow::compose_packet(*key));
    return packet::Packet::copy_of(TRY(flow::compose_packet(*key, length)));
}

Result<std::string> receive(const Context& c, CommandArgs args) {
    const Device d = TRY(find_device(c, args[0], "no such dummy netdev"));
    for (size_t i = 1; i < args.size(); ++i) {
        if (args[i] == "--qid") {
            ++i;
            continue;
        }
        size_t length = 0;
        const std::string& text = args[i];
        if (i + 2 < args.size() && args[i + 1] == "--len") {
            std::from_chars(args[i + 2].data(), args[i + 2].data() + args[i + 2].size(), length);
            if (length == 0) return fail("too small packet len");
            i += 2;
        }
        d.datapath->receive(d.port->number(), TRY(parse_frame(*d.datapath, text, length)));
    }
    return "";
}

Result<std::string> set_admin_state(const Context& c, CommandArgs args) {
    const std::string& state = args.back();
    if (state != "up" && state != "down") return fail("Invalid Admin State");
    if (args.size() > 1)
        TRY(find_device(c, args[0], "Unknown Dummy Interface")).port->set_up(state == "up");
    else
        for (const Device& d : devices(c)) d.port->set_up(state == "up");
    c.sw.refresh_devices(c.loop.now());
    return "OK";
}

using StreamState = std::function<std::string_view(const std::string&)>;

Result<std::string> conn_state(const Context& c, CommandArgs args, const StreamState& state) {
    if (args.empty()) {
        std::string out;
        for (const Device& d : devices(c))
            if (const auto s = state(d.port->name()); s != "unknown")
                out += fmt::format("{}: {}\n", d.port->name(), s);
        return out;
    }
    return fmt::format("{}: {}\n", args[0], state(args[0]));
}

Result<std::string> set_address(const Context& c, CommandArgs args, bool v6) {
    TRY(find_device(c, args[0], "Unknown Dummy Interface"));
    const std::string_view address = std::string_view(args[1]).substr(0, args[1].find('/'));
    if (v6 ? !Ip6::parse(address).has_value() : !parse_ip4(address).has_value())
        return fail(fmt::format("{}: invalid {} address", args[1], v6 ? "IPv6" : "IP"));
    return "OK";
}

}  // namespace

void add_dummy_commands(obs::CommandTable& table, const Context& c, StreamState stream_state) {
    const size_t any = obs::CommandTable::any;
    table.add("netdev-dummy/receive", "name [--qid queue_id] packet|flow [--len packet_len]", 2, any,
              [c](CommandArgs args) { return receive(c, args); });
    table.add("netdev-dummy/set-admin-state", "[netdev] up|down", 1, 2,
              [c](CommandArgs args) { return set_admin_state(c, args); });
    table.add("netdev-dummy/conn-state", "[netdev]", 0, 1,
              [c, state = std::move(stream_state)](CommandArgs args) { return conn_state(c, args, state); });
    table.add("netdev-dummy/ip4addr", "[netdev] ipaddr/mask-prefix-len", 2, 2,
              [c](CommandArgs args) { return set_address(c, args, false); });
    table.add("netdev-dummy/ip6addr", "[netdev] ip6addr", 2, 2,
              [c](CommandArgs args) { return set_address(c, args, true); });
}

}  // namespace weft::ctl
