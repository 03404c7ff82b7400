// SPDX-License-Identifier: Apache-2.0
// The options that name keys and certificates.
#pragma once

#include <string>

#include "cli/options.h"

namespace weft::cli {

/// What the options said, for the transport that opens ssl: and pssl: connections.
struct TlsOptions {
    std::string private_key, certificate, ca_cert, peer_ca_cert, bootstrap_ca_cert, protocols, ciphers;
};

/// -p, -c, -C and the long ones of the "Public Key Infrastructure" and "SSL" options of the manuals.
void add_tls_options(Options& options, TlsOptions& out);

}  // namespace weft::cli
