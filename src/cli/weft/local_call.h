// SPDX-License-Identifier: Apache-2.0
// A command of weft(8) that weft does itself.
#pragma once

#include <cstdio>
#include <span>
#include <string>

#include "cli/daemon.h"
#include "codec/json_text.h"

namespace weft::cli::weft_tool {

/// The exit code when what was asked for is refused.
inline constexpr int refused = 2;

/// What a command that needs no daemon works with.
struct LocalCall {
    Daemon& daemon;
    std::span<const std::string> args;
    bool json = false;
    std::string server = {};  ///< of databases
    int& status;              ///< exit code of a command that succeeds
    codec::JsonStyle style = {};

    void show(const codec::Json& document) const {
        const std::string text = codec::format_json(document, style) + "\n";
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
};

}  // namespace weft::cli::weft_tool
