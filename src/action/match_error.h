// SPDX-License-Identifier: Apache-2.0
// Errors of matches in OpenFlow's words.
#pragma once

#include <type_traits>

#include "action/of_error.h"
#include "flow/oxm.h"

namespace weft::action {

constexpr OfError of_error(flow::MatchError e) {
    static_assert(static_cast<int>(OfError::bmc_dup_field) - static_cast<int>(OfError::bmc_bad_type) ==
                  static_cast<int>(flow::MatchError::dup_field));
    return static_cast<OfError>(static_cast<int>(OfError::bmc_bad_type) + static_cast<int>(e));
}

template <class T>
OfResult<T> of_result(flow::MatchResult<T> r) {
    if (!r) return refuse(of_error(r.error()));
    if constexpr (std::is_void_v<T>)
        return {};
    else
        return *std::move(r);
}

}  // namespace weft::action
