// SPDX-License-Identifier: Apache-2.0
// weft(8).
#include "cli/weft/run.h"

int main(int argc, char** argv) { return weft::cli::weft_tool::run(argc, argv); }
