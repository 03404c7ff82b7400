// SPDX-License-Identifier: Apache-2.0
// ovs-dpctl(8).
#include "cli/dpctl/run.h"

int main(int argc, char** argv) { return weft::cli::dpctl::run(argc, argv); }
