// SPDX-License-Identifier: Apache-2.0
// Between a switch and its checkpoint: what is in force as a value, and back.
#pragma once

#include "bridge/backer.h"
#include "bridge/checkpointer.h"

namespace weft::bridge {

/// Without what the checkpointer's thread finds itself.
Checkpoint::Bridge checkpoint_of(const Bridge& bridge, const dp::Datapath& datapath,
                                 const std::optional<bool>& default_rule);
/// Number of anything of a bridge that a checkpoint has and that is in no version of its tables: it changes
/// when they do.
uint64_t settings_mark(const Bridge& bridge);

/// What controllers set of the bridge, before its ports are attached; how many things could not be. False
/// `with_tables`: somebody else brings back flows, groups, meters and settings.
size_t restore_bridge(Backer& backer, Bridge& bridge, const Checkpoint::Bridge& saved, bool with_tables);
/// Once its ports are there.
void restore_stations(Bridge& bridge, const Checkpoint::Bridge& saved, Time now);
/// Numbers of a datapath's ports and frozen states.
void restore_datapath(Backer& backer, const Checkpoint::Datapath& saved);

}  // namespace weft::bridge
