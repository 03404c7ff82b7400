// SPDX-License-Identifier: Apache-2.0
// Message numbers. Up to set_config and from packet_in to flow_mod all versions agree.
#include <array>

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;

struct Row {
    MessageType type;
    uint8_t number;
    Version first, last;
};

constexpr std::array rows{
    Row{MessageType::hello, 0, v10, v15},
    Row{MessageType::error, 1, v10, v15},
    Row{MessageType::echo_request, 2, v10, v15},
    Row{MessageType::echo_reply, 3, v10, v15},
    Row{MessageType::experimenter, 4, v10, v15},
    Row{MessageType::features_request, 5, v10, v15},
    Row{MessageType::features_reply, 6, v10, v15},
    Row{MessageType::get_config_request, 7, v10, v15},
    Row{MessageType::get_config_reply, 8, v10, v15},
    Row{MessageType::set_config, 9, v10, v15},
    Row{MessageType::packet_in, 10, v10, v15},
    Row{MessageType::flow_removed, 11, v10, v15},
    Row{MessageType::port_status, 12, v10, v15},
    Row{MessageType::packet_out, 13, v10, v15},
    Row{MessageType::flow_mod, 14, v10, v15},
    Row{MessageType::port_mod, 15, v10, v10},
    Row{MessageType::group_mod, 15, v11, v15},
    Row{MessageType::stats_request, 16, v10, v10},
    Row{MessageType::port_mod, 16, v11, v15},
    Row{MessageType::stats_reply, 17, v10, v10},
    Row{MessageType::table_mod, 17, v11, v15},
    Row{MessageType::barrier_request, 18, v10, v10},
    Row{MessageType::stats_request, 18, v11, v15},
    Row{MessageType::barrier_reply, 19, v10, v10},
    Row{MessageType::stats_reply, 19, v11, v15},
    Row{MessageType::queue_config_request, 20, v10, v10},
    Row{MessageType::barrier_request, 20, v11, v15},
    Row{MessageType::queue_config_reply, 21, v10, v10},
    Row{MessageType::barrier_reply, 21, v11, v15},
    Row{MessageType::queue_config_request, 22, v11, v13},
    Row{MessageType::queue_config_reply, 23, v11, v13},
    Row{MessageType::role_request, 24, v12, v15},
    Row{MessageType::role_reply, 25, v12, v15},
    Row{MessageType::get_async_request, 26, v13, v15},
    Row{MessageType::get_async_reply, 27, v13, v15},
    Row{MessageType::set_async, 28, v13, v15},
    Row{MessageType::meter_mod, 29, v13, v15},
    Row{MessageType::role_status, 30, v14, v15},
    Row{MessageType::table_status, 31, v14, v15},
    Row{MessageType::request_forward, 32, v14, v15},
    Row{MessageType::bundle_control, 33, v14, v15},
    Row{MessageType::bundle_add, 34, v14, v15},
};

constexpr uint8_t no_number = 0xff;
/// By version and type: asked for with each message.
constexpr auto numbers = [] {
    std::array<std::array<uint8_t, static_cast<size_t>(MessageType::count)>, wire(v15) + 1> out{};
    for (auto& of_version : out) of_version.fill(no_number);
    for (const Row& r : rows)
        for (size_t v = wire(r.first); v <= wire(r.last); ++v) out[v][static_cast<size_t>(r.type)] = r.number;
    return out;
}();

}  // namespace

std::optional<MessageType> message_type(uint8_t number, Version v) {
    for (const Row& r : rows) {
        if (r.number == number && r.first <= v && v <= r.last) return r.type;
    }
    return std::nullopt;
}

uint8_t message_number(MessageType type, Version v) {
    const uint8_t number = numbers[wire(v)][static_cast<size_t>(type)];
    CHECK(number != no_number);  // this OpenFlow version has the message
    return number;
}

}  // namespace weft::openflow
