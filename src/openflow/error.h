// SPDX-License-Identifier: Apache-2.0
// OpenFlow errors on the wire.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "openflow/version.h"

namespace weft::openflow {

inline constexpr uint32_t nicira_vendor = 0x00002320, onf_vendor = 0x4f4e4600;

/// The numbers of an error. Vendor 0: the standard's. A vendor's error has a type of its own and in 1.0
/// and 1.1 a code.
struct ErrorNumbers {
    uint32_t vendor = 0;
    uint16_t type = 0, code = 0;
    constexpr bool operator==(const ErrorNumbers&) const = default;
};
struct ErrorForm {
    Version first, last;
    ErrorNumbers numbers{};
};
struct ErrorRow {
    std::string_view name;
    std::array<ErrorForm, 4> forms;  ///< those not used have vendor, type, code and versions zero
};
/// By OfError.
std::span<const ErrorRow> error_rows();

/// "OFPBMC_BAD_FIELD".
std::string_view error_name(OfError e);
/// None: this version cannot say it.
std::optional<ErrorNumbers> error_numbers(OfError e, Version v);
std::optional<OfError> find_error(const ErrorNumbers& numbers, Version v);

/// OFPT_ERROR.
struct ErrorReport {
    std::optional<OfError> error;  ///< none: numbers we do not know
    ErrorNumbers numbers{};        ///< as received; not used when `error` is there
    Bytes data{};  ///< the message it is about, or text for hello_failed; the wire has room for
                   ///< nearly all of the longest
    bool operator==(const ErrorReport&) const = default;
};
/// The answer to a request that is refused: quotes all of it, as Open vSwitch does; the standards
/// ask for 64 bytes at least.
ErrorReport report(OfError e, ByteSpan request);

}  // namespace weft::openflow
