// SPDX-License-Identifier: Apache-2.0
// ovsdb-client(1).
#include "cli/ovsdb_client/tool.h"

int main(int argc, char** argv) { return weft::cli::ovsdb_client::run(argc, argv); }
