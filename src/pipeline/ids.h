// SPDX-License-Identifier: Apache-2.0
// Names of the things a configuration consists of.
#pragma once

#include "base/ids.h"
#include "flow/classifier_rule.h"

namespace weft::pipeline {

/// A bridge, for as long as it lives; never used again for another.
using BridgeId = StrongId<struct BridgeIdTag, uint32_t>;
/// A port in the sense of VLANs, MAC learning and flooding: one OpenFlow port or a bond of several. Unique
/// among all bridges, never used again.
using BundleId = StrongId<struct BundleIdTag, uint32_t>;

/// Numbers the states that the tables went through; one counter for all tables of a datapath, so that one
/// number tells a reader which rules exist on every bridge.
using flow::Version;
using flow::version_never;

inline constexpr size_t n_tables = 255;
inline constexpr uint8_t internal_table =
    254;  ///< holds rules of our own; controllers cannot see or change it
inline constexpr uint8_t all_tables = 255;

}  // namespace weft::pipeline
