// SPDX-License-Identifier: Apache-2.0
// The ports of a bridge: devices attached and detached so that they are those of the configuration.
#pragma once

#include "bridge/backer.h"
#include "obs/log.h"

namespace weft::bridge {

/// Detaches members that the configuration does not name any more, or that changed their type.
void detach_unwanted(Backer& backer, Bridge& bridge);
/// Attaches what is missing and works; says in bridge.errors why the others do not. True if anything changed.
bool attach_wanted(Backer& backer, Bridge& bridge, Time now, const obs::LogModule& log);
/// Detaches everything.
void detach_all(Backer& backer, Bridge& bridge);
/// All but those that the switch made: they stay for the host, whoever has the switch next.
void detach_devices(Backer& backer, Bridge& bridge);
/// Finds the other end of every patch port of the datapath.
void join_patch_ports(Backer& backer, std::string_view datapath_type);
/// What the datapath says about the devices, all or those there is news of; true if something that matters to
/// packets or people changed. Detaches what has gone.
bool refresh_states(Backer& backer, Bridge& bridge);
bool refresh_states(Backer& backer, Bridge& bridge, const dp::DeviceNews& news);
/// Address, datapath id and MTU of the local port.
void settle_identity(Backer& backer, Bridge& bridge);

/// "could not open network device p1 (No such device)"
std::string open_error(std::string_view name, const Error& error);

}  // namespace weft::bridge
