// SPDX-License-Identifier: Apache-2.0
#include "cli/connection_usage.h"

namespace weft::cli {

std::string connection_usage(std::string_view what) {
    return active_usage(what) + "Passive " + std::string(what) +
           " connection methods:\n"
           "  ptcp:PORT[:IP]          listen to TCP PORT on IP\n"
           "  pssl:PORT[:IP]          listen for SSL on PORT on IP\n"
           "  punix:FILE              listen on Unix domain socket FILE\n" +
           tls_usage();
}

std::string active_usage(std::string_view what) {
    return "Active " + std::string(what) +
           " connection methods:\n"
           "  tcp:HOST:PORT           PORT at remote HOST\n"
           "  ssl:HOST:PORT           SSL PORT at remote HOST\n"
           "  unix:FILE               Unix domain socket named FILE\n";
}

std::string tls_usage() {
    return "PKI configuration (required to use SSL):\n"
           "  -p, --private-key=FILE  file with private key\n"
           "  -c, --certificate=FILE  file with certificate for private key\n"
           "  -C, --ca-cert=FILE      file with peer CA certificate\n"
           "  --bootstrap-ca-cert=FILE  file with peer CA certificate to read or create\n"
           "SSL options:\n"
           "  --ssl-protocols=PROTOS  list of SSL protocols to enable\n"
           "  --ssl-ciphers=CIPHERS   list of SSL ciphers to enable\n";
}

std::string table_usage() {
    return "\nOutput formatting options:\n"
           "  -f, --format=FORMAT         set output formatting to FORMAT\n"
           "                              (\"table\", \"html\", \"csv\", or \"json\")\n"
           "  -d, --data=FORMAT           set table cell output formatting to\n"
           "                              FORMAT (\"string\", \"bare\", or \"json\")\n"
           "  --no-headings               omit table heading row\n"
           "  --pretty                    pretty-print JSON in output\n"
           "  --bare                      equivalent to \"--format=list --data=bare --no-headings\"\n";
}

}  // namespace weft::cli
