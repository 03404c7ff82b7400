// SPDX-License-Identifier: Apache-2.0
// A Stream on a connected, or connecting, non-blocking socket.
#pragma once

#include <memory>
#include <string>

#include "loop/loop.h"
#include "net/stream.h"
#include "sys/fd.h"

namespace weft::net {

enum class SocketState : uint8_t { connecting, connected };

std::unique_ptr<Stream> make_socket_stream(loop::Loop& loop, sys::Fd fd, std::string name, SocketState state);
/// Connects once the host's name is resolved.
std::unique_ptr<Stream> make_resolving_stream(loop::Loop& loop, const ConnectionName& to);

}  // namespace weft::net
