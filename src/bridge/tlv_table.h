// SPDX-License-Identifier: Apache-2.0
// Which options of tunnels a bridge names tun_metadata0 to 63.
#pragma once

#include "flow/tlv_layout.h"
#include "openflow/tlv_table.h"
#include "openflow/version.h"

namespace weft::bridge {

/// Value type; belongs to the control thread.
class TlvTable {
  public:
    static constexpr uint32_t max_space = 256;  ///< bytes that all values of a packet may take
    static constexpr uint16_t max_fields = 64;

    /// All of it or nothing. `used`: bit i tells that a flow or group names tun_metadata<i>, which then has
    /// to stay.
    openflow::OfResult<> apply(const openflow::TlvTableMod& mod, uint64_t used);
    /// In the order of the fields.
    const std::vector<openflow::TlvMap>& maps() const { return maps_; }
    /// Where their values lie in a key.
    const flow::TlvLayout& layout() const { return layout_; }

  private:
    openflow::OfResult<> add(const openflow::TlvMap& map);

    openflow::OfResult<> remove(const openflow::TlvMap& map, uint64_t used);

    std::vector<openflow::TlvMap> maps_;
    flow::TlvLayout layout_;
};

}  // namespace weft::bridge
