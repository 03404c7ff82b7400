// SPDX-License-Identifier: Apache-2.0
// Internal to openflow/: port descriptions inside messages.
#pragma once

#include "openflow/codec.h"

namespace weft::openflow {

OfResult<PortDesc> read_port_desc(Input& i);
void write_port_desc(const PortDesc& p, Output& o);

/// Feature bits: 1.0 packs them closer than newer versions.
uint32_t features_from_10(uint32_t wire);
uint32_t features_to_10(uint32_t features);

}  // namespace weft::openflow
