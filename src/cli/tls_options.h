// SPDX-License-Identifier: Apache-2.0
// The options that name keys and certificates.
#pragma once

#include "cli/options.h"
#include "net/tls.h"

namespace weft::cli {

/// -p, -c, -C and the long ones of the "Public Key Infrastructure" and "SSL" options of the manuals; for
/// Daemon::use_tls().
void add_tls_options(Options& options, net::TlsFiles& out);

}  // namespace weft::cli
