// SPDX-License-Identifier: Apache-2.0
// Keys and masks of datapath flows in text, as dpctl/dump-flows prints and dpctl/add-flow and
// netdev-dummy/receive read them:
// `recirc_id(0),in_port(1),eth(src=..,dst=..),eth_type(0x0800),ipv4(proto=6,frag=no),tcp(dst=80)`.
#pragma once

#include <functional>
#include <optional>

#include "flow/match.h"

namespace weft::flow {

/// Names of datapath ports, if there are any.
struct DpPortNames {
    std::function<std::optional<std::string>(DpPort)> name;
    std::function<std::optional<DpPort>(std::string_view)> number;
};

struct DpTextOptions {
    bool verbose = false;  ///< dump-flows -m: also what is wildcarded, with its mask
    const DpPortNames* ports = nullptr;
};

/// What is wildcarded is left out unless verbose. `key` may have bits outside the mask (verbose prints them).
std::string format_dp_flow(const FlowKey& key, const FlowMask& mask, const DpTextOptions& options = {});

/// A flow: parts that are named without a mask are matched exactly, others not at all; but recirc_id is 0 if
/// it is not named, and an Ethertype says that no further VLAN tag is there. Errors as `syntax error at
/// ipv4(..`.
Result<Match> parse_dp_flow(std::string_view text, const DpPortNames* ports = nullptr);

/// A packet's key; without an Ethertype it is an 802.3 frame.
Result<FlowKey> parse_dp_key(std::string_view text, const DpPortNames* ports = nullptr);

}  // namespace weft::flow
