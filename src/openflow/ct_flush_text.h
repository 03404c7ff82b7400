// SPDX-License-Identifier: Apache-2.0
// Which tracked connections to forget, as text: what `ovs-ofctl ct-flush` takes.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "openflow/ct_flush.h"

namespace weft::openflow {

/// `zone=5`, then `ct_nw_src=10.0.0.1,ct_nw_proto=6,ct_tp_dst=80` of a connection's first packets, then of
/// its answers; each may be left out.
Result<CtFlush> parse_ct_flush(std::span<const std::string> words);
/// A connection tracking zone by its number.
Result<uint16_t> parse_ct_zone(std::string_view text);

}  // namespace weft::openflow
