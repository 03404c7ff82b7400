// SPDX-License-Identifier: Apache-2.0
// Asking a running daemon by its control socket.
#pragma once

#include <span>
#include <string>

#include "cli/daemon.h"

namespace weft::cli {

/// The socket of `target`: a path that begins with "/", or the name of a daemon, whose pid file tells.
Result<std::string> control_socket_of(Daemon& daemon, const std::string& target);

/// Value type.
struct ControlReply {
    bool is_error = false;
    std::string text;
};
/// Connects, asks once, waits for the answer. Errors are those of the connection; the log tells more.
Result<ControlReply> ask_daemon(Daemon& daemon, const std::string& socket, const std::string& command,
                                std::span<const std::string> args);

/// A reply in JSON as `style` has it; what is no JSON stays as it is.
std::string styled(const std::string& reply, codec::JsonStyle style);

}  // namespace weft::cli
