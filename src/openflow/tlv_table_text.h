// SPDX-License-Identifier: Apache-2.0
// Maps of tunnels' options as text: what `ovs-ofctl add-tlv-map` takes.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "openflow/tlv_table.h"

namespace weft::openflow {

/// `{class=0xffff,type=1,len=4}->tun_metadata0`, several with commas between them.
Result<std::vector<TlvMap>> parse_tlv_maps(std::string_view text);

}  // namespace weft::openflow
