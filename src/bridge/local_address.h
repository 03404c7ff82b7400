// SPDX-License-Identifier: Apache-2.0
// The IPv4 address that Controller rows give a bridge's local port.
#pragma once

#include "bridge/bridge.h"
#include "obs/log.h"
#include "sys/ip_config.h"

namespace weft::bridge {

/// As the row's columns local_ip, local_netmask and local_gateway have it. What is wrong with a netmask or a
/// gateway goes to `problems`, and they count as not given; an error: the address is none.
Result<sys::Ip4Setting> local_setting(const ControllerConfig& controller, std::vector<std::string>& problems);

/// Gives the local port the address of the first controller that has one. Idempotent. Without such a
/// controller, or where the port is no device of the kernel, nothing is touched.
void configure_local_port(const Bridge& bridge, sys::IpConfig& host, obs::LogModule log);

}  // namespace weft::bridge
