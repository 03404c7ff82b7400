// SPDX-License-Identifier: Apache-2.0
// The value of --ssl-protocols.
#pragma once

#include <string_view>

#include "base/result.h"

namespace weft::net {

struct TlsProtocols {
    bool has_12 = false, has_13 = false;
    bool operator==(const TlsProtocols&) const = default;
};

/// A list with commas or blanks; each is "TLSv1.2", "TLSv1.2+" or "TLSv1.2-TLSv1.3". Nothing: both. Older
/// versions may be named beside newer ones, and are not spoken.
Result<TlsProtocols> parse_tls_protocols(std::string_view text);

}  // namespace weft::net
