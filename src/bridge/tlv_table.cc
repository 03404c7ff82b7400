// SPDX-License-Identifier: Apache-2.0
#include "bridge/tlv_table.h"

#include <algorithm>

namespace weft::bridge {

namespace {

using openflow::OfError;
using openflow::OfResult;
using openflow::refuse;
using openflow::TlvCommand;
using openflow::TlvMap;

bool same_option(const TlvMap& a, const TlvMap& b) {
    return a.option_class == b.option_class && a.option_type == b.option_type;
}

}  // namespace

OfResult<> TlvTable::add(const TlvMap& map) {
    if (std::ranges::find(maps_, map.index, &TlvMap::index) != maps_.end())
        return refuse(OfError::nxttmfc_already_mapped);
    if (std::ranges::any_of(maps_, [&](const TlvMap& m) { return same_option(m, map); }))
        return refuse(OfError::nxttmfc_dup_entry);
    // Full, or no gap is wide enough: an option lies in one piece.
    if (!layout_.add(static_cast<uint8_t>(map.index), map.length)) return refuse(OfError::nxttmfc_table_full);
    maps_.insert(std::ranges::upper_bound(maps_, map.index, {}, &TlvMap::index), map);
    return {};
}

OfResult<> TlvTable::remove(const TlvMap& map, uint64_t used) {
    if (used >> map.index & 1) return refuse(OfError::nxttmfc_invalid_tlv_del);
    const auto gone = std::ranges::find_if(
        maps_, [&](const TlvMap& m) { return m.index == map.index && same_option(m, map); });
    if (gone == maps_.end()) return {};
    layout_.remove(static_cast<uint8_t>(map.index));
    maps_.erase(gone);
    return {};
}

OfResult<> TlvTable::apply(const openflow::TlvTableMod& mod, uint64_t used) {
    TlvTable next = *this;
    if (mod.command == TlvCommand::clear) {
        if (used) return refuse(OfError::nxttmfc_invalid_tlv_del);
        next = {};
    }
    for (const TlvMap& map : mod.maps) {
        if (mod.command == TlvCommand::add) TRY(next.add(map));
        if (mod.command == TlvCommand::remove) TRY(next.remove(map, used));
    }
    *this = std::move(next);
    return {};
}

}  // namespace weft::bridge
