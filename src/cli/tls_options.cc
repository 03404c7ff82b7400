// SPDX-License-Identifier: Apache-2.0
#include "cli/tls_options.h"

namespace weft::cli {

void add_tls_options(Options& options, TlsOptions& out) {
    options.text("private-key", out.private_key, 'p');
    options.text("certificate", out.certificate, 'c');
    options.text("ca-cert", out.ca_cert, 'C');
    options.text("peer-ca-cert", out.peer_ca_cert);
    options.text("bootstrap-ca-cert", out.bootstrap_ca_cert);
    options.text("ssl-protocols", out.protocols);
    options.text("ssl-ciphers", out.ciphers);
}

}  // namespace weft::cli
