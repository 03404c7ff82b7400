// SPDX-License-Identifier: Apache-2.0
// lock, steal, unlock: sends the request named by the command and prints what the server says from then on.
#include "cli/ovsdb_client/tool.h"

namespace weft::cli::ovsdb_client {
namespace {

using Kind = jsonrpc::Message::Kind;

void print_message(Tool& tool, const jsonrpc::Message& message) {
    switch (message.kind) {
        case Kind::reply:
        case Kind::error:
            return tool.print_json(message.result);
        case Kind::notification:
            tool.print(message.method + "\n");
            return tool.print_json(message.params);
        case Kind::request:
            return;
    }
}

}  // namespace

Result<> lock(Tool& tool) {
    for (const std::string method : {"lock", "steal", "unlock"})
        tool.daemon.commands().add(method, "LOCK", 1, 1,
                                   [&tool, method](obs::CommandArgs args) -> Result<std::string> {
                                       tool.rpc->send(method, {args[0]});
                                       return {};
                                   });
    tool.rpc->send(tool.command, {tool.args[0]});
    for (;;) {
        const auto message = tool.rpc->next();
        if (!message) return fail(tool.server + ": receive failed (" + message.error().message + ")");
        if (!*message) return {};  // told to exit
        print_message(tool, **message);
        tool.daemon.ready();
    }
}

}  // namespace weft::cli::ovsdb_client
