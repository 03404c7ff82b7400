// SPDX-License-Identifier: Apache-2.0
#include "cli/tls_options.h"

#include "net/tls_protocols.h"

namespace weft::cli {

void add_tls_options(Options& options, net::TlsFiles& out) {
    options.text("private-key", out.private_key, 'p');
    options.text("certificate", out.certificate, 'c');
    options.text("peer-ca-cert", out.peer_ca_cert);
    options.text("ssl-ciphers", out.ciphers);
    options.text("ssl-ciphersuites", out.ciphersuites);
    const auto add_ca = [&](const char* name, char letter, bool bootstrap) {
        options.add(
            {name, letter, Options::Argument::required, [&out, bootstrap](Options::Value file) -> Result<> {
                 out.ca_cert = *file;
                 out.bootstrap = bootstrap;
                 return {};
             }});
    };
    add_ca("ca-cert", 'C', false);
    add_ca("bootstrap-ca-cert", 0, true);
    options.add({"ssl-protocols", 0, Options::Argument::required, [&out](Options::Value list) -> Result<> {
                     if (!list->starts_with("db:")) TRY(net::parse_tls_protocols(*list));
                     out.protocols = *list;
                     return {};
                 }});
}

}  // namespace weft::cli
