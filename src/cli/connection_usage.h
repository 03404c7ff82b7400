// SPDX-License-Identifier: Apache-2.0
// What --help says in every program that talks to a database server.
#pragma once

#include <string>
#include <string_view>

namespace weft::cli {

/// Forms of connection names and the options of TLS; `what` is connected to.
std::string connection_usage(std::string_view what);
/// Its parts: names that connect, and the options.
std::string active_usage(std::string_view what);
std::string tls_usage();
/// Options of add_table_options().
std::string table_usage();

}  // namespace weft::cli
