// SPDX-License-Identifier: Apache-2.0
// Sets of match fields, and how they are listed: `in_port eth_{src,dst,type} reg0...reg15`.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "flow/field.h"

namespace weft::openflow {

using FieldSet = std::bitset<flow::n_fields>;

inline void insert(FieldSet& set, flow::FieldId id) { set.set(static_cast<size_t>(id)); }

/// The names in Open vSwitch's order, what they begin with said once.
std::string field_names(const FieldSet& set);
/// What neighbours begin with up to an underscore is said once; runs of numbers are cut.
std::string folded_names(const std::vector<std::string_view>& names, std::string_view separator);

}  // namespace weft::openflow
