// SPDX-License-Identifier: Apache-2.0
// JSON-RPC 1.0 messages as RFC 7047 uses them.
#pragma once

#include <string>

#include "base/result.h"
#include "codec/json.h"

namespace weft::jsonrpc {

using codec::Json;
using codec::JsonArray;

/// Value type. Which members count depends on the kind.
struct Message {
    enum class Kind : uint8_t { request, notification, reply, error };

    Kind kind = Kind::notification;
    std::string method;  ///< request, notification
    JsonArray params;    ///< request, notification
    Json id;             ///< request, reply, error
    Json result;         ///< reply: the result; error: what went wrong, never null

    static Message request(std::string method, JsonArray params, Json id);
    static Message notification(std::string method, JsonArray params);
    static Message reply(Json result, Json id);
    static Message error(Json error, Json id);

    /// Members must fit one kind; unknown ones are an error.
    static Result<Message> from_json(Json json);
    Json to_json() const;

    /// For logs: `request, method="vlog/set", params=["dbg"], id=0`.
    std::string describe() const;

    bool operator==(const Message&) const = default;
};

}  // namespace weft::jsonrpc
